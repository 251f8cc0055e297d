import {
  at,
  customerWith,
  DAY,
  harness,
  invoiceNow,
  shop,
  subscribe,
  subscriptionNow,
  type Harness,
  type Shop,
} from './harness';
import type { InvoiceObject, SubscriptionObject } from './wire';
import type { ScheduleObject } from './wire-pricing';

const latest = (h: Harness, sub: SubscriptionObject): InvoiceObject =>
  invoiceNow(h, subscriptionNow(h, sub.id).latest_invoice);
const scheduleNow = (h: Harness, id: string): ScheduleObject =>
  h.call('GET', `/v1/subscription_schedules/${id}`) as ScheduleObject;
const path = (schedule: ScheduleObject): string => `/v1/subscription_schedules/${schedule.id}`;

interface Planned {
  readonly h: Harness;
  readonly plans: Shop;
  readonly sub: SubscriptionObject;
  readonly schedule: ScheduleObject;
}

/** A subscription that is to change its plan when its period ends. */
function planned(from: 'basic' | 'pro' | 'yearly', to: 'basic' | 'pro' | 'yearly', more: object = {}): Planned {
  const h = harness();
  const plans = shop(h);
  const { customer } = customerWith(h, 'pm_card_visa');
  const sub = subscribe(h, customer.id, plans[from].id);
  const made = h.call('POST', '/v1/subscription_schedules', { from_subscription: sub.id }) as ScheduleObject;
  const [phase] = made.phases;
  const schedule = h.call('POST', path(made), {
    phases: [
      { items: [{ price: plans[from].id, quantity: 1 }], start_date: phase?.start_date, end_date: phase?.end_date },
      { items: [{ price: plans[to].id, quantity: 1 }], proration_behavior: 'none' },
    ],
    ...more,
  }) as ScheduleObject;
  return { h, plans, sub, schedule };
}

describe('subscription schedules', () => {
  it('downgrade at the end of the period, told before by the preview, and release the subscription a period later', () => {
    const { h, sub, schedule } = planned('pro', 'basic');
    expect(subscriptionNow(h, sub.id).schedule).toBe(schedule.id);
    const preview = h.call('POST', '/v1/invoices/create_preview', { subscription: sub.id }) as InvoiceObject;
    expect(preview.total).toBe(999);
    h.go(at('2027-02-28T12:00:00Z'));
    expect(latest(h, sub)).toMatchObject({ total: 999, status: 'paid' });
    expect(latest(h, sub).lines.data).toHaveLength(1);
    expect(scheduleNow(h, schedule.id).status).toBe('active');
    h.go(at('2027-03-31T12:00:00Z'));
    expect(scheduleNow(h, schedule.id)).toMatchObject({ status: 'released', released_subscription: sub.id });
    expect(subscriptionNow(h, sub.id)).toMatchObject({ status: 'active', schedule: null });
    expect(latest(h, sub).total).toBe(999);
    expect(h.events.map((event) => event.type)).toEqual(
      expect.arrayContaining([
        'subscription_schedule.created',
        'subscription_schedule.updated',
        'subscription_schedule.expiring',
        'subscription_schedule.released',
      ]),
    );
  });

  it.each([
    ['pro', 'yearly', '2027-02-28T12:00:00Z', 29_990, '2028-02-28T10:00:00Z'],
    ['yearly', 'pro', '2028-01-31T12:00:00Z', 2999, '2028-02-29T10:00:00Z'],
  ] as const)('from %s to %s bill the new interval from its start', (from, to, moment, total, end) => {
    const { h, sub } = planned(from, to);
    h.go(at(moment));
    expect(latest(h, sub)).toMatchObject({ total, status: 'paid' });
    expect(subscriptionNow(h, sub.id).items.data[0]?.current_period_end).toBe(at(end));
  });

  it('inside a period prorate as their phase says', () => {
    const h = harness(at('2027-03-01T00:00:00Z'));
    const plans = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, plans.basic.id);
    const made = h.call('POST', '/v1/subscription_schedules', { from_subscription: sub.id }) as ScheduleObject;
    h.call('POST', path(made), {
      phases: [
        { items: [{ price: plans.basic.id }], end_date: at('2027-03-16T12:00:00Z') },
        {
          items: [{ price: plans.pro.id }],
          duration: { interval: 'month', interval_count: 1 },
          proration_behavior: 'always_invoice',
        },
      ],
      end_behavior: 'cancel',
    });
    h.go(at('2027-03-17T00:00:00Z'));
    expect(latest(h, sub).lines.data.map((line) => line.amount)).toEqual([-500, 1500]);
    h.go(at('2027-04-17T00:00:00Z'));
    expect(subscriptionNow(h, sub.id).status).toBe('canceled');
    expect(scheduleNow(h, made.id)).toMatchObject({ status: 'completed', completed_at: at('2027-04-16T12:00:00Z') });
  });

  it('are released, canceled and end with their subscription', () => {
    const one = planned('pro', 'basic');
    one.h.call('POST', `${path(one.schedule)}/release`);
    one.h.go(at('2027-02-28T12:00:00Z'));
    expect(latest(one.h, one.sub).total).toBe(2999);
    expect(() => one.h.call('POST', `${path(one.schedule)}/release`)).toThrow('released');

    const two = planned('pro', 'basic');
    two.h.call('POST', `${path(two.schedule)}/cancel`);
    expect(scheduleNow(two.h, two.schedule.id).status).toBe('canceled');
    expect(subscriptionNow(two.h, two.sub.id).status).toBe('canceled');

    const three = planned('pro', 'basic');
    three.h.call('DELETE', `/v1/subscriptions/${three.sub.id}`);
    expect(scheduleNow(three.h, three.schedule.id).status).toBe('canceled');
    three.h.go(three.h.now() + 90 * DAY);
  });

  it('refuse what Stripe refuses', () => {
    const { h, plans, sub, schedule } = planned('pro', 'basic');
    const again = (): unknown => h.call('POST', '/v1/subscription_schedules', { from_subscription: sub.id });
    expect(again).toThrow('already attached');
    const cancel = (): unknown => h.call('POST', `/v1/subscriptions/${sub.id}`, { cancel_at_period_end: true });
    expect(cancel).toThrow('managed by the subscription schedule');
    const update = (phases: object[]): unknown => h.call('POST', path(schedule), { phases });
    expect(() => update([])).toThrow('phases');
    expect(() => update([{ items: [], end_date: h.now() + DAY }])).toThrow('items');
    expect(() => update([{ items: [{ price: plans.pro.id }], start_date: 5, end_date: 9 }])).toThrow('start date');
    expect(() => update([{ items: [{ price: 'price_no' }], end_date: h.now() + DAY }])).toThrow('No such price');
  });
});
