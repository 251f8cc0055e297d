import type { FraudRule } from './rule';

/** What one attempt says of itself. */
export interface AttemptFacts {
  /** Minor units; null where nothing is charged, as for a card that is only saved. */
  amount: bigint | null;
  currency: string | null;
  /** ISO 3166 alpha-2, upper case; null where nobody said. */
  cardCountry: string | null;
  billingCountry: string | null;
  requestCountry: string | null;
}

/** What payments used to come to. */
export interface Usual {
  samples: number;
  /** Minor units; null without samples. */
  median: bigint | null;
}

/** Fewer payments than these say nothing of what is usual. */
export const USUAL_SAMPLES = { amount_vs_customer: 5, amount_vs_house: 20 } as const;

/** Pure: what a rule that looks at the attempt alone observes; undefined for one that looks back. */
export function observedHere(rule: FraudRule, attempt: AttemptFacts): number | null | undefined {
  switch (rule.signal) {
    case 'amount':
      return attempt.amount !== null && attempt.currency === rule.currency ? Number(attempt.amount) : null;
    case 'card_country_vs_billing':
      return differ(attempt.cardCountry, attempt.billingCountry);
    case 'card_country_vs_request':
      return differ(attempt.cardCountry, attempt.requestCountry);
    default:
      return undefined;
  }
}

/** Pure: how many whole times the usual an amount is; null where nothing is usual yet. */
export function timesUsual(amount: bigint | null, usual: Usual, samplesNeeded: number): number | null {
  if (amount === null || usual.median === null || usual.median <= 0n || usual.samples < samplesNeeded) return null;
  return Number(amount / usual.median);
}

/**
 * Pure: whether a rule on small declines over the whole house concerns this attempt. Testers try small sums or only save
 * cards; whoever buys for more goes on buying while they are at it.
 */
export function resemblesTesting(rule: FraudRule, { amount, currency }: AttemptFacts): boolean {
  if (amount === null || rule.maxAmount === null) return amount === null;
  return currency === rule.currency && amount <= BigInt(rule.maxAmount);
}

function differ(a: string | null, b: string | null): number | null {
  if (a === null || b === null) return null;
  return a === b ? 0 : 1;
}
