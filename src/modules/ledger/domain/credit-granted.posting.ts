import { credit, debit, type JournalDraft } from './journal';
import { postingDraft, type PostingRef } from './posting';

export interface CreditGranted extends PostingRef {
  /** In the customer's favour, minor units. */
  amount: bigint;
}

/** Dr credits.granted; Cr customer.credit: a present, which later invoices use up. */
export function creditGranted(grant: CreditGranted): JournalDraft<'credit.granted'> | null {
  const { amount, currency } = grant;
  return postingDraft('credit.granted', grant, [
    debit('credits.granted', amount, currency),
    credit('customer.credit', amount, currency),
  ]);
}
