import { DateTime } from 'luxon';

/** Billing intervals, in Stripe's words. */
export type IntervalUnit = 'day' | 'week' | 'month' | 'year';

const DAY_MS = 86_400_000;

function utc(at: Date): DateTime {
  return DateTime.fromJSDate(at, { zone: 'utc' });
}

/**
 * `months` later (or earlier) at the same UTC time of day, on the anchor day or, where the month is shorter, on its last day.
 * With the anchor given, a chain does not drift: Jan 31 -> Feb 28 -> Mar 31. So Stripe bills (docs.stripe.com/billing/subscriptions/billing-cycle).
 * @param anchorDay 1 to 31, the day of the month the billing started on; by default the day of `at`.
 */
export function addMonths(at: Date, months: number, anchorDay: number = at.getUTCDate()): Date {
  const target = utc(at).set({ day: 1 }).plus({ months });
  return target.set({ day: Math.min(anchorDay, target.daysInMonth ?? anchorDay) }).toJSDate();
}

/** `count` intervals later (or earlier, when negative); days are 24 hours of UTC, a year is twelve months. */
export function addInterval(at: Date, unit: IntervalUnit, count: number, anchorDay?: number): Date {
  switch (unit) {
    case 'day':
      return new Date(at.getTime() + count * DAY_MS);
    case 'week':
      return new Date(at.getTime() + count * 7 * DAY_MS);
    case 'month':
      return addMonths(at, count, anchorDay);
    case 'year':
      return addMonths(at, 12 * count, anchorDay);
  }
}

/** Midnight UTC of the day that `at` falls into. */
export function startOfUtcDay(at: Date): Date {
  return utc(at).startOf('day').toJSDate();
}

/** The UTC day as `YYYY-MM-DD`. */
export function utcDay(at: Date): string {
  return utc(at).toFormat('yyyy-MM-dd');
}

/** How many UTC midnights lie between: 0 within one day, 1 to the next, negative backwards. */
export function daysBetween(from: Date, to: Date): number {
  return (startOfUtcDay(to).getTime() - startOfUtcDay(from).getTime()) / DAY_MS;
}
