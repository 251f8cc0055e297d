import { parseCurrency } from '../../../shared/currency';
import { credit, debit, type JournalDraft } from './journal';
import { CLEARING_ACCOUNT, postingDraft, type PostingRef } from './posting';

export interface RefundExchanged extends PostingRef {
  /** What was refunded, or came back, minor units of the posting's currency; negative is taken from our balance. */
  amount: bigint;
  /** The movement on our balance, with the sign of `amount`, and its fee, both in the balance's currency. */
  settled: { amount: bigint; fee: bigint; currency: string };
}

/**
 * Where our balance is kept in another currency than the payment's, what a refund takes from the provider's clearing account, or
 * brings back, is moved into that currency through fx.clearing, at the movement's own rate. What two rates make of one payment
 * stays there. Null where the currencies are the same.
 */
export function refundExchanged(refund: RefundExchanged): JournalDraft<'refund.exchanged'> | null {
  const { provider, amount, currency, settled } = refund;
  const clearing = CLEARING_ACCOUNT[provider];
  const balance = parseCurrency(settled.currency);
  if (balance === currency) return null;
  return postingDraft('refund.exchanged', refund, [
    credit(clearing, amount, currency),
    debit('fx.clearing', amount, currency),
    credit('fx.clearing', settled.amount, balance),
    debit(clearing, settled.amount, balance),
    debit('fees.stripe', settled.fee, balance),
    credit(clearing, settled.fee, balance),
  ]);
}
