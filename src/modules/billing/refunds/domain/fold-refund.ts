import { parseCurrency } from '../../../../shared/currency';
import type { FactOrder } from '../../../../shared/fact-order';
import type { RefundFact, RefundStatus, Stored } from '../../../../shared/facts';
import { refundCreated, reversalOf, type Collector, type JournalDraft } from '../../../ledger';
import { foldObject, type ObjectState } from '../../domain/fold-object';

export type RefundState = ObjectState<Stored<RefundFact>>;

/** A refund only moves forward; even one that has arrived may come back. */
const STATUS: Readonly<Record<RefundStatus, number>> = {
  requires_action: 0,
  pending: 1,
  succeeded: 2,
  failed: 3,
  canceled: 3,
};
const ORDER: FactOrder<RefundFact> = {
  phaseOf: ({ kind, payload }) => STATUS[payload.status] * 2 + (kind === 'refund.created' ? 0 : 1),
  tieOf: () => 0,
};

/** Refunds in these states have not left the payment whole. */
export const COUNTED_STATUSES: readonly RefundStatus[] = ['pending', 'requires_action', 'succeeded'];

export function foldRefund(facts: readonly Stored<RefundFact>[]): RefundState | null {
  return foldObject(facts, ORDER);
}

export interface RefundIdentity {
  refundId: string;
  providerRef: string;
  customerId: string;
  /** Who took it. Absent is Stripe. */
  provider?: Collector;
}

/**
 * Pure: every posting the refund's facts amount to. A failed one was taken before it came back, also where nobody told; a
 * canceled one was taken only where a fact says so.
 */
export function refundJournal({ facts, payload }: RefundState, identity: RefundIdentity): JournalDraft[] {
  const taken = facts.find(({ payload: told }) => isTaken(told.status, told.movementRef));
  const end = facts.find(({ payload: told }) => told.status === 'failed' || told.status === 'canceled');
  if (!taken) return [];
  const { refundId: refId, ...ids } = identity;
  const posting = refundCreated({
    provider: 'stripe',
    refId,
    ...ids,
    currency: parseCurrency(payload.currency),
    occurredAt: new Date(taken.payload.createdAt),
    // As it was taken: a store's refund that is taken back does not say any more how much it was.
    amount: BigInt(taken.payload.amount),
  });
  if (!posting) return [];
  return end ? [posting, reversalOf(posting, end.occurredAt)] : [posting];
}

function isTaken(status: RefundStatus, movementRef: string | null): boolean {
  return movementRef !== null || status === 'pending' || status === 'succeeded' || status === 'failed';
}
