import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import type { Fact, FactObjectType, InvoiceStatus } from '../../shared/facts';
import type { ReadResult, UnplacedFact } from '../provider.port';
import { StripeClient } from './stripe-client';
import { METADATA } from './stripe-objects';
import { linksOf } from './stripe-seen';
import { answeredAt, refundFacts, snapshotOf, type StripeObject } from './stripe-snapshots';

/** What was paid elsewhere is said by no event and no list, only where it is asked for. */
export const INVOICE_EXPAND = ['amount_paid_off_stripe'];

/**
 * Reads objects and tells what was read as snapshot facts, dated by the second of Stripe's own `Date` header: never our
 * clock, never back-dated, so that a later replay needs no provider.
 */
@Injectable()
export class StripeReader {
  constructor(private readonly client: StripeClient) {}

  /**
   * @returns null where Stripe has no such object. A payment comes with what came in by it, and with its refunds; an invoice with
   * which payments have paid it.
   */
  async read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    const read = await unlessGone(() => this.retrieve(objectType, objectId));
    if (!read) return null;
    const reading = { answeredAt: answeredAt(read.object), sourceId };
    const told = snapshotOf(read, reading);
    if (told && read.objectType === 'invoice') {
      return { ...told, facts: [...told.facts, ...linksOf(read.object, told.aggregate, reading)] };
    }
    if (!told || read.objectType !== 'payment' || !isRefunded(read.object)) return told;
    const refunds = await this.refundsOf(objectId, sourceId);
    return {
      ...told,
      facts: [...told.facts, ...refunds.map((fact): Fact => ({ ...fact, aggregate: told.aggregate }))],
    };
  }

  /** Our customer's id in the customer's metadata; null where there is none, or no such customer any more. */
  async ownerOf(customerRef: string): Promise<string | null> {
    const customer = await unlessGone(() => this.client.call((sdk) => sdk.customers.retrieve(customerRef)));
    if (!customer || customer.deleted) return null;
    return customer.metadata[METADATA.customerId] ?? null;
  }

  private async retrieve(objectType: FactObjectType, id: string): Promise<Answered> {
    const { client } = this;
    switch (objectType) {
      case 'subscription':
        return { objectType, object: await client.call((sdk) => sdk.subscriptions.retrieve(id)) };
      case 'invoice':
        return {
          objectType,
          object: await client.call((sdk) => sdk.invoices.retrieve(id, { expand: [...INVOICE_EXPAND, 'payments'] })),
        };
      case 'payment': {
        const expand = ['payment_method', 'latest_charge.balance_transaction'];
        return { objectType, object: await client.call((sdk) => sdk.paymentIntents.retrieve(id, { expand })) };
      }
      case 'checkout':
        return { objectType, object: await client.call((sdk) => sdk.checkout.sessions.retrieve(id)) };
      case 'charge': {
        const expand = ['balance_transaction'];
        return { objectType, object: await client.call((sdk) => sdk.charges.retrieve(id, { expand })) };
      }
      case 'refund':
        return { objectType, object: await client.call((sdk) => sdk.refunds.retrieve(id, { expand: REFUND_EXPAND })) };
      case 'dispute':
        return { objectType, object: await client.call((sdk) => sdk.disputes.retrieve(id, { expand: WHOSE })) };
      case 'credit_note':
        return { objectType, object: await client.call((sdk) => sdk.creditNotes.retrieve(id)) };
      case 'provider_payout':
        return { objectType, object: await client.call((sdk) => sdk.payouts.retrieve(id)) };
      case 'payment_method':
        return { objectType, object: await client.call((sdk) => sdk.paymentMethods.retrieve(id)) };
      case 'customer':
        return { objectType, object: await client.call((sdk) => sdk.customers.retrieve(id)) };
      case 'credit':
      case 'payment_concern':
      case 'purchase':
      case 'setup':
      case 'fund_reservation':
      case 'transfer':
      case 'deposit':
        // Told once and decided, or another provider's: nobody asks for them here.
        throw new Error(`A ${objectType} is never read`);
    }
  }

  private async refundsOf(paymentRef: string, sourceId: string): Promise<UnplacedFact[]> {
    const expand = MOVEMENTS.map((field) => `data.${field}`);
    const refunds = await this.client.call((sdk) =>
      sdk.refunds.list({ payment_intent: paymentRef, limit: 100, expand }),
    );
    const reading = { answeredAt: answeredAt(refunds), sourceId };
    return refunds.data.flatMap((refund) => refundFacts(refund, reading));
  }
}

/** Refunds and disputes name no customer of their own; their payment does. */
export const WHOSE = ['payment_intent'];
/** A refund's on our balance, which may be kept in another currency than the payment's. */
const MOVEMENTS = ['balance_transaction', 'failure_balance_transaction'];
export const REFUND_EXPAND = [...WHOSE, ...MOVEMENTS];

function isRefunded({ latest_charge: charge }: Stripe.PaymentIntent): boolean {
  return charge !== null && typeof charge === 'object' && (charge.refunded || charge.amount_refunded > 0);
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
