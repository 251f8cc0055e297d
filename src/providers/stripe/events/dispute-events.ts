import type Stripe from 'stripe';
import type { DisputeFact } from '../../../shared/facts';
import { toDisputePayload } from '../stripe-money-objects';
import { refOf } from '../stripe-objects';
import { ignored, placedBy, previous, type EventTable } from './event-table';

const KINDS = {
  'charge.dispute.created': 'dispute.created',
  'charge.dispute.updated': 'dispute.changed',
  'charge.dispute.closed': 'dispute.closed',
  'charge.dispute.funds_withdrawn': 'dispute.withdrawn',
  'charge.dispute.funds_reinstated': 'dispute.reinstated',
} as const satisfies Record<string, DisputeFact['kind']>;

/** A dispute names no customer: its payment's is his. */
export const DISPUTE_EVENTS: EventTable = {
  object: 'dispute',
  types: Object.keys(KINDS),
  readAs: 'dispute',
  translate: (event, base) => {
    const dispute = event.data.object as Stripe.Dispute;
    if (refOf(dispute.payment_intent) === null) return ignored('a dispute without a payment intent is not ours');
    const payload = toDisputePayload(dispute);
    const kind = KINDS[event.type as keyof typeof KINDS];
    const before = previous(event, toDisputePayload);
    return placedBy('payment', payload.paymentRef, { ...base, objectType: 'dispute', kind, payload, before });
  },
};
