import type { SandboxClock } from './stripe/contract';

/** A clock as it is kept between two runs. */
export interface ClockState {
  /** Unix seconds it showed last. */
  readonly latest: number;
  /** How far it runs ahead of the wall clock. */
  readonly offsetMs: number;
  readonly standsStill: boolean;
}

/**
 * The sandbox's time. It follows the wall clock plus an offset, or, given a start, stands at that instant until it is
 * moved, which makes a run repeatable to the second. It never goes backwards.
 */
export class MovableClock implements SandboxClock {
  private latest: number;
  private offsetMs: number;
  private readonly standsStill: boolean;

  /**
   * @param start Unix seconds at which the clock stands, or the state in which another one ended; without it the clock
   * follows the wall clock.
   */
  constructor(
    start?: number | ClockState,
    private readonly wallMs: () => number = Date.now,
  ) {
    const standing = typeof start === 'number' ? { latest: start, offsetMs: 0, standsStill: true } : start;
    this.latest = standing?.latest ?? Math.floor(this.wallMs() / 1000);
    this.offsetMs = standing?.offsetMs ?? 0;
    this.standsStill = standing?.standsStill ?? false;
  }

  save(): ClockState {
    return { latest: this.now(), offsetMs: this.offsetMs, standsStill: this.standsStill };
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
