import type { SandboxClock } from './stripe/contract';

/**
 * The sandbox's time. It follows the wall clock plus an offset, or, given a start, stands at that instant until it is
 * moved, which makes a run repeatable to the second. It never goes backwards.
 */
export class MovableClock implements SandboxClock {
  private latest: number;
  private offsetMs = 0;
  private readonly standsStill: boolean;

  /** @param start Unix seconds at which the clock stands; without it the clock follows the wall clock. */
  constructor(
    start?: number,
    private readonly wallMs: () => number = Date.now,
  ) {
    this.standsStill = start !== undefined;
    this.latest = start ?? Math.floor(this.wallMs() / 1000);
  }

  now(): number {
    if (!this.standsStill) this.latest = Math.max(this.latest, Math.floor((this.wallMs() + this.offsetMs) / 1000));
    return this.latest;
  }

  /** Moves the clock forward to `to` (Unix seconds). @throws RangeError for an instant in the past. */
  moveTo(to: number): void {
    const now = this.now();
    if (to < now) throw new RangeError(`the clock stands at ${now} and cannot go back to ${to}`);
    this.offsetMs += (to - now) * 1000;
    this.latest = to;
  }
}
