import { actionRequired } from './action-required.message';
import { cancellationScheduled } from './cancellation-scheduled.message';
import { cardExpiring } from './card-expiring.message';
import { disputeEnded } from './dispute-ended.message';
import { disputeOpened } from './dispute-opened.message';
import type { AnyMessage } from './message';
import { methodRequired } from './method-required.message';
import { contributionDue } from './contribution-due.message';
import { contributionFailed } from './contribution-failed.message';
import { paymentExhausted } from './payment-exhausted.message';
import { paymentFailed } from './payment-failed.message';
import { paymentRecovered } from './payment-recovered.message';
import { payoutFailed } from './payout-failed.message';
import { payoutPaid } from './payout-paid.message';
import { refundSent } from './refund-sent.message';
import { subscriptionCanceled } from './subscription-canceled.message';
import { subscriptionChanged } from './subscription-changed.message';
import { subscriptionPaused } from './subscription-paused.message';
import { subscriptionResumed } from './subscription-resumed.message';
import { trialEnding } from './trial-ending.message';
import { usageThreshold } from './usage-threshold.message';
import { winBack } from './win-back.message';

/** Every kind of message. A new one is a file beside these and a line here. */
export const MESSAGES: readonly AnyMessage[] = [
  actionRequired,
  cancellationScheduled,
  cardExpiring,
  contributionDue,
  contributionFailed,
  disputeEnded,
  disputeOpened,
  methodRequired,
  paymentExhausted,
  paymentFailed,
  paymentRecovered,
  payoutFailed,
  payoutPaid,
  refundSent,
  subscriptionCanceled,
  subscriptionChanged,
  subscriptionPaused,
  subscriptionResumed,
  trialEnding,
  usageThreshold,
  winBack,
];

const BY_KEY = new Map(MESSAGES.map((message) => [message.template.key, message]));

export function messageOf(key: string): AnyMessage | undefined {
  return BY_KEY.get(key);
}
