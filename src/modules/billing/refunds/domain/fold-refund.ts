import { parseCurrency } from '../../../../shared/currency';
import type { FactOrder } from '../../../../shared/fact-order';
import type { BalanceMovement, RefundFact, RefundPayload, RefundStatus, Stored } from '../../../../shared/facts';
import {
  refundCreated,
  refundExchanged,
  reversalOf,
  storeCommissionReturned,
  type Collector,
  type CommissionTerms,
  type JournalDraft,
  type PostingRef,
} from '../../../ledger';
import { foldObject, type ObjectState } from '../../../../shared/fold-object';

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
  provider: Collector;
}

/** One time that the money was given back. */
interface Turn {
  payload: RefundPayload;
  occurrence: string | undefined;
  /** When it came back, where it did. */
  endedAt: Date | null;
}

/**
 * Pure: every posting the refund's facts amount to. A failed one was taken before it came back, also where nobody told; a
 * canceled one was taken only where a fact says so. A movement never changes, so any reading that shows it will do.
 */
export function refundJournal(state: RefundState, identity: RefundIdentity, terms: CommissionTerms): JournalDraft[] {
  const { refundId: refId, ...ids } = identity;
  const turns = turnsOf(state.facts);
  const drafts: (JournalDraft | null)[] = turns.flatMap(({ payload, occurrence, endedAt }): (JournalDraft | null)[] => {
    const ref: PostingRef = {
      ...{ refId, ...ids, currency: parseCurrency(payload.currency), occurredAt: new Date(payload.createdAt) },
      ...(occurrence !== undefined && { occurrence }),
    };
    // As it was taken: a store's refund that is taken back does not say any more how much it was.
    const refunded = refundCreated({ ...ref, amount: BigInt(payload.amount) });
    const commission = commissionReturned(ref, payload, terms);
    return [
      refunded,
      commission,
      refunded && endedAt ? reversalOf(refunded, endedAt) : null,
      commission && endedAt ? reversalOf(commission, endedAt) : null,
    ];
  });
  const [first] = turns;
  if (first) {
    const { payload } = first;
    const ref = { refId, ...ids, currency: parseCurrency(payload.currency), occurredAt: new Date(payload.createdAt) };
    const amount = BigInt(payload.amount);
    if (state.taken) drafts.push(exchanged(ref, -amount, state.taken));
    if (state.returned) drafts.push(exchanged({ ...ref, occurrence: 'returned' }, amount, state.returned));
  }
  return drafts.filter((draft): draft is JournalDraft => draft !== null);
}

function commissionReturned(
  ref: PostingRef,
  { amount, createdAt, sale = { kind: 'subscription', soldAt: createdAt, since: null } }: RefundPayload,
  terms: CommissionTerms,
): JournalDraft<'store_commission.returned'> | null {
  const { provider } = ref;
  if (provider === 'stripe' || provider === 'wise') return null;
  return storeCommissionReturned({ ...ref, provider, amount: BigInt(amount), sale }, terms);
}

/**
 * Where the provider says which time it is, each is for itself, and is over by the next at the latest: it cannot be given back twice.
 * Facts that do not say so were told before that was read, of the same times. All others have one.
 */
function turnsOf(facts: readonly Stored<RefundFact>[]): Turn[] {
  const taken = facts.filter(({ payload }) => isTaken(payload.status, payload.movementRef));
  const ends = facts.filter(({ payload }) => payload.status === 'failed' || payload.status === 'canceled');
  const several = taken.some(({ payload }) => payload.occurrence !== undefined);
  const groups = new Map<string, RefundPayload[]>();
  for (const { payload } of taken) {
    const begun = several ? payload.createdAt : '';
    groups.set(begun, [...(groups.get(begun) ?? []), payload]);
  }
  const begins = [...groups.keys()].sort();
  return begins.flatMap((begun, at) => {
    const told = groups.get(begun) ?? [];
    const [payload] = told;
    if (!payload) return [];
    const end = ends.find(({ occurredAt }) => !several || occurredAt.toISOString() > begun)?.occurredAt;
    const next = begins[at + 1];
    const [endedAt = null] = [end, next === undefined ? undefined : new Date(next)]
      .filter((each) => each !== undefined)
      .sort((a, b) => a.getTime() - b.getTime());
    const isNamed = told.every(({ occurrence }) => occurrence !== undefined);
    return [{ payload, occurrence: isNamed ? payload.occurrence : undefined, endedAt }];
  });
}

function exchanged(ref: PostingRef, amount: bigint, movement: BalanceMovement): JournalDraft | null {
  const settled = { amount: BigInt(movement.amount), fee: BigInt(movement.fee), currency: movement.currency };
  return refundExchanged({ ...ref, occurredAt: new Date(movement.createdAt), amount, settled });
}

function isTaken(status: RefundStatus, movementRef: string | null): boolean {
  return movementRef !== null || status === 'pending' || status === 'succeeded' || status === 'failed';
}
