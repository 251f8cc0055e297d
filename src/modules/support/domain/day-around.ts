const DAY_MS = 86_400_000;

/** Pure: the day (UTC) of a moment that has passed, as far as it is over. */
export function dayAround(moment: Date, now: Date): { from: Date; to: Date } {
  const from = new Date(Math.floor(moment.getTime() / DAY_MS) * DAY_MS);
  const end = new Date(from.getTime() + DAY_MS);
  return { from, to: end < now ? end : now };
}
