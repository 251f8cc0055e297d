import type { SubscriptionStatus } from '../../../shared/facts';

/** What is paid for, in whatever period. */
export interface Terms {
  planCode: string;
  billingCycle: 'monthly' | 'annual';
  quantity: number;
  /** Minor units per piece and period. */
  unitAmount: bigint;
}

/** What a change of terms is, in the order in which it is asked: another cycle is a cycle change whatever it costs. */
export type TermsChange = 'none' | 'cycle' | 'upgrade' | 'downgrade' | 'more' | 'fewer';

/**
 * In Stripe's words. `always_invoice`: the rest of the old period is credited, that of the new charged, and both are
 * invoiced at once; what is left in the customer's favour becomes credit on his balance, never a refund.
 */
export type Proration = 'always_invoice' | 'create_prorations' | 'none';

/** The plans' policy, never the caller's choice. All plans share it today. */
const POLICY: Readonly<Record<Exclude<TermsChange, 'none'>, Proration>> = {
  upgrade: 'always_invoice',
  downgrade: 'always_invoice',
  cycle: 'always_invoice',
  more: 'always_invoice',
  fewer: 'always_invoice',
};

/**
 * Who may change: with `past_due` and `unpaid` the period that a credit would be given for is not paid, with `incomplete`
 * nothing is; `paused` is resumed first, because a paused subscription's invoices are void.
 */
const CHANGEABLE: ReadonlySet<SubscriptionStatus> = new Set(['trialing', 'active']);

export function isChangeable(status: SubscriptionStatus): boolean {
  return CHANGEABLE.has(status);
}

/** Pure: what going from one set of terms to another is. */
export function termsChange(from: Terms, to: Terms): TermsChange {
  if (from.billingCycle !== to.billingCycle) return 'cycle';
  if (from.planCode !== to.planCode) return to.unitAmount >= from.unitAmount ? 'upgrade' : 'downgrade';
  if (from.quantity === to.quantity) return 'none';
  return to.quantity > from.quantity ? 'more' : 'fewer';
}

export function prorationOf(change: Exclude<TermsChange, 'none'>): Proration {
  return POLICY[change];
}
