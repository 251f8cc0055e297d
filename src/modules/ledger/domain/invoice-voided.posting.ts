import { divide } from '../../../shared/decimal';
import { InvoiceFigures, InvoiceRef, invoiceDraft } from './invoice-posting';
import { JournalDraft, credit, debit } from './journal';

export interface InvoiceVoided extends InvoiceRef, InvoiceFigures {
  /** What had been paid before; it stays posted. Minor units. */
  amountPaid: bigint;
}

/** Tax falls away in proportion to what falls away of the total; the rounding's rest stays in revenue, so that all adds up. */
function voidedTax({ total, tax, amountPaid }: InvoiceVoided): bigint {
  return amountPaid === 0n || total === 0n ? tax : divide(tax * (total - amountPaid), total, 'half-even');
}

/**
 * Takes back what the finalization posted, as far as it was not paid: receivable, deferred revenue, tax; credit that was
 * applied returns to the customer (docs.stripe.com/changelog/2019-12-03/customer-balances-returned-voided-invoices).
 * Without a payment it cancels the finalization exactly.
 * @returns null for an invoice that moved nothing
 * @throws AppError unexpected JOURNAL_UNBALANCED when the provider's figures do not add up
 */
export function invoiceVoided(invoice: InvoiceVoided): JournalDraft<'invoice.voided'> | null {
  const { total, amountDue, amountPaid, startingBalance, endingBalance, currency } = invoice;
  const tax = voidedTax(invoice);
  return invoiceDraft('invoice.voided', invoice, [
    credit('customer.receivable', amountDue - amountPaid, currency),
    credit('customer.credit', endingBalance - startingBalance, currency),
    debit('revenue.deferred', total - amountPaid - tax, currency),
    debit('tax.payable', tax, currency),
  ]);
}
