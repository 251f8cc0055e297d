import { shapeOf, type Signal } from './signals';

export const RULE_OUTCOMES = ['review', 'block'] as const;
export type RuleOutcome = (typeof RULE_OUTCOMES)[number];

/** A year and a day. */
export const MAX_WINDOW_SECONDS = 366 * 86_400;
export const MAX_PRIORITY = 1_000;

/** A rule as an operator writes it. */
export interface FraudRule {
  key: string;
  description: string;
  signal: Signal;
  windowSeconds: number | null;
  /** What is observed fires the rule from here on: "10" is ten or more. */
  threshold: number;
  currency: string | null;
  /** Minor units of `currency`. */
  maxAmount: number | null;
  outcome: RuleOutcome;
  active: boolean;
  /** Lower comes first among the reasons. */
  priority: number;
}

interface RuleProblem {
  field: 'windowSeconds' | 'currency' | 'maxAmount';
  message: string;
}

/** Pure: what a rule lacks for its signal, or says that its signal has no use for. Ranges are the DTO's and the table's. */
export function ruleProblems(rule: FraudRule): RuleProblem[] {
  const shape = shapeOf(rule.signal);
  const wanted = [
    ['windowSeconds', shape.window],
    ['currency', shape.currency],
    ['maxAmount', shape.maxAmount],
  ] as const;
  return wanted.flatMap(([field, needed]) => {
    if ((rule[field] !== null) === needed) return [];
    const message = needed ? `is needed for the signal ${rule.signal}` : `means nothing for the signal ${rule.signal}`;
    return [{ field, message }];
  });
}

/** Pure: whether any active rule asks for the card, which costs a question to the provider. */
export function needsCard(rules: readonly FraudRule[]): boolean {
  return rules.some(({ active, signal }) => active && shapeOf(signal).card);
}

/** No request lives so long: an attempt without an end by then was cut off. */
const LOST_AFTER_MS = 120_000;

/** What a rule looks back over. */
export interface Lookback {
  /** Things count after this moment: what happened exactly a window ago no longer does. */
  since: Date;
  /** An attempt from before this moment that has no end yet was cut off, and counts as a decline. */
  lostBefore: Date;
}

/** Pure: the window of a rule that ends now. */
export function lookback(now: Date, windowSeconds: number): Lookback {
  const before = (ms: number): Date => new Date(now.getTime() - ms);
  return { since: before(windowSeconds * 1000), lostBefore: before(LOST_AFTER_MS) };
}
