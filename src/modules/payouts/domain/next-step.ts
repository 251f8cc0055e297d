import type { TransferState } from '../../../shared/transfer-payloads';
import type { TransferStanding } from './fold-transfer';
import type { PayoutDecision, PayoutStatus } from './payout-status';

/** What is known of a payout when its next step is looked for. */
export interface StepFacts {
  decision: PayoutDecision;
  isCancelRequested: boolean;
  /** Null while nobody has told of one. */
  transfer: (Pick<TransferStanding, 'state' | 'funding'> & { isOrdered: boolean }) | null;
}

/** What the provider is asked to do next. */
export type Step = 'order' | 'fund' | 'cancel';

const NOT_PAID_FOR: ReadonlySet<TransferState | null> = new Set<TransferState | null>([
  null,
  'incoming_payment_waiting',
  'incoming_payment_initiated',
]);

/**
 * Pure: null where nothing is to be asked. One that was asked to be ordered is ordered before it is called off, too: whether an earlier
 * order arrived, only the answer to the same order tells.
 */
export function nextStep({ decision, isCancelRequested, transfer }: StepFacts): Step | null {
  if (decision !== 'approved') return null;
  if (!transfer?.isOrdered) return 'order';
  const { state, funding } = transfer;
  const isWaiting = NOT_PAID_FOR.has(state);
  if (isCancelRequested && (isWaiting || state === 'processing')) return 'cancel';
  // Refused for want of money: what is not called off could still be paid for, by hand, when everybody has forgotten it.
  if (funding === 'rejected') return isWaiting ? 'cancel' : null;
  return isWaiting && funding === null ? 'fund' : null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Banks send back within days. */
const WATCHED_MS = 14 * DAY;

/**
 * Pure: when the provider is asked by ourselves how it stands, for it may stay silent; null: never again.
 * @param since when it came to this status
 */
export function nextPoll(status: PayoutStatus, since: Date, now: Date): Date | null {
  const age = now.getTime() - since.getTime();
  const after = (ms: number): Date => new Date(now.getTime() + ms);
  switch (status) {
    case 'processing':
      return after(age < HOUR ? 10 * MINUTE : age < 2 * DAY ? HOUR : DAY);
    case 'requires_manual_funding':
    case 'bounced':
      return after(age < 2 * DAY ? HOUR : DAY);
    case 'failed':
    case 'paid':
      return age < WATCHED_MS ? after(DAY) : null;
    case 'queued':
    case 'awaiting_second_approval':
    case 'refunded':
    case 'charged_back':
    case 'canceled':
    case 'rejected':
      return null;
  }
}
