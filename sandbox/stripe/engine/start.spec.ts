import { customerNow, customerWith, DAY, harness, HOUR, invoiceNow, shop, subscribe, subscriptionNow } from './harness';
import type { PaymentIntentObject, SubscriptionObject } from './wire';

const firstPayment = {
  payment_behavior: 'default_incomplete',
  payment_settings: { save_default_payment_method: 'on_subscription' },
};

function intentOf(h: ReturnType<typeof harness>, sub: SubscriptionObject): string {
  const payments = h.engine.store.expandable(sub.latest_invoice ?? '', 'payments') as {
    data: { payment: { payment_intent: string } }[];
  };
  return payments.data[0]?.payment.payment_intent ?? '';
}

describe('starting a subscription', () => {
  it('waits for the first payment and remembers its card', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h);
    h.heard();
    const sub = subscribe(h, customer.id, pro.id, firstPayment);
    expect(sub.status).toBe('incomplete');
    expect(h.heard()).toEqual([
      'invoice.created',
      'payment_intent.created',
      'invoice.finalized',
      'customer.subscription.created',
    ]);
    const secret = h.engine.store.expandable(sub.latest_invoice ?? '', 'confirmation_secret');
    const intent = h.call('GET', `/v1/payment_intents/${intentOf(h, sub)}`) as PaymentIntentObject;
    expect(secret).toEqual({ client_secret: intent.client_secret, type: 'payment_intent' });
    expect(() =>
      h.call('POST', `/v1/payment_intents/${intent.id}/confirm`, { payment_method: 'pm_card_chargeDeclined' }),
    ).toThrow('Your card was declined.');
    expect(subscriptionNow(h, sub.id).status).toBe('incomplete');
    h.heard();
    h.call('POST', `/v1/payment_intents/${intent.id}/confirm`, { payment_method: 'pm_card_visa' });
    expect(h.heard()).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'payment_method.attached',
      'invoice_payment.paid',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'customer.subscription.updated',
    ]);
    expect(h.events.at(-1)?.previous).toEqual({ default_payment_method: null, status: 'incomplete' });
    const active = subscriptionNow(h, sub.id);
    expect(active.status).toBe('active');
    expect(active.default_payment_method).toMatch(/^pm_/);
    h.go(h.now() + DAY);
    expect(subscriptionNow(h, sub.id).status).toBe('active');
    const found = h.call('GET', '/v1/invoice_payments', {
      payment: { type: 'payment_intent', payment_intent: intent.id },
    }) as { data: object[] };
    expect(found.data).toMatchObject([{ invoice: sub.latest_invoice, status: 'paid', amount_paid: 2999 }]);
  });

  it('gives up after 23 hours', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h);
    const sub = subscribe(h, customer.id, pro.id, firstPayment);
    h.go(h.now() + 23 * HOUR - 1);
    expect(subscriptionNow(h, sub.id).status).toBe('incomplete');
    h.heard();
    h.go(h.now() + 1);
    expect(h.heard()).toEqual([
      'payment_intent.canceled',
      'invoice.updated',
      'invoice.voided',
      'customer.subscription.updated',
    ]);
    expect(subscriptionNow(h, sub.id).status).toBe('incomplete_expired');
    expect(invoiceNow(h, sub.latest_invoice).status).toBe('void');
    expect(h.engine.nextDue()).toBeNull();
  });

  it('saves the card of a trial through its pending setup intent', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h);
    const sub = subscribe(h, customer.id, pro.id, { ...firstPayment, trial_period_days: 7 });
    expect(sub).toMatchObject({ status: 'trialing', pending_setup_intent: expect.stringMatching(/^seti_/) as string });
    h.heard();
    h.call('POST', `/v1/setup_intents/${sub.pending_setup_intent ?? ''}/confirm`, { payment_method: 'pm_card_visa' });
    expect(h.heard()).toEqual(['payment_method.attached', 'setup_intent.succeeded', 'customer.subscription.updated']);
    expect(subscriptionNow(h, sub.id)).toMatchObject({
      pending_setup_intent: null,
      default_payment_method: expect.stringMatching(/^pm_/) as string,
    });
    h.go(h.now() + 7 * DAY + HOUR);
    expect(subscriptionNow(h, sub.id).status).toBe('active');
  });

  it.each([
    ['cancel', 'canceled', 'customer.subscription.deleted'],
    ['pause', 'paused', 'customer.subscription.paused'],
  ])('ends a trial without a card by %s', (behavior, status, event) => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h);
    const sub = subscribe(h, customer.id, pro.id, {
      trial_period_days: 5,
      trial_settings: { end_behavior: { missing_payment_method: behavior } },
    });
    h.go(h.now() + 5 * DAY);
    expect(subscriptionNow(h, sub.id).status).toBe(status);
    expect(h.events.at(-1)?.type).toBe(event);
    if (status !== 'paused') return;
    h.call('POST', `/v1/payment_methods/pm_card_visa/attach`, { customer: customer.id });
    const cards = h.call('GET', `/v1/customers/${customer.id}/payment_methods`) as { data: { id: string }[] };
    h.call('POST', `/v1/customers/${customer.id}`, {
      invoice_settings: { default_payment_method: cards.data[0]?.id },
    });
    const resumed = h.call('POST', `/v1/subscriptions/${sub.id}/resume`) as SubscriptionObject;
    expect(resumed.status).toBe('active');
    expect(invoiceNow(h, resumed.latest_invoice)).toMatchObject({ status: 'paid', amount_paid: 2999 });
  });

  it('needs a card where it would charge at once', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h);
    expect(() => subscribe(h, customer.id, pro.id)).toThrow('no attached payment source or default payment method');
    expect(h.call('GET', '/v1/subscriptions', { status: 'all' })).toMatchObject({ data: [] });
  });

  it('ends with its customer', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    h.heard();
    expect(h.call('DELETE', `/v1/customers/${customer.id}`)).toEqual({
      id: customer.id,
      object: 'customer',
      deleted: true,
    });
    expect(h.heard()).toEqual([
      'customer.subscription.deleted',
      'payment_method.detached',
      'customer.updated',
      'customer.deleted',
    ]);
    expect(subscriptionNow(h, sub.id).status).toBe('canceled');
    expect(customerNow(h, customer.id)).toEqual({ id: customer.id, object: 'customer', deleted: true });
  });
});
