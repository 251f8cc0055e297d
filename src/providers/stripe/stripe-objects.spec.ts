import type Stripe from 'stripe';
import { chargeMethod, iso, refOf, toInvoicePayload, toPaymentPayload, toSubscriptionPayload } from './stripe-objects';

const T = 1_780_000_000;

function invoice(currency: string, amount: number, more: object = {}): Stripe.Invoice {
  return {
    id: 'in_1',
    customer: 'cus_1',
    parent: null,
    status: 'open',
    currency,
    total: amount,
    total_taxes: null,
    amount_due: amount,
    amount_paid: 0,
    amount_remaining: amount,
    starting_balance: 0,
    ending_balance: null,
    attempt_count: 0,
    period_start: T,
    period_end: T,
    created: T,
    status_transitions: { finalized_at: null, paid_at: null },
    lines: { data: [{ id: 'il_1', amount, currency, period: { start: T, end: T }, taxes: null, parent: null }] },
    ...more,
  } as unknown as Stripe.Invoice;
}

function subscription(item: object, more: object = {}): Stripe.Subscription {
  const price = { id: 'price_1', currency: 'jpy', unit_amount: 500, metadata: {} };
  const recurring = { interval: 'year', interval_count: 1, usage_type: 'licensed' };
  return {
    id: 'sub_1',
    customer: 'cus_1',
    status: 'trialing',
    metadata: {},
    items: {
      data: [
        { quantity: 1, current_period_start: T, current_period_end: T + 5, price: { ...price, recurring }, ...item },
      ],
    },
    trial_end: T + 5,
    cancel_at_period_end: false,
    created: T,
    ...more,
  } as unknown as Stripe.Subscription;
}

describe('amounts in our minor unit', () => {
  it.each([
    ['usd', 1099, 1099],
    ['jpy', 1099, 1099],
    ['kwd', 5120, 5120],
    // Stripe counts these two in hundredths, ISO 4217 has no minor unit for them.
    ['isk', 500, 5],
    ['ugx', 1_000_000, 10_000],
    // Stripe counts whole MGA, ISO 4217 two decimals.
    ['mga', 7, 700],
    ['huf', 10_000, 10_000],
  ])('%s: Stripe says %i, we %i', (currency, said, ours) => {
    const payload = toInvoicePayload(invoice(currency, said));
    expect(payload).toMatchObject({
      currency: currency.toUpperCase(),
      total: ours,
      amountDue: ours,
      amountRemaining: ours,
    });
    expect(payload.lines).toMatchObject([{ amount: ours, currency: currency.toUpperCase() }]);
  });

  it('refuses a fraction that the currency has not', () => {
    expect(() => toInvoicePayload(invoice('isk', 550))).toThrow('cannot hold');
  });

  it('tells each tax and its reason, a tax of zero too, in our minor unit', () => {
    const tax = {
      tax_behavior: 'exclusive',
      taxability_reason: 'standard_rated',
      tax_rate_details: { tax_rate: 'txr_1' },
    };
    const zero = { amount: 0, tax_behavior: 'inclusive', taxability_reason: 'reverse_charge', tax_rate_details: null };
    expect(toInvoicePayload(invoice('isk', 500, { total_taxes: [{ ...tax, amount: 100 }, zero] }))).toMatchObject({
      tax: 1,
      taxes: [
        { amount: 1, inclusive: false, reason: 'standard_rated', rateRef: 'txr_1' },
        { amount: 0, inclusive: true, reason: 'reverse_charge', rateRef: null },
      ],
    });
    expect(toInvoicePayload(invoice('usd', 500, { total_taxes: [{ amount: 5 }] })).taxes).toEqual([
      { amount: 5, inclusive: false, reason: null, rateRef: null },
    ]);
    for (const none of [null, []]) {
      expect(toInvoicePayload(invoice('usd', 500, { total_taxes: none }))).not.toHaveProperty('taxes');
    }
  });

  it('tells what coupons took off, of the whole and of each line, and nothing where there are none', () => {
    const line = { id: 'il_1', amount: 700, currency: 'isk', period: { start: T, end: T }, taxes: null, parent: null };
    const off = [{ amount: 100 }, { amount: 100 }];
    const payload = toInvoicePayload(
      invoice('isk', 500, {
        total_discount_amounts: off,
        lines: { data: [{ ...line, discount_amounts: off }, line] },
      }),
    );
    expect(payload).toMatchObject({ total: 5, discount: 2, lines: [{ amount: 7, discount: 2 }, { amount: 7 }] });
    expect(payload.lines[1]).not.toHaveProperty('discount');
    for (const none of [null, [], [{ amount: 0 }]]) {
      expect(toInvoicePayload(invoice('usd', 500, { total_discount_amounts: none }))).not.toHaveProperty('discount');
    }
  });

  it('tells what of the tax a line contains', () => {
    const line = { id: 'il_1', amount: 700, currency: 'usd', period: { start: T, end: T }, parent: null };
    const taxes = [
      { amount: -58, tax_behavior: 'inclusive' },
      { amount: -7, tax_behavior: 'exclusive' },
    ];
    const { lines } = toInvoicePayload(
      invoice('usd', 0, {
        lines: {
          data: [
            { ...line, taxes },
            { ...line, taxes: taxes.slice(1) },
          ],
        },
      }),
    );
    expect(lines).toMatchObject([{ tax: -65, taxInclusive: -58 }, { tax: -7 }]);
    expect(lines[1]).not.toHaveProperty('taxInclusive');
  });

  it('adds up taxes, inclusive and exclusive alike, and keeps signs', () => {
    const payload = toInvoicePayload(
      invoice('usd', -1355, { total_taxes: [{ amount: -200 }, { amount: -16 }], ending_balance: -1355, amount_due: 0 }),
    );
    expect(payload).toMatchObject({ total: -1355, tax: -216, endingBalance: -1355, amountDue: 0 });
  });

  it('says when it was given up or made void, and nothing of it before', () => {
    const of = (transitions: object): object =>
      toInvoicePayload(invoice('usd', 1, { status_transitions: { finalized_at: T, paid_at: null, ...transitions } }));
    expect(of({ marked_uncollectible_at: T, voided_at: T + 1 })).toMatchObject({
      uncollectibleAt: new Date(T * 1000).toISOString(),
      voidedAt: new Date((T + 1) * 1000).toISOString(),
    });
    const before = Object.keys(of({ marked_uncollectible_at: null, voided_at: null }));
    expect(before.filter((key) => ['uncollectibleAt', 'voidedAt'].includes(key))).toEqual([]);
  });
});

describe('an invoice paid elsewhere', () => {
  it.each<[string, object, object]>([
    ['is not told by an event', {}, { paidOutOfBand: false }],
    ['is told by a reading that asks', { amount_paid_off_stripe: 500 }, { amountPaidOffStripe: 500 }],
    ['is nothing where a reading says so', { amount_paid_off_stripe: 0 }, { paidOutOfBand: false }],
    ['shows in no amount in older versions', { amount_paid: 0 }, { paidOutOfBand: true }],
  ])('%s', (_what, more, expected) => {
    const payload = toInvoicePayload(invoice('usd', 500, { status: 'paid', amount_paid: 500, ...more }));
    expect(payload).toMatchObject(expected);
    expect('amountPaidOffStripe' in payload).toBe('amountPaidOffStripe' in expected);
  });
});

describe('a subscription', () => {
  it('takes its plan from the first licensed item', () => {
    const metered = { price: { id: 'price_m', recurring: { usage_type: 'metered' } } };
    const plain = subscription({});
    const both = { ...plain, items: { data: [metered, ...plain.items.data] } } as Stripe.Subscription;
    expect(toSubscriptionPayload(both)).toMatchObject({ priceRef: 'price_1', interval: 'year', currency: 'JPY' });
    expect(() => toSubscriptionPayload({ ...plain, items: { data: [metered] } } as Stripe.Subscription)).toThrow(
      'licensed item',
    );
  });

  it('counts one where Stripe says no quantity', () => {
    expect(toSubscriptionPayload(subscription({ quantity: undefined }))).toMatchObject({ quantity: 1 });
  });

  it('refuses words we do not know', () => {
    expect(() => toSubscriptionPayload(subscription({}, { status: 'dormant' }))).toThrow('subscription status');
  });
});

describe('a payment', () => {
  const intent = (more: object): Stripe.PaymentIntent =>
    ({
      id: 'pi',
      customer: 'cus_1',
      amount: 5,
      currency: 'usd',
      created: T,
      ...more,
    }) as unknown as Stripe.PaymentIntent;
  it.each([
    ['requires_payment_method', null, 'pending', null],
    ['requires_payment_method', { decline_code: 'lost_card', code: 'card_declined' }, 'failed', 'lost_card'],
    ['requires_payment_method', { code: 'expired_card' }, 'failed', 'expired_card'],
    ['requires_payment_method', {}, 'failed', null],
    ['requires_confirmation', null, 'pending', null],
    ['requires_action', null, 'requires_action', null],
    ['processing', null, 'pending', null],
    ['requires_capture', null, 'pending', null],
    ['succeeded', { decline_code: 'lost_card' }, 'succeeded', null],
    ['canceled', null, 'canceled', null],
  ])('%s after %j is %s', (status, error, expected, declineCode) => {
    expect(toPaymentPayload(intent({ status, last_payment_error: error }))).toMatchObject({
      status: expected,
      declineCode,
    });
  });

  it('names its method where it is told, and keeps no more of a card than brand and last digits', () => {
    const card = { brand: 'visa', last4: '4242', fingerprint: 'x', exp_year: 2030 };
    const paid = intent({ status: 'succeeded', payment_method: { id: 'pm_1', type: 'card', card } });
    expect(toPaymentPayload(paid).method).toEqual({ type: 'card', brand: 'visa', last4: '4242' });
    expect(toPaymentPayload(intent({ status: 'succeeded', payment_method: 'pm_1' })).method).toBeNull();
    expect(chargeMethod({ payment_method_details: null } as Stripe.Charge)).toBeNull();
    const sepa = { payment_method_details: { type: 'sepa_debit' } } as Stripe.Charge;
    expect(chargeMethod(sepa)).toEqual({ type: 'sepa_debit', brand: null, last4: null });
  });
});

describe('references and times', () => {
  it.each([
    ['cus_1', 'cus_1'],
    [{ id: 'cus_1' }, 'cus_1'],
    [null, null],
    [undefined, null],
    ['', null],
    [7, null],
    [{}, null],
    [[], null],
    [{ id: 7 }, null],
  ])('%j is the reference %j', (value, expected) => {
    expect(refOf(value as string)).toBe(expected);
  });

  it.each([null, undefined, '5', NaN, 1.5, {}])('%j is no time', (value) => {
    expect(() => iso(value as number)).toThrow('time');
  });
});
