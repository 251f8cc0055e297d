import { parseCurrency } from '../../../shared/currency';
import { storeCommissionTaken, type Collector, type CommissionTerms, type JournalDraft } from '../../ledger';
import type { PaymentState } from './fold-payment';

/** Which payment of ours the postings are about. */
export interface PaymentIdentity {
  paymentId: string;
  providerRef: string;
  customerId: string;
  provider: Collector;
}

/**
 * Pure: what a payment's facts amount to by themselves. What came in is its invoice's; of a store's sale it is the commission, which
 * nobody else tells of.
 */
export function paymentJournal(
  { payload }: PaymentState,
  { paymentId: refId, provider, ...ids }: PaymentIdentity,
  terms: CommissionTerms,
): JournalDraft[] {
  if (provider === 'stripe' || payload.status !== 'succeeded') return [];
  const { createdAt, sale = { kind: 'subscription' as const, soldAt: createdAt, since: null } } = payload;
  const draft = storeCommissionTaken(
    {
      ...{ provider, refId, ...ids, currency: parseCurrency(payload.currency), occurredAt: new Date(createdAt) },
      ...{ amount: BigInt(payload.amount), sale },
    },
    terms,
  );
  return draft ? [draft] : [];
}
