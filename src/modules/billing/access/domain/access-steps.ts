import { accessUntil, type AccessBasis } from '../../domain/subscription-status';

export const ACCESS_REASONS = [
  'trial',
  'paid',
  'grace',
  'grace_over',
  'period_over',
  'set_to_end',
  'not_paid',
  'paused',
  'ended',
  'money_given_back',
] as const;
export type AccessReason = (typeof ACCESS_REASONS)[number];

/** What a subscription was from a moment on. */
export interface AccessPoint {
  /** The provider's time. */
  at: Date;
  basis: AccessBasis;
  /** Our plan's id; null for a price that is none of ours. */
  planId: string | null;
}

/** From when to when a subscription gave access, or none, and why. */
export interface AccessStep {
  from: Date;
  /** Null: it still is so. */
  to: Date | null;
  access: boolean;
  reason: AccessReason;
  planId: string | null;
  status: AccessBasis['status'];
  /** While it gives access: until when, unless something else is told before. */
  until: Date | null;
}

const WHILE: Readonly<Record<AccessBasis['status'], AccessReason>> = {
  trialing: 'trial',
  active: 'paid',
  past_due: 'grace',
  incomplete: 'not_paid',
  incomplete_expired: 'not_paid',
  unpaid: 'not_paid',
  paused: 'paused',
  canceled: 'ended',
};

/**
 * Pure: access as a step function of the time, from what the subscription was at each moment. By the provider's time, not by
 * when it was told of: what the customer had once everything is known.
 * @param points in order @param now where the function ends
 */
export function accessSteps(points: readonly AccessPoint[], now: Date): AccessStep[] {
  const steps: AccessStep[] = [];
  points.forEach((point, i) => {
    const end = points[i + 1]?.at ?? null;
    if (end !== null && end <= point.at) return;
    for (const step of stepsOf(point, end, now)) append(steps, step);
  });
  return steps;
}

/** Pure: the same, where from a moment on the plan gives no access because its money was given back. */
export function endedBy(steps: readonly AccessStep[], at: Date): AccessStep[] {
  const last = steps.at(-1);
  if (!last?.access) return [...steps];
  const ended: AccessStep = { ...last, from: at, access: false, reason: 'money_given_back', until: null };
  if (at <= last.from) return [...steps.slice(0, -1), { ...ended, from: last.from }];
  return [...steps.slice(0, -1), { ...last, to: at, until: at }, ended];
}

/** One, or two where access ran out before anything else was told. */
function stepsOf({ at, basis, planId }: AccessPoint, end: Date | null, now: Date): AccessStep[] {
  const { status } = basis;
  const until = accessUntil(basis);
  if (until === null || until <= at) {
    const reason = until === null ? WHILE[status] : overReason(basis);
    return [
      {
        from: at,
        to: end,
        access: false,
        reason: status === 'past_due' ? 'grace_over' : reason,
        planId,
        status,
        until: null,
      },
    ];
  }
  const given = { from: at, access: true, reason: WHILE[status], planId, status, until };
  if (until >= (end ?? now)) return [{ ...given, to: end }];
  return [
    { ...given, to: until },
    { from: until, to: end, access: false, reason: overReason(basis), planId, status, until: null },
  ];
}

function overReason({ status, cancelAtPeriodEnd, cancelAt }: AccessBasis): AccessReason {
  if (status === 'past_due') return 'grace_over';
  return cancelAtPeriodEnd || cancelAt !== null ? 'set_to_end' : 'period_over';
}

/** What is as before goes on. */
function append(steps: AccessStep[], step: AccessStep): void {
  const last = steps.at(-1);
  const same = (['access', 'reason', 'planId', 'status'] as const).every((field) => last?.[field] === step[field]);
  if (last && same) steps[steps.length - 1] = { ...last, to: step.to, until: step.until };
  else steps.push(step);
}
