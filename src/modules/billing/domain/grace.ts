import type { SubscriptionPayload } from '../../../shared/facts';

const DAY_MS = 86_400_000;

/** The stores grant grace themselves, and say until when; null where the provider leaves it to our plans. */
export function graceOf({ status, graceUntil: granted }: SubscriptionPayload): Date | null {
  return status === 'past_due' && granted !== undefined ? new Date(granted) : null;
}

/**
 * Until when a failed renewal keeps access: the first failure and the plan's grace days, never extended by later failures.
 * @param firstFailedAt first declined attempt of the latest invoice, unless it is paid; null where none is known yet.
 * @param pastDueSince begin of the current run of past_due; null in any other status.
 */
export function graceUntil(firstFailedAt: Date | null, pastDueSince: Date | null, graceDays: number): Date | null {
  if (!pastDueSince) return null;
  const from = firstFailedAt && firstFailedAt < pastDueSince ? firstFailedAt : pastDueSince;
  return new Date(from.getTime() + graceDays * DAY_MS);
}
