import fc from 'fast-check';
import type { SubscriptionPayload } from '../../../shared/facts';
import { graceOf, graceUntil, type FirstFailure } from './grace';

const day = (n: number): Date => new Date(Date.UTC(2026, 2, n));

const failed = (at: Date | null, settledBefore: Date | null = null, owedBefore: Date | null = null) =>
  at && { at, settledBefore, owedBefore };

describe('graceUntil', () => {
  it.each<[string, Date | null, Date | null, number, Date | null]>([
    ['nothing is behind', null, null, 7, null],
    ['an old failure, paid since', day(1), null, 7, null],
    ['behind, the failure not told yet', null, day(2), 7, day(9)],
    ['behind, the failure came first', day(1), day(2), 7, day(8)],
    ['behind before the failure was told', day(3), day(2), 7, day(9)],
    ['no grace at all', day(1), day(2), 0, day(1)],
  ])('%s', (_title, firstFailedAt, pastDueSince, days, expected) => {
    expect(graceUntil(failed(firstFailedAt), pastDueSince, days)).toEqual(expected);
  });

  it.each<[string, FirstFailure | null, Date]>([
    ['behind with two, both owed', failed(day(5), null, day(2)), day(9)],
    ['behind with the second, the first settled', failed(day(5), day(2)), day(12)],
    ['behind with two, one between them settled', failed(day(5), day(3), day(2)), day(9)],
    ['an invoice of long ago, settled', failed(day(2), day(1)), day(9)],
    ['an invoice of long ago, owed, and the first settled', failed(day(5), day(2), day(1)), day(12)],
    ['the first dated a second before the subscription', failed(day(5), new Date(day(2).getTime() - 1_000)), day(12)],
  ])('%s', (_title, failure, expected) => {
    expect(graceUntil(failure, day(2), 7)).toEqual(expected);
  });

  it('is never extended by a later failure while the first is owed', () => {
    const date = fc.date({ min: day(1), max: day(28), noInvalidDate: true });
    const before = fc.option(date, { nil: null });
    fc.assert(
      fc.property(date, date, date, before, fc.nat(90), (since, first, later, settled, days) => {
        fc.pre(first <= later);
        const owed = first < later ? first : null;
        expect(graceUntil(failed(first), since, days)?.getTime()).toBeLessThanOrEqual(
          graceUntil(failed(later), since, days)?.getTime() ?? 0,
        );
        fc.pre(owed !== null && owed > since);
        expect(graceUntil(failed(later, settled, owed), since, days)).toEqual(graceUntil(failed(first), since, days));
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
