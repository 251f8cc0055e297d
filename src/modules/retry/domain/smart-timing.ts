import { DateTime } from 'luxon';

const MORNING_HOUR = 9;

/** What is known of when a customer's payments go through. */
export interface TimingHints {
  /** IANA name; null where it is not known, and then UTC is taken. */
  timeZone: string | null;
  /** Hours of the day, in UTC, at which earlier payments of his came through. */
  successHours: readonly number[];
}

/**
 * The next good moment from `at` on, at most a day later: the hour at which most of his payments came through, else nine
 * in his morning.
 */
export function goodMoment(at: Date, { timeZone, successHours }: TimingHints): Date {
  const often = mostFrequent(successHours);
  const local = DateTime.fromJSDate(at, { zone: often === null ? (timeZone ?? 'utc') : 'utc' });
  const hour = often ?? MORNING_HOUR;
  if (local.hour === hour) return at;
  const sameDay = local.set({ hour, minute: 0, second: 0, millisecond: 0 });
  const next = sameDay < local ? sameDay.plus({ days: 1 }) : sameDay;
  return next.toJSDate();
}

/** The lowest of those that are there most often; null for none. */
function mostFrequent(hours: readonly number[]): number | null {
  const counts = new Map<number, number>();
  for (const hour of hours) counts.set(hour, (counts.get(hour) ?? 0) + 1);
  const [best] = [...counts].sort(([a, n], [b, m]) => m - n || a - b);
  return best?.[0] ?? null;
}

/** A country's first time zone, by its ISO 3166 code; null for none. */
export function timeZoneOf(country: string | null): string | null {
  if (country === null || !/^[A-Z]{2}$/.test(country)) return null;
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & ZonedLocale;
  return (locale.getTimeZones?.() ?? locale.timeZones)?.[0] ?? null;
}

/** ECMA-402's Locale Info: a method in newer engines, a property in those of Node 20. */
interface ZonedLocale {
  getTimeZones?: () => string[] | undefined;
  timeZones?: string[] | undefined;
}
