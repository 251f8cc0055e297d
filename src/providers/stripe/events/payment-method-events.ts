import type Stripe from 'stripe';
import type { PaymentMethodFact } from '../../../shared/facts';
import type { Translation } from '../../provider.port';
import { toPaymentMethodPayload } from '../stripe-method-objects';
import { placed, placedBy, previous, type EventBase, type EventTable } from './event-table';

const KINDS = {
  'payment_method.attached': 'payment_method.attached',
  'payment_method.updated': 'payment_method.changed',
  'payment_method.automatically_updated': 'payment_method.changed',
} as const satisfies Record<string, PaymentMethodFact['kind']>;

export const PAYMENT_METHOD_EVENTS: EventTable = {
  object: 'payment_method',
  types: Object.keys(KINDS),
  readAs: 'payment_method',
  translate: (event, base) => told(event, base, KINDS[event.type as keyof typeof KINDS]),
};

/** Of its own: a method that is nobody's is not there for us to read, whatever version its event came in. */
export const DETACHED_METHOD_EVENTS: EventTable = {
  object: 'payment_method',
  types: ['payment_method.detached'],
  readAs: null,
  translate: (event, base) => told(event, base, 'payment_method.detached'),
};

/** A detached method is nobody's: its event says whose it was, else what was told of it before does. */
function told(event: Stripe.Event, base: EventBase, kind: PaymentMethodFact['kind']): Translation {
  const payload = toPaymentMethodPayload(event.data.object as Stripe.PaymentMethod);
  const before = previous(event, toPaymentMethodPayload);
  const fact = { ...base, objectType: 'payment_method' as const, kind, payload, before };
  const customerRef = payload.customerRef ?? before?.customerRef ?? null;
  return customerRef === null ? placedBy('payment_method', base.objectId, fact) : placed(customerRef, fact);
}
