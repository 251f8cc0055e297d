import fc from 'fast-check';
import { boundary, nextBoundary } from './calendar';
import { at, customerWith, DAY, harness, HOUR, shop, subscribe, subscriptionNow } from './harness';

const month = { unit: 'month', count: 1 } as const;

describe('billing periods', () => {
  it('come back to the 31st after a short month', () => {
    const h = harness(at('2027-01-31T10:00:00Z'));
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    const ends: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      const end = subscriptionNow(h, sub.id).items.data[0]?.current_period_end ?? 0;
      ends.push(end);
      h.go(end + HOUR);
    }
    expect(ends.map((end) => new Date(end * 1000).toISOString())).toEqual([
      '2027-02-28T10:00:00.000Z',
      '2027-03-31T10:00:00.000Z',
      '2027-04-30T10:00:00.000Z',
      '2027-05-31T10:00:00.000Z',
      '2027-06-30T10:00:00.000Z',
    ]);
  });

  it('knows leap years and whole years', () => {
    const leap = at('2028-02-29T00:00:00Z');
    expect(boundary(leap, { unit: 'year', count: 1 }, 1)).toBe(at('2029-02-28T00:00:00Z'));
    expect(boundary(leap, { unit: 'year', count: 1 }, 4)).toBe(at('2032-02-29T00:00:00Z'));
    expect(nextBoundary(leap, { unit: 'week', count: 2 }, leap)).toBe(leap + 14 * DAY);
  });

  it('follow each other without gaps, whatever the anchor', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }),
        fc.constantFrom('day', 'week', 'month', 'year'),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 400 * DAY }),
        (anchor, unit, count, later) => {
          const interval = { unit: unit, count };
          const next = nextBoundary(anchor, interval, anchor + later);
          expect(next).toBeGreaterThan(anchor + later);
          expect(nextBoundary(anchor, interval, next - 1)).toBe(next);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('can be moved by the end of a trial, without proration', () => {
    const h = harness(at('2027-01-31T10:00:00Z'));
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    const moved = at('2027-03-10T00:00:00Z');
    h.call('POST', `/v1/subscriptions/${sub.id}`, { trial_end: moved, proration_behavior: 'none' });
    expect(subscriptionNow(h, sub.id)).toMatchObject({
      status: 'trialing',
      trial_end: moved,
      billing_cycle_anchor: moved,
    });
    h.go(moved + HOUR);
    const later = subscriptionNow(h, sub.id);
    expect(later.status).toBe('active');
    expect(later.items.data[0]).toMatchObject({
      current_period_start: moved,
      current_period_end: boundary(moved, month, 1),
    });
  });
});
