import { isReading, orderFacts, type FactOrder, type Orderable } from './fact-order';
import { isEndOpen } from './reading-order';

/** What is known of every object that was folded from its facts. */
export interface FoldedState {
  lastFactId: string;
  factCount: number;
  /** When the provider itself was last asked. */
  verifiedAt: Date | null;
  /** The facts do not fix the end: the provider must be asked again. */
  undecided: boolean;
}

/** An object as its facts tell it. */
export interface ObjectState<F extends Orderable> extends FoldedState {
  payload: F['payload'];
  /** In their one order. */
  facts: readonly F[];
}

/** Pure function of the set of facts, for objects whose facts all tell the object as a whole. Null for no facts. */
export function foldObject<F extends Orderable & { id: string }>(
  facts: readonly F[],
  order: FactOrder<NoInfer<F>>,
): ObjectState<F> | null {
  const told = orderFacts(facts, order);
  const last = told.facts.at(-1);
  if (!last) return null;
  return {
    payload: last.payload,
    facts: told.facts,
    lastFactId: last.id,
    factCount: told.facts.length,
    verifiedAt: told.facts.findLast(isReading)?.occurredAt ?? null,
    undecided: isEndOpen(told, order),
  };
}

/** The columns every mirror row has. */
export function foldColumns(state: Omit<FoldedState, 'undecided'>): Record<string, unknown> {
  return { last_fact_id: state.lastFactId, fact_count: state.factCount, verified_at: state.verifiedAt };
}
