import type Stripe from 'stripe';
import type { ChargeFact, PaymentFact } from '../../../shared/facts';
import type { UnplacedFact } from '../../provider.port';
import { toChargePayload } from '../stripe-money-objects';
import { chargeMethod, refOf, toPaymentPayload } from '../stripe-objects';
import { ignored, placed, type EventBase, type EventTable } from './event-table';

const KINDS = {
  'payment_intent.created': 'payment.created',
  'payment_intent.processing': 'payment.changed',
  'payment_intent.requires_action': 'payment.changed',
  'payment_intent.payment_failed': 'payment.failed',
  'payment_intent.succeeded': 'payment.succeeded',
  'payment_intent.canceled': 'payment.canceled',
} as const satisfies Record<string, Exclude<PaymentFact['kind'], 'payment.linked' | 'payment.charged'>>;

export const PAYMENT_EVENTS: EventTable = {
  object: 'payment_intent',
  types: Object.keys(KINDS),
  readAs: 'payment',
  translate: (event, base) => {
    const intent = event.data.object as Stripe.PaymentIntent;
    if (!intent.customer) return ignored('a payment without a customer is not ours');
    const payload = toPaymentPayload(intent);
    const kind = KINDS[event.type as keyof typeof KINDS];
    return placed(payload.customerRef, { ...base, objectType: 'payment', kind, payload, before: null });
  },
};

const CHARGE_KINDS: ReadonlyMap<string, ChargeFact['kind']> = new Map([
  ['charge.succeeded', 'charge.succeeded'],
  ['charge.captured', 'charge.changed'],
  ['charge.updated', 'charge.changed'],
]);

/**
 * A charge tells what a payment was made with, and which movement on our balance it is; the payment itself is the payment
 * intent. `charge.updated` brings the movement where it is captured later.
 */
export const CHARGE_EVENTS: EventTable = {
  object: 'charge',
  types: [...CHARGE_KINDS.keys(), 'charge.failed', 'charge.refunded'],
  readAs: null,
  translate: (event, base) => {
    const charge = event.data.object as Stripe.Charge;
    const customerRef = refOf(charge.customer);
    const paymentRef = refOf(charge.payment_intent);
    if (!customerRef || !paymentRef) return ignored('a charge without a payment intent is not ours');
    // The refunds themselves come with `refund.*`; one whose events are lost is found by reading.
    if (event.type === 'charge.refunded') return { kind: 'read', objectType: 'payment', objectId: paymentRef };
    const facts = [
      ...methodFacts(event.type, base, charge, paymentRef),
      ...chargeFacts(event.type, base, charge, { customerRef, paymentRef }),
    ];
    return facts.length > 0 ? placed(customerRef, ...facts) : ignored('a charge that tells nothing');
  },
};

function methodFacts(type: string, base: EventBase, charge: Stripe.Charge, objectId: string): UnplacedFact[] {
  const method = chargeMethod(charge);
  if (!method || type === 'charge.updated') return [];
  return [{ ...base, objectType: 'payment', objectId, kind: 'payment.charged', payload: { method }, before: null }];
}

function chargeFacts(
  type: string,
  base: EventBase,
  charge: Stripe.Charge,
  { customerRef, paymentRef }: { customerRef: string; paymentRef: string },
): UnplacedFact[] {
  const kind = CHARGE_KINDS.get(type);
  if (!kind || charge.status !== 'succeeded') return [];
  const payload = toChargePayload(charge, customerRef, paymentRef);
  return [{ ...base, objectType: 'charge', kind, payload, before: null }];
}
