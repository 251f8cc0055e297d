import { parseCurrency } from '../../../../shared/currency';
import type { FactOrder } from '../../../../shared/fact-order';
import type { BalanceMovement, RefundFact, RefundPayload, RefundStatus, Stored } from '../../../../shared/facts';
import {
  refundCreated,
  refundExchanged,
  reversalOf,
  type Collector,
  type JournalDraft,
  type PostingRef,
} from '../../../ledger';
import { foldObject, type ObjectState } from '../../domain/fold-object';

export interface RefundState extends ObjectState<Stored<RefundFact>> {
  /** Its movements on our balance; null where there is none, or only its id was told. */
  taken: BalanceMovement | null;
  returned: BalanceMovement | null;
  /** A movement was told of whose currency nobody knows yet. */
  lacksMovement: boolean;
}

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
  // Only readings show the movements: between them and events they are no change.
  const state = foldObject(
    facts.map((fact) => ({ ...fact, payload: withoutMovements(fact.payload) })),
    ORDER,
  );
  if (!state) return null;
  const shown = facts.flatMap(({ payload }) => payload.movements ?? []);
  const find = (refOf: (payload: RefundPayload) => string | null | undefined): [BalanceMovement | null, boolean] => {
    const ref = facts.map(({ payload }) => refOf(payload)).find((one) => typeof one === 'string');
    const movement = shown.find((one) => one.ref === ref) ?? null;
    return [movement, ref !== undefined && movement === null];
  };
  const [taken, lacksTaken] = find(({ movementRef }) => movementRef);
  const [returned, lacksReturned] = find(({ failureMovementRef }) => failureMovementRef);
  return { ...state, taken, returned, lacksMovement: lacksTaken || lacksReturned };
}

function withoutMovements({ movements: _, ...payload }: RefundPayload): RefundPayload {
  return payload;
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
 * canceled one was taken only where a fact says so. A movement never changes, so any reading that shows it will do.
 */
export function refundJournal(state: RefundState, identity: RefundIdentity): JournalDraft[] {
  const { facts, payload } = state;
  const taken = facts.find(({ payload: told }) => isTaken(told.status, told.movementRef));
  const end = facts.find(({ payload: told }) => told.status === 'failed' || told.status === 'canceled');
  if (!taken) return [];
  const { refundId: refId, ...ids } = identity;
  const ref: PostingRef = {
    provider: 'stripe',
    refId,
    ...ids,
    currency: parseCurrency(payload.currency),
    occurredAt: new Date(taken.payload.createdAt),
  };
  // As it was taken: a store's refund that is taken back does not say any more how much it was.
  const amount = BigInt(taken.payload.amount);
  const posting = refundCreated({ ...ref, amount });
  if (!posting) return [];
  const drafts = [
    posting,
    end ? reversalOf(posting, end.occurredAt) : null,
    state.taken && exchanged(ref, -amount, state.taken),
    state.returned && exchanged({ ...ref, occurrence: 'returned' }, amount, state.returned),
  ];
  return drafts.filter((draft): draft is JournalDraft => draft !== null);
}

function exchanged(ref: PostingRef, amount: bigint, movement: BalanceMovement): JournalDraft | null {
  const settled = { amount: BigInt(movement.amount), fee: BigInt(movement.fee), currency: movement.currency };
  return refundExchanged({ ...ref, occurredAt: new Date(movement.createdAt), amount, settled });
}

function isTaken(status: RefundStatus, movementRef: string | null): boolean {
  return movementRef !== null || status === 'pending' || status === 'succeeded' || status === 'failed';
}
