import type { FraudRule, RuleOutcome } from './rule';

export type Outcome = 'allow' | RuleOutcome;

/** Why an attempt was not simply let through. */
export interface Reason {
  rule: string;
  outcome: RuleOutcome;
  observed: number;
  threshold: number;
}

export interface Verdict {
  outcome: Outcome;
  reasons: Reason[];
}

/**
 * Pure: what the rules make of an attempt. Every active rule whose observation has reached its threshold is a reason;
 * one that blocks outweighs all that ask for a review. The order of the rules makes no difference.
 * @param observed by the rule's key; null or missing: nothing is known, and the rule stays silent.
 */
export function evaluate(rules: readonly FraudRule[], observed: ReadonlyMap<string, number | null>): Verdict {
  const fired = rules.flatMap((rule) => {
    const seen = rule.active ? (observed.get(rule.key) ?? null) : null;
    return seen !== null && seen >= rule.threshold ? [{ rule, seen }] : [];
  });
  fired.sort((a, b) => a.rule.priority - b.rule.priority || (a.rule.key < b.rule.key ? -1 : 1));
  const reasons = fired.map(({ rule: { key, outcome, threshold }, seen }) => {
    return { rule: key, outcome, observed: seen, threshold };
  });
  if (reasons.some(({ outcome }) => outcome === 'block')) return { outcome: 'block', reasons };
  return { outcome: reasons.length > 0 ? 'review' : 'allow', reasons };
}
