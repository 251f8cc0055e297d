import type { Currency } from '../../../shared/currency';
import { credit, debit, type JournalDraft } from './journal';
import { CLEARING_ACCOUNT, postingDraft, type PostingRef } from './posting';

export interface DisputeMoved extends PostingRef {
  /** Signed as on our balance: negative is withdrawn, positive reinstated. Minor units, without the fee. */
  amount: bigint;
  /** What the provider keeps for it; negative where it gives a fee back. */
  fee: bigint;
  /** What is disputed, in the payment's currency and with the sign of `amount`. */
  disputed: { amount: bigint; currency: Currency };
}

/**
 * Money that the bank takes for a disputed payment, or gives back, each movement once: disputes.held against the provider's
 * clearing account, and the provider's fee. Held is what is disputed, in the payment's currency; where our balance is kept in
 * another one, it goes through fx.clearing at the movement's own rate, and what two rates make of one payment stays there.
 */
export function disputeMoved(movement: DisputeMoved): JournalDraft<'dispute.withdrawn' | 'dispute.reinstated'> | null {
  const { provider, amount, fee, currency, disputed } = movement;
  const type = amount < 0n ? 'dispute.withdrawn' : 'dispute.reinstated';
  return postingDraft(type, movement, [
    ...(disputed.currency === currency
      ? [credit('disputes.held', amount, currency)]
      : [
          credit('disputes.held', disputed.amount, disputed.currency),
          debit('fx.clearing', disputed.amount, disputed.currency),
          credit('fx.clearing', amount, currency),
        ]),
    debit('fees.stripe', fee, currency),
    debit(CLEARING_ACCOUNT[provider], amount - fee, currency),
  ]);
}

export interface DisputeLost extends PostingRef {
  /** What had been withdrawn, minor units. */
  amount: bigint;
}

/** Dr disputes.lost; Cr disputes.held: what the bank held is the customer's. Reversed where the bank changes its mind. */
export function disputeLost(dispute: DisputeLost): JournalDraft<'dispute.lost'> | null {
  const { amount, currency } = dispute;
  return postingDraft('dispute.lost', dispute, [
    debit('disputes.lost', amount, currency),
    credit('disputes.held', amount, currency),
  ]);
}
