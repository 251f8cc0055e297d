import { SubscriptionStatus } from '../../../shared/facts';

/** What access depends on. */
export interface AccessBasis {
  status: SubscriptionStatus;
  currentPeriodEnd: Date;
  cancelAtPeriodEnd: boolean;
  /** A fixed end that was set, if any. */
  cancelAt: Date | null;
  /** How long a failed renewal keeps access; null where none is granted. */
  graceUntil: Date | null;
}

/** A renewing period is kept this much longer, so that a late renewal cuts nobody off and a lost `deleted` is not free for ever. */
export const RENEWAL_LEEWAY_MS = 3 * 86_400_000;

type Access = 'period' | 'grace' | 'none';

/** docs/architecture.md, "Subscription machine". */
const ACCESS: Readonly<Record<SubscriptionStatus, Access>> = {
  incomplete: 'none',
  incomplete_expired: 'none',
  trialing: 'period',
  active: 'period',
  past_due: 'grace',
  paused: 'none',
  unpaid: 'none',
  canceled: 'none',
};

function earlier(a: Date, b: Date | null): Date {
  return b !== null && b < a ? b : a;
}

/** When the subscription is set to end, or null while it renews. */
function setEnd(basis: AccessBasis): Date | null {
  return basis.cancelAtPeriodEnd ? earlier(basis.currentPeriodEnd, basis.cancelAt) : basis.cancelAt;
}

/**
 * Until when this subscription gives access, or null when it gives none: trialing and active to the end of the period plus the
 * leeway, past_due to the end of grace, and neither beyond the moment it is set to end.
 */
export function accessUntil(basis: AccessBasis): Date | null {
  const end = setEnd(basis);
  switch (ACCESS[basis.status]) {
    case 'period':
      return earlier(new Date(basis.currentPeriodEnd.getTime() + RENEWAL_LEEWAY_MS), end);
    case 'grace':
      return basis.graceUntil === null ? null : earlier(basis.graceUntil, end);
    case 'none':
      return null;
  }
}

/** Whether access holds at the moment; the end itself no longer counts. */
export function keepsAccess(basis: AccessBasis, at: Date): boolean {
  const until = accessUntil(basis);
  return until !== null && at < until;
}

/**
 * Whether the subscription still lives at the provider: it bills, or it may bill again. An open one stands in the way of a
 * second; `incomplete` is open, because its first payment can still arrive.
 */
export function isOpen(status: SubscriptionStatus): boolean {
  return status !== 'canceled' && status !== 'incomplete_expired';
}
