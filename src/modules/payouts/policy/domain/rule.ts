export const RULE_KINDS = ['blocked_country', 'blocked_name', 'velocity'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];
/** block: the payout is refused. review: a second person has to approve it. */
export const RULE_ACTIONS = ['block', 'review'] as const;
export type RuleAction = (typeof RULE_ACTIONS)[number];
export const NAME_MATCHES = ['exact', 'contains'] as const;
export type NameMatch = (typeof NAME_MATCHES)[number];
export const VELOCITY_SCOPES = ['beneficiary', 'house'] as const;
export type VelocityScope = (typeof VELOCITY_SCOPES)[number];

/** A year and a day. */
export const MAX_WINDOW_SECONDS = 366 * 86_400;
export const MAX_COUNT = 1_000_000;
export const MAX_PRIORITY = 1_000;

/** A rule as an operator writes it. What its kind has no use for is empty or null. */
export interface PayoutRule {
  key: string;
  description: string;
  kind: RuleKind;
  action: RuleAction;
  active: boolean;
  /** Lower comes first among the reasons. */
  priority: number;
  /** ISO 3166 alpha-2. */
  countries: string[];
  names: string[];
  match: NameMatch | null;
  scope: VelocityScope | null;
  windowSeconds: number | null;
  /** So many within the window are let through; or: */
  maxCount: number | null;
  /** so much, in minor units of `currency`, of payouts from balances in it. */
  maxAmount: number | null;
  currency: string | null;
}

const OF_KIND: Readonly<Record<RuleKind, readonly (keyof PayoutRule)[]>> = {
  blocked_country: ['countries'],
  blocked_name: ['names', 'match'],
  velocity: ['scope', 'windowSeconds'],
};
const SPECIAL = [...new Set(Object.values(OF_KIND).flat())];

/** Pure: what a rule lacks for its kind, or says that its kind has no use for. Ranges are the DTO's and the table's. */
export function ruleProblems(rule: PayoutRule): { field: string; message: string }[] {
  const { kind } = rule;
  const problems = SPECIAL.flatMap((field) =>
    problemOf(kind, field, isGiven(rule[field]), OF_KIND[kind].includes(field)),
  );
  if (kind === 'velocity' && (rule.maxCount === null) === (rule.maxAmount === null)) {
    problems.push({ field: 'maxCount', message: 'or maxAmount is needed for the kind velocity, and not both' });
  }
  const hasMost = kind === 'velocity';
  problems.push(...problemOf(kind, 'maxCount', rule.maxCount !== null, hasMost && rule.maxCount !== null));
  problems.push(...problemOf(kind, 'maxAmount', rule.maxAmount !== null, hasMost && rule.maxAmount !== null));
  problems.push(...problemOf(kind, 'currency', rule.currency !== null, hasMost && rule.maxAmount !== null));
  return problems;
}

function problemOf(
  kind: RuleKind,
  field: string,
  given: boolean,
  needed: boolean,
): { field: string; message: string }[] {
  if (given === needed) return [];
  return [{ field, message: needed ? `is needed for the kind ${kind}` : `means nothing for the kind ${kind}` }];
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null;
}
