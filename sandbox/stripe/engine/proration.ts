/** Stripe's proration: to the second, every line rounded by itself. */
import type { Period } from './calendar';

/** Rounds half away from zero, so that a credit and a charge of the same size cancel out exactly. */
export function roundSymmetric(value: number): number {
  const rounded = Math.sign(value) * Math.round(Math.abs(value));
  return rounded === 0 ? 0 : rounded;
}

/**
 * The part of an amount that falls on the rest of its period.
 *
 * @param amount of the whole period, in the smallest unit of the currency.
 * @param at the moment of the change, Unix seconds; outside the period it counts as its nearest end.
 */
export function remainingShare(amount: number, period: Period, at: number): number {
  const length = period.end - period.start;
  if (length <= 0) return 0;
  const left = Math.min(length, Math.max(0, period.end - at));
  // Exact: a large yearly amount times its seconds is more than a double holds.
  const magnitude = BigInt(Math.abs(amount)) * BigInt(left);
  const rounded = Number((magnitude * 2n + BigInt(length)) / (BigInt(length) * 2n));
  return rounded === 0 ? 0 : Math.sign(amount) * rounded;
}
