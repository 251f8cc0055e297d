import type { PayoutRule, RuleAction } from './rule';

/** What rules look at. */
export interface PayoutFigures {
  readonly sourceCurrency: string;
  /** Minor units, the fee included. */
  readonly sourceAmount: bigint;
  /** Null where it is not known. */
  readonly country: string | null;
  readonly name: string | null;
}

/** Other payouts of a rule's scope within its window; those that were called off do not count. */
export interface Observed {
  readonly count: number;
  /** Of those from balances in the rule's currency, in its minor units. */
  readonly amount: bigint;
}

export interface PolicyReason {
  /** The rule's key, or the limit's name. */
  readonly rule: string;
  readonly action: RuleAction;
  /** What is the matter, in a word; never what the beneficiary is called. */
  readonly because: string;
}

/**
 * Pure: the reasons that active rules give, in their order.
 * @param observed by the key of each velocity rule.
 */
export function reasonsOf(
  rules: readonly PayoutRule[],
  figures: PayoutFigures,
  observed: ReadonlyMap<string, Observed>,
): PolicyReason[] {
  const active = rules.filter((rule) => rule.active);
  active.sort((a, b) => a.priority - b.priority || (a.key < b.key ? -1 : 1));
  return active.flatMap((rule) => {
    const found = finding(rule, figures, observed.get(rule.key));
    return found ? [{ rule: rule.key, action: found.action ?? rule.action, because: found.because }] : [];
  });
}

interface Finding {
  because: string;
  /** Another than the rule's. */
  action?: RuleAction;
}

function finding(rule: PayoutRule, figures: PayoutFigures, observed: Observed | undefined): Finding | null {
  switch (rule.kind) {
    case 'blocked_country':
      // Whoever cannot say that it is another country lets a person look.
      if (figures.country === null) return { because: 'country_unknown', action: 'review' };
      return rule.countries.includes(figures.country) ? { because: 'country' } : null;
    case 'blocked_name':
      if (figures.name === null) return { because: 'name_unknown', action: 'review' };
      return isBlocked(rule, figures.name) ? { because: 'name' } : null;
    case 'velocity':
      return velocity(rule, figures, observed ?? { count: 0, amount: 0n });
  }
}

function velocity(rule: PayoutRule, figures: PayoutFigures, { count, amount }: Observed): Finding | null {
  if (rule.maxCount !== null && count + 1 > rule.maxCount) return { because: 'count' };
  if (rule.maxAmount === null || rule.currency !== figures.sourceCurrency) return null;
  return amount + figures.sourceAmount > BigInt(rule.maxAmount) ? { because: 'amount' } : null;
}

function isBlocked({ names, match }: PayoutRule, name: string): boolean {
  const words = wordsOf(name);
  return names.some((blocked) => {
    const wanted = wordsOf(blocked);
    if (wanted.length === 0) return false;
    // In whole words: "Ali" is in "Ali Khan" and not in "Alice".
    return match === 'exact'
      ? [...wanted].sort().join(' ') === [...words].sort().join(' ')
      : ` ${words.join(' ')} `.includes(` ${wanted.join(' ')} `);
  });
}

/** Without case, accents and punctuation: lists and people spell names in many ways. */
function wordsOf(name: string): string[] {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}
