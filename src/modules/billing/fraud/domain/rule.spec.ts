import { createSecretKey } from 'node:crypto';
import { observedHere, resemblesTesting, timesUsual, type AttemptFacts } from './observations';
import { pseudonym, pseudonymKey } from './pseudonym';
import { lookback, needsCard, ruleProblems, type FraudRule } from './rule';
import type { Signal } from './signals';

const ruleOf = (signal: Signal, more: Partial<FraudRule> = {}): FraudRule => ({
  ...{ key: 'k', description: 'd', signal, windowSeconds: null, threshold: 1 },
  ...{ currency: null, maxAmount: null, outcome: 'review', active: true, priority: 1 },
  ...more,
});
const attempt = (more: Partial<AttemptFacts> = {}): AttemptFacts => ({
  ...{ amount: 2900n, currency: 'USD', cardCountry: 'US', billingCountry: 'US', requestCountry: null },
  ...more,
});

describe('ruleProblems', () => {
  it.each<[string, FraudRule, string[]]>([
    ['a window that is needed', ruleOf('failures_of_customer'), ['windowSeconds']],
    ['a window that means nothing', ruleOf('amount', { windowSeconds: 1, currency: 'USD' }), ['windowSeconds']],
    ['a currency that is needed', ruleOf('amount'), ['currency']],
    ['a currency that means nothing', ruleOf('failures_of_ip', { windowSeconds: 1, currency: 'USD' }), ['currency']],
    ['all that is small', ruleOf('small_failures_of_house'), ['windowSeconds', 'currency', 'maxAmount']],
    ['nothing of a whole one', ruleOf('amount', { currency: 'USD' }), []],
  ])('names %s', (_, rule, fields) => {
    expect(ruleProblems(rule).map(({ field }) => field)).toEqual(fields);
  });
});

describe('needsCard', () => {
  it.each<[string, FraudRule[], boolean]>([
    ['no rule', [], false],
    ['a count by customer', [ruleOf('failures_of_customer')], false],
    ['a count by card', [ruleOf('failures_of_customer'), ruleOf('failures_of_card')], true],
    ['a country', [ruleOf('card_country_vs_billing')], true],
    ['an inactive one', [ruleOf('failures_of_card', { active: false })], false],
  ])('is told by %s', (_, rules, needed) => {
    expect(needsCard(rules)).toBe(needed);
  });
});

describe('lookback', () => {
  it('is the window before now, to the millisecond', () => {
    expect(lookback(new Date('2026-03-01T00:00:00.001Z'), 86_400)).toEqual({
      since: new Date('2026-02-28T00:00:00.001Z'),
      lostBefore: new Date('2026-02-28T23:58:00.001Z'),
    });
  });
});

describe('observedHere', () => {
  it.each<[string, FraudRule, Partial<AttemptFacts>, number | null | undefined]>([
    ['an amount', ruleOf('amount', { currency: 'USD' }), {}, 2900],
    ['an amount of another currency', ruleOf('amount', { currency: 'EUR' }), {}, null],
    ['no amount', ruleOf('amount', { currency: 'USD' }), { amount: null, currency: null }, null],
    ['one country', ruleOf('card_country_vs_billing'), {}, 0],
    ['two countries', ruleOf('card_country_vs_billing'), { billingCountry: 'DE' }, 1],
    ['no billing country', ruleOf('card_country_vs_billing'), { billingCountry: null }, null],
    ['no card', ruleOf('card_country_vs_billing'), { cardCountry: null }, null],
    ['no country of the request', ruleOf('card_country_vs_request'), {}, null],
    ['another country of the request', ruleOf('card_country_vs_request'), { requestCountry: 'BR' }, 1],
    ['what looks back', ruleOf('failures_of_customer'), {}, undefined],
  ])('makes %s', (_, rule, more, observed) => {
    expect(observedHere(rule, attempt(more))).toBe(observed);
  });
});

describe('timesUsual', () => {
  it.each<[bigint | null, number, bigint | null, number | null]>([
    [2900n, 5, 2900n, 1],
    [28_999n, 5, 2900n, 9],
    [29_000n, 5, 2900n, 10],
    [29_000n, 4, 2900n, null],
    [29_000n, 0, null, null],
    [29_000n, 5, 0n, null],
    [null, 5, 2900n, null],
  ])('of %s after %d payments of %s is %s', (amount, samples, median, times) => {
    expect(timesUsual(amount, { samples, median }, 5)).toBe(times);
  });
});

describe('resemblesTesting', () => {
  const rule = ruleOf('small_failures_of_house', { windowSeconds: 600, currency: 'USD', maxAmount: 500 });
  it.each<[string, Partial<AttemptFacts>, boolean]>([
    ['a card that is only saved', { amount: null, currency: null }, true],
    ['the largest small amount', { amount: 500n }, true],
    ['a cent more', { amount: 501n }, false],
    ['another currency', { amount: 500n, currency: 'EUR' }, false],
  ])('of %s', (_, more, resembles) => {
    expect(resemblesTesting(rule, attempt(more))).toBe(resembles);
  });
});

describe('pseudonym', () => {
  const key = (fill: number): Buffer => pseudonymKey(createSecretKey(Buffer.alloc(32, fill)));

  it('is the same for the same, and another under another key or of another kind', () => {
    const known = pseudonym(key(1), 'card', 'fp4242');
    expect(pseudonym(key(1), 'card', 'fp4242')).toBe(known);
    expect(known).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const others = [
      pseudonym(key(2), 'card', 'fp4242'),
      pseudonym(key(1), 'address', 'fp4242'),
      pseudonym(key(1), 'card', 'fp4243'),
    ];
    expect(new Set([known, ...others]).size).toBe(4);
  });

  it('does not use the encryption key itself', () => {
    expect(key(1).equals(Buffer.alloc(32, 1))).toBe(false);
  });
});
