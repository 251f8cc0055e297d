import { createHash } from 'node:crypto';
import type { DunningPolicy } from '../../billing';
import { classify, type Classified, type Decline } from './decline';
import { withinCaps } from './network-caps';
import { goodMoment, type TimingHints } from './smart-timing';

const HOUR_MS = 3_600_000;
/** Attempts spread over this part of their delay, so that a morning's renewals do not all come back in one second. */
const JITTER = 0.1;
/** A code nobody knows is tried so often at most. */
const MAX_UNKNOWN = 4;
/** Only what waits for so long waits for a good hour too. */
const TIMED_FROM_MS = 12 * HOUR_MS;
/** After a new method has failed too. */
const AFTER_NEW_METHOD_MS = HOUR_MS;

export const STRATEGIES = ['scheduled', 'manual', 'new_method'] as const;
export type Strategy = (typeof STRATEGIES)[number];
export const ATTEMPT_STATUSES = [
  'scheduled',
  'charging',
  'succeeded',
  'failed',
  'unknown',
  'skipped',
  'canceled',
] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

export interface PastAttempt {
  strategy: Strategy;
  status: AttemptStatus;
  /** When it ended; null while it has not. */
  finishedAt: Date | null;
  methodRef: string | null;
  /** Of one that failed. */
  decline: Decline | null;
}

/** All that decides when a declined renewal is tried again. */
export interface ScheduleFacts {
  caseId: string;
  /** The first declined attempt. */
  openedAt: Date;
  graceUntil: Date;
  /** due: it is owed, and the subscription goes on. */
  standing: 'due' | 'paid' | 'ended';
  firstDecline: Decline;
  /** In the order of their numbers. */
  attempts: readonly PastAttempt[];
  /** When his card was charged in the last 30 days, the first attempt and other cases included. */
  charges: readonly Date[];
  /** The card's network. */
  brand: string | null;
  timing: TimingHints;
}

export type HoldReason =
  'method_required' | 'action_required' | 'network_cap' | 'attempts_used' | 'grace_ends' | 'in_flight' | 'over';

export type Verdict =
  /** `methodRef`: instead of the default one. */
  { kind: 'attempt'; at: Date; methodRef: string | null } | { kind: 'hold'; reason: HoldReason };

/**
 * When the next attempt is due, if there is to be one. Pure: the same facts at the same time say the same, and what a
 * person tries by hand moves nothing but tells what the bank says now.
 */
export function nextAttempt(policy: DunningPolicy, facts: ScheduleFacts, now: Date): Verdict {
  if (facts.standing !== 'due' || facts.attempts.some(({ status }) => status === 'succeeded')) return hold('over');
  if (now >= facts.graceUntil) return hold('grace_ends');
  if (facts.attempts.some(({ status }) => status === 'charging' || status === 'unknown')) return hold('in_flight');
  const last = lastDecline(facts);
  const stopped = stops(last.classified);
  if (stopped) return hold(stopped);
  const made = scheduledFailures(facts);
  const delayHours = policy.retryDelaysHours[Math.min(made.length, policy.retryDelaysHours.length - 1)];
  if (delayHours === undefined || (!last.classified.known && made.length >= MAX_UNKNOWN)) return hold('attempts_used');
  const at = due(policy, facts, { delayMs: delayHours * HOUR_MS, made, last, now });
  if (at >= facts.graceUntil) return hold('grace_ends');
  const allowed = withinCaps(at, facts.charges, facts.brand);
  if (allowed >= facts.graceUntil) return hold('network_cap');
  return { kind: 'attempt', at: allowed, methodRef: chargedMethod(facts) };
}

/** How the last attempt that was declined ended, whoever made it. */
export function lastDecline(facts: Pick<ScheduleFacts, 'attempts' | 'firstDecline' | 'openedAt'>): {
  classified: Classified;
  at: Date;
} {
  const failed = facts.attempts.findLast(({ status, decline }) => status === 'failed' && decline !== null);
  const decline = failed?.decline ?? facts.firstDecline;
  return { classified: classify(decline), at: failed?.finishedAt ?? facts.openedAt };
}

function stops({ class: kind }: Classified): HoldReason | null {
  if (kind === 'authentication') return 'action_required';
  return kind === 'soft' ? null : 'method_required';
}

function scheduledFailures({ attempts }: ScheduleFacts): PastAttempt[] {
  return attempts.filter(({ strategy, status }) => strategy === 'scheduled' && status === 'failed');
}

/** A method that was added meanwhile stays the one that is charged. */
function chargedMethod({ attempts }: ScheduleFacts): string | null {
  return attempts.findLast(({ strategy }) => strategy === 'new_method')?.methodRef ?? null;
}

interface Step {
  delayMs: number;
  made: readonly PastAttempt[];
  last: { classified: Classified; at: Date };
  now: Date;
}

function due(policy: DunningPolicy, facts: ScheduleFacts, { delayMs, made, last, now }: Step): Date {
  const since = made.at(-1)?.finishedAt ?? facts.openedAt;
  const jitterMs = delayMs * JITTER * fraction(`${facts.caseId}:${made.length}`);
  const byPolicy = since.getTime() + delayMs + Math.floor(jitterMs);
  const byNetwork = last.classified.waitMs === 0 ? 0 : last.at.getTime() + last.classified.waitMs;
  const newMethod = facts.attempts.findLast(({ strategy, status }) => strategy === 'new_method' && status === 'failed');
  const byMethod = newMethod?.finishedAt ? newMethod.finishedAt.getTime() + AFTER_NEW_METHOD_MS : 0;
  const at = new Date(Math.max(byPolicy, byNetwork, byMethod, now.getTime()));
  if (!policy.smartTiming || delayMs < TIMED_FROM_MS) return at;
  const good = goodMoment(at, facts.timing);
  // A good hour after the end is none.
  return good < facts.graceUntil ? good : at;
}

/** In [0, 1), the same for the same text. */
function fraction(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

function hold(reason: HoldReason): Verdict {
  return { kind: 'hold', reason };
}
