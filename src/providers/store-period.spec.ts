import { DateTime } from 'luxon';
import { periodOf } from './store-period';

const LENGTHS = [
  [{ days: 3 }, 'day', 3],
  [{ weeks: 1 }, 'week', 1],
  [{ weeks: 2 }, 'week', 2],
  [{ months: 1 }, 'month', 1],
  [{ months: 2 }, 'month', 2],
  [{ months: 3 }, 'month', 3],
  [{ months: 6 }, 'month', 6],
  [{ years: 1 }, 'year', 1],
] as const;

it.each(LENGTHS)('%j is %s x %d, whatever month it begins in', (length, interval, intervalCount) => {
  for (let month = 1; month <= 24; month += 1) {
    const from = DateTime.fromISO('2023-12-31T10:00:00Z', { zone: 'utc' }).plus({ months: month });
    expect(periodOf(from.toMillis(), from.plus(length).toMillis())).toEqual({ interval, intervalCount });
  }
});
