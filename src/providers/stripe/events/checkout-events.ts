import type Stripe from 'stripe';
import type { CheckoutFact } from '../../../shared/facts';
import { toCheckoutPayload } from '../stripe-objects';
import { ignored, placed, type EventTable } from './event-table';

const KINDS = {
  'checkout.session.completed': 'checkout.completed',
  'checkout.session.async_payment_succeeded': 'checkout.completed',
  'checkout.session.async_payment_failed': 'checkout.completed',
  'checkout.session.expired': 'checkout.expired',
} as const satisfies Record<string, CheckoutFact['kind']>;

export const CHECKOUT_EVENTS: EventTable = {
  object: 'checkout.session',
  types: Object.keys(KINDS),
  readAs: 'checkout',
  translate: (event, base) => {
    const payload = toCheckoutPayload(event.data.object as Stripe.Checkout.Session);
    const kind = KINDS[event.type as keyof typeof KINDS];
    if (!payload.customerRef) return ignored('a checkout without a customer is not ours');
    return placed(payload.customerRef, { ...base, objectType: 'checkout', kind, payload, before: null });
  },
};
