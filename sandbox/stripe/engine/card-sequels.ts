/** Test cards whose payments succeed and have a sequel (https://docs.stripe.com/testing#disputes and #refunds). */
import type { RefundBehavior } from './context';
import type { DisputeReason } from './dispute-reasons';
import type { ChargeObject } from './wire';

export interface Sequel {
  readonly dispute?: DisputeReason;
  readonly inquiry?: boolean;
  readonly warning?: boolean;
  readonly refunds?: RefundBehavior;
  /** The money can be paid out at once. */
  readonly available?: boolean;
}

const byNumber: Readonly<Record<string, Sequel>> = {
  '4000000000000259': { dispute: 'fraudulent' },
  '4000000000002685': { dispute: 'product_not_received' },
  '4000000000001976': { dispute: 'fraudulent', inquiry: true },
  '4000000000005423': { warning: true },
  '4000000000005126': { refunds: 'succeeds_then_fails' },
  '4000000000007726': { refunds: 'pending_then_succeeds' },
  '4000000000000077': { available: true },
};

/** What the card of a charge has in store; a test card's fingerprint is made of its number. */
export function sequelOf(charge: ChargeObject): Sequel {
  const fingerprint = charge.payment_method_details?.card?.fingerprint ?? '';
  return byNumber[fingerprint.replace(/^fp/, '')] ?? {};
}
