import { credit, debit, type JournalDraft } from './journal';
import { postingDraft, type PostingRef } from './posting';

/** A credit note's figures, minor units; total = prePayment + refunded + credited + outOfBand. */
export interface CreditNoteIssued extends PostingRef {
  total: bigint;
  /** Tax within the total. */
  tax: bigint;
  prePayment: bigint;
  refunded: bigint;
  credited: bigint;
  outOfBand: bigint;
}

/**
 * Dr revenue.refunds and tax.payable; Cr what the customer no longer owes (customer.receivable), is credited (customer.credit) or
 * gets outside the provider (bank.clearing). What is refunded was posted with the refund, all of it as revenue: of that part only
 * its tax moves here.
 * @throws AppError unexpected JOURNAL_UNBALANCED when the provider's figures do not add up
 */
export function creditNoteIssued(note: CreditNoteIssued): JournalDraft<'credit_note.issued'> | null {
  const { total, tax, prePayment, refunded, credited, outOfBand, currency } = note;
  return postingDraft('credit_note.issued', note, [
    debit('revenue.refunds', total - tax - refunded, currency),
    debit('tax.payable', tax, currency),
    credit('customer.receivable', prePayment, currency),
    credit('customer.credit', credited, currency),
    credit('bank.clearing', outOfBand, currency),
  ]);
}
