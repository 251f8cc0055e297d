/** Billing periods as Stripe counts them: from the anchor, so that a 31st comes back after a short month. */
import { DateTime } from 'luxon';

export const SECONDS_PER_HOUR = 3_600;
export const SECONDS_PER_DAY = 86_400;

export interface Interval {
  readonly unit: 'day' | 'week' | 'month' | 'year';
  readonly count: number;
}

export interface Period {
  readonly start: number;
  readonly end: number;
}

const approximateDays: Readonly<Record<Interval['unit'], number>> = { day: 1, week: 7, month: 31, year: 366 };

/** The `n`-th boundary counted from the anchor, in Unix seconds, always reckoned in UTC. */
export function boundary(anchor: number, interval: Interval, n: number): number {
  return DateTime.fromSeconds(anchor, { zone: 'utc' })
    .plus({ [interval.unit]: interval.count * n })
    .toUnixInteger();
}

/** The first boundary after `after`; boundaries before the anchor exist too (a trial moved the anchor ahead). */
export function nextBoundary(anchor: number, interval: Interval, after: number): number {
  const step = approximateDays[interval.unit] * interval.count * SECONDS_PER_DAY;
  let n = Math.floor((after - anchor) / step) - 1;
  while (boundary(anchor, interval, n) <= after) n += 1;
  return boundary(anchor, interval, n);
}

/** The day as it stands in line descriptions, e.g. `15 Feb 2027`. */
export function dayName(at: number): string {
  return DateTime.fromSeconds(at, { zone: 'utc', locale: 'en-US' }).toFormat('dd LLL yyyy');
}
