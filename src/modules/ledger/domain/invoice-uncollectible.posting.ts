import { InvoiceRef, invoiceDraft } from './invoice-posting';
import { JournalDraft, credit, debit } from './journal';

export interface InvoiceUncollectible extends InvoiceRef {
  /** All that was not paid when it was given up, what credit notes had taken off included; minor units. */
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

export interface InvoiceUncollectibleCredited extends InvoiceRef {
  /** What credit notes have taken off in all, minor units; part of the key. */
  credited: bigint;
}

/**
 * Dr customer.receivable; Cr bad_debt.expense: what a credit note takes off is no bad debt, and the note itself has taken it off
 * the receivable, before the invoice was given up or after. Each sum of notes once, reversed by the next one and with the giving
 * up itself.
 */
export function invoiceUncollectibleCredited(
  invoice: InvoiceUncollectibleCredited,
): JournalDraft<'invoice.uncollectible_credited'> | null {
  const { credited, currency } = invoice;
  return invoiceDraft('invoice.uncollectible_credited', { ...invoice, occurrence: String(credited) }, [
    debit('customer.receivable', credited, currency),
    credit('bad_debt.expense', credited, currency),
  ]);
}
