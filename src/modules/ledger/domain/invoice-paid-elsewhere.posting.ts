import { InvoiceRef, invoiceDraft } from './invoice-posting';
import { CLEARING_ACCOUNT } from './posting';
import { JournalDraft, credit, debit } from './journal';

export interface InvoicePaidElsewhere extends InvoiceRef {
  /** What was paid outside the provider, of what `invoice.paid` booked as collected by it; minor units. */
  amount: bigint;
}

/**
 * Dr bank.clearing; Cr the provider's clearing account. Events say that an invoice is paid, and only a reading says where, so
 * the payment is booked as the provider's first and moved once it is known to be none.
 * @returns null when nothing was paid elsewhere
 */
export function invoicePaidElsewhere(invoice: InvoicePaidElsewhere): JournalDraft<'invoice.paid_elsewhere'> | null {
  const { provider, amount, currency } = invoice;
  return invoiceDraft('invoice.paid_elsewhere', invoice, [
    debit('bank.clearing', amount, currency),
    credit(CLEARING_ACCOUNT[provider], amount, currency),
  ]);
}
