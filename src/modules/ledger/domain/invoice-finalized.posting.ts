import { InvoiceFigures, InvoiceRef, invoiceDraft } from './invoice-posting';
import { JournalDraft, credit, debit } from './journal';

export type InvoiceFinalized = InvoiceRef & InvoiceFigures;

/**
 * Dr customer.receivable amountDue; Cr revenue.deferred total - tax; Cr tax.payable tax; customer.credit takes the movement of
 * the customer's balance, whose sign at Stripe is already that of our entry: credit used up (-500 -> 0) is a debit of 500.
 * Balanced because a provider's amountDue = total + startingBalance - endingBalance.
 * @returns null for an invoice that moves nothing (a trial's first one)
 * @throws AppError unexpected JOURNAL_UNBALANCED when the provider's figures do not add up
 */
export function invoiceFinalized(invoice: InvoiceFinalized): JournalDraft<'invoice.finalized'> | null {
  const { total, tax, amountDue, startingBalance, endingBalance, currency } = invoice;
  return invoiceDraft('invoice.finalized', invoice, [
    debit('customer.receivable', amountDue, currency),
    debit('customer.credit', endingBalance - startingBalance, currency),
    credit('revenue.deferred', total - tax, currency),
    credit('tax.payable', tax, currency),
  ]);
}
