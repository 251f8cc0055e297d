/** How long to look for a smaller one. */
export interface ShrinkBounds {
  tries: number;
  /** Whether there is time left. */
  goesOn: () => boolean;
}

/**
 * The smallest list found that still fails, by taking out ever smaller parts (delta debugging, Zeller and Hildebrandt 2002).
 * @param fails whether a list still fails; is not asked about the whole list.
 */
export async function shrink<T>(
  whole: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  bounds: ShrinkBounds,
): Promise<readonly T[]> {
  let smallest = whole;
  let tries = 0;
  for (let parts = 2; smallest.length > 1;) {
    const size = Math.ceil(smallest.length / parts);
    let found: readonly T[] | null = null;
    for (let from = 0; from < smallest.length && found === null; from += size) {
      if (tries >= bounds.tries || !bounds.goesOn()) return smallest;
      const rest = [...smallest.slice(0, from), ...smallest.slice(from + size)];
      tries += 1;
      if (await fails(rest)) found = rest;
    }
    if (found !== null) {
      smallest = found;
      parts = Math.max(parts - 1, 2);
    } else if (size === 1) return smallest;
    else parts = Math.min(parts * 2, smallest.length);
  }
  return smallest;
}
