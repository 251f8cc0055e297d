import type { AppErrorKind } from './app-error';

/** transient: passes by itself. permanent: never will. unknown: taken for transient, with fewer attempts. */
export type FailureClass = 'transient' | 'permanent' | 'unknown';

interface RetryPolicy {
  /** Attempts in all, the first included. */
  maxAttempts: number;
  baseMs: number;
  capMs: number;
}

/** Transient failures are carried over about three days, as long as Stripe itself would retry a delivery. */
export const RETRY_POLICIES: Readonly<Record<FailureClass, RetryPolicy>> = {
  transient: { maxAttempts: 60, baseMs: 1_000, capMs: 2 * 3_600_000 },
  unknown: { maxAttempts: 8, baseMs: 2_000, capMs: 900_000 },
  permanent: { maxAttempts: 1, baseMs: 0, capMs: 0 },
};

/** What a failure of each kind means for the work that met it. */
const CLASS_OF_KIND: Readonly<Record<AppErrorKind, FailureClass>> = {
  validation: 'permanent',
  authentication: 'permanent',
  authorization: 'permanent',
  not_found: 'permanent',
  conflict: 'transient',
  business: 'permanent',
  rate_limit: 'transient',
  unexpected: 'unknown',
  provider: 'transient',
  unavailable: 'transient',
};

export function failureClassOf(kind: AppErrorKind): FailureClass {
  return CLASS_OF_KIND[kind];
}

/**
 * Exponential backoff with full jitter over the upper half, so that retries spread but never come at once.
 * @param failures how often the work has failed, this time included; 1 or more.
 * @param random in [0, 1).
 * @param retryAfterMs what the other side asked for; never undercut.
 * @returns milliseconds to wait, or null when the attempts are used up.
 */
export function nextDelayMs(
  failureClass: FailureClass,
  failures: number,
  random: number,
  retryAfterMs = 0,
): number | null {
  const policy = RETRY_POLICIES[failureClass];
  if (failures >= policy.maxAttempts) return null;
  const exponential = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failures - 1, 40));
  return Math.max(Math.round(exponential / 2 + (exponential / 2) * random), retryAfterMs);
}
