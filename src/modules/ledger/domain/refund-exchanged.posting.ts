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
 * What a refund's movement on our balance does beyond the refund itself. Dr fees.stripe; Cr the provider's clearing account, where it
 * costs something. Where our balance is kept in another currency than the payment's, what the refund takes from clearing, or brings
 * back, is first moved into that currency through fx.clearing, at the movement's own rate; what two rates make of one payment stays
 * there. Null where it did neither.
 */
export function refundExchanged(refund: RefundExchanged): JournalDraft<'refund.exchanged'> | null {
  const { provider, amount, currency, settled } = refund;
  const clearing = CLEARING_ACCOUNT[provider];
  const balance = parseCurrency(settled.currency);
  const exchanged =
    balance === currency
      ? []
      : [
          credit(clearing, amount, currency),
          debit('fx.clearing', amount, currency),
          credit('fx.clearing', settled.amount, balance),
          debit(clearing, settled.amount, balance),
        ];
  return postingDraft('refund.exchanged', refund, [
    ...exchanged,
    debit('fees.stripe', settled.fee, balance),
    credit(clearing, settled.fee, balance),
  ]);
}
