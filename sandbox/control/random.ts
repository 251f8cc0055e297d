/** A small seeded generator (mulberry32), so that a run with chaos can be repeated from its seed. Not for secrets. */
export class SeededRandom {
  private state: number;

  /** @param seed any 32 bit number; what `save` gave goes on where that generator stood. */
  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  save(): number {
    return this.state;
  }

  /** The next number in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** True in `rate` of the cases; a rate of 1 is always true and draws nothing. */
  chance(rate: number): boolean {
    return rate >= 1 || this.next() < rate;
  }

  /** Letters and digits, as in Stripe's ids. */
  token(length: number): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    return Array.from({ length }, () => alphabet[Math.floor(this.next() * alphabet.length)]).join('');
  }

  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i -= 1) {
      const j = Math.floor(this.next() * (i + 1));
      const [a, b] = [result[i] as T, result[j] as T];
      result[i] = b;
      result[j] = a;
    }
    return result;
  }
}
