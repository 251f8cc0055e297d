import { parseCurrency } from '../../../shared/currency';
import { credit, debit, type JournalDraft } from './journal';
import { CLEARING_ACCOUNT, postingDraft, type PostingRef } from './posting';

export interface ChargeSettled extends PostingRef {
  /** What the customer was charged, minor units of the posting's currency. */
  amount: bigint;
  /** What came in on our balance, before the fee, and the fee, both in the balance's currency. */
  settled: { amount: bigint; fee: bigint; currency: string };
}

/**
 * Dr fees.stripe; Cr the provider's clearing account. Where our balance is kept in another currency, the charge first goes
 * through fx.clearing: out of clearing in the one, in again in the other.
 */
export function chargeSettled(charge: ChargeSettled): JournalDraft<'charge.settled'> | null {
  const { provider, amount, currency } = charge;
  const clearing = CLEARING_ACCOUNT[provider];
  const balance = parseCurrency(charge.settled.currency);
  const exchanged =
    balance === currency
      ? []
      : [
          credit(clearing, amount, currency),
          debit('fx.clearing', amount, currency),
          credit('fx.clearing', charge.settled.amount, balance),
          debit(clearing, charge.settled.amount, balance),
        ];
  return postingDraft('charge.settled', charge, [
    ...exchanged,
    debit('fees.stripe', charge.settled.fee, balance),
    credit(clearing, charge.settled.fee, balance),
  ]);
}
