import type { SubscriptionPayload } from '../../../shared/facts';

const DAY_MS = 86_400_000;

/** The stores grant grace themselves, and say until when; null where the provider leaves it to our plans. */
export function graceOf({ status, graceUntil: granted }: SubscriptionPayload): Date | null {
  return status === 'past_due' && granted !== undefined ? new Date(granted) : null;
}

/** First declined attempt of the latest invoice, and of the subscription's others that were declined before it. */
export interface FirstFailure {
  at: Date;
  /** The last of those others that is owed no more: paid, void or given up. */
  settledBefore: Date | null;
  /** The last of those others that is owed still. */
  owedBefore: Date | null;
}

/** The provider tells of a failure and of what it makes of the subscription within seconds, in either order. */
const TOGETHER_MS = 3_600_000;

/**
 * Until when a failed renewal keeps access: the first failure and the plan's grace days, never extended by later failures. Where
 * what the subscription got behind with has been settled meanwhile, what it is behind with now has a grace of its own.
 * @param failure unless the latest invoice is paid; null where none is known yet.
 * @param pastDueSince begin of the current run of past_due; null in any other status.
 */
export function graceUntil(failure: FirstFailure | null, pastDueSince: Date | null, graceDays: number): Date | null {
  if (!pastDueSince) return null;
  const isOther = failure !== null && isOfRun(failure.settledBefore, pastDueSince);
  const isNewDebt = isOther && !isOfRun(failure.owedBefore, pastDueSince);
  const from = failure && (isNewDebt || failure.at < pastDueSince) ? failure.at : pastDueSince;
  return new Date(from.getTime() + graceDays * DAY_MS);
}

function isOfRun(declinedAt: Date | null, pastDueSince: Date): boolean {
  return declinedAt !== null && declinedAt.getTime() > pastDueSince.getTime() - TOGETHER_MS;
}
