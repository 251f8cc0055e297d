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
