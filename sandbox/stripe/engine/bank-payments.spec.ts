import {
  at,
  customerWith,
  DAY,
  harness,
  HOUR,
  invoiceNow,
  shop,
  subscribe,
  subscriptionNow,
  type Harness,
} from './harness';
import type {
  CheckoutSessionObject,
  PaymentIntentObject,
  PaymentMethodObject,
  SetupIntentObject,
  SubscriptionObject,
} from './wire';

const intentNow = (h: Harness, id: string): PaymentIntentObject =>
  h.call('GET', `/v1/payment_intents/${id}`) as PaymentIntentObject;
const setupNow = (h: Harness, id: string): SetupIntentObject =>
  h.call('GET', `/v1/setup_intents/${id}`) as SetupIntentObject;
const methods = (h: Harness, customer: string): PaymentMethodObject[] =>
  (h.call('GET', '/v1/payment_methods', { customer }) as { data: PaymentMethodObject[] }).data;

/** A customer whose default is a bank account, with a subscription that it is to pay. */
function debited(h: Harness, token: string): SubscriptionObject {
  const { pro } = shop(h);
  const { customer } = customerWith(h);
  const account = h.call('POST', `/v1/payment_methods/${token}/attach`, { customer: customer.id }) as { id: string };
  return subscribe(h, customer.id, pro.id, { default_payment_method: account.id });
}

describe('debits', () => {
  it('start a subscription at once and pay its invoice days later', () => {
    const h = harness();
    const sub = debited(h, 'pm_usBankAccount_success');
    expect(sub.status).toBe('active');
    expect(invoiceNow(h, sub.latest_invoice)).toMatchObject({ status: 'open', attempted: true, amount_paid: 0 });
    expect(h.heard()).toEqual(expect.arrayContaining(['charge.pending', 'payment_intent.processing']));
    expect(() => h.call('POST', `/v1/invoices/${sub.latest_invoice ?? ''}/void`)).toThrow('processing');
    expect(() => h.call('POST', `/v1/invoices/${sub.latest_invoice ?? ''}/pay`)).toThrow('processing');
    h.go(h.now() + 4 * DAY - 1);
    expect(h.heard()).toEqual([]);
    h.go(h.now() + 1);
    expect(h.heard()).toEqual(
      expect.arrayContaining(['charge.succeeded', 'payment_intent.succeeded', 'invoice_payment.paid', 'invoice.paid']),
    );
    expect(invoiceNow(h, sub.latest_invoice)).toMatchObject({ status: 'paid', amount_paid: 2999, attempt_count: 1 });
  });

  it('that come back leave the invoice open and the subscription behind', () => {
    const h = harness();
    const sub = debited(h, 'pm_usBankAccount_insufficientFunds');
    h.heard();
    h.go(h.now() + 4 * DAY);
    expect(h.heard()).toEqual([
      'charge.failed',
      'payment_intent.payment_failed',
      'invoice.payment_failed',
      'customer.updated',
      'customer.subscription.updated',
    ]);
    expect(subscriptionNow(h, sub.id).status).toBe('past_due');
    expect(invoiceNow(h, sub.latest_invoice)).toMatchObject({ status: 'open', amount_remaining: 2999 });
    expect(h.call('GET', '/v1/payment_intents', { customer: sub.customer })).toMatchObject({
      data: [{ last_payment_error: { code: 'insufficient_funds', type: 'invalid_request_error' } }],
    });
    expect(h.call('GET', '/v1/charges', { customer: sub.customer })).toMatchObject({
      data: [{ status: 'failed', failure_code: 'insufficient_funds' }],
    });
    const card = h.call('POST', '/v1/payment_methods/pm_card_visa/attach', { customer: sub.customer }) as {
      id: string;
    };
    h.call('POST', `/v1/invoices/${sub.latest_invoice ?? ''}/pay`, { payment_method: card.id });
    expect(subscriptionNow(h, sub.id).status).toBe('active');
  });

  it('of a renewal that come back are tried again', () => {
    const h = harness();
    const sub = debited(h, 'pm_usBankAccount_success');
    h.go(at('2027-02-28T10:00:00Z') + HOUR);
    const renewal = subscriptionNow(h, sub.id).latest_invoice;
    const payments = h.call('GET', '/v1/invoice_payments', { invoice: renewal }) as {
      data: { payment: { payment_intent: string } }[];
    };
    const id = payments.data[0]?.payment.payment_intent ?? '';
    expect(intentNow(h, id).status).toBe('processing');
    h.engine.control.payments.settleDebit(id, 'account_closed');
    expect(intentNow(h, id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'account_closed', type: 'invalid_request_error' },
    });
    expect(invoiceNow(h, renewal).next_payment_attempt).toBeGreaterThan(h.now());
    expect(() => {
      h.engine.control.payments.settleDebit(id);
    }).toThrow('under way');
    h.go(h.now() + 6 * DAY);
    expect(invoiceNow(h, renewal).status).toBe('paid');
  });

  it('pay dollars only, SEPA euros only', () => {
    const h = harness();
    const account = h.call('POST', '/v1/payment_methods', {
      type: 'sepa_debit',
      sepa_debit: { iban: 'DE89 3704 0044 0532 0130 00' },
    }) as PaymentMethodObject;
    const pay = (currency: string): PaymentIntentObject =>
      h.call('POST', '/v1/payment_intents', {
        amount: 1000,
        currency,
        payment_method: account.id,
        confirm: true,
      }) as PaymentIntentObject;
    expect(() => pay('usd')).toThrow('cannot pay USD');
    expect(pay('eur').status).toBe('processing');
    expect(() => h.call('POST', '/v1/payment_methods', { type: 'sepa_debit', sepa_debit: { iban: 'DE00' } })).toThrow(
      'invalid',
    );
  });
});

describe('checkout with a bank account', () => {
  function open(h: Harness): CheckoutSessionObject {
    return h.call('POST', '/v1/checkout/sessions', {
      mode: 'subscription',
      line_items: [{ price: shop(h).pro.id, quantity: 1 }],
      success_url: 'https://shop.test/ok',
    }) as CheckoutSessionObject;
  }

  it.each([
    ['000123456789', 'checkout.session.async_payment_succeeded', 'paid', 'active'],
    ['000222222227', 'checkout.session.async_payment_failed', 'unpaid', 'past_due'],
  ])('%s: %s', (account, event, payment, status) => {
    const h = harness();
    const session = open(h);
    expect(h.engine.checkout.pay(session.id, { card: account, email: 'ada@example.com' })).toHaveProperty(
      'redirectUrl',
    );
    const now = (): CheckoutSessionObject =>
      h.call('GET', `/v1/checkout/sessions/${session.id}`) as CheckoutSessionObject;
    expect(now()).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    expect(subscriptionNow(h, now().subscription ?? '').status).toBe('active');
    h.go(h.now() + 5 * DAY);
    expect(h.events.map((seen) => seen.type)).toContain(event);
    expect(now().payment_status).toBe(payment);
    expect(subscriptionNow(h, now().subscription ?? '').status).toBe(status);
  });
});

describe('checkout with promotion codes', () => {
  it('takes a code on the page and bills what the page says', () => {
    const h = harness();
    const { id } = h.call('POST', '/v1/coupons', { percent_off: 30, duration: 'forever' }) as { id: string };
    h.call('POST', '/v1/promotion_codes', { promotion: { type: 'coupon', coupon: id }, code: 'THIRTY' });
    const session = h.call('POST', '/v1/checkout/sessions', {
      mode: 'subscription',
      line_items: [{ price: shop(h).pro.id, quantity: 2 }],
      allow_promotion_codes: true,
      success_url: 'https://shop.test/ok',
    }) as CheckoutSessionObject;
    expect(() => {
      h.engine.checkout.applyCode(session.id, 'nothing');
    }).toThrow('invalid');
    h.engine.checkout.applyCode(session.id, ' thirty ');
    expect(h.engine.checkout.view(session.id)).toMatchObject({ code: 'THIRTY', dueToday: 4199, recurringAmount: 4199 });
    h.engine.checkout.pay(session.id, { card: 'pm_card_visa', email: 'ada@example.com' });
    const paid = h.call('GET', `/v1/checkout/sessions/${session.id}`) as CheckoutSessionObject;
    expect(paid).toMatchObject({
      amount_total: 4199,
      payment_status: 'paid',
      total_details: { amount_discount: 1799 },
    });
    expect(invoiceNow(h, paid.invoice).amount_paid).toBe(4199);
  });

  it('takes nothing that both offers codes and gives a discount, and no code that ran out meanwhile', () => {
    const h = harness();
    const { id } = h.call('POST', '/v1/coupons', { percent_off: 30, max_redemptions: 1 }) as { id: string };
    const { pro } = shop(h);
    const make = (more: object): CheckoutSessionObject =>
      h.call('POST', '/v1/checkout/sessions', {
        mode: 'subscription',
        line_items: [{ price: pro.id, quantity: 1 }],
        success_url: 'https://shop.test/ok',
        ...more,
      }) as CheckoutSessionObject;
    expect(() => make({ discounts: [{ coupon: id }], allow_promotion_codes: true })).toThrow('only specify one');
    const session = make({ discounts: [{ coupon: id }] });
    expect(session).toMatchObject({ amount_subtotal: 2999, amount_total: 2099 });
    subscribe(h, customerWith(h, 'pm_card_visa').customer.id, pro.id, { discounts: [{ coupon: id }] });
    const pay = (): unknown => h.engine.checkout.pay(session.id, { card: 'pm_card_visa', email: 'ada@example.com' });
    expect(pay).toThrow('Coupon expired');
  });
});

describe('setting up bank accounts', () => {
  const begin = (h: Harness, customer: string): SetupIntentObject =>
    h.call('POST', '/v1/setup_intents', {
      customer,
      allowed_payment_method_types: ['us_bank_account'],
    }) as SetupIntentObject;

  it('is done at once through Financial Connections', () => {
    const h = harness();
    const { customer } = customerWith(h);
    const intent = begin(h, customer.id);
    expect(intent.client_secret).toContain(`${intent.id}_secret_`);
    h.engine.control.payments.completeWithBank(intent.id);
    expect(setupNow(h, intent.id).status).toBe('succeeded');
    expect(methods(h, customer.id)[0]?.us_bank_account).toMatchObject({
      last4: '6789',
      financial_connections_account: expect.stringMatching(/^fca_/) as string,
    });
  });

  it('fails when the account cannot be verified', () => {
    const h = harness();
    const { customer } = customerWith(h);
    const intent = begin(h, customer.id);
    h.engine.control.payments.completeWithBank(intent.id, 'failed');
    expect(setupNow(h, intent.id)).toMatchObject({
      status: 'requires_payment_method',
      last_setup_error: { code: 'bank_account_verification_failed' },
    });
    expect(methods(h, customer.id)).toEqual([]);
  });

  it('waits for small deposits and their amounts', () => {
    const h = harness();
    const { customer } = customerWith(h);
    const intent = begin(h, customer.id);
    const path = `/v1/setup_intents/${intent.id}/verify_microdeposits`;
    h.engine.control.payments.completeWithBank(intent.id, 'microdeposits');
    expect(setupNow(h, intent.id).next_action?.type).toBe('verify_with_microdeposits');
    expect(() => h.call('POST', path, { amounts: [1, 2] })).toThrow('do not match');
    h.call('POST', path, { amounts: [45, 32] });
    expect(setupNow(h, intent.id).status).toBe('succeeded');
    expect(() => h.call('POST', path, { amounts: [45, 32] })).toThrow('no microdeposits');
  });
});

describe('cards', () => {
  it('of one number have one fingerprint, whoever has them', () => {
    const h = harness();
    const [a, b, other] = ['pm_card_visa', 'pm_card_visa', 'pm_card_mastercard'].map(
      (token) => methods(h, customerWith(h, token).customer.id)[0]?.card?.fingerprint,
    );
    expect(a).toBe(b);
    expect(a).not.toBe(other);
  });

  it('expire with their month, and pay again when the network has renewed them', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer, card } = customerWith(h, 'pm_card_visa');
    const path = `/v1/payment_methods/${card}`;
    expect(() => h.call('POST', path, { card: { exp_month: 13 } })).toThrow('less than or equal to 12');
    h.call('POST', path, { card: { exp_month: 2, exp_year: 2027 } });
    const sub = subscribe(h, customer.id, pro.id);
    h.go(at('2027-02-28T12:00:00Z'));
    expect(subscriptionNow(h, sub.id).status).toBe('active');
    h.go(at('2027-03-31T12:00:00Z'));
    expect(subscriptionNow(h, sub.id).status).toBe('past_due');
    h.heard();
    h.engine.control.payments.renewCard(card, { expMonth: 2, expYear: 2031 });
    expect(h.heard()).toEqual(['payment_method.automatically_updated']);
    expect(h.events.at(-1)?.previous).toEqual({ card: { exp_month: 2, exp_year: 2027 } });
    h.go(at('2027-04-05T00:00:00Z'));
    expect(subscriptionNow(h, sub.id).status).toBe('active');
  });
});
