import type { Parameters } from 'fast-check';

/** How many times the usual work the property and fault specs do; `npm run test:deep` sets it (scripts/test-deep.ts). */
const FACTOR = wholeNumber('KASSA_DEEP') ?? 1;
/** A run of everything is the same every time; the deep run, which looks for what it has missed, begins elsewhere each time. */
const USUAL_SEED = 20_261_121;
const SEED = wholeNumber('SEED') ?? (FACTOR === 1 ? USUAL_SEED : Math.floor(Math.random() * 0x7fff_ffff));

/** Where all random choices of this run come from. */
export function seedOf(): number {
  return SEED;
}

/** How often to do what is done `usual` times in `npm test`; the deep run multiplies it. */
export function times(usual: number): number {
  return usual * FACTOR;
}

/** Time limit of a test that takes longer than most, a bound against hanging; in milliseconds, for its usual runs. */
export function within(usualMs: number): number {
  return usualMs * FACTOR;
}

/**
 * Parameters for `fc.assert` of `usual` runs. A failure prints the seed, the smallest counterexample and how to run it
 * again; with the same SEED and the same code the same runs are made.
 */
export function runs(usual: number): Pick<Parameters, 'numRuns' | 'seed'> {
  return { numRuns: times(usual), seed: SEED };
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name} must be a whole number, not "${text}".`);
  return value;
}
