import { parseCurrency, type Currency } from '../../../../shared/currency';
import { compareText, type FactOrder } from '../../../../shared/fact-order';
import type { BalanceMovement, DisputeFact, DisputeStatus, Stored } from '../../../../shared/facts';
import { disputeLost, disputeMoved, reversalOf, type JournalDraft, type PostingRef } from '../../../ledger';
import { foldObject, type ObjectState } from '../../../../shared/fold-object';

export type DisputeState = ObjectState<Stored<DisputeFact>>;

/** Within a second only its creation is sure to come first: banks change their minds in every direction. */
const TIE: Readonly<Record<DisputeFact['kind'], number>> = {
  'dispute.created': 0,
  'dispute.changed': 1,
  'dispute.withdrawn': 2,
  'dispute.reinstated': 3,
  'dispute.closed': 4,
  'dispute.snapshot': 5,
};
const ORDER: FactOrder<DisputeFact> = {
  phaseOf: ({ kind }) => (kind === 'dispute.created' ? 0 : 1),
  tieOf: ({ kind }) => TIE[kind],
};

/** The customer has, or may still get, his money back. An inquiry moves none. */
export const CONTESTED_STATUSES: readonly DisputeStatus[] = ['needs_response', 'under_review', 'lost'];
/** We may, and should, still say something. */
export const ANSWERABLE_STATUSES: readonly DisputeStatus[] = ['needs_response', 'warning_needs_response'];

export function foldDispute(facts: readonly Stored<DisputeFact>[]): DisputeState | null {
  return foldObject(facts, ORDER);
}

export interface DisputeIdentity {
  disputeId: string;
  providerRef: string;
  customerId: string;
}

/**
 * Pure: every posting the dispute's facts amount to. Each movement on our balance once, under its own id, so that withdrawn,
 * reinstated, withdrawn are three; and its loss once for each time the bank decides so, undone by what it decides next.
 */
export function disputeJournal({ facts }: DisputeState, identity: DisputeIdentity): JournalDraft[] {
  const { disputeId: refId, ...ids } = identity;
  const moves = movementsOf(facts);
  const at = (currency: string, moment: Date): PostingRef => ({
    ...{ provider: 'stripe', refId, ...ids },
    currency: parseCurrency(currency),
    occurredAt: moment,
  });
  const drafts: (JournalDraft | null)[] = moves.map((move) => {
    const { ref: occurrence, currency, createdAt, amount, fee } = move;
    const figures = { amount: BigInt(amount), fee: BigInt(fee), disputed: disputedBy(move, facts) };
    return disputeMoved({ ...at(currency, new Date(createdAt)), occurrence, ...figures });
  });
  // The first one: every fact that shows any movement shows it too.
  const withdrawal = moves.find(({ amount }) => amount < 0);
  if (withdrawal) {
    losses(facts).forEach(({ lostAt, undoneAt }, index) => {
      const { amount, currency } = disputedBy(withdrawal, facts);
      const lost = disputeLost({ ...at(currency, lostAt), occurrence: String(index + 1), amount: -amount });
      drafts.push(lost, lost && undoneAt ? reversalOf(lost, undoneAt) : null);
    });
  }
  return drafts.filter((draft): draft is JournalDraft => draft !== null);
}

/** What of the payment a movement is about. On a balance in another currency it is the whole dispute, at that day's rate. */
function disputedBy(
  { ref, amount, currency }: BalanceMovement,
  facts: readonly Stored<DisputeFact>[],
): { amount: bigint; currency: Currency } {
  const told = facts.find(({ payload }) => payload.movements.some((move) => move.ref === ref))?.payload;
  if (!told || told.currency === currency) return { amount: BigInt(amount), currency: parseCurrency(currency) };
  return { amount: BigInt(amount < 0 ? -told.amount : told.amount), currency: parseCurrency(told.currency) };
}

function movementsOf(facts: readonly Stored<DisputeFact>[]): BalanceMovement[] {
  const byRef = new Map(facts.flatMap(({ payload }) => payload.movements.map((move) => [move.ref, move] as const)));
  return [...byRef.values()].sort((a, b) => compareText(a.createdAt, b.createdAt) || compareText(a.ref, b.ref));
}

/** Each run of facts that say it is lost, and what ended it. A late fact can only add runs, never join two. */
function losses(facts: readonly Stored<DisputeFact>[]): { lostAt: Date; undoneAt: Date | null }[] {
  const runs: { lostAt: Date; undoneAt: Date | null }[] = [];
  for (const { payload, occurredAt } of facts) {
    const run = runs.at(-1);
    const isLost = payload.status === 'lost';
    if (isLost && (!run || run.undoneAt)) runs.push({ lostAt: occurredAt, undoneAt: null });
    if (!isLost && run && !run.undoneAt) run.undoneAt = occurredAt;
  }
  return runs;
}
