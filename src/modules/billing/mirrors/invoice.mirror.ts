import { foldInvoice, type InvoiceState } from '../domain/fold-invoice';
import { MirrorKind } from './mirror-kind';
import type { MirrorColumns, OwnedObject } from './mirror-rows.repository';

export const INVOICE_MIRROR = new MirrorKind('invoice', foldInvoice, invoiceRow);

function invoiceRow({ key, customerId }: OwnedObject, state: InvoiceState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    provider_subscription_id: p.subscriptionRef,
    number: p.number,
    status: p.status,
    billing_reason: p.billingReason,
    currency: p.currency,
    total: p.total,
    tax: p.tax,
    taxes: p.taxes ?? [],
    discount: p.discount ?? 0,
    amount_due: p.amountDue,
    amount_paid: p.amountPaid,
    amount_remaining: p.amountRemaining,
    period_start: p.periodStart,
    period_end: p.periodEnd,
    hosted_url: p.hostedUrl,
    pdf_url: p.pdfUrl,
    attempt_count: p.attemptCount,
    next_retry_at: p.nextAttemptAt,
    first_failed_at: state.firstFailedAt,
    finalized_at: state.finalized?.at ?? null,
    paid_at: state.paid?.at ?? null,
    lines: p.lines,
    created_at: p.createdAt,
  };
}
