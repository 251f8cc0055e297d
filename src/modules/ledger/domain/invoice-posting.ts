import type { JournalDraft, JournalEntry } from './journal';
import { postingDraft, type PostingRef } from './posting';
import type { PostingType } from './posting-table';

/** What every posting about an invoice says. */
export interface InvoiceRef extends Omit<PostingRef, 'refId'> {
  /** Our id of the invoice. */
  invoiceId: string;
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
  { invoiceId, ...ref }: InvoiceRef,
  entries: readonly JournalEntry[],
): JournalDraft<Type> | null {
  return postingDraft(type, { ...ref, refId: invoiceId }, entries);
}
