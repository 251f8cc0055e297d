import type { ProductType } from './wire';

/** What App Store Connect would know of a product. */
export interface Product {
  readonly productId: string;
  readonly type: ProductType;
  /** By currency, in thousandths of the major unit. */
  readonly prices: Readonly<Record<string, number>>;
  /** Of subscriptions only: the group, the place in it (1 is the highest) and the length as ISO 8601 has it. */
  readonly group?: string;
  readonly level?: number;
  readonly period?: string;
  /** What a customer gets once per group. */
  readonly introOffer?: Offer;
  /** False: renewals end with `PRODUCT_NOT_FOR_SALE`. */
  readonly forSale?: boolean;
}

export interface Offer {
  readonly identifier?: string;
  readonly mode: 'FREE_TRIAL' | 'PAY_AS_YOU_GO' | 'PAY_UP_FRONT';
  readonly period: string;
  /** By currency; a free trial has none. */
  readonly prices?: Readonly<Record<string, number>>;
}

const GROUP = '21000001';

function subscription(name: string, level: number, period: string, prices: Record<string, number>): Product {
  const introOffer = { mode: 'FREE_TRIAL', period: 'P14D' } as const;
  const type = 'Auto-Renewable Subscription';
  return { productId: `com.example.kassa.${name}`, type, group: GROUP, level, period, prices, introOffer };
}

/** What is for sale in a new world. */
export const PRODUCTS: readonly Product[] = [
  subscription('basic.monthly', 3, 'P1M', { USD: 9_000, EUR: 9_000, JPY: 1_500_000, KWD: 2_990 }),
  subscription('basic.annual', 3, 'P1Y', { USD: 90_000, EUR: 90_000, JPY: 15_000_000, KWD: 29_900 }),
  subscription('pro.monthly', 2, 'P1M', { USD: 29_000, EUR: 29_000, JPY: 4_500_000, KWD: 8_990 }),
  subscription('pro.annual', 2, 'P1Y', { USD: 290_000, EUR: 290_000, JPY: 45_000_000, KWD: 89_900 }),
  subscription('enterprise.monthly', 1, 'P1M', { USD: 199_000, EUR: 199_000, JPY: 30_000_000, KWD: 61_900 }),
  { productId: 'com.example.kassa.credits.100', type: 'Consumable', prices: { USD: 4_990, EUR: 4_990, JPY: 800_000 } },
  { productId: 'com.example.kassa.lifetime', type: 'Non-Consumable', prices: { USD: 199_990, EUR: 199_990 } },
];

const PERIOD = /^P(?:(\d+)([DWMY]))$/;

/** The moment one period later, by the calendar: a month after January 31st is the last of February. @param from milliseconds */
export function addPeriod(from: number, period: string, count = 1): number {
  const [, digits, unit] = PERIOD.exec(period) ?? [];
  if (digits === undefined) throw new RangeError(`${period} is no period of one unit, such as P1M`);
  const n = Number(digits) * count;
  if (unit === 'D' || unit === 'W') return from + n * (unit === 'W' ? 7 : 1) * 86_400_000;
  const start = new Date(from);
  const months = start.getUTCMonth() + n * (unit === 'Y' ? 12 : 1);
  const lastDay = new Date(Date.UTC(start.getUTCFullYear(), months + 1, 0)).getUTCDate();
  const end = new Date(from);
  end.setUTCFullYear(start.getUTCFullYear(), months, Math.min(start.getUTCDate(), lastDay));
  return end.getTime();
}
