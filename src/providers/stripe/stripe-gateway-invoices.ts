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

/** An invoice that Stripe collects no more by itself. */
export interface TakenInvoice extends SettledInvoice {
  /** Stripe will still try again by itself. */
  isRetriedThere: boolean;
  /** What was said of the last attempt; nulls where none was declined, or nothing is known. */
  lastError: { declineCode: string | null; adviceCode: string | null; networkAdviceCode: string | null };
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

  /** Ends Stripe's own attempts on an open invoice. */
  async takeOver(invoiceRef: string, intentId: string, key: string): Promise<TakenInvoice> {
    await this.client.call((sdk) => sdk.invoices.update(invoiceRef, { auto_advance: false }, { idempotencyKey: key }));
    return this.standing(invoiceRef, intentId);
  }

  /** How it stands, and what became of the last attempt. */
  async standing(invoiceRef: string, intentId: string): Promise<TakenInvoice> {
    const expand = [...INVOICE_EXPAND, 'payments.data.payment.payment_intent'];
    const invoice = await this.client.call((sdk) => sdk.invoices.retrieve(invoiceRef, { expand }));
    const intent = invoice.payments?.data.find(({ is_default }) => is_default)?.payment.payment_intent;
    const { error, waits } = typeof intent === 'object' ? errorOf(intent) : { error: null, waits: false };
    return {
      ...settled(invoice, intentId),
      isRetriedThere: invoice.status === 'open' && invoice.next_payment_attempt !== null,
      lastError: {
        declineCode: error?.decline_code ?? error?.code ?? (waits ? 'authentication_required' : null),
        adviceCode: error?.advice_code ?? null,
        networkAdviceCode: error?.network_advice_code ?? null,
      },
    };
  }

  /** Whether it can still be paid, and on which page; Stripe renews a page that has expired as it is read. Not repeated here. */
  async payPage(invoiceRef: string): Promise<{ open: boolean; url: string | null }> {
    const { status, hosted_invoice_url: url } = await this.client.glance((sdk, options) =>
      sdk.invoices.retrieve(invoiceRef, undefined, options),
    );
    return { open: status === 'open', url: url ?? null };
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

/** Of a payment that waits for the customer nothing is declined, and it does not go on by itself either. */
function errorOf(intent: Stripe.PaymentIntent): {
  error: Stripe.PaymentIntent.LastPaymentError | null;
  waits: boolean;
} {
  return { error: intent.last_payment_error, waits: intent.status === 'requires_action' };
}

function settled(invoice: Stripe.Response<Stripe.Invoice>, intentId: string): SettledInvoice {
  const { status, snapshot } = invoiceSnapshot(invoice, `answer:${intentId}`);
  return { providerId: invoice.id, status, attemptCount: invoice.attempt_count, snapshot };
}
