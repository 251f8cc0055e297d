import type { Currency } from '../../../shared/currency';
import { credit, debit, type JournalDraft } from './journal';
import { postingDraft, type PostingRef } from './posting';

/** A transfer by the quote it was made with; `currency` of the posting is our balance's. Amounts in minor units. */
export interface TransferPosting extends PostingRef {
  /** Leaves our balance, the fee included. */
  amount: bigint;
  fee: bigint;
  target: { amount: bigint; currency: Currency };
  /** Target per source: a decimal. */
  rate: string;
}

/** Dr payouts.wise.transit, fees.wise; Cr payouts.wise.reserved. */
export function transferFunded(transfer: TransferPosting): JournalDraft<'transfer.funded'> | null {
  const { amount, fee, currency } = transfer;
  return postingDraft('transfer.funded', transfer, [
    debit('payouts.wise.transit', amount - fee, currency),
    debit('fees.wise', fee, currency),
    credit('payouts.wise.reserved', amount, currency),
  ]);
}

/**
 * Dr payouts.disbursed in the beneficiary's currency; Cr payouts.wise.transit in ours, with fx.clearing between two currencies. The
 * rate stands beside the figures. Once for each time it is sent; reversed where the bank sends it back.
 */
export function transferPaid(transfer: TransferPosting): JournalDraft<'transfer.paid'> | null {
  const { amount, fee, currency, target, rate } = transfer;
  const sent = amount - fee;
  const exchanged =
    target.currency === currency
      ? []
      : [credit('fx.clearing', target.amount, target.currency), debit('fx.clearing', sent, currency)];
  const draft = postingDraft('transfer.paid', transfer, [
    debit('payouts.disbursed', target.currency === currency ? sent : target.amount, target.currency),
    ...exchanged,
    credit('payouts.wise.transit', sent, currency),
  ]);
  return draft && { ...draft, meta: { rate } };
}

/** Dr wise.clearing by what came back; Cr payouts.wise.transit; what of the fee came back, or what more was kept, on fees.wise. */
export function transferReturned(
  transfer: TransferPosting & { returned: bigint },
): JournalDraft<'transfer.returned'> | null {
  const { amount, fee, currency, returned } = transfer;
  const sent = amount - fee;
  return postingDraft('transfer.returned', transfer, [
    debit('wise.clearing', returned, currency),
    credit('fees.wise', returned - sent, currency),
    credit('payouts.wise.transit', sent, currency),
  ]);
}

/** Dr wise.clearing; Cr payouts.wise.reserved: it has ended, and was never paid for. */
export function transferUnfunded(transfer: TransferPosting): JournalDraft<'transfer.unfunded'> | null {
  const { amount, currency } = transfer;
  return postingDraft('transfer.unfunded', transfer, [
    debit('wise.clearing', amount, currency),
    credit('payouts.wise.reserved', amount, currency),
  ]);
}
