const BASIS_POINTS = 10_000n;

/**
 * Pure: whether a new quote may take the place of the one that was approved without asking again. Cheaper is as much a surprise as
 * dearer: somebody has looked at a figure. Minor units of our balance's currency.
 */
export function isWithinTolerance(before: bigint, after: bigint, toleranceBps: number): boolean {
  const moved = after > before ? after - before : before - after;
  return moved * BASIS_POINTS <= before * BigInt(toleranceBps);
}
