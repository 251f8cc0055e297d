import type Stripe from 'stripe';
import type { PaymentMethodFact } from '../../../shared/facts';
import { toPaymentMethodPayload } from '../stripe-method-objects';
import { placed, placedBy, previous, type EventTable } from './event-table';

const KINDS = {
  'payment_method.attached': 'payment_method.attached',
  'payment_method.updated': 'payment_method.changed',
  'payment_method.automatically_updated': 'payment_method.changed',
  'payment_method.detached': 'payment_method.detached',
} as const satisfies Record<string, PaymentMethodFact['kind']>;

/** A detached method is nobody's: its event says whose it was, else what was told of it before does. */
export const PAYMENT_METHOD_EVENTS: EventTable = {
  object: 'payment_method',
  types: Object.keys(KINDS),
  readAs: 'payment_method',
  translate: (event, base) => {
    const payload = toPaymentMethodPayload(event.data.object as Stripe.PaymentMethod);
    const before = previous(event, toPaymentMethodPayload);
    const kind = KINDS[event.type as keyof typeof KINDS];
    const fact = { ...base, objectType: 'payment_method' as const, kind, payload, before };
    const customerRef = payload.customerRef ?? before?.customerRef ?? null;
    return customerRef === null ? placedBy('payment_method', base.objectId, fact) : placed(customerRef, fact);
  },
};
