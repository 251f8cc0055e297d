/** Numbers from 0 up to 1 that follow from the seed: a small one stands for a whole order in a counterexample. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  // Mulberry32.
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The items in an order that the seed says; seed 0 leaves them as they are. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  if (seed === 0) return result;
  const next = dice(seed);
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

/** Every item at least once, about a third of them twice, in an order that the seed says. */
export function stirred<T>(items: readonly T[], seed: number): T[] {
  const next = dice(seed);
  return shuffled(
    items.flatMap((item) => (seed !== 0 && next() < 1 / 3 ? [item, item] : [item])),
    seed,
  );
}
