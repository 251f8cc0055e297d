/**
 * Time, injected. Business rules read `now()`: wall time plus an offset that only a non-production process accepts, so
 * that the service can follow a provider's moved test clock. Signatures, tokens, leases and time-outs read `wall()`.
 */
export abstract class Clock {
  /** Business time. */
  abstract now(): Date;
  /** The machine's time, which nobody moves. */
  abstract wall(): Date;
}

/** A clock that stands still until moved; for tests and for pure computations "as of" a moment. */
export class FixedClock extends Clock {
  constructor(private at: Date) {
    super();
  }

  now(): Date {
    return new Date(this.at);
  }

  wall(): Date {
    return new Date(this.at);
  }

  set(at: Date): void {
    this.at = at;
  }
}
