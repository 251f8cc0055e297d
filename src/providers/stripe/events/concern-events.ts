import type Stripe from 'stripe';
import type { PaymentConcernFact, PaymentConcernPayload } from '../../../shared/facts';
import { flagOf, wordOf } from '../stripe-money-objects';
import { iso, refOf } from '../stripe-objects';
import { ignored, placedBy, type EventBase, type EventTable } from './event-table';
import type { Translation } from '../../provider.port';

/** An issuer's warning that a payment may be fraud: refunded in time, it does not become a dispute. */
export const FRAUD_WARNING_EVENTS: EventTable = {
  object: 'radar.early_fraud_warning',
  types: ['radar.early_fraud_warning.created', 'radar.early_fraud_warning.updated'],
  readAs: null,
  translate: (event, base) => {
    const warning = event.data.object as Stripe.Radar.EarlyFraudWarning;
    return concern(base, 'payment_concern.raised', refOf(warning.payment_intent), () => ({
      concern: 'fraud_warning',
      open: flagOf(warning.actionable, 'actionable'),
      reason: wordOf(warning.fraud_type, 'fraud type'),
      createdAt: iso(warning.created),
    }));
  },
};

const REVIEW_KINDS = {
  'review.opened': 'payment_concern.raised',
  'review.closed': 'payment_concern.closed',
} as const satisfies Record<string, PaymentConcernFact['kind']>;

export const REVIEW_EVENTS: EventTable = {
  object: 'review',
  types: Object.keys(REVIEW_KINDS),
  readAs: null,
  translate: (event, base) => {
    const review = event.data.object as Stripe.Review;
    return concern(base, REVIEW_KINDS[event.type as keyof typeof REVIEW_KINDS], refOf(review.payment_intent), () => ({
      concern: 'review',
      open: flagOf(review.open, 'open'),
      reason: wordOf(review.closed_reason ?? review.reason, 'reason'),
      createdAt: iso(review.created),
    }));
  },
};

function concern(
  base: EventBase,
  kind: PaymentConcernFact['kind'],
  paymentRef: string | null,
  said: () => Omit<PaymentConcernPayload, 'paymentRef'>,
): Translation {
  if (paymentRef === null) return ignored('about a charge without a payment intent');
  return placedBy('payment', paymentRef, {
    ...base,
    objectType: 'payment_concern',
    kind,
    payload: { paymentRef, ...said() },
    before: null,
  });
}
