import { credit, debit, type JournalDraft } from './journal';
import { postingDraft, type PostingRef } from './posting';

export interface PayoutReserved extends PostingRef {
  /** Minor units of our balance's currency, the fee included. */
  amount: bigint;
}

/** Dr payouts.wise.reserved; Cr wise.clearing: still ours, and no longer free. Reversed where another quote takes its place, or none. */
export function payoutReserved(payout: PayoutReserved): JournalDraft<'payout.reserved'> | null {
  const { amount, currency } = payout;
  return postingDraft('payout.reserved', payout, [
    debit('payouts.wise.reserved', amount, currency),
    credit('wise.clearing', amount, currency),
  ]);
}

export interface DepositReceived extends PostingRef {
  /** Minor units; negative where it went back to our bank. */
  amount: bigint;
}

/** Dr wise.clearing; Cr bank.account. */
export function depositReceived(deposit: DepositReceived): JournalDraft<'deposit.received'> | null {
  const { amount, currency } = deposit;
  return postingDraft('deposit.received', deposit, [
    debit('wise.clearing', amount, currency),
    credit('bank.account', amount, currency),
  ]);
}
