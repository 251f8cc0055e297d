import { purchaseGrants } from './purchase-grants';

const PAID = new Date('2026-01-15T10:00:00Z');
type Bought = Parameters<typeof purchaseGrants>[0];
const of = (change: Partial<Bought>): Bought => ({
  ...{ invoiceId: 'inv_1', customerId: 'cust_1', provider: 'apple', providerId: '1', productId: 'p', quantity: 1 },
  ...{
    paidAt: PAID,
    returned: 0,
    refunded: false,
    kind: 'lifetime',
    plan: 'PRO',
    features: [{ featureId: 'feat_1', limit: 5n }],
  },
  ...change,
});

describe('purchaseGrants', () => {
  it.each<[string, Partial<Bought>, bigint | null | undefined, boolean]>([
    ['a plan for life', {}, 5n, false],
    ['a plan for life, no limit', { features: [{ featureId: 'feat_1', limit: null }] }, null, false],
    ['a plan for life, twice in one purchase', { quantity: 2 }, 5n, false],
    ['credit', { kind: 'consumable' }, 5n, true],
    ['three pieces of credit', { kind: 'consumable', quantity: 3 }, 15n, true],
    ['three pieces, one of which was taken back', { kind: 'consumable', quantity: 3, returned: 100_000 }, 10n, true],
    ['half a piece', { kind: 'consumable', returned: 50_000 }, 3n, true],
    ['hardly anything taken back', { kind: 'consumable', returned: 9_000 }, 5n, true],
    [
      'all pieces taken back, though nobody paid',
      { kind: 'consumable', quantity: 2, returned: 200_000 },
      undefined,
      true,
    ],
    ['a plan for life, a part of which was given back', { returned: 40_000 }, 5n, false],
    ['a plan for life that is shared no more', { returned: 100_000 }, undefined, false],
    ['refunded', { refunded: true }, undefined, false],
    ['refunded credit', { kind: 'consumable', refunded: true }, undefined, true],
  ])('%s', (_, change, limit, additive) => {
    const { features, until, additive: adds } = purchaseGrants(of(change));
    expect({ limit: features[0]?.limit, until, adds }).toEqual({ limit, until: null, adds: additive });
  });
});
