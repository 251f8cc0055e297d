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

/** What Wise has of a payout: the states of its transfers, and how often it took money for it. */
export async function atWise(house: House, payoutId: string): Promise<{ states: string[]; payments: number }> {
  const sql = 'SELECT transfer_key::text AS key FROM payouts WHERE id = $1';
  const [row] = await house.rows<{ key: string }>(sql, [payoutId]);
  const { transfers, movements } = await wiseBook(house);
  const own = transfers.filter(({ customerTransactionId }) => customerTransactionId === row?.key);
  const ids = new Set(own.map(({ id }) => id));
  const payments = movements.filter(({ kind, transferId }) => kind === 'transfer' && ids.has(transferId ?? 0));
  return { states: own.map(({ state }) => state), payments: payments.length };
}
