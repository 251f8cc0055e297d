import type { Candidate, CloseReason, CaseStatus, StandingCase } from '../dunning-case';

export interface CaseEnd {
  case: StandingCase;
  status: Exclude<CaseStatus, 'open'>;
  reason: CloseReason;
}

/** What the mirror rows say should become of cases. */
export interface CaseChanges {
  close: CaseEnd[];
  open: Candidate[];
  /** Facts that came late, or a plan of other grace days, have moved its dates. */
  amend: { caseId: string; openedAt: Date; graceUntil: Date }[];
  /** Exhausted, and paid after all. */
  latePaid: StandingCase[];
}

/** Of these the subscription goes on, and what it owes is followed up. */
export const LIVE_STATUSES = ['trialing', 'active', 'past_due'] as const;

/**
 * Pure: the cases of some subscriptions against what is declined and owed now. The first failed of a subscription's
 * invoices is followed up; whatever was told first, the same invoices come to the same open cases.
 * @param candidates at most one per subscription.
 */
export function caseChanges(candidates: readonly Candidate[], cases: readonly StandingCase[], now: Date): CaseChanges {
  const changes: CaseChanges = { close: [], open: [], amend: [], latePaid: [] };
  const wanted = new Map(candidates.map((candidate) => [candidate.subscriptionId, candidate]));
  const followed = new Set<string>();
  for (const one of cases) {
    if (one.status === 'exhausted' && one.latePaidAt === null && one.invoiceStatus === 'paid') {
      // Of one that was marked unpaid, paying is the way back.
      if (one.endAction === 'mark_unpaid' && isLive(one)) changes.close.push(endOf(one, now));
      else changes.latePaid.push(one);
    }
    if (one.status !== 'open') continue;
    const candidate = wanted.get(one.subscriptionId);
    if (candidate?.invoiceId === one.invoiceId) {
      followed.add(one.subscriptionId);
      if (!sameDates(candidate, one)) changes.amend.push({ ...datesOf(candidate), caseId: one.id });
    } else if (isAtItsEnd(one)) {
      followed.add(one.subscriptionId);
    } else {
      changes.close.push(endOf(one, now));
    }
  }
  changes.open = candidates.filter(({ subscriptionId }) => !followed.has(subscriptionId));
  return changes;
}

/** What we do ourselves at the end makes it look settled: whoever does it closes it. */
function isAtItsEnd({ endingAt, invoiceStatus, subscriptionStatus }: StandingCase): boolean {
  return endingAt !== null && !(invoiceStatus === 'paid' && isLive({ subscriptionStatus }));
}

function isLive({ subscriptionStatus }: Pick<StandingCase, 'subscriptionStatus'>): boolean {
  return LIVE_STATUSES.some((status) => status === subscriptionStatus);
}

function endOf(one: StandingCase, now: Date): CaseEnd {
  if (one.invoiceStatus === 'paid') return { case: one, status: 'recovered', reason: 'paid' };
  // The provider carries its own end out, and only what comes of it is seen.
  if (one.owner === 'provider' && now >= one.graceUntil)
    return { case: one, status: 'exhausted', reason: 'grace_over' };
  return { case: one, status: 'closed', reason: reasonOf(one) };
}

function reasonOf({ invoiceStatus, subscriptionStatus }: StandingCase): CloseReason {
  if (invoiceStatus === 'void') return 'voided';
  if (invoiceStatus === 'uncollectible') return 'uncollectible';
  if (subscriptionStatus === 'paused') return 'subscription_paused';
  if (subscriptionStatus === 'unpaid') return 'subscription_unpaid';
  return subscriptionStatus === 'canceled' || subscriptionStatus === 'incomplete_expired'
    ? 'subscription_canceled'
    : 'superseded';
}

function sameDates(
  a: Pick<Candidate, 'openedAt' | 'graceUntil'>,
  b: Pick<Candidate, 'openedAt' | 'graceUntil'>,
): boolean {
  return +a.openedAt === +b.openedAt && +a.graceUntil === +b.graceUntil;
}

function datesOf({ openedAt, graceUntil }: Candidate): Pick<Candidate, 'openedAt' | 'graceUntil'> {
  return { openedAt, graceUntil };
}
