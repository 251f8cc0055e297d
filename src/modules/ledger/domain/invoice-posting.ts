import { Currency } from '../../../shared/currency';
import { AccountCode } from './accounts';
import { JournalDraft, JournalEntry, draftOf, postingKey } from './journal';
import { POSTINGS, PostingType } from './posting-table';

/** Where each provider's collected money stands until it pays out. */
export const CLEARING_ACCOUNT = { stripe: 'stripe.clearing' } as const satisfies Record<string, AccountCode>;

/** What every posting about an invoice says. */
export interface InvoiceRef {
  provider: keyof typeof CLEARING_ACCOUNT;
  /** The invoice's id at the provider; part of the key. */
  providerRef: string;
  /** Our id of the invoice. */
  invoiceId: string;
  customerId: string | null;
  currency: Currency;
  occurredAt: Date;
}

/** Figures of a finalized invoice, in minor units. */
export interface InvoiceFigures {
  /** Subtotal less discounts plus tax; negative when the invoice credits the customer. */
  total: bigint;
  /** Tax within the total, inclusive and exclusive alike. */
  tax: bigint;
  /** What remains to be paid after customer credit; never negative. */
  amountDue: bigint;
  /** The customer's balance before and after, in Stripe's sign: negative is credit in the customer's favour. */
  startingBalance: bigint;
  endingBalance: bigint;
}

/** Wraps the entries of an invoice's posting; null when they move nothing. */
export function invoiceDraft<Type extends PostingType>(
  type: Type,
  ref: InvoiceRef,
  entries: readonly JournalEntry[],
): JournalDraft<Type> | null {
  return draftOf({
    type,
    idempotencyKey: postingKey(ref.provider, ref.providerRef, POSTINGS[type].kind),
    refId: ref.invoiceId,
    provider: ref.provider,
    occurredAt: ref.occurredAt,
    customerId: ref.customerId,
    meta: {},
    entries,
  });
}
