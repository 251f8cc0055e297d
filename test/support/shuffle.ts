import { dice, shuffled as shuffledBy } from '../../src/verify/dice';

export { dice };

/** The items in an order that the seed says: a small number stands for a whole order in a counterexample; 0 leaves them as they are. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  return seed === 0 ? [...items] : shuffledBy(items, dice(seed));
}

/** Every item at least once, about a third of them twice, in an order that the seed says. */
export function stirred<T>(items: readonly T[], seed: number): T[] {
  const next = dice(seed);
  return shuffled(
    items.flatMap((item) => (seed !== 0 && next() < 1 / 3 ? [item, item] : [item])),
    seed,
  );
}
