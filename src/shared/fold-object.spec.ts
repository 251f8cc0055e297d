import fc from 'fast-check';
import type { FactOrder, Orderable } from './fact-order';
import { foldColumns, foldObject, type ObjectState } from './fold-object';

type Fact = Orderable & { id: string; payload: { word: string } };

const T0 = Date.parse('2026-01-15T10:00:00Z');
const fact = (second: number, word: string, more: Partial<Fact> = {}): Fact => ({
  kind: 'thing.changed',
  occurredAt: new Date(T0 + second * 1000),
  sourceId: `evt_${String(second)}${word}`,
  payload: { word },
  before: null,
  id: `fact_${String(second)}${word}`,
  ...more,
});
const ORDER: FactOrder<Fact> = { phaseOf: () => 0, tieOf: () => 0 };
const fold = (...facts: Fact[]): ObjectState<Fact> | null => foldObject(facts, ORDER);

describe('foldObject', () => {
  it('is nothing without facts', () => {
    expect(fold()).toBeNull();
  });

  it('is as the latest fact tells it, in any order', () => {
    const facts = [fact(0, 'a'), fact(5, 'b'), fact(9, 'c')];
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: 3 }), (heard) => {
        expect(fold(...heard)).toEqual({
          payload: { word: 'c' },
          facts,
          lastFactId: 'fact_9c',
          factCount: 3,
          verifiedAt: null,
          undecided: false,
        });
      }),
    );
  });

  it('knows when the provider itself was last asked', () => {
    const read = { kind: 'thing.snapshot' };
    const state = fold(fact(0, 'a', read), fact(5, 'b', read), fact(9, 'c'));
    expect(state).toMatchObject({ payload: { word: 'c' }, verifiedAt: new Date(T0 + 5000) });
  });

  it('asks where two changes of one second do not say which came last', () => {
    expect(fold(fact(0, 'a'), fact(0, 'b'))?.undecided).toBe(true);
    const chained = fold(fact(0, 'b', { before: { word: 'a' } }), fact(0, 'a', { before: { word: 'x' } }));
    expect(chained).toMatchObject({ payload: { word: 'b' }, undecided: false });
  });

  it('asks where a reading of that second tells otherwise', () => {
    const reading = fact(0, 'b', { kind: 'thing.snapshot' });
    expect(fold(fact(0, 'a'), reading)?.undecided).toBe(true);
    expect(fold(fact(0, 'b'), reading)?.undecided).toBe(false);
  });

  it('writes the columns every mirror row has', () => {
    const state = fold(fact(0, 'a', { kind: 'thing.snapshot' }));
    expect(state && foldColumns(state)).toEqual({
      last_fact_id: 'fact_0a',
      fact_count: 1,
      verified_at: new Date(T0),
    });
  });
});
