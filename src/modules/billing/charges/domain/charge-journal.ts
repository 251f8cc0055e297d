import { parseCurrency } from '../../../../shared/currency';
import type { ChargeFact, Stored } from '../../../../shared/facts';
import { chargeSettled, type JournalDraft } from '../../../ledger';

/** Pure: whether a movement on our balance was told of whose fee nobody knows yet. */
export function lacksSettlement(facts: readonly Stored<ChargeFact>[]): boolean {
  return facts.some(({ payload }) => payload.movementRef !== null) && !facts.some(({ payload }) => payload.settlement);
}

/**
 * Pure: the posting of what came in by a charge; a movement never changes, so any fact that shows it will do. It refers to
 * the provider's payment, which may be told later than its charge.
 */
export function chargeJournal(facts: readonly Stored<ChargeFact>[], customerId: string): JournalDraft[] {
  const told = facts.find(({ payload }) => payload.settlement);
  const settlement = told?.payload.settlement;
  if (!told || !settlement) return [];
  const draft = chargeSettled({
    provider: 'stripe',
    providerRef: told.objectId,
    refId: told.payload.paymentRef,
    customerId,
    currency: parseCurrency(told.payload.currency),
    occurredAt: new Date(settlement.createdAt),
    amount: BigInt(told.payload.amount),
    settled: { amount: BigInt(settlement.amount), fee: BigInt(settlement.fee), currency: settlement.currency },
  });
  return draft ? [draft] : [];
}
