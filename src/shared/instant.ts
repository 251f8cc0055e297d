import { DateTime } from 'luxon';

/** A date, or a date and a time of day; the year is one that PostgreSQL has too. */
const ISO = /^[1-9]\d{3}-\d{2}-\d{2}(?:T.+)?$/;

/**
 * Pure: the moment an ISO 8601 text names, null where it names none. Without an offset it is UTC, wherever the process
 * runs; a date alone is its first moment.
 */
export function parseInstant(text: string): Date | null {
  if (!ISO.test(text)) return null;
  const parsed = DateTime.fromISO(text, { zone: 'utc' });
  return parsed.isValid ? parsed.toJSDate() : null;
}
