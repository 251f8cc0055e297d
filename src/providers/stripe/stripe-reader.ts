import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import type { FactObjectType, InvoiceStatus } from '../../shared/facts';
import type { ReadResult } from '../provider.port';
import { StripeClient } from './stripe-client';
import { METADATA } from './stripe-objects';
import { answeredAt, snapshotOf, type StripeObject } from './stripe-snapshots';

/** What was paid elsewhere is said by no event and no list, only where it is asked for. */
export const INVOICE_EXPAND = ['amount_paid_off_stripe'];

/**
 * Reads objects and tells what was read as snapshot facts, dated by the second of Stripe's own `Date` header: never our
 * clock, never back-dated, so that a later replay needs no provider.
 */
@Injectable()
export class StripeReader {
  constructor(private readonly client: StripeClient) {}

  /** @returns null where Stripe has no such object. */
  async read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    const read = await unlessGone(() => this.retrieve(objectType, objectId));
    return read && snapshotOf(read, { answeredAt: answeredAt(read.object), sourceId });
  }

  /** Our customer's id in the customer's metadata; null where there is none, or no such customer any more. */
  async ownerOf(customerRef: string): Promise<string | null> {
    const customer = await unlessGone(() => this.client.call((sdk) => sdk.customers.retrieve(customerRef)));
    if (!customer || customer.deleted) return null;
    return customer.metadata[METADATA.customerId] ?? null;
  }

  private async retrieve(objectType: FactObjectType, id: string): Promise<Answered> {
    switch (objectType) {
      case 'subscription':
        return { objectType, object: await this.client.call((sdk) => sdk.subscriptions.retrieve(id)) };
      case 'invoice':
        return {
          objectType,
          object: await this.client.call((sdk) => sdk.invoices.retrieve(id, { expand: INVOICE_EXPAND })),
        };
      case 'payment': {
        const expand = ['payment_method'];
        return { objectType, object: await this.client.call((sdk) => sdk.paymentIntents.retrieve(id, { expand })) };
      }
      case 'checkout':
        return { objectType, object: await this.client.call((sdk) => sdk.checkout.sessions.retrieve(id)) };
    }
  }
}

type Answered = StripeObject & { object: Stripe.Response<object> };

async function unlessGone<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isAppError(error) && error.kind === 'not_found') return null;
    throw error;
  }
}

/** The answer to a call of ours that made or changed a subscription. */
export function subscriptionSnapshot(subscription: Stripe.Response<Stripe.Subscription>, sourceId: string): ReadResult {
  const reading = { answeredAt: answeredAt(subscription), sourceId };
  const read = snapshotOf({ objectType: 'subscription', object: subscription }, reading);
  if (!read) throw new Error('Stripe answered a subscription without a customer');
  return read;
}

/** The answer to a call of ours that settled an invoice. */
export function invoiceSnapshot(
  invoice: Stripe.Response<Stripe.Invoice>,
  sourceId: string,
): { status: InvoiceStatus; snapshot: ReadResult } {
  const snapshot = snapshotOf(
    { objectType: 'invoice', object: invoice },
    { answeredAt: answeredAt(invoice), sourceId },
  );
  const fact = snapshot?.facts[0];
  if (fact?.objectType !== 'invoice') throw new Error('Stripe answered an invoice without a customer');
  return { status: fact.payload.status, snapshot: snapshot as ReadResult };
}
