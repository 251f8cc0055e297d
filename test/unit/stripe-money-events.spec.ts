import fc from 'fast-check';
import type Stripe from 'stripe';
import { at, customerWith, DAY, harness, shop, subscribe, type Harness } from '../../sandbox/stripe/engine/harness';
import { HOUSE_ACCOUNT } from '../../src/shared/aggregate';
import { isAppError } from '../../src/shared/app-error';
import { translateStripeEvent } from '../../src/providers/stripe/stripe-translator';
import { STRIPE_API_VERSION } from '../../src/providers/stripe/stripe-version';

/** An event as JSON: the SDK's union of all events is more than the compiler can spread. */
interface RawEvent {
  id: string;
  type: string;
  created: number;
  data: { object: Record<string, unknown>; previous_attributes?: Record<string, unknown> };
  [field: string]: unknown;
}

const translate = (event: RawEvent): ReturnType<typeof translateStripeEvent> =>
  translateStripeEvent(event as unknown as Stripe.Event);

/** Events about money after its payment, as the sandbox's Stripe makes them. */
const START = at('2027-01-31T10:00:00Z');
const iso = (second: number): string => new Date(second * 1000).toISOString();

/** What the sandbox made on the way, in order. */
function eventsOf(h: Harness): RawEvent[] {
  return h.events.map(({ type, object, previous, created }, i) => {
    const event = {
      id: `evt_${String(i)}`,
      object: 'event',
      type,
      created,
      livemode: false,
      api_version: STRIPE_API_VERSION,
    };
    const data = { object, ...(previous && { previous_attributes: previous }) };
    return JSON.parse(JSON.stringify({ ...event, data })) as RawEvent;
  });
}

interface Ids {
  customer: string;
  invoice: string;
  charge: string;
  payment: string;
}

/** A subscription that is paid, and what `live` does with its charge; the first event of that type. */
function told(
  type: string,
  live: (h: Harness, ids: Ids) => unknown,
  config: object = {},
): { event: RawEvent; ids: Ids } {
  const h = harness(START);
  h.engine.control.configure(config);
  const { customer } = customerWith(h, 'pm_card_visa');
  const { latest_invoice: invoice } = subscribe(h, customer.id, shop(h).pro.id);
  const [charge] = h.engine.store.list('charge') as unknown as Stripe.Charge[];
  if (!charge || invoice === null) throw new Error('Nothing was paid');
  const ids = { customer: customer.id, invoice, charge: charge.id, payment: charge.payment_intent as string };
  live(h, ids);
  const event = eventsOf(h).find((one) => one.type === type);
  if (!event) throw new Error(`The sandbox made no ${type}`);
  return { event, ids };
}

const KEPT = (): void => undefined;
const refund =
  (more: object = {}) =>
  (h: Harness, { charge }: Ids): { id: string } =>
    h.call('POST', '/v1/refunds', { charge, amount: 900, metadata: { kassaIntentId: 'int_1' }, ...more }) as {
      id: string;
    };
const failedRefund = (h: Harness, ids: Ids): void => {
  h.engine.control.money.settleRefund(refund()(h, ids).id, 'failed', 'expired_or_canceled_card');
};
const dispute =
  (...outcomes: ('won' | 'lost')[]) =>
  (h: Harness, { charge }: Ids): void => {
    const { id } = h.engine.control.money.openDispute({ charge }, { amount: 2_000, reason: 'product_not_received' });
    for (const outcome of outcomes) h.engine.control.money.decideDispute(id, outcome);
  };
const note =
  (more: object) =>
  (h: Harness, { invoice }: Ids): { id: string } =>
    h.call('POST', '/v1/credit_notes', { invoice, amount: 1_000, reason: 'duplicate', ...more }) as { id: string };
const payout =
  (then: (h: Harness, id: string) => unknown = KEPT) =>
  (h: Harness): void => {
    h.go(h.now() + 9 * DAY);
    const { id } = h.call('POST', '/v1/payouts', { amount: 500, currency: 'usd' }) as { id: string };
    then(h, id);
  };
const arrived = (h: Harness): void => {
  h.go(h.now() + 9 * DAY);
};
const openReview = (h: Harness, { charge }: Ids): { id: string } =>
  h.engine.control.money.openReview({ charge }, 'manual');

/** How it says whose it is: by its customer, by its payment, or it is nobody's. */
type Whose = 'customer' | 'payment' | 'house';

type Case = [
  type: string,
  live: (h: Harness, ids: Ids) => unknown,
  fact: { objectType: string; kind: string; payload: object },
  via?: Whose,
];

const REFUND = { amount: 900, currency: 'USD', intentId: 'int_1', createdAt: iso(START) };
const DISPUTE = { amount: 2_000, currency: 'USD', reason: 'product_not_received', createdAt: iso(START) };
const NOTE = { currency: 'USD', total: 1_000, tax: 0, reason: 'duplicate', createdAt: iso(START) };
const PAYOUT = { amount: 500, currency: 'USD', createdAt: iso(START + 9 * DAY) };

const CASES: Case[] = [
  [
    'refund.created',
    refund(),
    { objectType: 'refund', kind: 'refund.created', payload: { ...REFUND, status: 'succeeded' } },
  ],
  [
    'refund.failed',
    failedRefund,
    {
      objectType: 'refund',
      kind: 'refund.failed',
      payload: { ...REFUND, status: 'failed', failureReason: 'expired_or_canceled_card' },
    },
  ],
  [
    'refund.updated',
    failedRefund,
    { objectType: 'refund', kind: 'refund.changed', payload: { ...REFUND, status: 'failed' } },
  ],
  [
    'charge.dispute.created',
    dispute(),
    { objectType: 'dispute', kind: 'dispute.created', payload: { ...DISPUTE, status: 'needs_response' } },
    'payment',
  ],
  [
    'charge.dispute.funds_withdrawn',
    dispute(),
    {
      objectType: 'dispute',
      kind: 'dispute.withdrawn',
      payload: { movements: [{ amount: -2_000, fee: 1_500, currency: 'USD' }] },
    },
    'payment',
  ],
  [
    'charge.dispute.updated',
    dispute('lost'),
    { objectType: 'dispute', kind: 'dispute.changed', payload: { ...DISPUTE, status: 'lost' } },
    'payment',
  ],
  [
    'charge.dispute.closed',
    dispute('lost'),
    { objectType: 'dispute', kind: 'dispute.closed', payload: { ...DISPUTE, status: 'lost', providerStatus: 'lost' } },
    'payment',
  ],
  [
    'charge.dispute.funds_reinstated',
    dispute('won'),
    {
      objectType: 'dispute',
      kind: 'dispute.reinstated',
      payload: { status: 'won', movements: [{ amount: -2_000 }, { amount: 2_000, fee: 0 }] },
    },
    'payment',
  ],
  [
    'credit_note.created',
    note({ credit_amount: 600, refund_amount: 300, out_of_band_amount: 100 }),
    {
      objectType: 'credit_note',
      kind: 'credit_note.created',
      payload: {
        ...NOTE,
        status: 'issued',
        prePayment: 0,
        refunded: 300,
        credited: 600,
        outOfBand: 100,
        voidedAt: null,
      },
    },
  ],
  [
    'credit_note.updated',
    (h, ids) => h.call('POST', `/v1/credit_notes/${note({ credit_amount: 1_000 })(h, ids).id}`, { memo: 'sorry' }),
    { objectType: 'credit_note', kind: 'credit_note.changed', payload: { ...NOTE, credited: 1_000 } },
  ],
  [
    'payout.created',
    payout(),
    { objectType: 'provider_payout', kind: 'provider_payout.created', payload: { ...PAYOUT, status: 'pending' } },
    'house',
  ],
  [
    'payout.paid',
    payout(arrived),
    {
      objectType: 'provider_payout',
      kind: 'provider_payout.paid',
      payload: { ...PAYOUT, status: 'paid', failureCode: null },
    },
    'house',
  ],
  [
    'payout.failed',
    payout((h, id) => h.engine.control.money.failPayout(id, 'account_closed')),
    {
      objectType: 'provider_payout',
      kind: 'provider_payout.failed',
      payload: { ...PAYOUT, status: 'failed', failureCode: 'account_closed' },
    },
    'house',
  ],
  [
    'payout.canceled',
    payout((h, id) => h.call('POST', `/v1/payouts/${id}/cancel`)),
    { objectType: 'provider_payout', kind: 'provider_payout.canceled', payload: { ...PAYOUT, status: 'canceled' } },
    'house',
  ],
  [
    'radar.early_fraud_warning.created',
    (h, { charge }) => h.engine.control.money.warnOfFraud({ charge }, 'misc'),
    {
      objectType: 'payment_concern',
      kind: 'payment_concern.raised',
      payload: { concern: 'fraud_warning', open: true, reason: 'misc', createdAt: iso(START) },
    },
    'payment',
  ],
  [
    'review.opened',
    openReview,
    {
      objectType: 'payment_concern',
      kind: 'payment_concern.raised',
      payload: { concern: 'review', open: true, reason: 'manual' },
    },
    'payment',
  ],
  [
    'review.closed',
    (h, ids) => h.engine.control.money.closeReview(openReview(h, ids).id, 'approved'),
    {
      objectType: 'payment_concern',
      kind: 'payment_concern.closed',
      payload: { concern: 'review', open: false, reason: 'approved' },
    },
    'payment',
  ],
];

describe('money after its payment', () => {
  it.each(CASES)('%s', (type, live, fact, via: Whose = 'customer') => {
    const { event, ids } = told(type, live);
    const said = translate(event);
    const { id, created } = { id: (event.data.object as unknown as { id: string }).id, created: event.created };
    const facts = [
      { provider: 'stripe', objectId: id, sourceId: event.id, occurredAt: new Date(created * 1000), ...fact },
    ];
    const aggregate = via === 'house' ? `stripe:${HOUSE_ACCOUNT}` : `stripe:${ids.customer}`;
    expect(said).toMatchObject(
      via === 'payment'
        ? { kind: 'unplaced', via: { objectType: 'payment', objectId: ids.payment }, facts }
        : { kind: 'facts', aggregate, facts: [{ ...facts[0], aggregate }] },
    );
    if (said.kind === 'facts' || said.kind === 'unplaced') expect(said.facts).toHaveLength(1);
  });

  it('tells what was before where the provider says it', () => {
    const said = translate(told('charge.dispute.updated', dispute('lost')).event);
    expect(said).toMatchObject({ facts: [{ payload: { status: 'lost' }, before: { status: 'needs_response' } }] });
  });

  it('says of a charge what it was made with, and which movement it is', () => {
    const { event, ids } = told('charge.succeeded', KEPT);
    expect(translate(event)).toMatchObject({
      aggregate: `stripe:${ids.customer}`,
      facts: [
        {
          objectType: 'payment',
          objectId: ids.payment,
          kind: 'payment.charged',
          payload: { method: { last4: '4242' } },
        },
        {
          objectType: 'charge',
          objectId: ids.charge,
          kind: 'charge.succeeded',
          payload: {
            paymentRef: ids.payment,
            amount: 2_999,
            movementRef: expect.stringMatching(/^txn_/) as string,
            settlement: null,
          },
        },
      ],
    });
  });

  it('says of one that is captured later first nothing, and then which movement it is', () => {
    const later = { captureDelaySeconds: 3_600 };
    const first = translate(told('charge.succeeded', KEPT, later).event);
    expect(first).toMatchObject({ facts: [{ kind: 'payment.charged' }, { payload: { movementRef: null } }] });
    const { event } = told('charge.updated', arrived, later);
    const said = translate(event);
    expect(said).toMatchObject({
      facts: [{ kind: 'charge.changed', payload: { movementRef: expect.stringMatching(/^txn_/) as string } }],
    });
  });

  it('reads the payment of a charge that was refunded: the refund’s own events may be lost', () => {
    const { event, ids } = told('charge.refunded', refund());
    expect(translate(event)).toEqual({ kind: 'read', objectType: 'payment', objectId: ids.payment });
  });
});

describe('another API version', () => {
  it.each<[string, Case[1], string | null]>([
    ['refund.created', refund(), 'refund'],
    ['charge.dispute.created', dispute(), 'dispute'],
    ['credit_note.created', note({ credit_amount: 1_000 }), 'credit_note'],
    ['payout.created', payout(), 'provider_payout'],
    ['charge.succeeded', KEPT, null],
    ['review.opened', openReview, null],
    ['radar.early_fraud_warning.created', (h, { charge }) => h.engine.control.money.warnOfFraud({ charge }), null],
  ])('of %s is read again, or ignored', (type, live, objectType) => {
    const { event } = told(type, live);
    const objectId = (event.data.object as unknown as { id: string }).id;
    for (const version of ['2020-08-27', null]) {
      const said = translate({ ...event, api_version: version });
      if (objectType === null) expect(said.kind).toBe('ignored');
      else expect(said).toEqual({ kind: 'read', objectType, objectId });
    }
  });
});

describe('an absurd object', () => {
  const outcomeOf = (event: RawEvent): string => {
    try {
      return translate(event).kind;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error.code;
    }
  };
  const changed = (event: RawEvent, more: object): RawEvent => ({
    ...event,
    data: { ...event.data, object: { ...event.data.object, ...more } },
  });
  const made = new Map(CASES.map(([type, live]) => [type, told(type, live).event]));
  const eventOf = (type: string): RawEvent => made.get(type) ?? told(type, KEPT).event;

  it.each<[string, string, object, string]>([
    ['refund without a payment', 'refund.created', { payment_intent: null }, 'ignored'],
    ['refund without a customer, which its payment has', 'refund.created', { customer: null }, 'unplaced'],
    ['refund without an amount', 'refund.created', { amount: undefined }, 'SCHEMA_VALIDATION'],
    ['refund without a currency', 'refund.created', { currency: undefined }, 'SCHEMA_VALIDATION'],
    ['refund in a currency nobody knows', 'refund.created', { currency: 'xyz' }, 'UNKNOWN_CURRENCY'],
    ['refund without a status', 'refund.created', { status: null }, 'SCHEMA_VALIDATION'],
    ['refund in a status nobody knows', 'refund.created', { status: 'reversed' }, 'SCHEMA_VALIDATION'],
    ['dispute without a payment', 'charge.dispute.created', { payment_intent: null }, 'ignored'],
    ['dispute in a status nobody knows', 'charge.dispute.created', { status: 'charge_refunded' }, 'SCHEMA_VALIDATION'],
    ['dispute without an amount', 'charge.dispute.created', { amount: null }, 'SCHEMA_VALIDATION'],
    ['dispute without a reason', 'charge.dispute.created', { reason: undefined }, 'SCHEMA_VALIDATION'],
    ['dispute without details of evidence', 'charge.dispute.created', { evidence_details: null }, 'SCHEMA_VALIDATION'],
    ['dispute with empty details of evidence', 'charge.dispute.created', { evidence_details: {} }, 'SCHEMA_VALIDATION'],
    ['dispute without movements', 'charge.dispute.created', { balance_transactions: null }, 'SCHEMA_VALIDATION'],
    ['credit note without a customer', 'credit_note.created', { customer: null }, 'SCHEMA_VALIDATION'],
    ['credit note without an invoice', 'credit_note.created', { invoice: null }, 'SCHEMA_VALIDATION'],
    ['credit note without a number', 'credit_note.created', { number: null }, 'SCHEMA_VALIDATION'],
    ['credit note in a status nobody knows', 'credit_note.created', { status: 'draft' }, 'SCHEMA_VALIDATION'],
    ['credit note without refunds', 'credit_note.created', { refunds: null }, 'SCHEMA_VALIDATION'],
    [
      'credit note whose parts are more than it',
      'credit_note.created',
      { out_of_band_amount: 9_999 },
      'SCHEMA_VALIDATION',
    ],
    ['credit note whose total is another than its parts', 'credit_note.created', { total: 999 }, 'SCHEMA_VALIDATION'],
    ['payout without an amount', 'payout.created', { amount: null }, 'SCHEMA_VALIDATION'],
    ['payout in a status nobody knows', 'payout.created', { status: 'lost' }, 'SCHEMA_VALIDATION'],
    ['payout without a day', 'payout.created', { arrival_date: null }, 'SCHEMA_VALIDATION'],
    ['warning about no payment', 'radar.early_fraud_warning.created', { payment_intent: null }, 'ignored'],
    ['warning without a type', 'radar.early_fraud_warning.created', { fraud_type: null }, 'SCHEMA_VALIDATION'],
    [
      'warning that does not say whether to act',
      'radar.early_fraud_warning.created',
      { actionable: null },
      'SCHEMA_VALIDATION',
    ],
    ['review of no payment', 'review.opened', { payment_intent: null }, 'ignored'],
    ['review without a reason', 'review.opened', { reason: null }, 'SCHEMA_VALIDATION'],
    ['review that does not say whether it is open', 'review.opened', { open: undefined }, 'SCHEMA_VALIDATION'],
    ['charge without a customer', 'charge.succeeded', { customer: null }, 'ignored'],
    ['charge without a payment', 'charge.succeeded', { payment_intent: null }, 'ignored'],
    ['charge without an amount', 'charge.succeeded', { amount_captured: null }, 'SCHEMA_VALIDATION'],
  ])('%s', (_name, type, more, outcome) => {
    expect(outcomeOf(changed(eventOf(type), more))).toBe(outcome);
  });

  it('never fails otherwise: any JSON in the place of any field', () => {
    const codes = 'facts unplaced read ignored SCHEMA_VALIDATION UNKNOWN_CURRENCY CURRENCY_NOT_SUPPORTED'.split(' ');
    fc.assert(
      fc.property(fc.constantFrom(...made.values()), fc.nat(60), fc.jsonValue(), (event, place, junk) => {
        const names = Object.keys(event.data.object);
        const name = names[place % names.length] ?? '';
        expect(codes).toContain(outcomeOf(changed(event, { [name]: junk })));
        const former = { ...event.data, previous_attributes: { [name]: junk } };
        expect(codes).toContain(outcomeOf({ ...event, data: former }));
      }),
      { numRuns: 2_000 },
    );
  });
});
