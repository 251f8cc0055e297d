/** A month of UTC, as it stands on a card. */
export interface CardMonth {
  year: number;
  /** 1 to 12. */
  month: number;
}

const NOTICE_MS = 30 * 86_400_000;

/** The first moment at which the card is no longer good: it is to the end of its month, by UTC. */
export function expiryOf({ year, month }: CardMonth): Date {
  return new Date(Date.UTC(year, month, 1));
}

/**
 * The months of cards whose holders are to be told now: still good, for 30 days at most. The first and the last of them;
 * null at the end of a month of 31 days, when this month's have been told and next month's have more than 30 days.
 */
export function expiringMonths(now: Date): { first: CardMonth; last: CardMonth } | null {
  const current: CardMonth = { year: now.getUTCFullYear(), month: now.getUTCMonth() + 1 };
  const due = [current, monthAfter(current)].filter((month) => isDue(month, now));
  const [first] = due;
  const last = due.at(-1);
  return first && last ? { first, last } : null;
}

/** From 30 days before it expires, to the second, and until it has. */
export function isDue(card: CardMonth, now: Date): boolean {
  const left = expiryOf(card).getTime() - now.getTime();
  return left > 0 && left <= NOTICE_MS;
}

function monthAfter({ year, month }: CardMonth): CardMonth {
  return month === 12 ? { year: year + 1, month: 1 } : { year, month: month + 1 };
}
