/** What falls due by itself, and when (milliseconds). */
export interface DueWork {
  at: number;
  run: (at: number) => void;
}

/** A provider in which things happen as the sandbox's clock moves. */
export abstract class TimedWorld {
  protected constructor(private readonly clock: { now(): number }) {}

  /** Milliseconds. */
  now(): number {
    return this.clock.now() * 1000;
  }

  /** Unix seconds; null is never. */
  nextDue(): number | null {
    const due = this.nextOf();
    return due && Math.ceil(due.at / 1000);
  }

  /** Whatever the clock has passed, in the order of time: one thing may make another due. */
  advance(): void {
    for (let due = this.nextOf(); due && due.at <= this.now(); due = this.nextOf()) due.run(due.at);
  }

  /** All that may fall due, with null for what never does by itself. */
  protected abstract awaited(): Iterable<{ at: number | null; run: (at: number) => void }>;

  private nextOf(): DueWork | null {
    let next: DueWork | null = null;
    for (const { at, run } of this.awaited()) if (at !== null && (next === null || at < next.at)) next = { at, run };
    return next;
  }
}
