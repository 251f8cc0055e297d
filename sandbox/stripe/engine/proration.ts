/** Stripe's proration: to the second, every line rounded by itself. */
import type { Period } from './calendar';

/**
 * A part of an amount, rounded half away from zero to a multiple of `step`, so that a credit and a charge of the same
 * size cancel out exactly.
 *
 * @param numerator a whole number, as is the denominator; the latter above zero.
 */
export function exactShare(amount: number, numerator: number, denominator: number, step = 1): number {
  // Exact: a large yearly amount times its seconds is more than a double holds.
  const magnitude = BigInt(Math.abs(amount)) * BigInt(numerator);
  const unit = BigInt(denominator) * BigInt(step);
  const rounded = Number((magnitude * 2n + unit) / (unit * 2n)) * step;
  return rounded === 0 ? 0 : Math.sign(amount) * rounded;
}

/**
 * The part of an amount that falls on the rest of its period.
 *
 * @param amount of the whole period, in the smallest unit of the currency.
 * @param at the moment of the change, Unix seconds; outside the period it counts as its nearest end.
 * @param step what amounts of the currency are multiples of.
 */
export function remainingShare(amount: number, period: Period, at: number, step = 1): number {
  const length = period.end - period.start;
  if (length <= 0) return 0;
  return exactShare(amount, Math.min(length, Math.max(0, period.end - at)), length, step);
}
