import type Stripe from 'stripe';
import { HOUSE_ACCOUNT } from '../../shared/aggregate';
import type { Fact, FactObjectType } from '../../shared/facts';
import type { ReadResult, UnplacedFact } from '../provider.port';
import {
  toChargePayload,
  toCreditNotePayload,
  toDisputePayload,
  toProviderPayoutPayload,
  toRefundPayload,
} from './stripe-money-objects';
import { toCustomerPayload, toPaymentMethodPayload } from './stripe-method-objects';
import { refOf, toCheckoutPayload, toInvoicePayload, toPaymentPayload, toSubscriptionPayload } from './stripe-objects';
import { stripeAggregate } from './stripe-translator';

/** Each kind of object with the object itself, as Stripe answered it in our version. */
export type StripeObject =
  | { objectType: 'subscription'; object: Stripe.Subscription }
  | { objectType: 'invoice'; object: Stripe.Invoice }
  /** With its latest charge and that one's balance transaction expanded, they tell what came in. */
  | { objectType: 'payment'; object: Stripe.PaymentIntent }
  | { objectType: 'checkout'; object: Stripe.Checkout.Session }
  | { objectType: 'charge'; object: Stripe.Charge }
  | { objectType: 'credit_note'; object: Stripe.CreditNote }
  | { objectType: 'provider_payout'; object: Stripe.Payout }
  | { objectType: 'payment_method'; object: Stripe.PaymentMethod }
  | { objectType: 'customer'; object: Stripe.Customer | Stripe.DeletedCustomer }
  /** With the payment intent expanded: it says whose they are. A refund with its movements too: they tell what it took. */
  | { objectType: 'refund'; object: Stripe.Refund }
  | { objectType: 'dispute'; object: Stripe.Dispute };

/** When and by what an object was read. */
export interface Reading {
  /** The second of the answer's Date header. */
  answeredAt: Date;
  sourceId: string;
}

/**
 * Pure: an object that was read, as snapshot facts. Null for what has no customer, and so is not ours.
 * @param customerRef where the caller knows whose it was: what is detached does not say.
 */
export function snapshotOf(
  read: StripeObject,
  reading: Reading,
  customerRef: string | null = customerOf(read),
): ReadResult | null {
  if (customerRef === null) return null;
  const aggregate = stripeAggregate(customerRef);
  return { aggregate, facts: factsOf(read, reading).map((fact): Fact => ({ ...fact, aggregate })) };
}

/** The second of the answer's Date header (RFC 9110, 6.6.1): Stripe's clock. */
export function answeredAt(answer: Stripe.Response<object>): Date {
  const header = answer.lastResponse.headers['date'];
  const at = new Date(header ?? '');
  if (Number.isNaN(at.getTime())) throw new Error('Stripe answered without a Date header');
  return at;
}

function customerOf({ objectType, object }: StripeObject): string | null {
  switch (objectType) {
    case 'refund':
    case 'dispute':
      return typeof object.payment_intent === 'object' ? refOf(object.payment_intent?.customer) : null;
    case 'provider_payout':
      return HOUSE_ACCOUNT;
    case 'customer':
      return object.id;
    default:
      return refOf(object.customer);
  }
}

function factsOf(read: StripeObject, reading: Reading): UnplacedFact[] {
  switch (read.objectType) {
    case 'subscription':
      return [{ ...base(read, reading), kind: 'subscription.snapshot', payload: toSubscriptionPayload(read.object) }];
    case 'invoice':
      return [{ ...base(read, reading), kind: 'invoice.snapshot', payload: toInvoicePayload(read.object) }];
    case 'payment':
      return [
        { ...base(read, reading), kind: 'payment.snapshot', payload: toPaymentPayload(read.object) },
        ...chargeFacts(read.object.latest_charge, reading),
      ];
    case 'checkout':
      return [{ ...base(read, reading), kind: 'checkout.snapshot', payload: toCheckoutPayload(read.object) }];
    case 'charge':
      return chargeFacts(read.object, reading);
    case 'credit_note':
      return [{ ...base(read, reading), kind: 'credit_note.snapshot', payload: toCreditNotePayload(read.object) }];
    case 'provider_payout':
      return [
        { ...base(read, reading), kind: 'provider_payout.snapshot', payload: toProviderPayoutPayload(read.object) },
      ];
    case 'payment_method':
      return [
        { ...base(read, reading), kind: 'payment_method.snapshot', payload: toPaymentMethodPayload(read.object) },
      ];
    case 'customer':
      return [{ ...base(read, reading), kind: 'customer.snapshot', payload: toCustomerPayload(read.object) }];
    case 'refund':
      return refundFacts(read.object, reading);
    case 'dispute':
      return [{ ...base(read, reading), kind: 'dispute.snapshot', payload: toDisputePayload(read.object) }];
  }
}

/** A charge that has come to nothing moved no money, and one without a payment intent is not ours. */
function chargeFacts(charge: Stripe.Charge | string | null, reading: Reading): UnplacedFact[] {
  if (charge === null || typeof charge === 'string' || charge.status !== 'succeeded') return [];
  const customerRef = refOf(charge.customer);
  const paymentRef = refOf(charge.payment_intent);
  if (customerRef === null || paymentRef === null) return [];
  const payload = toChargePayload(charge, customerRef, paymentRef);
  return [{ ...base({ objectType: 'charge', object: charge }, reading), kind: 'charge.snapshot', payload }];
}

export function refundFacts(refund: Stripe.Refund, reading: Reading): UnplacedFact[] {
  const payload = toRefundPayload(refund);
  return [{ ...base({ objectType: 'refund', object: refund }, reading), kind: 'refund.snapshot', payload }];
}

interface SnapshotBase<T extends FactObjectType> {
  provider: 'stripe';
  objectType: T;
  objectId: string;
  occurredAt: Date;
  sourceId: string;
  before: null;
}

function base<T extends FactObjectType>(
  { objectType, object }: { objectType: T; object: { id: string } },
  { answeredAt: occurredAt, sourceId }: Reading,
): SnapshotBase<T> {
  return { provider: 'stripe', objectType, objectId: object.id, occurredAt, sourceId, before: null };
}
