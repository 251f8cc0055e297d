import {
  at,
  customerNow,
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
import { applyBalance } from './invoice-draft';
import type { InvoiceObject, SubscriptionObject } from './wire';

/** A subscription whose first renewal has failed. */
function behind(h: Harness): { sub: SubscriptionObject; customer: string; card: string } {
  const { pro } = shop(h);
  const { customer, card } = customerWith(h, 'pm_card_visa');
  const sub = subscribe(h, customer.id, pro.id);
  h.engine.control.setCardBehavior(card, 'generic_decline');
  h.go((sub.items.data[0]?.current_period_end ?? 0) + HOUR);
  return { sub: subscriptionNow(h, sub.id), customer: customer.id, card };
}

describe('invoices', () => {
  it.each([
    ['void', 'void', 'invoice.voided'],
    ['mark_uncollectible', 'uncollectible', 'invoice.marked_uncollectible'],
  ])('%s brings a subscription back that is behind', (action, status, event) => {
    const h = harness();
    const { sub } = behind(h);
    expect(sub.status).toBe('past_due');
    h.heard();
    h.call('POST', `/v1/invoices/${sub.latest_invoice ?? ''}/${action}`);
    expect(h.heard()).toContain(event);
    expect(invoiceNow(h, sub.latest_invoice).status).toBe(status);
    expect(subscriptionNow(h, sub.id).status).toBe('active');
    expect(() => h.call('POST', `/v1/invoices/${sub.latest_invoice ?? ''}/${action}`)).toThrow();
  });

  it('can be paid elsewhere', () => {
    const h = harness();
    const { sub } = behind(h);
    h.heard();
    h.call('POST', `/v1/invoices/${sub.latest_invoice ?? ''}/pay`, { paid_out_of_band: true });
    expect(h.heard()).toEqual([
      'payment_intent.canceled',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'customer.updated',
      'customer.subscription.updated',
    ]);
    expect(() => h.call('POST', `/v1/invoices/${sub.latest_invoice ?? ''}/pay`)).toThrow('already paid');
  });

  it('are sent while open or paid', () => {
    const h = harness();
    const { sub } = behind(h);
    h.heard();
    const path = `/v1/invoices/${sub.latest_invoice ?? ''}`;
    h.call('POST', `${path}/send`);
    expect(h.heard()).toEqual(['invoice.sent']);
    h.call('POST', `${path}/void`);
    expect(() => h.call('POST', `${path}/send`)).toThrow('status of void');
  });

  it('are no longer chased when told so', () => {
    const h = harness();
    const { sub } = behind(h);
    h.call('POST', `/v1/invoices/${sub.latest_invoice ?? ''}`, { auto_advance: false, metadata: { note: 'call' } });
    h.go(h.now() + 20 * DAY);
    expect(invoiceNow(h, sub.latest_invoice)).toMatchObject({
      status: 'open',
      attempt_count: 1,
      metadata: { note: 'call' },
    });
    expect(subscriptionNow(h, sub.id).status).toBe('past_due');
  });

  it('leave the subscription unpaid, and its drafts alone, where that is the setting', () => {
    const h = harness();
    h.engine.control.configure({ afterRetries: 'unpaid' });
    const { sub, card } = behind(h);
    h.go(h.now() + 8 * DAY);
    expect(subscriptionNow(h, sub.id).status).toBe('unpaid');
    h.go((sub.items.data[0]?.current_period_end ?? 0) + 2 * HOUR);
    const next = subscriptionNow(h, sub.id);
    expect(invoiceNow(h, next.latest_invoice)).toMatchObject({ status: 'draft', auto_advance: false });
    h.engine.control.setCardBehavior(card, 'succeeds');
    h.call('POST', `/v1/invoices/${next.latest_invoice ?? ''}/pay`);
    expect(subscriptionNow(h, sub.id).status).toBe('active');
  });

  it('are made and given up while collection is paused', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    const end = sub.items.data[0]?.current_period_end ?? 0;
    h.call('POST', `/v1/subscriptions/${sub.id}`, { pause_collection: { behavior: 'void', resumes_at: end + DAY } });
    h.go(end + HOUR);
    expect(invoiceNow(h, subscriptionNow(h, sub.id).latest_invoice).status).toBe('void');
    h.go(end + DAY);
    expect(subscriptionNow(h, sub.id).pause_collection).toBeNull();
  });

  it('carry the tax of the customer, and none without automatic tax', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const taxed = (): SubscriptionObject => subscribe(h, customer.id, pro.id, { automatic_tax: { enabled: true } });
    expect(taxed).toThrow("The customer's location isn't recognized");
    h.call('POST', `/v1/customers/${customer.id}`, { address: { country: 'FR' } });
    const invoice = invoiceNow(h, taxed().latest_invoice);
    expect(invoice).toMatchObject({ subtotal: 2999, total: 3599, total_excluding_tax: 2999, amount_paid: 3599 });
    expect(invoice.lines.data[0]?.taxes).toMatchObject([{ amount: 600, taxability_reason: 'standard_rated' }]);
    h.call('POST', `/v1/customers/${customer.id}`, { address: { country: 'US', state: 'OR' } });
    expect(invoiceNow(h, taxed().latest_invoice)).toMatchObject({ total: 2999, total_taxes: [{ amount: 0 }] });
  });

  it('are numbered per customer and look back on the period that ended', () => {
    const h = harness(at('2027-03-01T00:00:00Z'));
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    h.go(at('2027-04-01T02:00:00Z'));
    const first = invoiceNow(h, sub.latest_invoice);
    const second = invoiceNow(h, subscriptionNow(h, sub.id).latest_invoice);
    expect([first.number, second.number]).toEqual([
      `${customer.invoice_prefix}-0001`,
      `${customer.invoice_prefix}-0002`,
    ]);
    expect(second).toMatchObject({ period_start: at('2027-03-01T00:00:00Z'), period_end: at('2027-04-01T00:00:00Z') });
    expect(second.lines.data[0]?.period).toEqual({
      start: at('2027-04-01T00:00:00Z'),
      end: at('2027-05-01T00:00:00Z'),
    });
    expect(second.hosted_invoice_url).toBe(`http://sandbox.test/invoices/${second.id}`);
  });

  it('are previewed without leaving a trace', () => {
    const h = harness();
    const { basic, pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, basic.id);
    const preview = (details?: object): InvoiceObject =>
      h.call('POST', '/v1/invoices/create_preview', {
        subscription: sub.id,
        ...(details === undefined ? {} : { subscription_details: details }),
      }) as InvoiceObject;
    h.heard();
    expect(preview().total).toBe(999);
    const items = [{ id: sub.items.data[0]?.id, price: pro.id }];
    expect(preview({ items, proration_behavior: 'always_invoice' }).total).toBe(2000);
    expect(preview({ items, proration_behavior: 'none' }).total).toBe(2999);
    expect(() => preview({ cancel_at_period_end: true })).toThrow('No upcoming invoices');
    expect(h.heard()).toEqual([]);
    expect(subscriptionNow(h, sub.id)).toEqual(sub);
  });

  it('are announced a week ahead, without an id', () => {
    const h = harness(at('2027-03-01T00:00:00Z'));
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    subscribe(h, customer.id, pro.id);
    h.go(at('2027-03-31T00:00:00Z'));
    const upcoming = h.events.at(-1);
    expect(upcoming).toMatchObject({
      type: 'invoice.upcoming',
      created: at('2027-03-25T00:00:00Z'),
      object: { object: 'invoice', total: 2999 },
    });
    expect(upcoming?.object).not.toHaveProperty('id');
  });

  it('leave amounts too small to charge on the balance', () => {
    expect(applyBalance(49, 0, 'usd')).toEqual({ due: 0, ending: 49 });
    expect(applyBalance(50, 0, 'usd')).toEqual({ due: 50, ending: 0 });
    expect(applyBalance(1000, -300, 'usd')).toEqual({ due: 700, ending: 0 });
    expect(applyBalance(1000, 49, 'usd')).toEqual({ due: 1049, ending: 0 });
    expect(applyBalance(-500, 100, 'usd')).toEqual({ due: 0, ending: -400 });
  });

  it('give the balance back when voided', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h);
    h.call('POST', `/v1/customers/${customer.id}`, { balance: -1000 });
    const sub = subscribe(h, customer.id, pro.id, { payment_behavior: 'default_incomplete' });
    expect(invoiceNow(h, sub.latest_invoice).amount_due).toBe(1999);
    expect(customerNow(h, customer.id).balance).toBe(0);
    h.call('POST', `/v1/invoices/${sub.latest_invoice ?? ''}/void`);
    expect(customerNow(h, customer.id).balance).toBe(-1000);
    expect(subscriptionNow(h, sub.id).status).toBe('incomplete_expired');
  });
});
