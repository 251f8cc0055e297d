import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import type { Fact, FactObjectType } from '../../shared/facts';
import type { ReadResult } from '../provider.port';
import { StripeClient } from './stripe-client';
import { toCheckoutPayload, toInvoicePayload, toPaymentPayload, toSubscriptionPayload } from './stripe-objects';
import { stripeAggregate } from './stripe-translator';

/**
 * Reads objects and tells what was read as snapshot facts, dated by the second of Stripe's own `Date` header: never our
 * clock, never back-dated, so that a later replay needs no provider.
 */
@Injectable()
export class StripeReader {
  constructor(private readonly client: StripeClient) {}

  /** @returns null where Stripe has no such object. */
  async read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    try {
      return await this.readKnown(objectType, objectId, sourceId);
    } catch (error) {
      if (isAppError(error) && error.kind === 'not_found') return null;
      throw error;
    }
  }

  private async readKnown(objectType: FactObjectType, id: string, sourceId: string): Promise<ReadResult | null> {
    switch (objectType) {
      case 'subscription':
        return subscriptionSnapshot(await this.client.call((sdk) => sdk.subscriptions.retrieve(id)), sourceId);
      case 'invoice':
        return invoiceSnapshot(await this.client.call((sdk) => sdk.invoices.retrieve(id)), sourceId);
      case 'payment':
        return paymentSnapshot(
          await this.client.call((sdk) => sdk.paymentIntents.retrieve(id, { expand: ['payment_method'] })),
          sourceId,
        );
      case 'checkout':
        return checkoutSnapshot(await this.client.call((sdk) => sdk.checkout.sessions.retrieve(id)), sourceId);
    }
  }
}

type Read<T> = Stripe.Response<T>;

export function subscriptionSnapshot(subscription: Read<Stripe.Subscription>, sourceId: string): ReadResult {
  const payload = toSubscriptionPayload(subscription);
  return snapshot(payload.customerRef, (aggregate) => ({
    ...base(subscription, sourceId, aggregate),
    objectType: 'subscription',
    kind: 'subscription.snapshot',
    payload,
  }));
}

function invoiceSnapshot(invoice: Read<Stripe.Invoice>, sourceId: string): ReadResult {
  const payload = toInvoicePayload(invoice);
  return snapshot(payload.customerRef, (aggregate) => ({
    ...base(invoice, sourceId, aggregate),
    objectType: 'invoice',
    kind: 'invoice.snapshot',
    payload,
  }));
}

function paymentSnapshot(intent: Read<Stripe.PaymentIntent>, sourceId: string): ReadResult | null {
  if (!intent.customer) return null;
  const payload = toPaymentPayload(intent);
  return snapshot(payload.customerRef, (aggregate) => ({
    ...base(intent, sourceId, aggregate),
    objectType: 'payment',
    kind: 'payment.snapshot',
    payload,
  }));
}

function checkoutSnapshot(session: Read<Stripe.Checkout.Session>, sourceId: string): ReadResult | null {
  const payload = toCheckoutPayload(session);
  if (!payload.customerRef) return null;
  return snapshot(payload.customerRef, (aggregate) => ({
    ...base(session, sourceId, aggregate),
    objectType: 'checkout',
    kind: 'checkout.snapshot',
    payload,
  }));
}

function snapshot(customerRef: string, fact: (aggregate: string) => Fact): ReadResult {
  const aggregate = stripeAggregate(customerRef);
  return { aggregate, facts: [fact(aggregate)] };
}

interface SnapshotBase {
  provider: 'stripe';
  objectId: string;
  aggregate: string;
  occurredAt: Date;
  sourceId: string;
  before: null;
}

function base(object: Read<{ id: string }>, sourceId: string, aggregate: string): SnapshotBase {
  return { provider: 'stripe', objectId: object.id, aggregate, occurredAt: answeredAt(object), sourceId, before: null };
}

/** The second of the answer's Date header (RFC 9110, 6.6.1): Stripe's clock. */
function answeredAt(object: Read<object>): Date {
  const header = object.lastResponse.headers['date'];
  const at = new Date(header ?? '');
  if (Number.isNaN(at.getTime())) throw new Error('Stripe answered without a Date header');
  return at;
}
