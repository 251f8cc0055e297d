import type Stripe from 'stripe';
import { aggregateOf } from '../../shared/aggregate';
import { AppError, isAppError, validation } from '../../shared/app-error';
import type { CheckoutFact, FactObjectType, InvoiceFact, PaymentFact, SubscriptionFact } from '../../shared/facts';
import type { Translation } from '../provider.port';
import { STRIPE_API_VERSION } from './stripe-version';
import {
  chargeMethod,
  refOf,
  toCheckoutPayload,
  toInvoicePayload,
  toPaymentPayload,
  toSubscriptionPayload,
} from './stripe-objects';

export function stripeAggregate(customerRef: string): string {
  return aggregateOf('stripe', customerRef);
}

/** The inverse. */
export function stripeCustomerOf(aggregate: string): string {
  return aggregate.slice('stripe:'.length);
}

const SUBSCRIPTION_KINDS: Readonly<Record<string, SubscriptionFact['kind']>> = {
  'customer.subscription.created': 'subscription.created',
  'customer.subscription.updated': 'subscription.changed',
  'customer.subscription.paused': 'subscription.changed',
  'customer.subscription.resumed': 'subscription.changed',
  'customer.subscription.trial_will_end': 'subscription.changed',
  'customer.subscription.pending_update_applied': 'subscription.changed',
  'customer.subscription.pending_update_expired': 'subscription.changed',
  'customer.subscription.deleted': 'subscription.deleted',
};
/** `invoice.paid` is the superset of `invoice.payment_succeeded`: only the former says "paid". */
const INVOICE_KINDS: Readonly<Record<string, InvoiceFact['kind']>> = {
  'invoice.created': 'invoice.created',
  'invoice.finalized': 'invoice.finalized',
  'invoice.updated': 'invoice.changed',
  'invoice.payment_succeeded': 'invoice.changed',
  'invoice.overpaid': 'invoice.changed',
  'invoice.payment_failed': 'invoice.payment_failed',
  'invoice.payment_action_required': 'invoice.payment_action_required',
  'invoice.paid': 'invoice.paid',
  'invoice.voided': 'invoice.voided',
  'invoice.marked_uncollectible': 'invoice.uncollectible',
};
type PaymentStateKind = Exclude<PaymentFact['kind'], 'payment.linked' | 'payment.charged'>;
const PAYMENT_KINDS: Readonly<Record<string, PaymentStateKind>> = {
  'payment_intent.created': 'payment.created',
  'payment_intent.processing': 'payment.changed',
  'payment_intent.requires_action': 'payment.changed',
  'payment_intent.payment_failed': 'payment.failed',
  'payment_intent.succeeded': 'payment.succeeded',
  'payment_intent.canceled': 'payment.canceled',
};
const CHECKOUT_KINDS: Readonly<Record<string, CheckoutFact['kind']>> = {
  'checkout.session.completed': 'checkout.completed',
  'checkout.session.expired': 'checkout.expired',
};
/** Stripe's object names of what we mirror, for reading again what came in another version. */
const OBJECT_TYPES: Readonly<Record<string, FactObjectType>> = {
  subscription: 'subscription',
  invoice: 'invoice',
  payment_intent: 'payment',
  'checkout.session': 'checkout',
};

interface RawObject {
  id?: string;
  object: string;
}

/** The object each event type we handle carries. A map, because a type such as `constructor` is in every plain object. */
const OBJECT_OF_TYPE: ReadonlyMap<string, string> = new Map([
  ...Object.keys(SUBSCRIPTION_KINDS).map((type) => [type, 'subscription'] as const),
  ...Object.keys(INVOICE_KINDS).map((type) => [type, 'invoice'] as const),
  ...Object.keys(PAYMENT_KINDS).map((type) => [type, 'payment_intent'] as const),
  ...Object.keys(CHECKOUT_KINDS).map((type) => [type, 'checkout.session'] as const),
  ['invoice_payment.paid', 'invoice_payment'],
  ['charge.succeeded', 'charge'],
  ['charge.failed', 'charge'],
]);

/** Turns a verified event into facts. Pure. @throws AppError validation where a known type lacks what it must have. */
export function translateStripeEvent(event: Stripe.Event): Translation {
  const expected = OBJECT_OF_TYPE.get(event.type);
  if (!expected) return { kind: 'ignored', reason: `event type ${event.type} means nothing to us` };
  const object: unknown = event.data.object;
  if (!isHash(object) || object['object'] !== expected) {
    throw validation('SCHEMA_VALIDATION', `The ${event.type} event carries no ${expected}`, { type: event.type });
  }
  const raw = object as unknown as RawObject;
  if (event.api_version !== STRIPE_API_VERSION) return inAnotherVersion(event.type, raw);
  try {
    return translateObject(event, raw);
  } catch (error) {
    if (isAppError(error) && error.kind === 'validation') throw error;
    // A field that is not there, or not of its type: the event is absurd, and will be on every retry.
    throw new AppError({
      kind: 'validation',
      code: 'SCHEMA_VALIDATION',
      message: `The ${event.type} event cannot be read`,
      details: { type: event.type },
      cause: error,
    });
  }
}

/** Payloads come in the endpoint's API version, not in ours: fields may have moved, so we read the object ourselves. */
function inAnotherVersion(type: string, object: RawObject): Translation {
  const objectType = OBJECT_TYPES[object.object];
  if (objectType) return { kind: 'read', objectType, objectId: requireId(object) };
  return { kind: 'ignored', reason: `${type} in another API version, and nothing of ours to read` };
}

function translateObject(event: Stripe.Event, object: RawObject): Translation {
  const base = {
    provider: 'stripe' as const,
    objectId: requireId(object),
    occurredAt: new Date(event.created * 1000),
    sourceId: event.id,
  };
  switch (object.object) {
    case 'subscription': {
      const payload = toSubscriptionPayload(object as Stripe.Subscription);
      const kind = SUBSCRIPTION_KINDS[event.type] ?? 'subscription.changed';
      const before = previous(event, toSubscriptionPayload);
      return placed(payload.customerRef, { ...base, objectType: 'subscription', kind, payload, before });
    }
    case 'invoice': {
      const payload = toInvoicePayload(object as Stripe.Invoice);
      const kind = INVOICE_KINDS[event.type] ?? 'invoice.changed';
      return placed(payload.customerRef, {
        ...base,
        objectType: 'invoice',
        kind,
        payload,
        before: previous(event, toInvoicePayload),
      });
    }
    case 'payment_intent': {
      const intent = object as Stripe.PaymentIntent;
      if (!intent.customer) return { kind: 'ignored', reason: 'a payment without a customer is not ours' };
      const payload = toPaymentPayload(intent);
      const kind = PAYMENT_KINDS[event.type] ?? 'payment.changed';
      return placed(payload.customerRef, { ...base, objectType: 'payment', kind, payload, before: null });
    }
    case 'checkout.session': {
      const payload = toCheckoutPayload(object as Stripe.Checkout.Session);
      const kind = CHECKOUT_KINDS[event.type] ?? 'checkout.snapshot';
      if (!payload.customerRef) return { kind: 'ignored', reason: 'a checkout without a customer is not ours' };
      return placed(payload.customerRef, { ...base, objectType: 'checkout', kind, payload, before: null });
    }
    case 'charge':
      return translateCharge(base, object as Stripe.Charge);
    case 'invoice_payment':
      return translateInvoicePayment(base, object as Stripe.InvoicePayment);
    default:
      throw validation('SCHEMA_VALIDATION', `${event.type} carries a ${object.object}`);
  }
}

type Base = Pick<PaymentFact, 'provider' | 'objectId' | 'occurredAt' | 'sourceId'>;

/** A charge tells what a payment was made with; the payment itself is the payment intent. */
function translateCharge(base: Base, charge: Stripe.Charge): Translation {
  const customerRef = refOf(charge.customer);
  const paymentRef = refOf(charge.payment_intent);
  const method = chargeMethod(charge);
  if (!customerRef || !paymentRef || !method)
    return { kind: 'ignored', reason: 'a charge without a payment intent is not ours' };
  return placed(customerRef, {
    ...base,
    objectType: 'payment',
    objectId: paymentRef,
    kind: 'payment.charged',
    payload: { method },
    before: null,
  });
}

/** The only event that says which invoice a payment intent paid. It names no customer: the invoice's is his. */
function translateInvoicePayment(base: Base, payment: Stripe.InvoicePayment): Translation {
  const paymentRef = refOf(payment.payment.payment_intent);
  const invoiceRef = refOf(payment.invoice);
  if (!paymentRef || !invoiceRef) return { kind: 'ignored', reason: 'an invoice payment without a payment intent' };
  return {
    kind: 'unplaced',
    via: { objectType: 'invoice', objectId: invoiceRef },
    facts: [
      {
        ...base,
        objectType: 'payment',
        objectId: paymentRef,
        kind: 'payment.linked',
        payload: { invoiceRef },
        before: null,
      },
    ],
  };
}

type PlaceableFact = SubscriptionFact | InvoiceFact | PaymentFact | CheckoutFact;
type WithoutAggregate<F> = F extends unknown ? Omit<F, 'aggregate'> : never;

function placed(customerRef: string, fact: WithoutAggregate<PlaceableFact>): Translation {
  const aggregate = stripeAggregate(customerRef);
  return { kind: 'facts', aggregate, facts: [{ ...fact, aggregate }] };
}

/** The object as it was: `previous_attributes` laid over it. Hashes are partial there, lists are whole. */
function previous<Payload>(event: Stripe.Event, toPayload: (object: never) => Payload): Payload | null {
  const attributes = event.data.previous_attributes as Record<string, unknown> | undefined;
  if (!attributes) return null;
  return toPayload(overlay(event.data.object, attributes) as never);
}

function overlay(object: unknown, former: unknown): unknown {
  if (!isHash(object) || !isHash(former)) return former;
  const result: Record<string, unknown> = { ...object };
  for (const [key, value] of Object.entries(former)) result[key] = overlay(object[key], value);
  return result;
}

function isHash(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function requireId(object: RawObject): string {
  if (typeof object.id !== 'string' || object.id === '')
    throw validation('SCHEMA_VALIDATION', "The event's object has no id");
  return object.id;
}
