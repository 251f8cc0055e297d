import fc from 'fast-check';
import type { SubscriptionPayload } from '../../../shared/facts';
import { graceOf, graceUntil } from './grace';

const day = (n: number): Date => new Date(Date.UTC(2026, 2, n));

describe('graceUntil', () => {
  it.each<[string, Date | null, Date | null, number, Date | null]>([
    ['nothing is behind', null, null, 7, null],
    ['an old failure, paid since', day(1), null, 7, null],
    ['behind, the failure not told yet', null, day(2), 7, day(9)],
    ['behind, the failure came first', day(1), day(2), 7, day(8)],
    ['behind before the failure was told', day(3), day(2), 7, day(9)],
    ['no grace at all', day(1), day(2), 0, day(1)],
  ])('%s', (_title, firstFailedAt, pastDueSince, days, expected) => {
    expect(graceUntil(firstFailedAt, pastDueSince, days)).toEqual(expected);
  });

  it('is never extended by a later failure', () => {
    const date = fc.date({ min: day(1), max: day(28), noInvalidDate: true });
    fc.assert(
      fc.property(date, date, date, fc.nat(90), (since, first, later, days) => {
        fc.pre(first <= later);
        expect(graceUntil(first, since, days)?.getTime()).toBeLessThanOrEqual(
          graceUntil(later, since, days)?.getTime() ?? 0,
        );
      }),
    );
  });
});

describe('graceOf', () => {
  it.each<[SubscriptionPayload['status'], string | undefined, Date | null]>([
    ['past_due', day(5).toISOString(), day(5)],
    ['past_due', undefined, null],
    ['active', day(5).toISOString(), null],
  ])('%s, granted until %s', (status, graceUntil, expected) => {
    const payload = { status, ...(graceUntil !== undefined && { graceUntil }) } as SubscriptionPayload;
    expect(graceOf(payload)).toEqual(expected);
  });
});
