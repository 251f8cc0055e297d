/** Ids that look like Stripe's and repeat for a given seed. */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export interface IdGenerator {
  /** A new id with the prefix Stripe uses for the object, for example `cus_` or `cs_test_`. */
  next(prefix: string): string;
  /** Random letters and digits, for client secrets and invoice prefixes. */
  letters(length: number): string;
  /** The seed of a generator that goes on where this one stands. */
  save(): number;
}

/** How many characters follow the prefix in Stripe's own ids, where it is not 24. */
const lengths: Readonly<Record<string, number>> = { cus_: 14, prod_: 14, si_: 14, cs_test_: 58 };

/** @param seed any 32 bit number; the same seed gives the same ids in the same order. */
export function createIdGenerator(seed: number): IdGenerator {
  let state = seed >>> 0;
  // mulberry32: small, and its whole state is one number.
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const letters = (length: number): string =>
    Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join('');
  return { letters, next: (prefix) => `${prefix}${letters(lengths[prefix] ?? 24)}`, save: () => state };
}
