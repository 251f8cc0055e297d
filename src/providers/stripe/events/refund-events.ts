import type Stripe from 'stripe';
import type { RefundFact } from '../../../shared/facts';
import { toRefundPayload } from '../stripe-money-objects';
import { refOf } from '../stripe-objects';
import { ignored, placed, placedBy, previous, type EventTable } from './event-table';

const KINDS = {
  'refund.created': 'refund.created',
  'refund.updated': 'refund.changed',
  'refund.failed': 'refund.failed',
} as const satisfies Record<string, RefundFact['kind']>;

export const REFUND_EVENTS: EventTable = {
  object: 'refund',
  types: Object.keys(KINDS),
  readAs: 'refund',
  translate: (event, base) => {
    const refund = event.data.object as Stripe.Refund;
    if (refOf(refund.payment_intent) === null) return ignored('a refund without a payment intent is not ours');
    const payload = toRefundPayload(refund);
    const kind = KINDS[event.type as keyof typeof KINDS];
    const fact = { ...base, objectType: 'refund' as const, kind, payload, before: previous(event, toRefundPayload) };
    const customerRef = refOf(refund.customer);
    return customerRef === null ? placedBy('payment', payload.paymentRef, fact) : placed(customerRef, fact);
  },
};
