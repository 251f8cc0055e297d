import type { House } from './house';

/** What stands at Wise, as far as tests look at it. Minor units. */
export interface WiseBookShown {
  readonly profileId: number;
  readonly balances: readonly { currency: string; amount: number }[];
  readonly movements: readonly { kind: string; amount: number; transferId: number | null }[];
  readonly accounts: readonly { name: string }[];
  readonly transfers: readonly { id: number; customerTransactionId: string; state: string }[];
}

export function wiseBook(house: House): Promise<WiseBookShown> {
  return house.box.control<WiseBookShown>('GET', 'wise/book');
}
