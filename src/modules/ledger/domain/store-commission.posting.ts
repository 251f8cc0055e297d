import type { AccountCode } from './accounts';
import { credit, debit, type JournalDraft } from './journal';
import { CLEARING_ACCOUNT, postingDraft, type PostingRef } from './posting';
import type { PostingType } from './posting-table';
import { commissionOf, commissionRate, type CommissionTerms, type Store } from './store-commission';
import type { StoreSale } from '../../../shared/facts';

const FEES_ACCOUNT = { apple: 'fees.apple', google: 'fees.google' } as const satisfies Record<Store, AccountCode>;

export interface StoreCommission extends PostingRef {
  provider: Store;
  /** What was paid, or given back, minor units. */
  amount: bigint;
  /** Of the payment, also where it is given back: the rule it fell under then. */
  sale: StoreSale;
}

/**
 * Dr fees.apple or fees.google; Cr the store's clearing account, which is left with the proceeds. An estimate: no store tells what it
 * keeps of one sale, nor the taxes it pays out of the price before its share is taken.
 * @returns null for a sale too small to leave it anything
 */
export function storeCommissionTaken(
  paid: StoreCommission,
  terms: CommissionTerms,
): JournalDraft<'store_commission.taken'> | null {
  return estimate('store_commission.taken', paid, terms, 1n);
}

/** The same share of what is given back, back: neither store keeps its commission on a refund. */
export function storeCommissionReturned(
  refunded: StoreCommission,
  terms: CommissionTerms,
): JournalDraft<'store_commission.returned'> | null {
  return estimate('store_commission.returned', refunded, terms, -1n);
}

function estimate<Type extends PostingType>(
  type: Type,
  of: StoreCommission,
  terms: CommissionTerms,
  sign: 1n | -1n,
): JournalDraft<Type> | null {
  const { provider, amount, currency, sale } = of;
  const { programme, rate } = commissionRate(provider, terms, sale);
  const kept = sign * commissionOf(amount, rate);
  const draft = postingDraft(type, of, [
    debit(FEES_ACCOUNT[provider], kept, currency),
    credit(CLEARING_ACCOUNT[provider], kept, currency),
  ]);
  return draft && { ...draft, meta: { estimate: 'true', programme, rate: String(rate) } };
}
