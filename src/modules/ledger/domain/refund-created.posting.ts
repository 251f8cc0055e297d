import { credit, debit, type JournalDraft } from './journal';
import { CLEARING_ACCOUNT, postingDraft, type PostingRef } from './posting';

export interface RefundCreated extends PostingRef {
  /** Minor units. */
  amount: bigint;
}

/**
 * Dr revenue.refunds; Cr the provider's clearing account, which the provider takes it from at once. A refund that fails or is
 * canceled comes back: this posting is reversed. Fees are not given back. Tax is corrected by a credit note, never by a refund.
 */
export function refundCreated(refund: RefundCreated): JournalDraft<'refund.created'> | null {
  const { provider, amount, currency } = refund;
  return postingDraft('refund.created', refund, [
    debit('revenue.refunds', amount, currency),
    credit(CLEARING_ACCOUNT[provider], amount, currency),
  ]);
}
