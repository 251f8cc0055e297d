import { sameJson } from './canonical-json';
import { isReading, ofOneMoment, type FactOrder, type Orderable, type OrderedFacts } from './fact-order';
import { idBody } from './ids';

/**
 * Pure: whether a reading was begun after the other fact had been recorded, and so has seen what it tells. A reading
 * is told under the id of what it was made for (`read:evt_…`, `answer:int_…`), made before the provider was asked. The two
 * ids come from work under the same aggregate's lock, so their order is the order of events. Without this a
 * provider whose clock stands, the sandbox's, would be asked for ever.
 */
export function hasSeen(reading: { sourceId: string }, other: { id: string }): boolean {
  const begun = idBody(reading.sourceId);
  const recorded = idBody(other.id);
  return begun !== undefined && recorded !== undefined && recorded < begun;
}

/**
 * Whether nobody knows the last state: the last changes share a second and do not say which came last, or one shares its
 * second with a reading that says otherwise and was not begun later. Then the provider is asked once more.
 */
export function isEndOpen<F extends Orderable & { id: string }>(
  { facts, doubtful }: OrderedFacts<F>,
  order: FactOrder<NoInfer<F>>,
): boolean {
  const last = facts.at(-1);
  if (!last) return false;
  if (!isReading(last)) return doubtful.has(last);
  const moment = facts.filter((fact) => fact !== last && ofOneMoment(fact, last, order));
  if (moment.length === 0) return false;
  const events = moment.filter((fact) => !isReading(fact));
  const end = events.at(-1);
  // Where the events' chain ends at the reading, whatever else was seen in that second lay on the way.
  const settled = end !== undefined && !doubtful.has(end) && sameJson(end.payload, last.payload);
  const fits = (fact: F): boolean => (settled ? tells(events, fact.payload) : sameJson(fact.payload, last.payload));
  return moment.some((fact) => !hasSeen(last, fact) && !fits(fact));
}

/** Whether the events themselves show the object in this state, before or after one of them. */
function tells(events: readonly Orderable[], state: object): boolean {
  return events.some(({ payload, before }) => sameJson(payload, state) || sameJson(before, state));
}

/**
 * The facts without readings that only repeat what events of their second tell too: between two changes of one second a
 * reading has no place of its own, and standing after them it would look like a change back. The last fact is kept.
 */
export function withoutEchoes<F extends Orderable>(facts: readonly F[], order: FactOrder<NoInfer<F>>): F[] {
  return facts.filter((fact, i) => {
    if (!isReading(fact) || i === facts.length - 1) return true;
    return !tells(
      facts.filter((other) => !isReading(other) && ofOneMoment(other, fact, order)),
      fact.payload,
    );
  });
}
