const DAY_MS = 86_400_000;
/** A year and what a leap day and two months' ends add to it. */
export const MAX_WINDOW_DAYS = 400;
/** Several times each day: what was too young yesterday is looked at again today. */
const DAILY_DAYS = 7;

/** Pure: days begun between two moments. */
export function windowDays(from: Date, to: Date): number {
  return Math.ceil((to.getTime() - from.getTime()) / DAY_MS);
}

/** Pure: the last whole days (UTC) before a moment, so that all of a day's asks name the same window. */
export function dailyWindow(now: Date): { from: Date; to: Date } {
  const to = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  return { from: new Date(to - DAILY_DAYS * DAY_MS), to: new Date(to) };
}
