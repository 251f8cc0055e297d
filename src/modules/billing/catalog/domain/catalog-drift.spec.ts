import { catalogDrift, driftKey, type OurPlan, type TheirPrice, type TheirProduct } from './catalog-drift';

const plan: OurPlan = {
  id: 'plan_1',
  code: 'PRO',
  name: 'Pro',
  description: 'For teams',
  active: true,
  ref: 'kassa_pro',
  prices: [
    { id: 'price_1', amount: 2_900, currency: 'usd', interval: 'month', active: true, ref: 'price_A' },
    { id: 'price_2', amount: 980, currency: 'jpy', interval: 'month', active: false, ref: 'price_B' },
    { id: 'price_3', amount: 9_990, currency: 'kwd', interval: 'year', active: true, ref: null },
  ],
};
const product: TheirProduct = {
  productRef: 'kassa_pro',
  planId: 'plan_1',
  name: 'Pro',
  description: 'For teams',
  active: true,
};
const base = { productRef: 'kassa_pro', interval: 'month' };
const usd: TheirPrice = {
  ...base,
  priceRef: 'price_A',
  priceId: 'price_1',
  amount: 2_900,
  currency: 'usd',
  active: true,
};
const jpy: TheirPrice = {
  ...base,
  priceRef: 'price_B',
  priceId: 'price_2',
  amount: 980,
  currency: 'jpy',
  active: false,
};
const stranger: TheirPrice = { ...usd, priceRef: 'price_X', priceId: null };

describe('drift between our catalog and the provider’s', () => {
  it('is nothing where both are the same, whatever else the account sells', () => {
    const elsewhere = { ...stranger, productRef: 'prod_other' };
    const other = { ...product, productRef: 'prod_other', planId: null };
    expect(catalogDrift([plan], [product, other], [usd, jpy, elsewhere])).toEqual([]);
  });

  it('is nothing of a plan that was never needed there', () => {
    const bare = { ...plan, ref: null, prices: plan.prices.map((price) => ({ ...price, ref: null })) };
    expect(catalogDrift([bare], [], [])).toEqual([]);
  });

  it.each<[keyof TheirProduct, string | boolean]>([
    ['name', 'Professional'],
    ['description', ''],
    ['active', false],
  ])('tells a product whose %s is %j there', (field, value) => {
    expect(catalogDrift([plan], [{ ...product, [field]: value }], [usd, jpy])).toEqual([
      {
        ...{ kind: 'differs', objectType: 'plan', id: 'plan_1', providerId: 'kassa_pro', field },
        ...{ ours: product[field], theirs: value },
      },
    ]);
  });

  it.each<[string, Partial<TheirPrice>, unknown, unknown]>([
    ['amount', { amount: 2_901 }, 2_900, 2_901],
    ['amount', { amount: null }, 2_900, null],
    ['currency', { currency: 'eur' }, 'usd', 'eur'],
    ['interval', { interval: 'year' }, 'month', 'year'],
    ['active', { active: false }, true, false],
    ['product', { productRef: 'prod_x' }, 'kassa_pro', 'prod_x'],
  ])('tells a price whose %s differs: %j', (field, change, ours, theirs) => {
    expect(catalogDrift([plan], [product], [{ ...usd, ...change }, jpy])).toEqual([
      { kind: 'differs', objectType: 'price', id: 'price_1', providerId: 'price_A', field, ours, theirs },
    ]);
  });

  it('tells what is missing there, once per object', () => {
    const drifts = catalogDrift([plan], [], []);
    expect(drifts.map(({ kind, providerId }) => [kind, providerId])).toEqual([
      ['missing_there', 'kassa_pro'],
      ['missing_there', 'price_A'],
      ['missing_there', 'price_B'],
    ]);
    expect(new Set(drifts.map(driftKey)).size).toBe(3);
  });

  it.each<[string, TheirProduct[], TheirPrice[]]>([
    ['a product that says it is a plan of ours', [{ ...product, productRef: 'prod_x', planId: 'plan_gone' }], []],
    ['a price that says it is ours', [], [{ ...stranger, priceId: 'price_gone', productRef: 'prod_x', active: false }]],
    ['a price on sale of a product of ours', [], [stranger]],
  ])('tells %s', (_, products, prices) => {
    const [drift, ...rest] = catalogDrift([plan], [product, ...products], [usd, jpy, ...prices]);
    expect(rest).toEqual([]);
    expect(drift).toMatchObject({ kind: 'missing_here', id: null, ours: null });
  });

  it('passes over a stranger’s price that is no longer sold', () => {
    expect(catalogDrift([plan], [product], [usd, jpy, { ...stranger, active: false }])).toEqual([]);
  });
});
