import { divide } from '../../../shared/decimal';
import type { StoreSale } from '../../../shared/facts';

export type Store = 'apple' | 'google';

/** What a store keeps of the price, in hundredths of a percent. */
interface Rates {
  oneTime: number;
  subscription: number;
  /** Of a subscription that has been served for a year. */
  afterYear: number;
}

/**
 * The published rules (developer.apple.com/programs/whats-included, developer.apple.com/app-store/small-business-program,
 * support.google.com/googleplay/android-developer/answer/112622). Single countries, offers and agreements have others.
 */
export const COMMISSION_RATES = {
  apple: {
    standard: { oneTime: 3_000, subscription: 3_000, afterYear: 1_500 },
    small_business: { oneTime: 1_500, subscription: 1_500, afterYear: 1_500 },
  },
  google: {
    first_million: { oneTime: 1_500, subscription: 1_500, afterYear: 1_500 },
    standard: { oneTime: 3_000, subscription: 1_500, afterYear: 1_500 },
  },
} as const satisfies Record<Store, Record<string, Rates>>;

type Programmes<S extends Store> = readonly { choice: keyof (typeof COMMISSION_RATES)[S] & string; since: string }[];

/** The programmes an installation is in: each from a day on (ISO date, '' is the beginning), in the order of the days. */
export interface CommissionTerms {
  apple: Programmes<'apple'>;
  google: Programmes<'google'>;
}

/** What a store keeps of a sale, and by which of its rules. */
export interface CommissionRate {
  programme: string;
  /** Hundredths of a percent. */
  rate: number;
}

/** Pure: the rule a sale falls under. Days are UTC's. */
export function commissionRate(store: Store, terms: CommissionTerms, sale: StoreSale): CommissionRate {
  const programmes: readonly { choice: string; since: string }[] = terms[store];
  const programme = programmes.findLast(({ since }) => since <= sale.soldAt)?.choice ?? programmes[0]?.choice ?? '';
  const rates = (COMMISSION_RATES[store] as Record<string, Rates>)[programme];
  if (!rates) throw new Error(`${store} has no programme ${programme}`);
  if (sale.kind === 'one_time') return { programme, rate: rates.oneTime };
  return { programme, rate: isServedForYear(sale) ? rates.afterYear : rates.subscription };
}

/** Pure: of that amount in minor units, half to even: never negative, never more than it, and of a part never more than of all. */
export function commissionOf(amount: bigint, rate: number): bigint {
  return divide(amount * BigInt(rate), 10_000n, 'half-even');
}

/** Counted from the first purchase: what was not paid for in between (a trial, a lapse) is counted too. */
function isServedForYear({ soldAt, since }: StoreSale): boolean {
  if (since === null) return false;
  const year = new Date(since);
  year.setUTCFullYear(year.getUTCFullYear() + 1);
  return Date.parse(soldAt) >= year.getTime();
}
