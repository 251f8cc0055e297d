/** What discounts take off lines: pure arithmetic, shared by invoices, previews, prorations and checkout. */
import { exactShare } from './proration';

/** As a request names a discount: one of the three. */
export interface DiscountInput {
  readonly coupon?: string;
  readonly promotion_code?: string;
  readonly discount?: string;
}

/** What a coupon takes off, as it was when it was redeemed: a coupon deleted since still counts. */
export interface DiscountTerms {
  readonly id: string;
  readonly percentOff: number | null;
  /** In the smallest unit of the coupon's currency. */
  readonly amountOff: number | null;
  /** Only lines of these products; null for all. */
  readonly products: readonly string[] | null;
  readonly duration: 'once' | 'repeating' | 'forever';
  /** Unix seconds from which on it counts no more, or null. */
  readonly end: number | null;
}

export interface DiscountableLine {
  readonly amount: number;
  readonly product: string;
  /** False for prorations, which are net of discounts already. */
  readonly discountable: boolean;
}

export interface DiscountAmount {
  readonly discount: string;
  readonly amount: number;
}

/** A percentage has at most this many parts to a hundred percent: four decimals. */
const WHOLE = 1_000_000;

/** A percentage of an amount, rounded to a multiple of `step`. */
export function percentOf(amount: number, percent: number, step = 1): number {
  return exactShare(amount, Math.round(percent * (WHOLE / 100)), WHOLE, step);
}

/** Splits `total` over `weights` in proportion, whole steps only; the remainder goes to the largest fractions. */
export function allocate(total: number, weights: readonly number[], step = 1): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum <= 0) return weights.map(() => 0);
  const steps = Math.floor(total / step);
  const parts = weights.map((weight) => {
    const product = BigInt(steps) * BigInt(weight);
    return { whole: Number(product / BigInt(sum)), rest: Number(product % BigInt(sum)) };
  });
  let left = steps - parts.reduce((all, part) => all + part.whole, 0);
  const byRest = parts.map((_, index) => index).sort((a, b) => (parts[b]?.rest ?? 0) - (parts[a]?.rest ?? 0) || a - b);
  const extra = new Set<number>();
  for (const index of byRest) {
    if (left <= 0) break;
    extra.add(index);
    left -= 1;
  }
  return parts.map((part, index) => (part.whole + (extra.has(index) ? 1 : 0)) * step);
}

/**
 * What each discount takes off each line, in the order of the discounts, each from what the ones before left.
 *
 * @param step what amounts of the currency are multiples of.
 * @returns per line the discounts that take something off it; a line never falls below zero.
 */
export function discountLines(
  lines: readonly DiscountableLine[],
  discounts: readonly DiscountTerms[],
  step = 1,
): DiscountAmount[][] {
  const left = lines.map((line) => line.amount);
  const amounts: DiscountAmount[][] = lines.map(() => []);
  for (const terms of discounts) {
    const bases = lines.map((line, index) => {
      const fits = line.discountable && (terms.products?.includes(line.product) ?? true);
      return fits ? Math.max(0, left[index] ?? 0) : 0;
    });
    const room = bases.reduce((all, base) => all + base, 0);
    const shares =
      terms.percentOff === null
        ? allocate(Math.min(terms.amountOff ?? 0, room), bases, step)
        : bases.map((base) => percentOf(base, terms.percentOff ?? 0, step));
    shares.forEach((share, index) => {
      const amount = Math.min(share, bases[index] ?? 0);
      if (amount === 0) return;
      left[index] = (left[index] ?? 0) - amount;
      amounts[index]?.push({ discount: terms.id, amount });
    });
  }
  return amounts;
}

/** Adds amounts up per discount, in the order of the discounts; those that took nothing off count zero. */
export function totalPerDiscount(
  amounts: readonly (readonly DiscountAmount[])[],
  discounts: readonly DiscountTerms[],
): DiscountAmount[] {
  const all = amounts.flat();
  return discounts.map((terms) => ({
    discount: terms.id,
    amount: all.filter((part) => part.discount === terms.id).reduce((total, part) => total + part.amount, 0),
  }));
}
