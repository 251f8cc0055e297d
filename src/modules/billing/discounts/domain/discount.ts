import type { SubscriptionStatus } from '../../../../shared/facts';

export const DISCOUNT_DURATIONS = ['once', 'repeating', 'forever'] as const;
export type DiscountDuration = (typeof DISCOUNT_DURATIONS)[number];

/** What a discount gives; exactly one of `percentOff` and `amountOff`. */
export interface DiscountTerms {
  /** Above 0, at most 100, with two decimals at most. */
  percentOff: number | null;
  /** Minor units of `currency`, off each invoice as a whole. */
  amountOff: bigint | null;
  currency: string | null;
  duration: DiscountDuration;
  /** Months for which a repeating one lasts. */
  durationMonths: number | null;
}

/** Whether it can be had. */
export interface DiscountLimits {
  active: boolean;
  expiresAt: Date | null;
  /** Null: as often as anybody likes. */
  maxRedemptions: number | null;
  firstTimeOnly: boolean;
  /** Our ids of the plans it is for; empty for all. */
  planIds: readonly string[];
}

/** Somebody who would like to have it. */
export interface DiscountUse {
  now: Date;
  planId: string;
  /** The currencies the purchase may be in: that of the chosen price, or all that the plan is sold in. */
  currencies: readonly string[];
  /** Redemptions held or redeemed by now, his own hold aside. */
  taken: number;
  /** He has never paid, nor had a subscription. */
  isFirstTime: boolean;
}

export const DISCOUNT_REASONS = [
  'unknown',
  'inactive',
  'expired',
  'other_plan',
  'currency',
  'first_time_only',
  'exhausted',
] as const;
export type DiscountReason = (typeof DISCOUNT_REASONS)[number];

/** Pure: why this discount cannot be had for this purchase; null where it can. The moment of its expiry is too late. */
export function refusalOf(
  discount: DiscountLimits & Pick<DiscountTerms, 'currency'>,
  use: DiscountUse,
): DiscountReason | null {
  const { active, expiresAt, maxRedemptions, firstTimeOnly, planIds, currency } = discount;
  if (!active) return 'inactive';
  if (expiresAt !== null && use.now >= expiresAt) return 'expired';
  if (planIds.length > 0 && !planIds.includes(use.planId)) return 'other_plan';
  if (currency !== null && !use.currencies.includes(currency)) return 'currency';
  if (firstTimeOnly && !use.isFirstTime) return 'first_time_only';
  if (maxRedemptions !== null && use.taken >= maxRedemptions) return 'exhausted';
  return null;
}

const CODE = /^[A-Z0-9-]{1,40}$/;

/** Pure: a code as it is kept, from what somebody typed; null for what can be no code. Case does not tell codes apart. */
export function codeOf(typed: string): string | null {
  const trimmed = typed.trim();
  // Before it is made upper case: some letters outside ASCII become letters within.
  return /^[\x20-\x7e]*$/.test(trimmed) && CODE.test(trimmed.toUpperCase()) ? trimmed.toUpperCase() : null;
}

export type RedemptionState = 'held' | 'redeemed' | 'released';

/**
 * Pure: what becomes of a redemption by how its subscription stands and has stood. Started once, however it ended, it is
 * redeemed; over without ever having started, it is released; null while nobody can say.
 */
export function redemptionOf(statuses: readonly SubscriptionStatus[]): Exclude<RedemptionState, 'held'> | null {
  if (statuses.some((status) => !UNSTARTED.has(status))) return 'redeemed';
  return statuses.some((status) => status !== 'incomplete') ? 'released' : null;
}

/** Said of a subscription that may never have started. */
const UNSTARTED: ReadonlySet<SubscriptionStatus> = new Set(['incomplete', 'incomplete_expired', 'canceled']);
