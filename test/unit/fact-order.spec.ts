import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { runs } from '../support/deep';
import { shuffled } from '../support/shuffle';
import { orderFacts, type FactOrder, type Orderable, type OrderedFacts } from '../../src/shared/fact-order';

const SECOND = new Date('2026-03-01T00:00:00Z');

/** A change `from -> to` in one second, told by the event `sourceId`. */
function change(sourceId: string, from: object | null, to: object, at = SECOND, kind = 'changed'): Orderable {
  return { kind, occurredAt: at, sourceId, payload: to, before: from };
}

const reading = (sourceId: string, state: object, at = SECOND): Orderable =>
  change(sourceId, null, state, at, 'x.snapshot');
const earlier = (state: object): Orderable => change('0', null, state, new Date(0));

const ORDER: FactOrder<Orderable> = {
  phaseOf: ({ kind }) => ({ created: 0, deleted: 2 })[kind] ?? 1,
  tieOf: ({ kind }) => (kind === 'second' ? 1 : 0),
};
const order = (facts: readonly Orderable[]): OrderedFacts<Orderable> => orderFacts(facts, ORDER);
const idsOf = (facts: readonly Orderable[]): string[] => order(facts).facts.map(({ sourceId }) => sourceId);
const endOf = (facts: readonly Orderable[]): object | undefined => order(facts).facts.at(-1)?.payload;
const isEndKnown = (facts: readonly Orderable[]): boolean => order(facts).doubtful.size === 0;

describe('orderFacts', () => {
  it('goes by time, then phase, then events before readings, then tie, then source id', () => {
    const later = new Date(SECOND.getTime() + 1000);
    const facts = [
      change('a', null, { n: 5 }, later, 'created'),
      change('b', null, { n: 4 }, SECOND, 'deleted'),
      change('a1', null, { n: 3 }, SECOND, 'second'),
      reading('a0', { n: 6 }),
      change('d', null, { n: 3 }, SECOND, 'changed'),
      change('c', null, { n: 2 }, SECOND, 'changed'),
      change('z', null, { n: 1 }, SECOND, 'created'),
    ];
    expect(idsOf(facts)).toEqual(['z', 'c', 'd', 'a1', 'a0', 'b', 'a']);
  });

  it('follows what each change says was before, against the order of ids', () => {
    const facts = [change('a', { n: 2 }, { n: 3 }), change('b', { n: 1 }, { n: 2 }), change('c', { n: 0 }, { n: 1 })];
    expect(idsOf(facts)).toEqual(['c', 'b', 'a']);
  });

  const there = change('b', { on: false }, { on: true });
  const back = change('a', { on: true }, { on: false });

  it.each<[string, Orderable[], string[], boolean]>([
    ['from the state the second began in', [earlier({ on: false })], ['0', 'b', 'a'], true],
    ['by id where the beginning is not known, and says so', [], ['a', 'b'], false],
    ['where a look came first', [earlier({ on: false }), change('9', null, { on: false })], ['0', '9', 'b', 'a'], true],
    ['with a reading after it', [earlier({ on: false }), reading('r', { on: true })], ['0', 'b', 'a', 'r'], true],
  ])('walks false -> true -> false %s', (_title, more, expected, known) => {
    expect(idsOf([...more, back, there])).toEqual(expected);
    expect(isEndKnown([...more, back, there])).toBe(known);
  });

  it('ends false -> true -> false -> true at true', () => {
    const facts = [back, there, change('c', { on: false }, { on: true })];
    expect(endOf(facts)).toEqual({ on: true });
    expect(isEndKnown(facts)).toBe(true);
  });

  it('keeps each walk whole where a link between them is missing, and says that the end is not known', () => {
    const facts = [
      change('d', { n: 0 }, { n: 1 }),
      change('c', { n: 1 }, { n: 2 }),
      change('b', { n: 5 }, { n: 6 }),
      change('a', { n: 6 }, { n: 7 }),
    ];
    expect(idsOf(facts)).toEqual(['b', 'a', 'd', 'c']);
    expect(idsOf([...facts, earlier({ n: 0 })])).toEqual(['0', 'd', 'c', 'b', 'a']);
    expect(isEndKnown([...facts, earlier({ n: 0 })])).toBe(false);
  });

  it('does not take a walk into the beginning for one from it: what led away from it is missing', () => {
    const facts = [earlier({ n: 1 }), change('a', { n: 1 }, { n: 2 }), change('b', { n: 3 }, { n: 1 })];
    expect(isEndKnown(facts)).toBe(false);
  });

  it('uses every chained change where one of the second does not say what was before', () => {
    const facts = [change('b', { n: 0 }, { n: 1 }), change('a', { n: 1 }, { n: 2 }), change('c', null, { n: 1 })];
    expect(idsOf(facts)).toEqual(['b', 'c', 'a']);
    expect(isEndKnown(facts)).toBe(true);
  });

  it('leaves a second open whose events say two new states and no way between them', () => {
    const facts = [earlier({ n: 0 }), change('a', null, { n: 1 }), change('b', null, { n: 2 })];
    expect(isEndKnown(facts)).toBe(false);
    expect(isEndKnown(facts.slice(0, 2))).toBe(true);
    expect(isEndKnown([...facts.slice(0, 2), change('b', null, { n: 0 })])).toBe(true);
  });

  it('puts readings of one second in the order they were begun in, whatever they were made for', () => {
    const body = (n: number): string => `01k${String(n).padStart(23, '0')}`;
    const facts = [
      reading(`answer:int_${body(2)}`, { n: 2 }),
      reading(`read:evt_${body(3)}`, { n: 3 }),
      reading(`read:evt_${body(1)}`, { n: 1 }),
    ];
    expect(order(facts).facts.map(({ payload }) => payload)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('does not begin a second in a state that a reading and an event of the one before contest', () => {
    const before = new Date(SECOND.getTime() - 1000);
    const changed = change('e', { on: true }, { on: false }, before);
    expect(isEndKnown([changed, reading('r', { on: false }, before), back, there])).toBe(true);
    expect(isEndKnown([changed, reading('r', { on: true }, before), back, there])).toBe(false);
  });

  it('does not care in which order keys were written', () => {
    const facts = [change('a', { y: 1, x: 1 }, { x: 2, y: 2 }), change('b', { x: 0, y: 0 }, { x: 1, y: 1 })];
    expect(idsOf(facts)).toEqual(['b', 'a']);
  });

  it('orders a second of many changes in no time', () => {
    const many = Array.from({ length: 2000 }, (_, i) => change(`e${(i * 7919) % 2000}`, { n: i }, { n: i + 1 }));
    expect(endOf(many)).toEqual({ n: 2000 });
    const apart = Array.from({ length: 2000 }, (_, i) => change(`e${i}`, { n: 2 * i }, { n: 2 * i + 1 }));
    expect(isEndKnown(apart)).toBe(false);
  });
});

/** jest's own comparison is slow, so it only speaks where there is something to say. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

describe('orderFacts, for any facts', () => {
  const state = fc.record({ n: fc.integer({ min: 0, max: 3 }) });
  const someFacts = fc
    .array(
      fc.record({
        kind: fc.constantFrom('created', 'changed', 'second', 'x.snapshot', 'deleted'),
        occurredAt: fc.integer({ min: 0, max: 2 }).map((s) => new Date(s * 1000)),
        payload: state,
        before: fc.option(state),
      }),
      { maxLength: 10 },
    )
    .map((facts): Orderable[] => facts.map((fact, i) => ({ ...fact, sourceId: `evt_${(i * 7) % 10}` })));

  it('is a function of the set: any arrival order gives the same one, with every fact once', () => {
    fc.assert(
      fc.property(someFacts, fc.nat(), (facts, seed) => {
        const ordered = order(facts);
        expectEqual(order(shuffled(facts, seed)), ordered);
        expectEqual(new Set(ordered.facts), new Set(facts));
        expectEqual(ordered.facts.length, facts.length);
      }),
      runs(2000),
    );
  });

  /** States of one second in their true order: few, so that they come again; with steps that change nothing. */
  const truth = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 10 });
  const names = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'], { minLength: 9 });
  /** Looks at states of the walk, by place, told without what was before. */
  const looks = fc.array(fc.nat(9), { maxLength: 3 });

  function told(states: readonly number[], sources: readonly string[], seen: readonly number[]): Orderable[] {
    return [
      ...states.slice(1).map((to, i) => change(sources[i] ?? '', { n: states[i] }, { n: to })),
      ...seen.map((place, i) => change(`look${i}`, null, { n: states[place % states.length] })),
    ];
  }

  it('ends where the object ended, whatever the ids, for any walk within one second', () => {
    fc.assert(
      fc.property(truth, names, looks, fc.nat(), (states, sources, seen, seed) => {
        const facts = [earlier({ n: states[0] }), ...told(states, sources, seen)];
        const { facts: ordered, doubtful } = order(shuffled(facts, seed));
        expectEqual(doubtful.size, 0);
        expectEqual(nOf(ordered.at(-1)), states.at(-1));
        for (const [i, { before, payload }] of ordered.slice(1).entries()) {
          expectEqual(before ?? payload, ordered[i]?.payload);
        }
      }),
      runs(2000),
    );
  });

  it('ends where the object ended, or says that it does not know, where the beginning is not known', () => {
    fc.assert(
      fc.property(truth, names, looks, fc.nat(), (states, sources, seen, seed) => {
        const { facts: ordered, doubtful } = order(shuffled(told(states, sources, seen), seed));
        const turns = new Set(states).size > 1 && states[0] === states.at(-1);
        expectEqual([...doubtful], turns ? [ordered.at(-1)] : []);
        if (!turns) expectEqual(nOf(ordered.at(-1)), states.at(-1));
      }),
      runs(2000),
    );
  });

  it('loses no link that is there: with one change missing the rest still hangs together in two walks at most', () => {
    fc.assert(
      fc.property(truth, names, fc.nat(8), fc.nat(), (states, sources, gap, seed) => {
        const changes = told(states, sources, []);
        const facts = [earlier({ n: states[0] }), ...changes.filter((_, i) => i !== gap % changes.length)];
        const { facts: ordered } = order(shuffled(facts, seed));
        const breaks = ordered.slice(1).filter(({ before }, i) => (before as { n: number }).n !== nOf(ordered[i]));
        expectEqual(breaks.length <= 1, true);
      }),
      runs(2000),
    );
  });
});

function nOf(fact: Orderable | undefined): number | undefined {
  return (fact?.payload as { n: number } | undefined)?.n;
}
