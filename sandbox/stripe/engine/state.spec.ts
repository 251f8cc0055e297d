import type { EngineState } from './context';
import { at, customerWith, DAY, harness, HOUR, shop, subscribe, type Harness, type SeenEvent } from './harness';
import type { CheckoutSessionObject, PortalSessionObject } from './wire';

const start = at('2027-01-31T10:00:00Z');
const pause = start + 31 * DAY;
const SEED = 23;

interface Town {
  readonly session: string;
  readonly portal: string;
  readonly pending: string;
}

/**
 * Half a life: a trial, an invoice that is tried again and again, a proration that waits for its invoice, a first payment
 * nobody made, an open checkout session, and a card in the portal that waits for its holder.
 */
function firstHalf(h: Harness): Town {
  const { basic, pro, yearly } = shop(h);
  const gone = customerWith(h).customer;
  h.call('DELETE', `/v1/customers/${gone.id}`);
  const failing = customerWith(h, 'pm_card_visa');
  subscribe(h, failing.customer.id, pro.id);
  const changing = subscribe(h, customerWith(h, 'pm_card_visa').customer.id, yearly.id);
  subscribe(h, customerWith(h, 'pm_card_visa').customer.id, basic.id, { trial_period_days: 45 });
  h.engine.control.setCardBehavior(failing.card, 'insufficient_funds');
  h.engine.control.configure({ afterRetries: 'unpaid', retryDays: [1, 4] });
  h.go(pause - HOUR);
  const item = changing.items.data[0]?.id;
  h.call('POST', `/v1/subscriptions/${changing.id}`, { items: [{ id: item, quantity: 3 }] });
  const pending = subscribe(h, customerWith(h).customer.id, basic.id, { payment_behavior: 'default_incomplete' });
  const session = h.call('POST', '/v1/checkout/sessions', {
    mode: 'subscription',
    line_items: [{ price: pro.id, quantity: 2 }],
    success_url: 'http://shop.test/ok',
    subscription_data: { metadata: { user: 'u1' } },
    customer_email: 'bob@example.com',
  }) as CheckoutSessionObject;
  h.engine.checkout.pay(session.id, { card: '4000002500003155' });
  const portal = h.call('POST', '/v1/billing_portal/sessions', {
    customer: changing.customer,
    return_url: 'http://shop.test/back',
  }) as PortalSessionObject;
  h.engine.portal.changeCard(portal.id, '4000002500003155');
  h.go(pause);
  return { session: session.id, portal: portal.id, pending: pending.id };
}

function secondHalf(h: Harness, { session, portal, pending }: Town): void {
  h.engine.checkout.confirmAction(session);
  h.engine.portal.confirmAction(portal);
  h.go(pause + 2 * DAY);
  const { status } = h.call('GET', `/v1/subscriptions/${pending}`) as { status: string };
  expect(status).toBe('incomplete_expired');
  h.go(start + 400 * DAY);
}

function throughJson(state: EngineState): EngineState {
  return JSON.parse(JSON.stringify(state)) as EngineState;
}

describe('the state of an engine', () => {
  it('goes on in another engine exactly as in its own', () => {
    const whole = harness(start, SEED);
    const town = firstHalf(whole);
    const snapshot = whole.engine.control.snapshot();
    expect(snapshot.subscriptions.map(({ status }) => status).sort()).toEqual([
      'active',
      'incomplete',
      'past_due',
      'trialing',
    ]);
    const state = throughJson(whole.engine.save());
    expect(state.pendingLines).not.toHaveLength(0);
    expect(state.portalWaits).not.toHaveLength(0);

    const before: SeenEvent[] = [...whole.events];
    const resumed = harness(pause, 99, state);
    expect(resumed.engine.control.snapshot()).toEqual(snapshot);
    expect(throughJson(resumed.engine.save())).toEqual(state);

    secondHalf(whole, town);
    secondHalf(resumed, town);
    expect([...before, ...resumed.events]).toEqual(whole.events);
    expect(throughJson(resumed.engine.save())).toEqual(throughJson(whole.engine.save()));
    expect(whole.events.length).toBeGreaterThan(before.length + 60);
  });

  it('does what became due while nothing ran, each thing as of its own second', () => {
    const whole = harness(start, SEED);
    firstHalf(whole);
    const resumed = harness(pause + 60 * DAY, SEED, throughJson(whole.engine.save()));
    const seen = whole.events.length;
    whole.go(pause + 60 * DAY);
    resumed.engine.advance();
    expect(resumed.events).toEqual(whole.events.slice(seen));
    expect(resumed.events.length).toBeGreaterThan(20);
  });
});
