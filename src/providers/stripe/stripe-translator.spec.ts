import fc from 'fast-check';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import { translateStripeEvent } from './stripe-translator';
import { STRIPE_API_VERSION } from './stripe-version';

const T = 1_780_000_000;

const PRICE = {
  id: 'price_1',
  object: 'price',
  currency: 'usd',
  unit_amount: 2900,
  metadata: { kassaPriceId: 'prc_1' },
  recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
};
const SUBSCRIPTION = {
  id: 'sub_1',
  object: 'subscription',
  customer: 'cus_1',
  status: 'active',
  metadata: { kassaCustomerId: 'cus_ours' },
  items: { data: [{ id: 'si_1', price: PRICE, quantity: 2, current_period_start: T, current_period_end: T + 60 }] },
  trial_end: null,
  cancel_at_period_end: false,
  cancel_at: null,
  canceled_at: null,
  ended_at: null,
  created: T,
  latest_invoice: 'in_1',
};
const INVOICE = {
  id: 'in_1',
  object: 'invoice',
  customer: { id: 'cus_1', object: 'customer' },
  parent: { subscription_details: { subscription: 'sub_1', metadata: { kassaCustomerId: 'cus_ours' } } },
  number: 'A-1',
  status: 'open',
  billing_reason: 'subscription_cycle',
  currency: 'usd',
  total: 2900,
  total_taxes: [{ amount: 400 }, { amount: 63 }],
  amount_due: 2900,
  amount_paid: 0,
  amount_remaining: 2900,
  starting_balance: 0,
  ending_balance: 0,
  attempt_count: 1,
  next_payment_attempt: null,
  period_start: T,
  period_end: T + 60,
  created: T,
  status_transitions: { finalized_at: T, paid_at: null },
  lines: { data: [] },
};
const INTENT = {
  id: 'pi_1',
  object: 'payment_intent',
  customer: 'cus_1',
  amount: 2900,
  currency: 'usd',
  status: 'requires_payment_method',
  last_payment_error: { decline_code: 'insufficient_funds', payment_method: { type: 'card', card: { last4: '0341' } } },
  payment_method: null,
  created: T,
};
const CHARGE = {
  id: 'ch_1',
  object: 'charge',
  customer: 'cus_1',
  payment_intent: 'pi_1',
  payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242' } },
};
const SESSION = {
  id: 'cs_1',
  object: 'checkout.session',
  customer: 'cus_1',
  status: 'complete',
  subscription: 'sub_1',
};
const SETUP = {
  id: 'seti_1',
  object: 'setup_intent',
  customer: 'cus_1',
  last_setup_error: {
    code: 'card_declined',
    decline_code: 'lost_card',
    payment_method: { id: 'pm_1', type: 'card', card: { brand: 'visa', last4: '9987', fingerprint: 'fp' } },
  },
};
const INVOICE_PAYMENT = {
  id: 'inpay_1',
  object: 'invoice_payment',
  invoice: 'in_1',
  payment: { type: 'payment_intent', payment_intent: 'pi_1' },
};

function eventOf(type: string, object: unknown, more: object = {}, previous?: object): Stripe.Event {
  return {
    id: 'evt_1',
    object: 'event',
    type,
    api_version: STRIPE_API_VERSION,
    created: T,
    livemode: false,
    data: { object, ...(previous && { previous_attributes: previous }) },
    ...more,
  } as unknown as Stripe.Event;
}

interface SaidFact {
  kind: string;
  payload: Record<string, unknown>;
  before: Record<string, unknown> | null;
}

function factOf(type: string, object: unknown, previous?: object): SaidFact {
  const said = translateStripeEvent(eventOf(type, object, {}, previous));
  if (said.kind !== 'facts') throw new Error(`${type} is ${said.kind}`);
  expect(said.facts).toHaveLength(1);
  expect(said.aggregate).toBe('stripe:cus_1');
  return said.facts[0] as unknown as SaidFact;
}

describe('each event type', () => {
  it.each<[string, object, string]>([
    ['customer.subscription.created', SUBSCRIPTION, 'subscription.created'],
    ['customer.subscription.updated', SUBSCRIPTION, 'subscription.changed'],
    ['customer.subscription.paused', SUBSCRIPTION, 'subscription.changed'],
    ['customer.subscription.resumed', SUBSCRIPTION, 'subscription.changed'],
    ['customer.subscription.trial_will_end', SUBSCRIPTION, 'subscription.changed'],
    ['customer.subscription.pending_update_applied', SUBSCRIPTION, 'subscription.changed'],
    ['customer.subscription.pending_update_expired', SUBSCRIPTION, 'subscription.changed'],
    ['customer.subscription.deleted', { ...SUBSCRIPTION, status: 'canceled' }, 'subscription.deleted'],
    ['invoice.created', { ...INVOICE, status: 'draft' }, 'invoice.created'],
    ['invoice.finalized', INVOICE, 'invoice.finalized'],
    ['invoice.updated', INVOICE, 'invoice.changed'],
    ['invoice.payment_succeeded', INVOICE, 'invoice.changed'],
    ['invoice.overpaid', INVOICE, 'invoice.changed'],
    ['invoice.payment_failed', INVOICE, 'invoice.payment_failed'],
    ['invoice.payment_action_required', INVOICE, 'invoice.payment_action_required'],
    ['invoice.paid', { ...INVOICE, status: 'paid' }, 'invoice.paid'],
    ['invoice.voided', { ...INVOICE, status: 'void' }, 'invoice.voided'],
    ['invoice.marked_uncollectible', { ...INVOICE, status: 'uncollectible' }, 'invoice.uncollectible'],
    ['payment_intent.created', INTENT, 'payment.created'],
    ['payment_intent.processing', INTENT, 'payment.changed'],
    ['payment_intent.requires_action', INTENT, 'payment.changed'],
    ['payment_intent.payment_failed', INTENT, 'payment.failed'],
    ['payment_intent.succeeded', { ...INTENT, status: 'succeeded' }, 'payment.succeeded'],
    ['payment_intent.canceled', { ...INTENT, status: 'canceled' }, 'payment.canceled'],
    ['checkout.session.completed', SESSION, 'checkout.completed'],
    ['checkout.session.expired', { ...SESSION, status: 'expired' }, 'checkout.expired'],
    ['setup_intent.setup_failed', SETUP, 'setup.failed'],
    ['charge.succeeded', CHARGE, 'payment.charged'],
    ['charge.failed', CHARGE, 'payment.charged'],
  ])('%s', (type, object, kind) => {
    expect(factOf(type, object)).toMatchObject({
      provider: 'stripe',
      kind,
      sourceId: 'evt_1',
      occurredAt: new Date(T * 1000),
      before: null,
    });
  });

  it('says what was declined of a card that was to be saved, and nothing that tells which card it was', () => {
    expect(factOf('setup_intent.setup_failed', SETUP).payload).toEqual({
      customerRef: 'cus_1',
      declineCode: 'lost_card',
      method: { type: 'card', brand: 'visa', last4: '9987' },
    });
  });

  it('says which invoice a payment is for, through the invoice', () => {
    expect(translateStripeEvent(eventOf('invoice_payment.paid', INVOICE_PAYMENT))).toMatchObject({
      kind: 'unplaced',
      via: { objectType: 'invoice', objectId: 'in_1' },
      facts: [{ kind: 'payment.linked', objectId: 'pi_1', payload: { invoiceRef: 'in_1' } }],
    });
  });

  it.each<[string, unknown]>([
    ['customer.updated', { id: 'cus_1', object: 'customer' }],
    ['constructor', SUBSCRIPTION],
    ['__proto__', SUBSCRIPTION],
    ['toString', SUBSCRIPTION],
    ['payment_intent.succeeded', { ...INTENT, customer: null }],
    ['checkout.session.completed', { ...SESSION, customer: null }],
    ['setup_intent.setup_failed', { ...SETUP, customer: null }],
    ['charge.succeeded', { ...CHARGE, customer: null }],
    ['charge.succeeded', { ...CHARGE, payment_intent: null }],
    ['invoice_payment.paid', { ...INVOICE_PAYMENT, payment: { type: 'charge', charge: 'ch_1' } }],
  ])('%s without anything of ours is ignored', (type, object) => {
    expect(translateStripeEvent(eventOf(type, object)).kind).toBe('ignored');
  });
});

describe('what was before', () => {
  it('is the object with its former attributes: hashes in part, lists as a whole', () => {
    const former = { ...PRICE, id: 'price_0', unit_amount: 900 };
    const items = { data: [{ ...SUBSCRIPTION.items.data[0], price: former, quantity: 1 }] };
    const fact = factOf('customer.subscription.updated', SUBSCRIPTION, {
      items,
      cancel_at: T + 9,
      metadata: { kassaIntentId: 'int_0' },
    });
    expect(fact.payload).toMatchObject({ priceRef: 'price_1', unitAmount: 2900, quantity: 2, cancelAt: null });
    expect(fact.before).toMatchObject({
      priceRef: 'price_0',
      unitAmount: 900,
      quantity: 1,
      cancelAt: new Date((T + 9) * 1000).toISOString(),
      ownerId: 'cus_ours',
      intentId: 'int_0',
      status: 'active',
    });
  });

  it('is the object itself where what changed is nothing of ours', () => {
    const fact = factOf('invoice.updated', INVOICE, { footer: 'old' });
    expect(fact.before).toEqual(fact.payload);
  });
});

describe('another API version', () => {
  it.each<[string, object, string, string]>([
    ['customer.subscription.updated', SUBSCRIPTION, 'subscription', 'sub_1'],
    ['invoice.paid', INVOICE, 'invoice', 'in_1'],
    ['payment_intent.succeeded', INTENT, 'payment', 'pi_1'],
    ['checkout.session.completed', SESSION, 'checkout', 'cs_1'],
  ])('%s is read again', (type, object, objectType, objectId) => {
    for (const version of ['2020-08-27', null, undefined]) {
      const said = translateStripeEvent(eventOf(type, object, { api_version: version }));
      expect(said).toEqual({ kind: 'read', objectType, objectId });
    }
  });

  it('of what we do not mirror is ignored', () => {
    expect(translateStripeEvent(eventOf('charge.succeeded', CHARGE, { api_version: '2020-08-27' })).kind).toBe(
      'ignored',
    );
  });
});

describe('an absurd object', () => {
  const outcomeOf = (event: Stripe.Event): string => {
    try {
      return translateStripeEvent(event).kind;
    } catch (error) {
      if (!isAppError(error)) throw error;
      expect(error.kind).toBe('validation');
      return error.code;
    }
  };

  it.each<[string, string, unknown]>([
    ['no object', 'invoice.paid', undefined],
    ['null', 'invoice.paid', null],
    ['a list', 'invoice.paid', []],
    ['another object than the type says', 'invoice.paid', SUBSCRIPTION],
    ['an inherited name', 'invoice.paid', { id: 'x', object: 'constructor' }],
    ['no id', 'invoice.paid', { ...INVOICE, id: undefined }],
    ['a number as id', 'invoice.paid', { ...INVOICE, id: 7 }],
    ['no customer', 'invoice.paid', { ...INVOICE, customer: null }],
    ['a customer that is a number', 'invoice.paid', { ...INVOICE, customer: 7 }],
    ['a customer without a usable id', 'invoice.paid', { ...INVOICE, customer: { id: 7 } }],
    ['a status nobody knows', 'invoice.paid', { ...INVOICE, status: 'overdue' }],
    ['an amount as text', 'invoice.paid', { ...INVOICE, total: '2900' }],
    ['a fraction of a cent', 'invoice.paid', { ...INVOICE, amount_paid: 0.5 }],
    ['an amount beyond all measure', 'invoice.paid', { ...INVOICE, total: 1e300 }],
    ['no lines', 'invoice.paid', { ...INVOICE, lines: null }],
    ['a period that is null', 'invoice.paid', { ...INVOICE, period_start: null }],
    ['no items', 'customer.subscription.updated', { ...SUBSCRIPTION, items: { data: [] } }],
    ['no period', 'customer.subscription.updated', { ...SUBSCRIPTION, created: undefined }],
    ['a time beyond Date', 'customer.subscription.updated', { ...SUBSCRIPTION, trial_end: 1e15 }],
    ['a time as text', 'customer.subscription.updated', { ...SUBSCRIPTION, trial_end: '1780000000' }],
    ['an odd payment', 'invoice_payment.paid', { ...INVOICE_PAYMENT, payment: null }],
  ])('with %s is refused for good', (_title, type, object) => {
    expect(outcomeOf(eventOf(type, object))).toBe('SCHEMA_VALIDATION');
  });

  it('in an unknown currency is refused for good', () => {
    expect(outcomeOf(eventOf('invoice.paid', { ...INVOICE, currency: 'xyz' }))).toBe('UNKNOWN_CURRENCY');
  });

  const TYPES: readonly [string, object][] = [
    ['customer.subscription.updated', SUBSCRIPTION],
    ['invoice.paid', INVOICE],
    ['payment_intent.payment_failed', INTENT],
    ['checkout.session.completed', SESSION],
    ['charge.failed', CHARGE],
    ['invoice_payment.paid', INVOICE_PAYMENT],
  ];
  const known = [
    'facts',
    'unplaced',
    'read',
    'ignored',
    'SCHEMA_VALIDATION',
    'UNKNOWN_CURRENCY',
    'CURRENCY_NOT_SUPPORTED',
  ];

  it('never fails otherwise: any JSON in the place of any field', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES),
        fc.nat(40),
        fc.jsonValue(),
        fc.boolean(),
        ([type, object], at, junk, old) => {
          const names = Object.keys(object);
          const name = names[at % names.length] ?? '';
          const event = eventOf(type, { ...object, [name]: junk }, old ? { api_version: '2019-01-01' } : {});
          expect(known).toContain(outcomeOf(event));
          expect(known).toContain(outcomeOf(eventOf(type, object, {}, { [name]: junk })));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('never fails otherwise: any JSON as the object', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.jsonValue(), ([type, object], junk) => {
        expect(known).toContain(outcomeOf(eventOf(type, junk)));
        const named = { ...(junk as object), object: (object as { object: string }).object, id: 'x' };
        expect(known).toContain(outcomeOf(eventOf(type, named)));
      }),
      { numRuns: 1000 },
    );
  });
});
