import { between, dice, shuffled, type Dice } from './dice';
import type { Crash, Step } from './recording';

/** What is done to the recorded order. */
export interface Chaos {
  shuffle: boolean;
  duplicate: boolean;
  crash: boolean;
}

const BASELINE_BATCH = 100;
/** A row fails for good after eight errors of our own making; so many can never meet in one. */
const MAX_FAULTS = 5;
/** A batch is one item, a few, or as many as a worker claims at once. */
const BATCHES = [
  [1, 1],
  [1, 7],
  [1, 150],
] as const;

/** Pure: every item once, in recorded order. */
export function inOrder(items: readonly number[]): Step[] {
  const steps: Step[] = [];
  for (let from = 0; from < items.length; from += BASELINE_BATCH) {
    const batch = items.slice(from, from + BASELINE_BATCH);
    steps.push(...batch.map((item): Step => ({ do: 'tell', item })), { do: 'work', crash: null });
  }
  return steps;
}

/** Pure: every item at least once, as the dice and the chaos say. The same seed makes the same steps. */
export function disordered(items: readonly number[], chaos: Chaos, seed: number): Step[] {
  const next = dice(seed);
  const told = items.flatMap((item) => (chaos.duplicate && next() < 1 / 3 ? [item, item] : [item]));
  const order = chaos.shuffle ? shuffled(told, next) : told;
  const [least, most] = BATCHES[between(next, 0, BATCHES.length - 1)] ?? BATCHES[0];
  const steps: Step[] = [];
  let faults = 0;
  for (let from = 0; from < order.length;) {
    const size = between(next, least, most);
    steps.push(...order.slice(from, from + size).map((item): Step => ({ do: 'tell', item })));
    from += size;
    if (chaos.crash && next() < 0.15) steps.push({ do: 'abandon', rows: between(next, 1, 10) });
    const crash = chaos.crash && next() < 0.5 ? crashOf(next, faults < MAX_FAULTS) : null;
    if (crash?.at === 'fault') faults += 1;
    steps.push({ do: 'work', crash });
  }
  return steps;
}

function crashOf(next: Dice, mayFault: boolean): Crash {
  const kinds = ['statement', 'statement', 'commit', 'answer', ...(mayFault ? (['fault'] as const) : [])] as const;
  const at = kinds[between(next, 0, kinds.length - 1)] ?? 'commit';
  return { at, unit: between(next, 0, 2), statement: between(next, 0, 12) };
}
