import {
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
import type { CheckoutSessionObject, CustomerObject, PortalSessionObject } from './wire';

function session(h: Harness, price: string, more: object = {}): CheckoutSessionObject {
  return h.call('POST', '/v1/checkout/sessions', {
    mode: 'subscription',
    line_items: [{ price, quantity: 1 }],
    success_url: 'https://shop.test/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.test/back',
    client_reference_id: 'user-1',
    metadata: { order: '7' },
    ...more,
  }) as CheckoutSessionObject;
}

function sessionNow(h: Harness, id: string): CheckoutSessionObject {
  return h.call('GET', `/v1/checkout/sessions/${id}`) as CheckoutSessionObject;
}

describe('checkout', () => {
  it('starts a trial with a card and redirects', () => {
    const h = harness();
    const { pro } = shop(h);
    const open = session(h, pro.id, {
      subscription_data: { trial_period_days: 14, metadata: { userId: 'u1' } },
    });
    expect(open).toMatchObject({ status: 'open', url: `http://sandbox.test/checkout/${open.id}`, amount_total: 0 });
    expect(h.engine.checkout.view(open.id)).toMatchObject({ email: null, trialDays: 14, recurringAmount: 2999 });
    h.heard();
    const result = h.engine.checkout.pay(open.id, { card: '4242 4242 4242 4242', email: 'ada@example.com' });
    expect(result).toEqual({ redirectUrl: `https://shop.test/done?session=${open.id}` });
    expect(h.heard()).toEqual([
      'customer.created',
      'setup_intent.created',
      'payment_method.attached',
      'setup_intent.succeeded',
      'invoice.created',
      'invoice.finalized',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'customer.subscription.created',
      'checkout.session.completed',
    ]);
    const done = sessionNow(h, open.id);
    expect(done).toMatchObject({
      status: 'complete',
      payment_status: 'no_payment_required',
      client_reference_id: 'user-1',
      metadata: { order: '7' },
      customer_details: { email: 'ada@example.com' },
      url: null,
    });
    expect(subscriptionNow(h, done.subscription ?? '')).toMatchObject({
      status: 'trialing',
      customer: done.customer,
      metadata: { userId: 'u1' },
      default_payment_method: expect.stringMatching(/^pm_/) as string,
    });
    expect(h.engine.checkout.pay(open.id, { card: 'pm_card_visa' })).toEqual(result);
    expect(h.heard()).toEqual([]);
  });

  it('pays at once without a trial', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h);
    const open = session(h, pro.id, { customer: customer.id });
    h.engine.checkout.pay(open.id, { card: 'pm_card_visa' });
    const done = sessionNow(h, open.id);
    expect(done).toMatchObject({ payment_status: 'paid', amount_total: 2999, customer: customer.id });
    expect(subscriptionNow(h, done.subscription ?? '').status).toBe('active');
    expect(h.engine.store.expandable(open.id, 'line_items')).toMatchObject({ data: [{ price: { id: pro.id } }] });
  });

  it('says why a card is declined and leaves nothing behind', () => {
    const h = harness();
    const { pro } = shop(h);
    const open = session(h, pro.id, { customer_email: 'ada@example.com' });
    h.heard();
    expect(h.engine.checkout.pay(open.id, { card: '4000000000009995' })).toMatchObject({
      declined: { code: 'card_declined', declineCode: 'insufficient_funds' },
    });
    expect(h.engine.checkout.pay(open.id, { card: '1' })).toMatchObject({ declined: { code: 'incorrect_number' } });
    expect(h.heard()).toEqual([]);
    expect(sessionNow(h, open.id).status).toBe('open');
  });

  it('asks the bank, takes a refusal, and an approval', () => {
    const h = harness();
    const { pro } = shop(h);
    const open = session(h, pro.id, { customer_email: 'ada@example.com' });
    expect(h.engine.checkout.pay(open.id, { card: '4000002760003184' })).toEqual({ requiresAction: true });
    expect(h.engine.checkout.view(open.id).requiresAction).toBe(true);
    expect(h.engine.checkout.confirmAction(open.id, false)).toMatchObject({
      declined: { declineCode: 'authentication_failed' },
    });
    expect(() => h.engine.checkout.confirmAction(open.id)).toThrow('waits for no authentication');
    h.engine.checkout.pay(open.id, { card: '4000002500003155' });
    expect(h.engine.checkout.confirmAction(open.id)).toHaveProperty('redirectUrl');
    const sub = subscriptionNow(h, sessionNow(h, open.id).subscription ?? '');
    expect(sub.status).toBe('active');
    h.go((sub.items.data[0]?.current_period_end ?? 0) + HOUR);
    expect(invoiceNow(h, subscriptionNow(h, sub.id).latest_invoice).status).toBe('paid');
  });

  it('sells nothing that is no longer for sale', () => {
    const h = harness();
    const { pro } = shop(h);
    const open = session(h, pro.id, { customer_email: 'ada@example.com' });
    h.call('POST', `/v1/prices/${pro.id}`, { active: false });
    h.heard();
    expect(() => h.engine.checkout.pay(open.id, { card: 'pm_card_visa' })).toThrow('inactive');
    expect(h.heard()).toEqual([]);
  });

  it('expires after a day', () => {
    const h = harness();
    const { pro } = shop(h);
    const open = session(h, pro.id, { customer_email: 'ada@example.com' });
    h.set(h.now() + DAY);
    expect(() => h.engine.checkout.pay(open.id, { card: 'pm_card_visa' })).toThrow('has expired');
    expect(h.events.at(-1)).toMatchObject({ type: 'checkout.session.expired', created: h.now() });
  });

  it('computes tax from the country of the card', () => {
    const h = harness();
    const { pro } = shop(h);
    const open = session(h, pro.id, { automatic_tax: { enabled: true } });
    expect(() => h.engine.checkout.pay(open.id, { card: 'pm_card_visa', email: 'a@b.de' })).toThrow('country');
    h.engine.checkout.pay(open.id, { card: 'pm_card_visa', email: 'a@b.de', country: 'DE' });
    const done = sessionNow(h, open.id);
    expect(done).toMatchObject({ amount_subtotal: 2999, amount_total: 3569, total_details: { amount_tax: 570 } });
    expect(invoiceNow(h, done.invoice)).toMatchObject({
      subtotal: 2999,
      total: 3569,
      amount_paid: 3569,
      total_taxes: [{ amount: 570, tax_behavior: 'exclusive', taxable_amount: 2999 }],
    });
  });
});

describe('portal', () => {
  function portal(h: Harness, customer: string): string {
    const made = h.call('POST', '/v1/billing_portal/sessions', { customer, return_url: 'https://shop.test/account' });
    return (made as PortalSessionObject).id;
  }

  it('cancels, resumes and changes the plan', () => {
    const h = harness();
    const { basic, pro, yearly } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    const id = portal(h, customer.id);
    h.engine.portal.cancel(id);
    h.engine.portal.cancel(id);
    expect(subscriptionNow(h, sub.id).cancel_at_period_end).toBe(true);
    h.engine.portal.resume(id);
    expect(subscriptionNow(h, sub.id).cancel_at).toBeNull();
    h.engine.portal.changePlan(id, basic.id);
    const view = h.engine.portal.view(id);
    expect(view.subscriptions[0]?.items.data[0]?.price.id).toBe(basic.id);
    expect(view.customer.balance).toBe(-2000);
    expect(view.offers).toHaveLength(4);
    expect(() => {
      h.engine.portal.changePlan(id, 'price_unknown');
    }).toThrow('not on offer');
    const card = view.paymentMethod?.id ?? '';
    h.engine.control.setCardBehavior(card, 'insufficient_funds');
    expect(() => {
      h.engine.portal.changePlan(id, yearly.id);
    }).toThrow('insufficient funds');
    expect(subscriptionNow(h, sub.id).items.data[0]?.price.id).toBe(basic.id);
  });

  it('changes the card and pays what is open', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer, card } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    h.engine.control.setCardBehavior(card, 'generic_decline');
    h.go((sub.items.data[0]?.current_period_end ?? 0) + HOUR);
    const open = subscriptionNow(h, sub.id);
    expect(open.status).toBe('past_due');
    const id = portal(h, customer.id);
    expect(h.engine.portal.payOpenInvoice(id, open.latest_invoice ?? '')).toHaveProperty('declined');
    expect(h.engine.portal.changeCard(id, '4000000000000002')).toHaveProperty('declined');
    expect(h.engine.portal.changeCard(id, '4000002500003155')).toEqual({ requiresAction: true });
    expect(h.engine.portal.confirmAction(id, true)).toEqual({ changed: true });
    expect(h.engine.portal.changeCard(id, '5555555555554444')).toEqual({ changed: true });
    expect(h.engine.portal.view(id).paymentMethod?.card?.last4).toBe('4444');
    expect(h.engine.portal.payOpenInvoice(id, open.latest_invoice ?? '')).toEqual({ paid: true });
    expect(h.engine.portal.payOpenInvoice(id, open.latest_invoice ?? '')).toEqual({ paid: true });
    expect(subscriptionNow(h, sub.id).status).toBe('active');
    const now = h.call('GET', `/v1/customers/${customer.id}`) as CustomerObject;
    expect(now).toMatchObject({ delinquent: false });
  });
});
