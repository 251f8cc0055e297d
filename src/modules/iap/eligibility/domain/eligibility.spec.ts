import { eligibilityOf, type OpenSubscription, type OwnedPurchase } from './eligibility';

const pro: Parameters<typeof eligibilityOf>[0][number] = {
  ...{ store: 'apple', productId: 'pro', kind: 'subscription' },
  ...{ plan: 'PRO', billingCycle: 'monthly', active: true },
};
const has = (change: Partial<OpenSubscription>): OpenSubscription[] => [
  {
    provider: 'apple',
    status: 'active',
    plan: { code: 'PRO' },
    billingCycle: 'monthly',
    cancelAtPeriodEnd: false,
    ...change,
  },
];
const life: OwnedPurchase[] = [{ provider: 'google', productId: 'life', plan: 'PRO' }];

describe('eligibilityOf', () => {
  it.each<[string, Parameters<typeof eligibilityOf>, string | null, string | null]>([
    ['nothing is sold so', [[], [], []], 'UNKNOWN_PRODUCT', null],
    ['it is off sale', [[{ ...pro, active: false }], [], []], 'NOT_SOLD', null],
    ['he has nothing', [[pro], [], []], null, null],
    ['he has the very same', [[pro], has({}), []], 'ALREADY_SUBSCRIBED', 'apple'],
    ['he has canceled the very same', [[pro], has({ cancelAtPeriodEnd: true }), []], null, null],
    ['he has another plan of the store', [[pro], has({ plan: { code: 'BASIC' } }), []], null, null],
    ['he has another cycle of it', [[pro], has({ billingCycle: 'annual' }), []], null, null],
    ['he pays by Stripe', [[pro], has({ provider: 'stripe' }), []], 'ALREADY_SUBSCRIBED', 'stripe'],
    [
      'what he had by Stripe still runs',
      [[pro], has({ provider: 'stripe', cancelAtPeriodEnd: true }), []],
      'ALREADY_SUBSCRIBED',
      'stripe',
    ],
    ['he never paid at Stripe', [[pro], has({ provider: 'stripe', status: 'incomplete' }), []], null, null],
    [
      'he pays in the other store',
      [[pro], has({ provider: 'google', status: 'past_due' }), []],
      'ALREADY_SUBSCRIBED',
      'google',
    ],
    ['he has it for life', [[pro], [], life], 'ALREADY_OWNED', 'google'],
    ['he has another plan for life', [[{ ...pro, plan: 'ENTERPRISE' }], [], life], null, null],
    ['for life, beside a subscription', [[{ ...pro, kind: 'lifetime' }], has({ provider: 'stripe' }), []], null, null],
    ['for life once more', [[{ ...pro, kind: 'lifetime' }], [], life], 'ALREADY_OWNED', 'google'],
    [
      'credit, whatever he has',
      [[{ ...pro, kind: 'consumable', plan: null }], has({ provider: 'stripe' }), life],
      null,
      null,
    ],
    [
      'one of two stores',
      [
        [
          { ...pro, active: false },
          { ...pro, store: 'google' },
        ],
        [],
        [],
      ],
      null,
      null,
    ],
  ])('%s', (_, args, reason, provider) => {
    expect(eligibilityOf(...args)).toEqual({ eligible: reason === null, reason, provider });
  });
});
