import { parseCurrency } from '../../../shared/currency';
import type { FundReservationFact, Stored } from '../../../shared/facts';
import { payoutReserved, reversalOf, type JournalDraft } from '../../ledger';
import { inTime } from './fold-transfer';

/**
 * Pure: what is set aside for a payout. Another quote takes the place of the one before; giving up sets free what stands.
 * @param objectId the transfer's own key
 */
export function reservationJournal(facts: readonly Stored<FundReservationFact>[], objectId: string): JournalDraft[] {
  const told = [...facts].sort(inTime);
  return told.flatMap((fact, index): JournalDraft[] => {
    if (fact.kind !== 'fund_reservation.made') return [];
    const { payoutId: refId, quoteRef: occurrence, amount, currency } = fact.payload;
    const reserved = payoutReserved({
      ...{ provider: 'wise', providerRef: objectId, refId, customerId: null, occurrence },
      ...{ amount: BigInt(amount), currency: parseCurrency(currency), occurredAt: fact.occurredAt },
    });
    const next = told[index + 1];
    if (!reserved) return [];
    return next ? [reserved, reversalOf(reserved, next.occurredAt)] : [reserved];
  });
}
