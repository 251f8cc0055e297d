/** Our side of the mirror. `ref` is the provider's id; null where it has not been needed there. */
export interface OurPlan {
  id: string;
  code: string;
  name: string;
  description: string;
  active: boolean;
  ref: string | null;
  prices: readonly OurPrice[];
}

/** In the provider's integers and words. */
export interface OurPrice {
  id: string;
  amount: number;
  currency: string;
  interval: string;
  active: boolean;
  ref: string | null;
}

export interface TheirProduct {
  productRef: string;
  planId: string | null;
  name: string;
  description: string;
  active: boolean;
}

export interface TheirPrice {
  priceRef: string;
  productRef: string;
  priceId: string | null;
  amount: number | null;
  currency: string;
  interval: string;
  active: boolean;
}

export type DriftKind = 'missing_there' | 'missing_here' | 'differs';

/** One thing that is not the same on both sides. */
export interface Drift {
  kind: DriftKind;
  objectType: 'plan' | 'price';
  /** Our id; null where we do not know it. */
  id: string | null;
  providerId: string;
  /** Of `differs`: what. */
  field: string | null;
  ours: string | number | boolean | null;
  theirs: string | number | boolean | null;
}

type Values = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Pure: both sides of the catalog beside each other. Theirs counts as ours where its metadata says so, and where it is a
 * price on sale of a product of ours: whoever buys that has a subscription that no plan explains.
 */
export function catalogDrift(
  plans: readonly OurPlan[],
  products: readonly TheirProduct[],
  prices: readonly TheirPrice[],
): Drift[] {
  const productBy = new Map(products.map((product) => [product.productRef, product]));
  const priceBy = new Map(prices.map((price) => [price.priceRef, price]));
  const drifts = plans.flatMap((plan) => [
    ...planDrift(plan, productBy),
    ...plan.prices.flatMap((price) => priceDrift(plan, price, priceBy)),
  ]);
  const ourProducts = new Set(plans.flatMap(({ ref }) => ref ?? []));
  const ourPrices = new Set(plans.flatMap((plan) => plan.prices.flatMap(({ ref }) => ref ?? [])));
  for (const { productRef, planId, name } of products) {
    if (planId === null || ourProducts.has(productRef)) continue;
    drifts.push(unknown('plan', productRef, 'name', name));
  }
  for (const { priceRef, productRef, priceId, active, amount } of prices) {
    if (ourPrices.has(priceRef)) continue;
    if (priceId !== null || (active && ourProducts.has(productRef))) {
      drifts.push(unknown('price', priceRef, 'amount', amount));
    }
  }
  return drifts;
}

function planDrift(
  { id, ref: providerId, name, description, active }: OurPlan,
  there: ReadonlyMap<string, TheirProduct>,
): Drift[] {
  if (providerId === null) return [];
  const product = there.get(providerId);
  const object = { objectType: 'plan', id, providerId } as const;
  if (!product) return [missing(object, name)];
  return different(object, { name, description, active }, { ...product });
}

function priceDrift(
  plan: OurPlan,
  { id, ref: providerId, amount, currency, interval, active }: OurPrice,
  there: ReadonlyMap<string, TheirPrice>,
): Drift[] {
  if (providerId === null) return [];
  const price = there.get(providerId);
  const object = { objectType: 'price', id, providerId } as const;
  if (!price) return [missing(object, amount)];
  const ours = { amount, currency, interval, active, product: plan.ref };
  return different(object, ours, { ...price, product: price.productRef });
}

type DriftingObject = Pick<Drift, 'objectType' | 'id' | 'providerId'>;

function missing(object: DriftingObject, ours: string | number): Drift {
  return { ...object, kind: 'missing_there', field: null, ours, theirs: null };
}

function different(object: DriftingObject, ours: Values, theirs: Values): Drift[] {
  return Object.entries(ours).flatMap(([field, value]) => {
    const other = theirs[field] ?? null;
    return other === value ? [] : [{ ...object, kind: 'differs' as const, field, ours: value, theirs: other }];
  });
}

function unknown(
  objectType: Drift['objectType'],
  providerId: string,
  field: string,
  theirs: string | number | null,
): Drift {
  return { kind: 'missing_here', objectType, id: null, providerId, field, ours: null, theirs };
}

/** Pure: one cause, one alert. */
export function driftKey({ kind, objectType, providerId, field }: Drift): string {
  return ['catalog.drift', objectType, providerId, kind, ...(kind === 'differs' ? [field ?? ''] : [])].join(':');
}
