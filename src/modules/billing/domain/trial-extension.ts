const DAY_MS = 86_400_000;

/** What support may give at once, and what a trial may come to from its beginning on. */
export const MAX_EXTENSION_DAYS = 30;
export const MAX_TRIAL_DAYS = 90;

/**
 * Pure: how many whole days a trial may be extended by.
 * @param begun when the trial began.
 */
export function extensionLeft(begun: Date, trialEndsAt: Date): number {
  const last = begun.getTime() + MAX_TRIAL_DAYS * DAY_MS;
  const left = Math.floor((last - trialEndsAt.getTime()) / DAY_MS);
  return Math.min(Math.max(left, 0), MAX_EXTENSION_DAYS);
}

/** Pure: days of 24 hours after the present end. */
export function extendedEnd(trialEndsAt: Date, days: number): Date {
  return new Date(trialEndsAt.getTime() + days * DAY_MS);
}
