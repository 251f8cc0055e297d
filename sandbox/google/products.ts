/** What Play Console would know of a product, or of one base plan of a subscription. */
export interface Product {
  readonly productId: string;
  /** Of subscriptions only. */
  readonly basePlanId?: string;
  /** By currency, in thousandths of the major unit. */
  readonly prices: Readonly<Record<string, number>>;
  /** Of subscriptions only: the length as ISO 8601 has it, and of what is free before it. */
  readonly period?: string;
  readonly trial?: string;
}

function subscription(productId: string, basePlanId: string, period: string, prices: Record<string, number>): Product {
  return { productId, basePlanId, period, prices, trial: 'P14D' };
}

/** What is for sale in a new world. */
export const PRODUCTS: readonly Product[] = [
  subscription('basic', 'monthly', 'P1M', { USD: 9_000, EUR: 9_000, JPY: 1_500_000, KWD: 2_990 }),
  subscription('basic', 'annual', 'P1Y', { USD: 90_000, EUR: 90_000, JPY: 15_000_000, KWD: 29_900 }),
  subscription('pro', 'monthly', 'P1M', { USD: 29_000, EUR: 29_000, JPY: 4_500_000, KWD: 8_990 }),
  subscription('pro', 'annual', 'P1Y', { USD: 290_000, EUR: 290_000, JPY: 45_000_000, KWD: 89_900 }),
  { productId: 'credits.100', prices: { USD: 4_990, EUR: 4_990, JPY: 800_000 } },
  { productId: 'lifetime', prices: { USD: 199_990, EUR: 199_990 } },
];

/** As Kassa's catalog names it. */
export function refOf({ productId, basePlanId }: Pick<Product, 'productId' | 'basePlanId'>): string {
  return basePlanId === undefined ? productId : `${productId}:${basePlanId}`;
}
