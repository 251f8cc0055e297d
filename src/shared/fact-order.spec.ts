import fc from 'fast-check';
import { runs } from '../../test/support/deep';
import { canonicalJson, compareText, orderFacts, type Orderable } from './fact-order';

const SECOND = new Date('2026-03-01T00:00:00Z');

/** A change `from -> to` in one second, told by the event `sourceId`. */
function change(sourceId: string, from: object | null, to: object, at = SECOND, kind = 'changed'): Orderable {
  return { kind, occurredAt: at, sourceId, payload: to, before: from };
}

const sameRank = (): number => 0;
const rankOf = (fact: Orderable): number => ({ created: 0, changed: 1, deleted: 2 })[fact.kind] ?? 1;
const ids = (facts: readonly Orderable[]): string[] => facts.map(({ sourceId }) => sourceId);

function shuffled<T>(items: readonly T[], keys: readonly number[]): T[] {
  return items
    .map((item, i) => ({ item, key: keys[i] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

describe('orderFacts', () => {
  it('goes by time, then rank, then source id', () => {
    const later = new Date(SECOND.getTime() + 1000);
    const facts = [
      change('a', null, { n: 5 }, later, 'created'),
      change('b', null, { n: 4 }, SECOND, 'deleted'),
      change('d', null, { n: 3 }, SECOND, 'changed'),
      change('c', null, { n: 2 }, SECOND, 'changed'),
      change('z', null, { n: 1 }, SECOND, 'created'),
    ];
    expect(ids(orderFacts(facts, rankOf))).toEqual(['z', 'c', 'd', 'b', 'a']);
  });

  it('follows what each change says was before, against the order of ids', () => {
    const facts = [change('a', { n: 2 }, { n: 3 }), change('b', { n: 1 }, { n: 2 }), change('c', { n: 0 }, { n: 1 })];
    expect(ids(orderFacts(facts, sameRank))).toEqual(['c', 'b', 'a']);
  });

  it.each([
    ['from the state the second began in', [change('0', null, { on: false }, new Date(0))], ['0', 'b', 'a']],
    ['to the only closed walk there is, by id where the beginning is not known', [], ['a', 'b']],
  ])('walks false -> true -> false %s', (_title, earlier, expected) => {
    const facts = [...earlier, change('a', { on: true }, { on: false }), change('b', { on: false }, { on: true })];
    expect(ids(orderFacts(facts, sameRank))).toEqual(expected);
  });

  it('ends false -> true -> false -> true at true', () => {
    const facts = [
      change('a', { on: true }, { on: false }),
      change('b', { on: false }, { on: true }),
      change('c', { on: false }, { on: true }),
    ];
    expect(orderFacts(facts, sameRank).at(-1)?.payload).toEqual({ on: true });
  });

  it('keeps the order of ids where a link of the chain is missing', () => {
    const facts = [change('b', { n: 0 }, { n: 1 }), change('a', { n: 2 }, { n: 3 })];
    expect(ids(orderFacts(facts, sameRank))).toEqual(['a', 'b']);
  });

  it('keeps the order of ids where one of the second does not say what was before', () => {
    const facts = [change('b', { n: 0 }, { n: 1 }), change('a', { n: 1 }, { n: 2 }), change('c', null, { n: 2 })];
    expect(ids(orderFacts(facts, sameRank))).toEqual(['a', 'b', 'c']);
  });

  it('does not care in which order keys were written', () => {
    const facts = [change('a', { y: 1, x: 1 }, { x: 2, y: 2 }), change('b', { x: 0, y: 0 }, { x: 1, y: 1 })];
    expect(ids(orderFacts(facts, sameRank))).toEqual(['b', 'a']);
  });

  it('tells a value that is missing from one that is null', () => {
    expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}));
  });

  const smallFact = fc.record({
    kind: fc.constantFrom('created', 'changed', 'deleted'),
    occurredAt: fc.integer({ min: 0, max: 2 }).map((s) => new Date(s * 1000)),
    payload: fc.record({ n: fc.integer({ min: 0, max: 3 }) }),
    before: fc.option(fc.record({ n: fc.integer({ min: 0, max: 3 }) })),
  });
  const someFacts = fc
    .array(smallFact, { maxLength: 9 })
    .map((facts): Orderable[] => facts.map((fact, i) => ({ ...fact, sourceId: `evt_${i}` })));

  it('is a function of the set: any arrival order gives the same one', () => {
    fc.assert(
      fc.property(someFacts, fc.array(fc.double({ noNaN: true }), { minLength: 9, maxLength: 9 }), (facts, keys) => {
        const ordered = orderFacts(facts, rankOf);
        expect(orderFacts(shuffled(facts, keys), rankOf)).toEqual(ordered);
        expect(new Set(ids(ordered))).toEqual(new Set(ids(facts)));
        expect(ordered).toHaveLength(facts.length);
      }),
      runs(1000),
    );
  });

  it('ends where the object ended, whatever the ids, for any walk within one second', () => {
    const walk = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 9 });
    const keys = fc.array(fc.double({ noNaN: true }), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(
        walk,
        fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], { minLength: 8 }),
        keys,
        (states, names, order) => {
          const start = change('0', null, { n: states[0] ?? 0 }, new Date(0));
          const changes = states.slice(1).map((to, i) => change(names[i] ?? '', { n: states[i] }, { n: to }));
          const ordered = orderFacts([...shuffled(changes, order), start], sameRank);
          expect(ordered.at(-1)?.payload).toEqual({ n: states.at(-1) });
          for (const [i, fact] of ordered.slice(1).entries()) expect(fact.before).toEqual(ordered[i]?.payload);
        },
      ),
      runs(1000),
    );
  });

  it('orders a second of many changes in no time', () => {
    const many = Array.from({ length: 2000 }, (_, i) => change(`e${(i * 7919) % 2000}`, { n: i }, { n: i + 1 }));
    expect(orderFacts(many, sameRank).at(-1)?.payload).toEqual({ n: 2000 });
  });
});

describe('canonicalJson', () => {
  it('is the same text for the same value, and reads back as it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        // JSON has no -0.
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part)]),
  );
}

describe('compareText', () => {
  it('orders by code units, not by locale', () => {
    expect(['b', 'a', 'B', 'ä', 'a'].sort(compareText)).toEqual(['B', 'a', 'a', 'b', 'ä']);
    expect(compareText('a', 'a')).toBe(0);
  });
});
