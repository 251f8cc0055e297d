import { InvoiceRef, invoiceDraft } from './invoice-posting';
import { CLEARING_ACCOUNT } from './posting';
import { JournalDraft, credit, debit } from './journal';

export interface InvoicePaid extends InvoiceRef {
  /** All that was paid, minor units. */
  amountPaid: bigint;
  /** The part of it that was paid outside the provider (a bank transfer, cash), and that the provider never pays out. */
  amountPaidOutOfBand: bigint;
}

/**
 * Dr the provider's clearing account (and bank.clearing for what was paid elsewhere); Cr customer.receivable.
 * @returns null when nothing was paid, as when credit covered the invoice
 */
export function invoicePaid(invoice: InvoicePaid): JournalDraft<'invoice.paid'> | null {
  const { provider, amountPaid, amountPaidOutOfBand, currency } = invoice;
  return invoiceDraft('invoice.paid', invoice, [
    debit(CLEARING_ACCOUNT[provider], amountPaid - amountPaidOutOfBand, currency),
    debit('bank.clearing', amountPaidOutOfBand, currency),
    credit('customer.receivable', amountPaid, currency),
  ]);
}
