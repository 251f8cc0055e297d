import type Stripe from 'stripe';
import type { Fact, FactObjectType } from '../../shared/facts';
import type { ReadResult } from '../provider.port';
import { toCheckoutPayload, toInvoicePayload, toPaymentPayload, toSubscriptionPayload } from './stripe-objects';
import { stripeAggregate } from './stripe-translator';

/** Each kind of object with the object itself, as Stripe answered it in our version. */
export type StripeObject =
  | { objectType: 'subscription'; object: Stripe.Subscription }
  | { objectType: 'invoice'; object: Stripe.Invoice }
  | { objectType: 'payment'; object: Stripe.PaymentIntent }
  | { objectType: 'checkout'; object: Stripe.Checkout.Session };

/** When and by what an object was read. */
export interface Reading {
  /** The second of the answer's Date header. */
  answeredAt: Date;
  sourceId: string;
}

/** Pure: an object that was read, as a snapshot fact. Null for what has no customer, and so is not ours. */
export function snapshotOf(read: StripeObject, reading: Reading): ReadResult | null {
  switch (read.objectType) {
    case 'subscription': {
      const payload = toSubscriptionPayload(read.object);
      return told(payload.customerRef, (aggregate) => ({
        ...base(read, reading, aggregate),
        objectType: 'subscription',
        kind: 'subscription.snapshot',
        payload,
      }));
    }
    case 'invoice': {
      const payload = toInvoicePayload(read.object);
      return told(payload.customerRef, (aggregate) => ({
        ...base(read, reading, aggregate),
        objectType: 'invoice',
        kind: 'invoice.snapshot',
        payload,
      }));
    }
    case 'payment': {
      if (!read.object.customer) return null;
      const payload = toPaymentPayload(read.object);
      return told(payload.customerRef, (aggregate) => ({
        ...base(read, reading, aggregate),
        objectType: 'payment',
        kind: 'payment.snapshot',
        payload,
      }));
    }
    case 'checkout': {
      const payload = toCheckoutPayload(read.object);
      return told(payload.customerRef, (aggregate) => ({
        ...base(read, reading, aggregate),
        objectType: 'checkout',
        kind: 'checkout.snapshot',
        payload,
      }));
    }
  }
}

/** The second of the answer's Date header (RFC 9110, 6.6.1): Stripe's clock. */
export function answeredAt(answer: Stripe.Response<object>): Date {
  const header = answer.lastResponse.headers['date'];
  const at = new Date(header ?? '');
  if (Number.isNaN(at.getTime())) throw new Error('Stripe answered without a Date header');
  return at;
}

function told(customerRef: string | null, fact: (aggregate: string) => Fact): ReadResult | null {
  if (customerRef === null) return null;
  const aggregate = stripeAggregate(customerRef);
  return { aggregate, facts: [fact(aggregate)] };
}

interface SnapshotBase<T extends FactObjectType> {
  provider: 'stripe';
  objectType: T;
  objectId: string;
  aggregate: string;
  occurredAt: Date;
  sourceId: string;
  before: null;
}

function base<T extends FactObjectType>(
  { objectType, object }: { objectType: T; object: { id: string } },
  reading: Reading,
  aggregate: string,
): SnapshotBase<T> {
  const { answeredAt: occurredAt, sourceId } = reading;
  return { provider: 'stripe', objectType, objectId: object.id, aggregate, occurredAt, sourceId, before: null };
}
