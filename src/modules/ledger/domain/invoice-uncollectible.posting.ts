import { InvoiceRef, invoiceDraft } from './invoice-posting';
import { JournalDraft, credit, debit } from './journal';

export interface InvoiceUncollectible extends InvoiceRef {
  /** What was still open when it was given up, minor units. */
  amountRemaining: bigint;
}

/**
 * Dr bad_debt.expense; Cr customer.receivable. The invoice may still be paid or voided later: then this posting is reversed
 * (posting-table.ts, `undoneBy`), and the payment finds its receivable again.
 * @returns null when nothing was open
 */
export function invoiceUncollectible(invoice: InvoiceUncollectible): JournalDraft<'invoice.uncollectible'> | null {
  const { amountRemaining, currency } = invoice;
  return invoiceDraft('invoice.uncollectible', invoice, [
    debit('bad_debt.expense', amountRemaining, currency),
    credit('customer.receivable', amountRemaining, currency),
  ]);
}
