import { parseCurrency } from '../../../../shared/currency';
import type { FactOrder } from '../../../../shared/fact-order';
import type { ProviderPayoutFact, ProviderPayoutStatus, Stored } from '../../../../shared/facts';
import {
  providerPayoutArrived,
  providerPayoutSent,
  reversalOf,
  type JournalDraft,
  type PostingRef,
} from '../../../ledger';
import { foldObject, type ObjectState } from '../../../../shared/fold-object';

export type ProviderPayoutState = ObjectState<Stored<ProviderPayoutFact>>;

const STATUS: Readonly<Record<ProviderPayoutStatus, number>> = {
  pending: 0,
  in_transit: 1,
  paid: 2,
  failed: 3,
  canceled: 3,
};
const ORDER: FactOrder<ProviderPayoutFact> = {
  phaseOf: ({ kind, payload }) => STATUS[payload.status] * 2 + (kind === 'provider_payout.created' ? 0 : 1),
  tieOf: () => 0,
};

export function foldProviderPayout(facts: readonly Stored<ProviderPayoutFact>[]): ProviderPayoutState | null {
  return foldObject(facts, ORDER);
}

/** Pure: sent from the first fact on, arrived once it is paid, all of it undone when it fails or is canceled. */
export function providerPayoutJournal(
  { facts, payload }: ProviderPayoutState,
  identity: { payoutId: string; providerRef: string },
): JournalDraft[] {
  const paid = facts.find(({ payload: told }) => told.status === 'paid');
  const end = facts.find(({ payload: told }) => told.status === 'failed' || told.status === 'canceled');
  const ref: PostingRef = {
    provider: 'stripe',
    providerRef: identity.providerRef,
    refId: identity.payoutId,
    customerId: null,
    currency: parseCurrency(payload.currency),
    occurredAt: new Date(payload.createdAt),
  };
  const amount = BigInt(payload.amount);
  const arrived = paid ? providerPayoutArrived({ ...ref, occurredAt: new Date(paid.payload.arrivesAt), amount }) : null;
  return [providerPayoutSent({ ...ref, amount }), arrived].flatMap((draft): JournalDraft[] => {
    if (!draft) return [];
    return end ? [draft, reversalOf(draft, end.occurredAt)] : [draft];
  });
}
