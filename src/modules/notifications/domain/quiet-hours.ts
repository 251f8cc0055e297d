import { DateTime, IANAZone } from 'luxon';

/** `HH:MM` of the person's own clock; `from` is quiet, `to` is not. Over midnight where `from` is later than `to`. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** An IANA name that this system's time zone data has. */
export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/**
 * When the quiet hours that `at` falls into are over; null outside of them. By the clock on the wall: on the days the clocks
 * change the window is an hour longer or shorter, and an end that the clocks skip is the moment they are put to.
 */
export function quietUntil(at: Date, { from, to }: QuietHours, timeZone: string): Date | null {
  const local = DateTime.fromJSDate(at, { zone: timeZone });
  const now = local.toFormat('HH:mm');
  const overnight = from > to;
  const quiet = overnight ? now >= from || now < to : now >= from && now < to;
  if (!quiet) return null;
  const day = overnight && now >= from ? local.plus({ days: 1 }) : local;
  const [hour, minute] = to.split(':').map(Number);
  const end = day.set({ hour, minute, second: 0, millisecond: 0 });
  // Where the clocks go back, the same time comes twice, and the earlier one may be over.
  return end > local ? end.toJSDate() : end.plus({ hours: 1 }).toJSDate();
}
