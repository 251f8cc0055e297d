import type { Stored, SubscriptionFact, SubscriptionPayload } from '../../../shared/facts';
import { changesBetween, foldSubscription, type ChangeType, type SubscriptionState } from './fold-subscription';

const T = Date.UTC(2026, 2, 1);
const second = (n: number): Date => new Date(T + n * 1000);

const BASE: SubscriptionPayload = {
  customerRef: 'cus_1',
  ownerId: null,
  intentId: null,
  status: 'active',
  providerStatus: 'active',
  priceRef: 'price_basic',
  priceId: null,
  quantity: 1,
  unitAmount: 900,
  currency: 'USD',
  interval: 'month',
  intervalCount: 1,
  currentPeriodStart: second(0).toISOString(),
  currentPeriodEnd: second(60).toISOString(),
  trialEndsAt: null,
  cancelAtPeriodEnd: false,
  cancelAt: null,
  canceledAt: null,
  endedAt: null,
  createdAt: second(0).toISOString(),
  latestInvoiceRef: null,
};

type Told = [kind: 'created' | 'changed' | 'snapshot' | 'deleted', at: number, payload?: Partial<SubscriptionPayload>];

function factsOf(told: readonly Told[]): Stored<SubscriptionFact>[] {
  return told.map(([kind, at, payload], i) => ({
    provider: 'stripe',
    objectType: 'subscription',
    objectId: 'sub_1',
    kind: `subscription.${kind}` as const,
    aggregate: 'stripe:cus_1',
    occurredAt: second(at),
    sourceId: kind === 'snapshot' ? `read:${i}` : `evt_${i}`,
    payload: { ...BASE, ...payload },
    before: null,
    id: `fact_${i}`,
    seq: BigInt(i),
  }));
}

function fold(...told: Told[]): SubscriptionState {
  const facts = factsOf(told);
  const state = foldSubscription(facts);
  expect(foldSubscription([...facts].reverse())).toEqual(state);
  if (!state) throw new Error('nothing was folded');
  return state;
}

describe('changesBetween', () => {
  it.each<[string, Partial<SubscriptionPayload> | null, Partial<SubscriptionPayload>, ChangeType[]]>([
    ['a beginning', null, {}, ['created']],
    ['a beginning with a trial', null, { status: 'trialing' }, ['created', 'trial_started']],
    ['nothing', {}, { latestInvoiceRef: 'in_2' }, []],
    ['the first payment', { status: 'incomplete' }, {}, ['activated']],
    ['a payment behind time', { status: 'past_due' }, {}, ['recovered']],
    ['a payment long behind', { status: 'unpaid' }, {}, ['recovered']],
    ['going on', { status: 'paused' }, {}, ['resumed']],
    ['a pause', {}, { status: 'paused' }, ['paused']],
    ['a failure', {}, { status: 'past_due' }, ['payment_failed']],
    ['giving up', { status: 'past_due' }, { status: 'unpaid' }, ['status_changed']],
    ['never paid', { status: 'incomplete' }, { status: 'incomplete_expired' }, ['expired']],
    ['a dearer plan', {}, { priceRef: 'p', unitAmount: 901 }, ['upgraded']],
    ['a cheaper plan', {}, { priceRef: 'p', unitAmount: 899 }, ['downgraded']],
    ['a year', {}, { priceRef: 'p', unitAmount: 1, interval: 'year' }, ['cycle_changed']],
    ['twelve months said otherwise', { interval: 'year' }, { priceRef: 'p', intervalCount: 12 }, ['upgraded']],
    ['more seats', {}, { quantity: 2 }, ['quantity_changed']],
    ['a planned end', {}, { cancelAtPeriodEnd: true }, ['cancellation_scheduled']],
    ['a planned end taken back', { cancelAtPeriodEnd: true }, {}, ['cancellation_revoked']],
    ['the planned end', { cancelAtPeriodEnd: true }, { status: 'canceled' }, ['canceled']],
    [
      'much at once',
      { status: 'trialing' },
      { priceRef: 'p', unitAmount: 5000, quantity: 3 },
      ['activated', 'upgraded', 'quantity_changed'],
    ],
  ])('%s', (_title, before, after, expected) => {
    expect(changesBetween(before && { ...BASE, ...before }, { ...BASE, ...after })).toEqual(expected);
  });
});

describe('foldSubscription', () => {
  it('knows nothing of nothing', () => {
    expect(foldSubscription([])).toBeNull();
  });

  it('counts the run of past_due from its own begin', () => {
    const behind = { status: 'past_due' } as const;
    expect(fold(['created', 0], ['changed', 1, behind], ['changed', 2, behind]).pastDueSince).toEqual(second(1));
    expect(fold(['changed', 1, behind], ['changed', 2], ['changed', 3, behind]).pastDueSince).toEqual(second(3));
    expect(fold(['changed', 1, behind], ['changed', 2]).pastDueSince).toBeNull();
  });

  it('keeps the first sight of a trial', () => {
    const trialEndsAt = second(9).toISOString();
    expect(fold(['created', 0], ['changed', 1, { trialEndsAt }], ['changed', 2, { trialEndsAt }]).trialSeenAt).toEqual(
      second(1),
    );
  });

  it('stays canceled, whatever else is told of that second', () => {
    const gone = { status: 'canceled' } as const;
    expect(fold(['created', 0], ['deleted', 5, gone], ['changed', 5], ['snapshot', 5]).payload.status).toBe('canceled');
  });

  it.each<[string, boolean, Told[]]>([
    [
      'one step after the other',
      false,
      [
        ['created', 0],
        ['changed', 1, { status: 'past_due' }],
      ],
    ],
    [
      'a leap that cannot be',
      true,
      [
        ['created', 0, { status: 'canceled' }],
        ['changed', 1],
      ],
    ],
    [
      'a leap that a later reading has settled',
      false,
      [
        ['created', 0, { status: 'canceled' }],
        ['changed', 1],
        ['snapshot', 2],
      ],
    ],
    [
      'a leap after the reading',
      true,
      [
        ['snapshot', 0, { status: 'paused' }],
        ['changed', 1, { status: 'past_due' }],
      ],
    ],
    [
      'a reading and an event of one second that agree',
      false,
      [
        ['changed', 1],
        ['snapshot', 1],
      ],
    ],
    [
      'a reading and an event of one second that differ',
      true,
      [
        ['changed', 1, { quantity: 2 }],
        ['snapshot', 1],
      ],
    ],
  ])('%s: undecided is %s', (_title, undecided, told) => {
    expect(fold(...told).undecided).toBe(undecided);
  });

  it('dates steps by what states say of themselves, in one direction, and never after they were told', () => {
    const since = (n: number, more: Partial<SubscriptionPayload> = {}): Partial<SubscriptionPayload> => ({
      ...{ changedAt: second(n).toISOString(), ...more },
    });
    const { history } = fold(
      ['snapshot', 20, since(5, { status: 'trialing' })],
      ['snapshot', 30, since(25)],
      ['snapshot', 50, since(40, { cancelAtPeriodEnd: true })],
      // Active since it was paid for: that it was called off before says nothing of now.
      ['snapshot', 60, since(25)],
      ['snapshot', 70, since(10, { status: 'past_due' })],
      ['snapshot', 80, since(99)],
      ['snapshot', 90, { status: 'canceled' }],
    );
    expect(history.map(({ type, at }) => [type, (at.getTime() - T) / 1000])).toEqual([
      ['created', 0],
      ['trial_started', 5],
      ['activated', 25],
      ['cancellation_scheduled', 40],
      ['cancellation_revoked', 60],
      ['payment_failed', 60],
      ['recovered', 80],
      ['canceled', 90],
    ]);
  });

  it('says who told each step', () => {
    const facts = factsOf([
      ['created', 0],
      ['snapshot', 1, { quantity: 2 }],
      ['snapshot', 2, { quantity: 3 }],
    ]).map((fact, i) => (i === 2 ? { ...fact, sourceId: 'answer:int_1' } : fact));
    expect(foldSubscription(facts)?.history.map(({ source }) => source)).toEqual(['webhook', 'read', 'api']);
    expect(foldSubscription(facts)?.verifiedAt).toEqual(second(2));
  });
});

describe('who comes back', () => {
  const again: Told[] = [
    ['created', 0],
    ['changed', 60, { status: 'canceled' }],
    ['created', 120],
  ];
  const inStore = (told: readonly Told[]): Stored<SubscriptionFact>[] =>
    factsOf(told).map((fact) => ({ ...fact, provider: 'apple', aggregate: 'apple:1000' }));

  it('goes on under his old id in a store, and has to be asked for at Stripe', () => {
    const state = foldSubscription(inStore(again));
    expect(state).toMatchObject({ undecided: false, payload: { status: 'active' } });
    expect(state?.history.map(({ type }) => type)).toEqual(['created', 'canceled', 'activated']);
    expect(foldSubscription(inStore(again).reverse())).toEqual(state);
    expect(foldSubscription(factsOf(again))?.undecided).toBe(true);
  });

  it('has to say that he begins', () => {
    const changed: Told[] = [...again.slice(0, 2), ['changed', 120]];
    expect(foldSubscription(inStore(changed))?.undecided).toBe(true);
  });
});
