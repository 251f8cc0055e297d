import { compareText, sameJson } from './canonical-json';
import { walkChanges, type Walk } from './fact-walk';
import { idBody } from './ids';

export { canonicalJson, compareText } from './canonical-json';

/** A fact as ordering needs it. */
export interface Orderable {
  kind: string;
  occurredAt: Date;
  sourceId: string;
  payload: object;
  before: object | null;
}

/** Place of a type's facts within one moment of the provider's time. */
export interface FactOrder<F> {
  /** What can only go forward: created first, deleted last, an open invoice before a paid one. */
  phaseOf(fact: F): number;
  /** Decides within a phase what the changes themselves leave open. */
  tieOf(fact: F): number;
}

export interface OrderedFacts<F> {
  facts: F[];
  /** Events that stand last of their moment while the facts do not fix which of them came last. */
  doubtful: ReadonlySet<F>;
}

/** What a reading of the provider, or its answer to a call of ours, told: a state, not a change. */
export function isReading(fact: { kind: string }): boolean {
  return fact.kind.endsWith('.snapshot');
}

/** Of one second and phase: only the changes' own chain, or another look at the provider, can tell which came first. */
export function ofOneMoment<F extends Orderable>(a: F, b: F, order: FactOrder<NoInfer<F>>): boolean {
  return a.occurredAt.getTime() === b.occurredAt.getTime() && order.phaseOf(a) === order.phaseOf(b);
}

/**
 * The one order of a set of facts, whatever order they arrived in: provider's time, phase, events before readings, the
 * chain of the changes, tie, source id. A pure function of the set, so duplication and arrival order cannot matter.
 * Readings of one moment stand in the order they were begun in, which their source ids tell.
 */
export function orderFacts<F extends Orderable>(facts: readonly F[], order: FactOrder<NoInfer<F>>): OrderedFacts<F> {
  const sorted = [...facts].sort((a, b) => compareFacts(a, b, order));
  const ordered: F[] = [];
  const doubtful = new Set<F>();
  // The state that the next moment begins in, as far as it is known.
  let state: object | null = null;
  let sure = true;
  for (let start = 0; start < sorted.length;) {
    const first = sorted[start] as F;
    let end = start + 1;
    while (end < sorted.length && ofOneMoment(first, sorted[end] as F, order)) end += 1;
    const moment = sorted.slice(start, end);
    start = end;
    const only = moment.length === 1;
    const readings = only ? [] : moment.filter(isReading);
    const events = only ? moment : moment.filter((fact) => !isReading(fact));
    const walk: Walk<F> = events.length > 1 ? walkChanges(events, state, sure) : { facts: events, endKnown: true };
    ordered.push(...walk.facts, ...readings);
    const last = walk.facts.at(-1);
    if (last && !walk.endKnown) doubtful.add(last);
    const reading = readings.at(-1);
    state = (last ?? reading)?.payload ?? null;
    // Where an event and a reading of one moment differ, which came last is not known.
    sure = walk.endKnown && (!last || !reading || sameJson(last.payload, reading.payload));
  }
  return { facts: ordered, doubtful };
}

function compareFacts<F extends Orderable>(a: F, b: F, order: FactOrder<NoInfer<F>>): number {
  return (
    a.occurredAt.getTime() - b.occurredAt.getTime() ||
    order.phaseOf(a) - order.phaseOf(b) ||
    Number(isReading(a)) - Number(isReading(b)) ||
    order.tieOf(a) - order.tieOf(b) ||
    compareText(begunBy(a), begunBy(b)) ||
    compareText(a.sourceId, b.sourceId)
  );
}

/** A reading is told under the id of what it was made for (`read:evt_…`, `answer:int_…`), whose body sorts by time. */
function begunBy(fact: Orderable): string {
  return isReading(fact) ? (idBody(fact.sourceId) ?? '') : '';
}
