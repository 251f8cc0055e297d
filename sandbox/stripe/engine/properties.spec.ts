import fc from 'fast-check';
import { at, customerWith, DAY, harness, invoiceNow, shop, subscribe, type Harness, type SeenEvent } from './harness';
import { remainingShare } from './proration';
import type { SubscriptionObject } from './wire';

const start = at('2027-01-31T10:00:00Z');

/** Time's part in prices: a discount and a coupon that end, a debit that comes in, a plan that changes by itself. */
function bargains(h: Harness, pro: string, basic: string): void {
  const coupon = (params: object): string => (h.call('POST', '/v1/coupons', params) as { id: string }).id;
  coupon({ percent_off: 5, redeem_by: start + 9 * DAY });
  const discount = coupon({ percent_off: 20, duration: 'repeating', duration_in_months: 2 });
  const { customer } = customerWith(h);
  const token = '/v1/payment_methods/pm_usBankAccount_success/attach';
  const account = h.call('POST', token, { customer: customer.id }) as { id: string };
  const more = { default_payment_method: account.id, discounts: [{ coupon: discount }] };
  const sub = subscribe(h, customer.id, pro, more);
  const schedule = h.call('POST', '/v1/subscription_schedules', { from_subscription: sub.id }) as { id: string };
  const phases = [{ items: [{ price: pro }] }, { items: [{ price: basic }] }];
  h.call('POST', `/v1/subscription_schedules/${schedule.id}`, { phases });
}

/** Three subscriptions of different fates: one that pays, one that will fail, one trial without a card. */
function town(): Harness {
  const h = harness(start, 11);
  const { basic, pro, yearly } = shop(h);
  subscribe(h, customerWith(h, 'pm_card_visa').customer.id, yearly.id);
  const failing = customerWith(h, 'pm_card_visa');
  subscribe(h, failing.customer.id, pro.id);
  h.engine.control.setCardBehavior(failing.card, 'insufficient_funds');
  subscribe(h, customerWith(h).customer.id, basic.id, { trial_period_days: 10 });
  subscribe(h, customerWith(h).customer.id, basic.id, { payment_behavior: 'default_incomplete' });
  bargains(h, pro.id, basic.id);
  return h;
}

function facts(h: Harness): { events: SeenEvent[]; snapshot: object } {
  return { events: h.events, snapshot: h.engine.control.snapshot() };
}

describe('the engine', () => {
  it('gives the same objects and events whether time jumps or walks', () => {
    const end = start + 100 * DAY;
    const jumped = town();
    jumped.go(end);
    const expected = facts(jumped);
    expect(expected.events.length).toBeGreaterThan(60);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 * DAY }), { maxLength: 12 }), (steps) => {
        const walked = town();
        for (const step of steps) if (walked.now() + step < end) walked.go(walked.now() + step);
        walked.go(end);
        expect(facts(walked)).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it('tells events in the order of time, each with the second it happened', () => {
    const h = town();
    h.go(start + 400 * DAY);
    const times = h.events.map((event) => event.created);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBeGreaterThanOrEqual(20);
  });

  it('cancels out an upgrade that is taken back in the same second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 28 * DAY - 1 }), fc.integer({ min: 1, max: 9 }), (later, quantity) => {
        const h = harness(start);
        const { basic, pro } = shop(h);
        const { customer } = customerWith(h, 'pm_card_visa');
        const sub = subscribe(h, customer.id, basic.id);
        h.set(start + later);
        const item = sub.items.data[0]?.id;
        h.call('POST', `/v1/subscriptions/${sub.id}`, { items: [{ id: item, price: pro.id, quantity }] });
        h.call('POST', `/v1/subscriptions/${sub.id}`, { items: [{ id: item, price: basic.id, quantity: 1 }] });
        h.go(at('2027-02-28T11:00:00Z'));
        const after = h.call('GET', `/v1/subscriptions/${sub.id}`) as SubscriptionObject;
        const invoice = invoiceNow(h, after.latest_invoice);
        const prorations = invoice.lines.data.filter(
          (line) => line.parent.subscription_item_details?.proration === true,
        );
        expect(prorations.reduce((total, line) => total + line.amount, 0)).toBe(0);
        expect(invoice.total).toBe(999);
      }),
      { numRuns: 40 },
    );
  });

  it('prorates exactly: the parts before and after a moment are the whole, within one unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 366 * DAY }), (amount, left) => {
        const period = { start: 0, end: 366 * DAY };
        const share = remainingShare(amount, period, period.end - left);
        const rest = remainingShare(amount, period, left);
        expect(Math.abs(share + rest - amount)).toBeLessThanOrEqual(1);
        expect(remainingShare(-amount, period, period.end - left)).toBe(share === 0 ? 0 : -share);
      }),
    );
  });
});
