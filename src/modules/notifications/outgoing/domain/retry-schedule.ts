/** How long a message is tried: as long as the Standard Webhooks recommend, and Stripe and Svix do. */
export const TRIED_FOR_MS = 3 * 86_400_000;

const FIRST_MS = 5_000;
const FACTOR = 3;
const LONGEST_MS = 12 * 3_600_000;

export interface FailedAttempt {
  /** In this round of attempts, this one included; 1 or more. */
  readonly failures: number;
  /** Since the round began. */
  readonly elapsedMs: number;
  /** In [0, 1): spreads the messages of an endpoint that was away, so that it is not run over when it is back. */
  readonly random: number;
  /** What the endpoint asked for; 0 without. */
  readonly retryAfterMs: number;
}

/**
 * Pure: 5 s, 15 s, 45 s, ... three times as long each time and 12 hours at most, each lengthened by up to a fifth. Never
 * sooner than the endpoint asked for; the last attempt is at the end of the third day.
 * @returns milliseconds to wait, or null: that was the last attempt.
 */
export function nextAttemptInMs({ failures, elapsedMs, random, retryAfterMs }: FailedAttempt): number | null {
  const left = TRIED_FOR_MS - elapsedMs;
  if (left <= 0) return null;
  const exponential = Math.min(LONGEST_MS, FIRST_MS * FACTOR ** Math.min(failures - 1, 40));
  return Math.min(left, Math.max(Math.round(exponential * (1 + random / 5)), retryAfterMs));
}

/** Whether an endpoint that has not succeeded since `failingSince` is to be left alone. @param afterDays 0 is never. */
export function hasFailedForTooLong(failingForMs: number, afterDays: number): boolean {
  return afterDays > 0 && failingForMs >= afterDays * 86_400_000;
}
