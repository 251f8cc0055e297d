import { parseCurrency } from '../../../shared/currency';
import { lookupKeyOf, SEED_FEATURES, SEED_PLANS } from './catalog-seed';

const prices = SEED_PLANS.flatMap((plan) => plan.prices.map((price) => ({ plan: plan.code, ...price })));

describe('the seeded catalog', () => {
  it('names everything once', () => {
    const keys = prices.map(({ plan, billingCycle, currency }) => lookupKeyOf(plan, billingCycle, currency));
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(SEED_PLANS.map(({ code }) => code)).size).toBe(SEED_PLANS.length);
    expect(new Set(SEED_FEATURES.map(({ key }) => key)).size).toBe(SEED_FEATURES.length);
    for (const key of keys) expect(key).toMatch(/^kassa_[a-z0-9_]{1,150}$/);
  });

  it('promises no feature that does not exist, and limits only what has a limit', () => {
    const typeOf = new Map(SEED_FEATURES.map(({ key, type }) => [key, type]));
    for (const { features } of SEED_PLANS) {
      for (const [key, limit] of Object.entries(features)) {
        expect(typeOf.has(key)).toBe(true);
        if (typeOf.get(key) === 'boolean') expect(limit).toBeNull();
        else expect(limit === null || limit > 0n).toBe(true);
      }
    }
  });

  it.each(SEED_PLANS)('$code fits the checks of its table', ({ code, trialDays, prices: own }) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]{0,62}$/);
    expect(trialDays).toBeGreaterThanOrEqual(0);
    expect(trialDays).toBeLessThanOrEqual(730);
    expect(own.map(({ billingCycle }) => billingCycle)).toEqual(['monthly', 'annual']);
    for (const { amount, currency } of own) {
      expect(amount).toBeGreaterThan(0n);
      expect(parseCurrency(currency)).toBe(currency);
    }
  });

  it('sells a year for less than twelve months, and more for more', () => {
    const amount = (plan: string, cycle: string): bigint =>
      prices.find((price) => price.plan === plan && price.billingCycle === cycle)?.amount ?? 0n;
    for (const { code } of SEED_PLANS) expect(amount(code, 'annual')).toBeLessThan(12n * amount(code, 'monthly'));
    const monthly = SEED_PLANS.map(({ code }) => amount(code, 'monthly'));
    expect(monthly).toEqual([...monthly].sort((a, b) => Number(a - b)));
  });
});
