import fc from 'fast-check';
import { DEFAULT_RULES } from './default-rules';
import { evaluate } from './evaluate';
import { ruleProblems, type FraudRule } from './rule';
import { SIGNAL_NAMES } from './signals';

const ruleOf = (key: string, more: Partial<FraudRule> = {}): FraudRule => ({
  ...{ key, description: key, signal: 'failures_of_customer', windowSeconds: 3600, threshold: 10 },
  ...{ currency: null, maxAmount: null, outcome: 'review', active: true, priority: 100 },
  ...more,
});
const of = (entries: Record<string, number | null>): ReadonlyMap<string, number | null> =>
  new Map(Object.entries(entries));

describe('evaluate', () => {
  const review = ruleOf('r');
  const block = ruleOf('b', { outcome: 'block', threshold: 20 });

  it.each<[string, FraudRule[], Record<string, number | null>, string, string[]]>([
    ['nothing without rules', [], {}, 'allow', []],
    ['one short of the threshold', [review], { r: 9 }, 'allow', []],
    ['the threshold itself', [review], { r: 10 }, 'review', ['r']],
    ['beyond it', [review], { r: 11 }, 'review', ['r']],
    ['what is not known', [review], { r: null }, 'allow', []],
    ['what nobody looked at', [review], {}, 'allow', []],
    ['an inactive rule', [ruleOf('r', { active: false })], { r: 99 }, 'allow', []],
    ['a block', [block], { b: 20 }, 'block', ['b']],
    ['a block beside a review', [review, block], { r: 10, b: 20 }, 'block', ['b', 'r']],
    ['an inactive block beside a review', [review, { ...block, active: false }], { r: 10, b: 20 }, 'review', ['r']],
    ['the order of priority', [review, ruleOf('a', { priority: 1 })], { r: 10, a: 10 }, 'review', ['a', 'r']],
  ])('makes %s of it', (_, rules, observed, outcome, keys) => {
    const verdict = evaluate(rules, of(observed));
    expect(verdict.outcome).toBe(outcome);
    expect(verdict.reasons.map(({ rule }) => rule)).toEqual(keys);
  });

  it('says what was observed and what was allowed', () => {
    expect(evaluate([block], of({ b: 25 })).reasons).toEqual([
      { rule: 'b', outcome: 'block', observed: 25, threshold: 20 },
    ]);
  });

  const anyRule = fc.record({
    outcome: fc.constantFrom('review' as const, 'block' as const),
    active: fc.boolean(),
    threshold: fc.integer({ min: 1, max: 5 }),
    priority: fc.integer({ min: 0, max: 3 }),
    seen: fc.option(fc.integer({ min: 0, max: 6 })),
  });
  const anyCase = fc.array(anyRule, { maxLength: 8 }).map((drawn) => {
    const rules = drawn.map(({ seen, ...more }, i) => ({ rule: ruleOf(`k${i}`, more), seen }));
    return {
      rules: rules.map(({ rule }) => rule),
      observed: new Map(rules.map(({ rule, seen }) => [rule.key, seen] as const)),
    };
  });

  it('does not depend on the order of the rules', () => {
    fc.assert(
      fc.property(anyCase, fc.infiniteStream(fc.nat()), ({ rules, observed }, dice) => {
        const shuffled = rules.map((rule) => ({ rule, place: dice.next().value as number }));
        shuffled.sort((a, b) => a.place - b.place);
        const verdict = evaluate(rules, observed);
        expect(
          evaluate(
            shuffled.map(({ rule }) => rule),
            observed,
          ),
        ).toEqual(verdict);
      }),
    );
  });

  it('blocks exactly where an active blocking rule has reached its threshold, and never hides a reason', () => {
    fc.assert(
      fc.property(anyCase, ({ rules, observed }) => {
        const fired = rules.filter(({ active, key, threshold }) => active && (observed.get(key) ?? 0) >= threshold);
        const verdict = evaluate(rules, observed);
        expect(verdict.outcome === 'block').toBe(fired.some(({ outcome }) => outcome === 'block'));
        expect(verdict.outcome === 'allow').toBe(fired.length === 0);
        expect(verdict.reasons.map(({ rule }) => rule).sort()).toEqual(fired.map(({ key }) => key).sort());
      }),
    );
  });

  it('is no milder for seeing more', () => {
    const severity = { allow: 0, review: 1, block: 2 };
    fc.assert(
      fc.property(anyCase, ({ rules, observed }) => {
        const more = new Map([...observed].map(([key, seen]) => [key, seen === null ? null : seen + 1]));
        const before = severity[evaluate(rules, observed).outcome];
        expect(severity[evaluate(rules, more).outcome]).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

describe('the default rules', () => {
  it('are whole, each with a key of its own, and use every signal', () => {
    expect(DEFAULT_RULES.flatMap(ruleProblems)).toEqual([]);
    expect(new Set(DEFAULT_RULES.map(({ key }) => key)).size).toBe(DEFAULT_RULES.length);
    expect([...new Set(DEFAULT_RULES.map(({ signal }) => signal))].sort()).toEqual([...SIGNAL_NAMES].sort());
  });
});
