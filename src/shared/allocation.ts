/**
 * Splits `amount` in proportion to `weights` by the largest remainder: every part is a whole minor unit within one of its exact
 * share, the parts add up to `amount`, a refund splits as the mirror image of its charge (`allocate(-a) = -allocate(a)`), and
 * of equal remainders the earlier part gets the odd unit, so that the same input always gives the same split.
 * @param amount minor units, of either sign.
 * @param weights at least one, none negative, not all zero; else a RangeError. A part of weight zero gets zero.
 */
export function allocate(amount: bigint, weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (weights.some((weight) => weight < 0n) || total <= 0n) {
    throw new RangeError('Weights must not be negative and must not all be zero');
  }
  const size = amount < 0n ? -amount : amount;
  const shares = weights.map((weight, index) => ({
    index,
    part: (size * weight) / total,
    remainder: (size * weight) % total,
  }));
  const left = size - shares.reduce((sum, share) => sum + share.part, 0n);
  const byRemainder = [...shares].sort((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder));
  for (const share of byRemainder.slice(0, Number(left))) share.part += 1n;
  return shares.map((share) => (amount < 0n ? -share.part : share.part));
}
