import fc from 'fast-check';
import type { SubscriptionStatus } from '../../../../shared/facts';
import {
  codeOf,
  DISCOUNT_REASONS,
  redemptionOf,
  refusalOf,
  type DiscountLimits,
  type DiscountUse,
  type RedemptionState,
} from './discount';

const NOW = new Date('2027-03-01T00:00:00Z');
const at = (ms: number): Date => new Date(NOW.getTime() + ms);

type Offer = DiscountLimits & { currency: string | null };
const OFFER: Offer = {
  active: true,
  expiresAt: null,
  maxRedemptions: null,
  firstTimeOnly: false,
  planIds: [],
  currency: null,
};
const USE: DiscountUse = { now: NOW, planId: 'plan_pro', currencies: ['USD'], taken: 0, isFirstTime: false };

describe('who may have a discount', () => {
  it.each<[string, Partial<Offer>, Partial<DiscountUse>, ReturnType<typeof refusalOf>]>([
    ['one for everybody', {}, {}, null],
    ['one that is not offered', { active: false }, {}, 'inactive'],
    ['one a moment before its end', { expiresAt: at(1) }, {}, null],
    ['one at its end', { expiresAt: NOW }, {}, 'expired'],
    ['one past its end', { expiresAt: at(-1) }, {}, 'expired'],
    ['one for this plan among others', { planIds: ['plan_basic', 'plan_pro'] }, {}, null],
    ['one for another plan', { planIds: ['plan_basic'] }, {}, 'other_plan'],
    ['an amount in the currency of the price', { currency: 'USD' }, {}, null],
    ['an amount in one of the currencies', { currency: 'EUR' }, { currencies: ['USD', 'EUR'] }, null],
    ['an amount in another currency', { currency: 'EUR' }, {}, 'currency'],
    ['an amount on a plan that is not sold', { currency: 'EUR' }, { currencies: [] }, 'currency'],
    ['one for new customers, by one', { firstTimeOnly: true }, { isFirstTime: true }, null],
    ['one for new customers, by an old one', { firstTimeOnly: true }, {}, 'first_time_only'],
    ['the last of three', { maxRedemptions: 3 }, { taken: 2 }, null],
    ['one more than there are', { maxRedemptions: 3 }, { taken: 3 }, 'exhausted'],
    ['one whose limit was lowered', { maxRedemptions: 3 }, { taken: 9 }, 'exhausted'],
    ['one without a limit', {}, { taken: 1e9 }, null],
  ])('%s', (_what, offer, use, reason) => {
    expect(refusalOf({ ...OFFER, ...offer }, { ...USE, ...use })).toBe(reason);
  });

  const offers: fc.Arbitrary<Offer> = fc.record({
    active: fc.boolean(),
    expiresAt: fc.option(fc.integer({ min: -9, max: 9 }).map(at)),
    maxRedemptions: fc.option(fc.integer({ min: 1, max: 5 })),
    firstTimeOnly: fc.boolean(),
    planIds: fc.subarray(['plan_basic', 'plan_pro', 'plan_big']),
    currency: fc.option(fc.constantFrom('USD', 'EUR')),
  });
  const uses: fc.Arbitrary<DiscountUse> = fc.record({
    now: fc.integer({ min: -9, max: 9 }).map(at),
    planId: fc.constantFrom('plan_basic', 'plan_pro', 'plan_big'),
    currencies: fc.subarray(['USD', 'EUR', 'JPY']),
    taken: fc.nat(8),
    isFirstTime: fc.boolean(),
  });

  it('never gets easier with time, with redemptions or with a customer that is known', () => {
    fc.assert(
      fc.property(offers, uses, fc.nat(9), fc.nat(9), (offer, use, later, more) => {
        if (refusalOf(offer, use) === null) return;
        const harder = { ...use, now: new Date(use.now.getTime() + later), taken: use.taken + more };
        expect(refusalOf(offer, harder)).not.toBeNull();
        expect(refusalOf(offer, { ...use, isFirstTime: false })).not.toBeNull();
      }),
    );
  });

  it('is given to all where nothing limits it, and to nobody where anything does', () => {
    fc.assert(
      fc.property(offers, uses, (offer, use) => {
        const reasons = [
          !offer.active,
          offer.expiresAt !== null && use.now >= offer.expiresAt,
          offer.planIds.length > 0 && !offer.planIds.includes(use.planId),
          offer.currency !== null && !use.currencies.includes(offer.currency),
          offer.firstTimeOnly && !use.isFirstTime,
          offer.maxRedemptions !== null && use.taken >= offer.maxRedemptions,
        ];
        const first = reasons.indexOf(true);
        expect(refusalOf(offer, use)).toBe(first === -1 ? null : DISCOUNT_REASONS[first + 1]);
      }),
    );
  });
});

describe('a code as it is typed', () => {
  it.each<[string, string | null]>([
    ['WELCOME25', 'WELCOME25'],
    [' welcome25\n', 'WELCOME25'],
    ['a-1', 'A-1'],
    ['x'.repeat(40), 'X'.repeat(40)],
    ['x'.repeat(41), null],
    ['', null],
    ['   ', null],
    ['TWO WORDS', null],
    ["' OR 1=1--", null],
    ['stra\u00dfe', null],
    ['\u017fale', null],
    ['50%', null],
  ])('%j is %j', (typed, code) => {
    expect(codeOf(typed)).toBe(code);
  });

  it('is one of the alphabet or none, and as a code is itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        const code = codeOf(typed);
        if (code === null) return;
        expect(code).toMatch(/^[A-Z0-9-]{1,40}$/);
        expect(codeOf(code)).toBe(code);
      }),
    );
  });
});

describe('what becomes of a redemption', () => {
  it.each<[SubscriptionStatus[], Exclude<RedemptionState, 'held'> | null]>([
    [['incomplete'], null],
    [['active'], 'redeemed'],
    [['trialing', 'incomplete'], 'redeemed'],
    [['past_due'], 'redeemed'],
    [['unpaid'], 'redeemed'],
    [['paused'], 'redeemed'],
    [['incomplete_expired', 'incomplete'], 'released'],
    [['canceled', 'incomplete'], 'released'],
    [['canceled', 'incomplete', 'active'], 'redeemed'],
    [['canceled', 'trialing'], 'redeemed'],
    [[], null],
  ])('after %j it is %j', (statuses, state) => {
    expect(redemptionOf(statuses)).toBe(state);
  });
});
