import type { Stored, TransferFact } from '../../../shared/facts';
import { foldTransfer, wholeSecond } from './fold-transfer';
import { payoutStatus, type PayoutDecision, type PayoutStatus } from './payout-status';

export type HistorySource = 'answer' | 'webhook' | 'reading';

/** A change of status, by the fact that told of it. */
export interface ToldChange {
  from: PayoutStatus;
  to: PayoutStatus;
  occurredAt: Date;
  source: HistorySource;
  sourceId: string;
}

/**
 * Pure: the changes that new facts tell of, each in its place among all facts, so that a state which lasted for seconds between two
 * deliveries is a change too.
 * @param present the status as it stands written
 */
export function changesTold(
  facts: readonly Stored<TransferFact>[],
  fresh: readonly Stored<TransferFact>[],
  decision: PayoutDecision,
  present: PayoutStatus,
): ToldChange[] {
  const news = new Set(fresh.map(({ id }) => id));
  const inTime = [...facts].sort(
    (a, b) =>
      wholeSecond(a.occurredAt).getTime() - wholeSecond(b.occurredAt).getTime() ||
      (a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0),
  );
  const changes: ToldChange[] = [];
  let before = payoutStatus(decision, null);
  for (const [index, fact] of inTime.entries()) {
    const after = payoutStatus(decision, foldTransfer(inTime.slice(0, index + 1)));
    if (after !== before && news.has(fact.id)) changes.push({ from: before, to: after, ...tellerOf(fact) });
    before = after;
  }
  const last = fresh.at(-1);
  const end = payoutStatus(decision, foldTransfer(facts));
  // Told out of order: where it has come to, it is said to have come to.
  if (last && end !== present && changes.at(-1)?.to !== end)
    changes.push({ from: present, to: end, ...tellerOf(last) });
  return changes;
}

function tellerOf({ sourceId, occurredAt }: Stored<TransferFact>): Omit<ToldChange, 'from' | 'to'> {
  const source = sourceId.startsWith('read:') ? 'reading' : sourceId.startsWith('answer:') ? 'answer' : 'webhook';
  return { source, sourceId, occurredAt };
}
