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
} from './harness';

describe('life of a subscription', () => {
  const start = at('2027-03-01T12:00:00Z');

  it('starts with a trial, is warned of its end, pays, renews', () => {
    const h = harness(start);
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    h.heard();
    const sub = subscribe(h, customer.id, pro.id, { trial_period_days: 14, metadata: { userId: 'u1' } });
    expect(sub.status).toBe('trialing');
    expect(sub.trial_end).toBe(start + 14 * DAY);
    expect(invoiceNow(h, sub.latest_invoice)).toMatchObject({ status: 'paid', amount_due: 0, total: 0 });
    expect(h.heard()).toEqual([
      'invoice.created',
      'invoice.finalized',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'customer.subscription.created',
    ]);
    h.go(start + 11 * DAY);
    expect(h.heard()).toEqual(['invoice.upcoming', 'customer.subscription.trial_will_end']);
    h.go(start + 14 * DAY);
    expect(h.heard()).toEqual(['invoice.created', 'customer.subscription.updated']);
    const active = subscriptionNow(h, sub.id);
    expect(active.status).toBe('active');
    expect(active.items.data[0]).toMatchObject({
      current_period_start: start + 14 * DAY,
      current_period_end: at('2027-04-15T12:00:00Z'),
    });
    expect(invoiceNow(h, active.latest_invoice)).toMatchObject({ status: 'draft', amount_due: 2999, attempt_count: 0 });
    h.go(start + 14 * DAY + HOUR);
    expect(h.heard()).toEqual([
      'payment_intent.created',
      'invoice.finalized',
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice_payment.paid',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
    ]);
    expect(invoiceNow(h, active.latest_invoice)).toMatchObject({
      status: 'paid',
      amount_paid: 2999,
      amount_remaining: 0,
      attempt_count: 1,
      billing_reason: 'subscription_cycle',
    });
    h.go(at('2027-04-15T13:00:00Z'));
    const invoices = h.call('GET', '/v1/invoices', { subscription: sub.id }) as { data: { amount_paid: number }[] };
    expect(invoices.data.map((invoice) => invoice.amount_paid)).toEqual([2999, 2999, 0]);
    expect(customerNow(h, customer.id).balance).toBe(0);
  });

  it('fails, is retried, and recovers when the invoice is paid', () => {
    const h = harness(start);
    const { pro } = shop(h);
    const { customer, card } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    expect(sub.status).toBe('active');
    h.engine.control.setCardBehavior(card, 'insufficient_funds');
    const renewal = at('2027-04-01T12:00:00Z');
    h.go(renewal);
    h.heard();
    h.go(renewal + HOUR);
    expect(h.heard()).toEqual([
      'payment_intent.created',
      'invoice.finalized',
      'charge.failed',
      'payment_intent.payment_failed',
      'invoice.updated',
      'invoice.payment_failed',
      'customer.updated',
      'customer.subscription.updated',
    ]);
    const past = subscriptionNow(h, sub.id);
    expect(past.status).toBe('past_due');
    const failed = h.events.find((event) => event.type === 'invoice.payment_failed');
    expect(failed?.object).toMatchObject({ attempt_count: 1, next_payment_attempt: renewal + HOUR + DAY });
    expect(() => h.call('POST', `/v1/invoices/${past.latest_invoice ?? ''}/pay`)).toThrow(
      'Your card has insufficient funds.',
    );
    expect(invoiceNow(h, past.latest_invoice).attempt_count).toBe(1);
    h.go(renewal + HOUR + DAY);
    expect(invoiceNow(h, past.latest_invoice)).toMatchObject({
      attempt_count: 2,
      next_payment_attempt: renewal + HOUR + 3 * DAY,
    });
    h.engine.control.setCardBehavior(card, 'succeeds');
    h.heard();
    h.call('POST', `/v1/invoices/${past.latest_invoice ?? ''}/pay`);
    expect(h.heard()).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice_payment.paid',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'customer.updated',
      'customer.subscription.updated',
    ]);
    expect(h.events.at(-1)?.previous).toEqual({ status: 'past_due' });
    expect(subscriptionNow(h, sub.id).status).toBe('active');
    expect(subscriptionNow(h, sub.id).items.data[0]?.current_period_start).toBe(renewal);
  });

  it('is cancelled when all retries fail', () => {
    const h = harness(start);
    const { pro } = shop(h);
    const { customer, card } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    h.engine.control.setCardBehavior(card, 'lost_card');
    h.go(at('2027-04-01T13:00:00Z') + 7 * DAY);
    const ended = subscriptionNow(h, sub.id);
    expect(ended).toMatchObject({
      status: 'canceled',
      ended_at: at('2027-04-01T13:00:00Z') + 7 * DAY,
      cancellation_details: { reason: 'payment_failed' },
    });
    expect(invoiceNow(h, ended.latest_invoice)).toMatchObject({ attempt_count: 5, next_payment_attempt: null });
    expect(h.engine.nextDue()).toBeNull();
  });

  it('prorates an upgrade to the second and charges it at once', () => {
    const h = harness(start);
    const { basic, pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, basic.id);
    // 31 days of March; after 10 days 21/31 are left.
    h.set(start + 10 * DAY);
    const item = sub.items.data[0];
    h.heard();
    const after = h.call('POST', `/v1/subscriptions/${sub.id}`, {
      items: [{ id: item?.id, price: pro.id }],
      proration_behavior: 'always_invoice',
    }) as typeof sub;
    const invoice = invoiceNow(h, after.latest_invoice);
    const credit = Math.round((999 * 21) / 31);
    const charge = Math.round((2999 * 21) / 31);
    expect([credit, charge]).toEqual([677, 2032]);
    expect(invoice.lines.data.map((line) => line.amount)).toEqual([-credit, charge]);
    expect(invoice.lines.data[0]).toMatchObject({
      description: 'Unused time on Pro after 11 Mar 2027',
      period: { start: start + 10 * DAY, end: at('2027-04-01T12:00:00Z') },
      parent: { subscription_item_details: { proration: true, subscription_item: item?.id } },
      pricing: { price_details: { price: basic.id } },
    });
    expect(invoice).toMatchObject({ status: 'paid', total: charge - credit, billing_reason: 'subscription_update' });
    expect(after.items.data[0]?.current_period_end).toBe(item?.current_period_end);
    const updated = h.events.filter((event) => event.type === 'customer.subscription.updated');
    expect(Object.keys(updated.at(-1)?.previous ?? {}).sort()).toEqual(['items', 'latest_invoice']);
  });

  it('puts the credit of a downgrade on the balance and takes the next invoice from it', () => {
    const h = harness(start);
    const { basic, pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    h.set(start + 10 * DAY);
    const after = h.call('POST', `/v1/subscriptions/${sub.id}`, {
      items: [{ id: sub.items.data[0]?.id, price: basic.id }],
      proration_behavior: 'always_invoice',
    }) as typeof sub;
    expect(invoiceNow(h, after.latest_invoice)).toMatchObject({
      total: -1355,
      amount_due: 0,
      status: 'paid',
      starting_balance: 0,
      ending_balance: -1355,
    });
    expect(customerNow(h, customer.id).balance).toBe(-1355);
    h.go(at('2027-04-01T13:00:00Z'));
    const renewal = invoiceNow(h, subscriptionNow(h, sub.id).latest_invoice);
    expect(renewal).toMatchObject({
      total: 999,
      amount_due: 0,
      status: 'paid',
      starting_balance: -1355,
      ending_balance: -356,
    });
    h.go(at('2027-05-01T13:00:00Z'));
    expect(invoiceNow(h, subscriptionNow(h, sub.id).latest_invoice)).toMatchObject({
      total: 999,
      amount_due: 643,
      amount_paid: 643,
      ending_balance: 0,
    });
  });

  it('keeps prorations for the next invoice when asked to', () => {
    const h = harness(start);
    const { basic, pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, basic.id);
    h.set(start + 10 * DAY);
    const item = sub.items.data[0]?.id;
    const preview = h.call('POST', '/v1/invoices/create_preview', {
      subscription: sub.id,
      subscription_details: { items: [{ id: item, price: pro.id }] },
    }) as { total: number };
    h.call('POST', `/v1/subscriptions/${sub.id}`, { items: [{ id: item, price: pro.id }] });
    expect(subscriptionNow(h, sub.id).latest_invoice).toBe(sub.latest_invoice);
    h.go(at('2027-04-01T13:00:00Z'));
    const invoice = invoiceNow(h, subscriptionNow(h, sub.id).latest_invoice);
    expect(invoice.lines.data.map((line) => line.amount)).toEqual([-677, 2032, 2999]);
    expect(invoice).toMatchObject({ total: 4354, amount_paid: 4354 });
    expect(preview.total).toBe(4354);
  });

  it('ends at the end of the period when cancelled, and goes on when resumed', () => {
    const h = harness(start);
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    const end = at('2027-04-01T12:00:00Z');
    const planned = h.call('POST', `/v1/subscriptions/${sub.id}`, { cancel_at_period_end: true }) as typeof sub;
    expect(planned).toMatchObject({ cancel_at: end, cancel_at_period_end: true, canceled_at: start, status: 'active' });
    expect(h.events.at(-1)?.previous).toEqual({
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: null,
      cancellation_details: { reason: null },
    });
    h.call('POST', `/v1/subscriptions/${sub.id}`, { cancel_at_period_end: false });
    expect(subscriptionNow(h, sub.id)).toMatchObject({ cancel_at: null, cancel_at_period_end: false });
    h.call('POST', `/v1/subscriptions/${sub.id}`, { cancel_at_period_end: true });
    h.heard();
    h.go(end + DAY);
    expect(h.heard()).toEqual(['customer.subscription.deleted']);
    expect(subscriptionNow(h, sub.id)).toMatchObject({ status: 'canceled', ended_at: end });
  });

  it('bills a new interval and a first paid price at once, from now', () => {
    const h = harness(start);
    const { free, pro, yearly } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, free.id);
    expect(sub.status).toBe('active');
    h.set(start + 5 * DAY);
    const paid = h.call('POST', `/v1/subscriptions/${sub.id}`, {
      items: [{ id: sub.items.data[0]?.id, price: pro.id }],
    }) as typeof sub;
    expect(paid.items.data[0]?.current_period_start).toBe(start + 5 * DAY);
    expect(invoiceNow(h, paid.latest_invoice).amount_paid).toBe(2999);
    h.set(start + 6 * DAY);
    const year = h.call('POST', `/v1/subscriptions/${sub.id}`, {
      items: [{ id: sub.items.data[0]?.id, price: yearly.id }],
    }) as typeof sub;
    const invoice = invoiceNow(h, year.latest_invoice);
    expect(invoice.lines.data.map((line) => line.amount)).toEqual([-Math.round((2999 * 30) / 31), 29_990]);
    expect(year.items.data[0]?.current_period_end).toBe(at('2028-03-07T12:00:00Z'));
  });
});
