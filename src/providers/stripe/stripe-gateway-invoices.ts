import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import type { InvoiceStatus } from '../../shared/facts';
import type { ReadResult } from '../provider.port';
import { StripeClient } from './stripe-client';
import { isMissingMethod, noPaymentMethod } from './stripe-errors';
import { INVOICE_EXPAND, invoiceSnapshot } from './stripe-reader';

/** An invoice after a call of ours, for the facts. */
export interface SettledInvoice {
  providerId: string;
  status: InvoiceStatus;
  attemptCount: number;
  snapshot: ReadResult;
}

/** What can be done about an open invoice. */
export type InvoiceAction =
  | { action: 'pay'; /** Instead of the default one. */ paymentMethodRef: string | null }
  | { action: 'pay_out_of_band' }
  | { action: 'void' }
  | { action: 'mark_uncollectible' };

/** Calls that settle an invoice which exists. */
@Injectable()
export class StripeInvoiceGateway {
  constructor(private readonly client: StripeClient) {}

  /** @throws PAYMENT_FAILED for a declined attempt; PAYMENT_METHOD_REQUIRED without anything to charge. */
  async settle(invoiceRef: string, what: InvoiceAction, intentId: string, key: string): Promise<SettledInvoice> {
    const answer = await this.client
      .call((sdk) => send(sdk, invoiceRef, what, { idempotencyKey: key }))
      .catch((error: unknown) => {
        throw isMissingMethod(error) ? noPaymentMethod() : error;
      });
    // Under a replayed key the answer is as old as the first call.
    if (answer.lastResponse.headers['idempotent-replayed'] === 'true') return this.read(invoiceRef, intentId);
    return settled(answer, intentId);
  }

  /** How it stands, to learn what became of a call whose answer was lost. */
  async read(invoiceRef: string, intentId: string): Promise<SettledInvoice> {
    return settled(
      await this.client.call((sdk) => sdk.invoices.retrieve(invoiceRef, { expand: INVOICE_EXPAND })),
      intentId,
    );
  }
}

function send(
  sdk: Stripe,
  invoiceRef: string,
  what: InvoiceAction,
  options: { idempotencyKey: string },
): Promise<Stripe.Response<Stripe.Invoice>> {
  const expand = INVOICE_EXPAND;
  switch (what.action) {
    case 'pay': {
      const method = what.paymentMethodRef === null ? {} : { payment_method: what.paymentMethodRef };
      return sdk.invoices.pay(invoiceRef, { ...method, expand }, options);
    }
    case 'pay_out_of_band':
      return sdk.invoices.pay(invoiceRef, { paid_out_of_band: true, expand }, options);
    case 'void':
      return sdk.invoices.voidInvoice(invoiceRef, { expand }, options);
    case 'mark_uncollectible':
      return sdk.invoices.markUncollectible(invoiceRef, { expand }, options);
  }
}

function settled(invoice: Stripe.Response<Stripe.Invoice>, intentId: string): SettledInvoice {
  const { status, snapshot } = invoiceSnapshot(invoice, `answer:${intentId}`);
  return { providerId: invoice.id, status, attemptCount: invoice.attempt_count, snapshot };
}
