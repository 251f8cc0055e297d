import type { DunningPolicy } from '../../billing';
import type { DunningCase, StoredHold } from '../dunning-case';
import { lastDecline, nextAttempt, type ScheduleFacts, type Verdict } from './schedule';

const DAY_MS = 86_400_000;
/** What is still under way when grace ends is waited for. */
const WAIT_MS = 30_000;

/** What the customer has to do, told with each reminder. */
export type Needs = 'nothing' | 'new_method' | 'confirmation';

export interface PlanFacts {
  case: Pick<DunningCase, 'id' | 'owner' | 'openedAt' | 'graceUntil' | 'takenOverAt' | 'endingAt'>;
  policy: DunningPolicy;
  schedule: ScheduleFacts;
  /** The provider says that it will try by itself. */
  isRetriedThere: boolean;
  /** Days whose reminders were told, or passed over. */
  told: readonly number[];
  /** The attempt that is planned by the schedule, if there is one. */
  planned: Date | null;
}

export interface CasePlan {
  reminder: { day: number; dueAt: Date; daysUntilGraceEnds: number; needs: Needs } | null;
  /** Reminders that a later one, due too, has overtaken. */
  skipped: { day: number; dueAt: Date }[];
  attempt: Extract<Verdict, { kind: 'attempt' }> | null;
  /** What was planned is not to be any more. */
  unplan: boolean;
  hold: StoredHold | null;
  /** To be done at the provider before anything else. */
  call: 'take_over' | 'end' | null;
  nextActionAt: Date | null;
}

/** What is to be done about a case now, and when to look again. Pure. */
export function planCase(facts: PlanFacts, now: Date): CasePlan {
  const { owner, graceUntil, takenOverAt } = facts.case;
  const reminders = dueReminders(facts, now);
  if (owner === 'provider') {
    return { ...reminders, ...NO_ATTEMPT, hold: 'watching', call: null, nextActionAt: nextReminder(facts, now) };
  }
  if (now >= graceUntil || facts.case.endingAt !== null) return { ...NO_REMINDER, ...ending(facts, now) };
  const nextActionAt = earliest([nextReminder(facts, now), graceUntil]);
  if (takenOverAt === null) return { ...reminders, ...NO_ATTEMPT, hold: null, call: 'take_over', nextActionAt };
  if (facts.isRetriedThere) {
    return { ...reminders, ...NO_ATTEMPT, hold: 'provider_retries', call: null, nextActionAt };
  }
  const verdict = nextAttempt(facts.policy, facts.schedule, now);
  return { ...reminders, ...planned(facts, verdict), call: null, nextActionAt };
}

/** What the customer is asked for by how the last attempt ended. */
export function needsOf(schedule: ScheduleFacts): Needs {
  switch (lastDecline(schedule).classified.class) {
    case 'authentication':
      return 'confirmation';
    case 'hard':
    case 'fraud':
      return 'new_method';
    case 'soft':
      return 'nothing';
  }
}

const NO_ATTEMPT = { attempt: null, unplan: true } as const;
const NO_REMINDER = { reminder: null, skipped: [] };

function ending({ schedule }: PlanFacts, now: Date): Omit<CasePlan, 'reminder' | 'skipped'> {
  const isUnderWay = schedule.attempts.some(({ status }) => status === 'charging' || status === 'unknown');
  const nextActionAt = new Date(now.getTime() + WAIT_MS);
  return { ...NO_ATTEMPT, hold: 'grace_ends', call: isUnderWay ? null : 'end', nextActionAt };
}

function planned({ planned: at }: PlanFacts, verdict: Verdict): Pick<CasePlan, 'attempt' | 'unplan' | 'hold'> {
  if (verdict.kind === 'attempt') return { attempt: at === null ? verdict : null, unplan: false, hold: null };
  const { reason } = verdict;
  if (reason === 'in_flight' || reason === 'over') return { attempt: null, unplan: reason === 'over', hold: null };
  return { attempt: null, unplan: true, hold: reason };
}

/** One that is due on the last day, or after, is told as the end itself. */
function reminderTimes({ case: { openedAt, graceUntil }, policy }: PlanFacts): { day: number; dueAt: Date }[] {
  return policy.reminderDays
    .map((day) => ({ day, dueAt: new Date(openedAt.getTime() + day * DAY_MS) }))
    .filter(({ dueAt }) => dueAt < graceUntil);
}

function dueReminders(facts: PlanFacts, now: Date): Pick<CasePlan, 'reminder' | 'skipped'> {
  const due = reminderTimes(facts).filter(({ day, dueAt }) => dueAt <= now && !facts.told.includes(day));
  const last = now < facts.case.graceUntil ? due.pop() : undefined;
  if (!last) return { reminder: null, skipped: due };
  const daysUntilGraceEnds = Math.ceil((facts.case.graceUntil.getTime() - now.getTime()) / DAY_MS);
  return { reminder: { ...last, daysUntilGraceEnds, needs: needsOf(facts.schedule) }, skipped: due };
}

function nextReminder(facts: PlanFacts, now: Date): Date | null {
  return reminderTimes(facts).find(({ day, dueAt }) => dueAt > now && !facts.told.includes(day))?.dueAt ?? null;
}

/** Reminders that the end itself is told as. */
export function finalReminders(
  { openedAt, graceUntil }: Pick<DunningCase, 'openedAt' | 'graceUntil'>,
  policy: DunningPolicy,
): { day: number; dueAt: Date }[] {
  return policy.reminderDays
    .map((day) => ({ day, dueAt: new Date(openedAt.getTime() + day * DAY_MS) }))
    .filter(({ dueAt }) => dueAt >= graceUntil);
}

function earliest(moments: readonly (Date | null)[]): Date | null {
  const times = moments.flatMap((moment) => (moment ? [moment.getTime()] : []));
  return times.length === 0 ? null : new Date(Math.min(...times));
}
