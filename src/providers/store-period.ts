import type { SubscriptionPayload } from '../shared/facts';

const DAY_MS = 86_400_000;
type Period = Pick<SubscriptionPayload, 'interval' | 'intervalCount'>;

/** The lengths the stores sell, by the most days they can have. */
const LENGTHS: readonly (Period & { days: number })[] = [
  { days: 1, interval: 'day', intervalCount: 1 },
  { days: 3, interval: 'day', intervalCount: 3 },
  { days: 8, interval: 'week', intervalCount: 1 },
  { days: 16, interval: 'week', intervalCount: 2 },
  { days: 32, interval: 'month', intervalCount: 1 },
  { days: 63, interval: 'month', intervalCount: 2 },
  { days: 93, interval: 'month', intervalCount: 3 },
  { days: 185, interval: 'month', intervalCount: 6 },
];
const YEAR: Period = { interval: 'year', intervalCount: 1 };

/**
 * The length of a period, which the stores do not tell: from its begin and end, in milliseconds. What a subscription
 * is billed by is the product's cycle in our catalog; this only describes what the store showed.
 */
export function periodOf(from: number, to: number): Period {
  const days = (to - from) / DAY_MS;
  const { interval, intervalCount } = LENGTHS.find((length) => days <= length.days) ?? YEAR;
  return { interval, intervalCount };
}
