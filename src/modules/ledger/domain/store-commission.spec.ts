import fc from 'fast-check';
import type { StoreSale } from '../../../shared/facts';
import { sumByCurrency } from './journal';
import { COMMISSION_RATES, commissionOf, commissionRate, type CommissionTerms, type Store } from './store-commission';
import { storeCommissionReturned, storeCommissionTaken, type StoreCommission } from './store-commission.posting';

const TERMS: CommissionTerms = {
  apple: [
    { choice: 'standard', since: '' },
    { choice: 'small_business', since: '2026-06-01' },
  ],
  google: [{ choice: 'standard', since: '' }],
};
const since = '2024-02-29T10:00:00.000Z';
const subscription = (soldAt: string): StoreSale => ({ kind: 'subscription', soldAt, since });
const once = (soldAt: string): StoreSale => ({ kind: 'one_time', soldAt, since: null });

describe('what a store keeps', () => {
  it.each<[string, Store, StoreSale, string, number]>([
    ['in the first year', 'apple', subscription('2024-03-29T10:00:00.000Z'), 'standard', 3_000],
    ['to its last moment', 'apple', subscription('2025-03-01T09:59:59.999Z'), 'standard', 3_000],
    ['after it', 'apple', subscription('2025-03-01T10:00:00.000Z'), 'standard', 1_500],
    [
      'where nobody knows since when',
      'apple',
      { ...subscription('2025-05-01T10:00:00.000Z'), since: null },
      'standard',
      3_000,
    ],
    ['of what is bought once', 'apple', once('2026-05-31T23:59:59.999Z'), 'standard', 3_000],
    ['from the first day of a programme on', 'apple', once('2026-06-01T00:00:00.000Z'), 'small_business', 1_500],
    ['of a subscription at Google', 'google', subscription('2024-03-29T10:00:00.000Z'), 'standard', 1_500],
    ['of one purchase at Google', 'google', once('2024-03-29T10:00:00.000Z'), 'standard', 3_000],
  ])('%s', (_when, store, sale, programme, rate) => {
    expect(commissionRate(store, TERMS, sale)).toEqual({ programme, rate });
  });

  it.each<[bigint, number, bigint]>([
    [2_900n, 3_000, 870n],
    [999n, 1_500, 150n],
    [30n, 1_500, 4n],
    [50n, 1_500, 8n],
    [1n, 1_500, 0n],
  ])('of %d at %d is %d: half to even', (amount, rate, kept) => {
    expect(commissionOf(amount, rate)).toBe(kept);
  });
});

describe('its postings', () => {
  const of = (provider: Store, amount: bigint): StoreCommission => ({
    ...{ provider, providerRef: '2000', refId: 'pay_1', customerId: 'cust_1', currency: 'JPY', amount },
    ...{ occurredAt: new Date('2026-07-01T10:00:00Z'), sale: once('2026-07-01T10:00:00.000Z') },
  });

  it('leave the proceeds with the store, say that they are an estimate, and are taken back by a refund', () => {
    const taken = storeCommissionTaken(of('apple', 1_500n), TERMS);
    expect(taken).toMatchObject({
      ...{ type: 'store_commission.taken', idempotencyKey: 'apple:2000:commission' },
      meta: { estimate: 'true', programme: 'small_business', rate: '1500' },
      entries: [
        { account: 'fees.apple', amount: 225n, currency: 'JPY' },
        { account: 'apple.clearing', amount: -225n, currency: 'JPY' },
      ],
    });
    expect(storeCommissionReturned(of('apple', 1_500n), TERMS)).toMatchObject({
      idempotencyKey: 'apple:2000:commission_returned',
      entries: taken?.entries.map((entry) => ({ ...entry, amount: -entry.amount })),
    });
    expect(storeCommissionTaken(of('google', 1n), TERMS)).toBeNull();
  });

  it('are never negative, add up, and give back no more than was taken', () => {
    const { apple, google } = COMMISSION_RATES;
    const rates = [apple.standard, apple.small_business, google.first_million, google.standard].flatMap(
      ({ oneTime, subscription, afterYear }): number[] => [oneTime, subscription, afterYear],
    );
    const amount = fc.bigInt(0n, 10n ** 15n);
    fc.assert(
      fc.property(
        fc.constantFrom<Store>('apple', 'google'),
        amount,
        amount,
        fc.constantFrom(...rates),
        (store, a, b, rate) => {
          const [paid, back] = a > b ? [a, b] : [b, a];
          const kept = commissionOf(paid, rate);
          expect(kept >= 0n && kept <= paid).toBe(true);
          expect(commissionOf(back, rate) <= kept).toBe(true);
          // Never further than half a minor unit from the exact share.
          expect((2n * (kept * 10_000n - paid * BigInt(rate))) ** 2n <= 10_000n ** 2n).toBe(true);
          const drafts = [
            storeCommissionTaken(of(store, paid), TERMS),
            storeCommissionReturned(of(store, back), TERMS),
          ];
          for (const draft of drafts)
            for (const sum of sumByCurrency(draft?.entries ?? []).values()) expect(sum).toBe(0n);
        },
      ),
    );
  });
});
