import { credit, debit, type JournalDraft } from './journal';
import { CLEARING_ACCOUNT, postingDraft, type PostingRef } from './posting';

export interface ProviderPayout extends PostingRef {
  /** Minor units; negative where the provider takes from our bank account. */
  amount: bigint;
}

/** Dr payouts.transit; Cr the provider's clearing account: it has left, and not arrived. Reversed where it fails. */
export function providerPayoutSent(payout: ProviderPayout): JournalDraft<'provider_payout.sent'> | null {
  const { provider, amount, currency } = payout;
  return postingDraft('provider_payout.sent', payout, [
    debit('payouts.transit', amount, currency),
    credit(CLEARING_ACCOUNT[provider], amount, currency),
  ]);
}

/** Dr bank.account; Cr payouts.transit. Banks send money back even after it was paid: then it is reversed. */
export function providerPayoutArrived(payout: ProviderPayout): JournalDraft<'provider_payout.arrived'> | null {
  const { amount, currency } = payout;
  return postingDraft('provider_payout.arrived', payout, [
    debit('bank.account', amount, currency),
    credit('payouts.transit', amount, currency),
  ]);
}
