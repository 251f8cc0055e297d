import { isReading, orderFacts } from '../../../shared/fact-order';
import type { Stored, SubscriptionFact, SubscriptionPayload, SubscriptionStatus } from '../../../shared/facts';
import { SUBSCRIPTION_ORDER } from './ranks';
import { isEndOpen, withoutEchoes } from '../../../shared/reading-order';
import { canBegin, canTransition } from './subscription-machine';

export type ChangeType =
  | 'created'
  | 'trial_started'
  | 'activated'
  | 'upgraded'
  | 'downgraded'
  | 'cycle_changed'
  | 'quantity_changed'
  | 'cancellation_scheduled'
  | 'cancellation_revoked'
  | 'payment_failed'
  | 'recovered'
  | 'paused'
  | 'resumed'
  | 'canceled'
  | 'expired'
  | 'status_changed';

export interface SubscriptionStep {
  type: ChangeType;
  at: Date;
  factId: string;
  /** Who told: the provider's event, the answer to a call of ours, or a reading. */
  source: 'webhook' | 'api' | 'read';
  fromPriceRef: string | null;
  toPriceRef: string;
  fromStatus: SubscriptionStatus | null;
  toStatus: SubscriptionStatus;
}

/** A subscription as its facts tell it. */
export interface SubscriptionState {
  payload: SubscriptionPayload;
  lastFactId: string;
  factCount: number;
  /** When the provider itself was last asked. */
  verifiedAt: Date | null;
  /** Begin of the current run of past_due; null in any other status. */
  pastDueSince: Date | null;
  /** First moment a trial was seen; null where there was none. */
  trialSeenAt: Date | null;
  history: SubscriptionStep[];
  /** The facts do not fit each other, or one shares its second with a reading: the provider must be asked again. */
  undecided: boolean;
}

type SubFact = Stored<SubscriptionFact>;

/** Pure function of the set of facts: arrival order and repetition cannot matter. Null for no facts. */
export function foldSubscription(facts: readonly SubFact[]): SubscriptionState | null {
  const told = orderFacts(facts, SUBSCRIPTION_ORDER);
  const ordered = told.facts;
  const last = ordered.at(-1);
  if (!last) return null;
  const steps = withoutEchoes(ordered, SUBSCRIPTION_ORDER);
  return {
    payload: last.payload,
    lastFactId: last.id,
    factCount: ordered.length,
    verifiedAt: ordered.findLast(isReading)?.occurredAt ?? null,
    pastDueSince: beginOfPastDue(steps),
    trialSeenAt: ordered.find((fact) => fact.payload.trialEndsAt !== null)?.occurredAt ?? null,
    history: historyOf(steps),
    undecided: isEndOpen(told, SUBSCRIPTION_ORDER) || hasLeap(ordered),
  };
}

function beginOfPastDue(ordered: readonly SubFact[]): Date | null {
  let since: Date | null = null;
  for (const fact of ordered) since = fact.payload.status === 'past_due' ? (since ?? fact.occurredAt) : null;
  return since;
}

/** A step the provider cannot have made: something between is missing. The last reading settles what stood before it. */
function hasLeap(ordered: readonly SubFact[]): boolean {
  const open = ordered.slice(Math.max(ordered.findLastIndex(isReading), 0));
  return open.some((fact, i) => {
    const before = open[i - 1];
    return (
      before !== undefined && !beginsAgain(before, fact) && !canTransition(before.payload.status, fact.payload.status)
    );
  });
}

/** In a store who comes back goes on under his old id, and the store says that it begins. At Stripe nobody does. */
function beginsAgain(before: SubFact, { provider, kind, payload }: SubFact): boolean {
  if (provider === 'stripe' || before.payload.status !== 'canceled') return false;
  return kind === 'subscription.created' && canBegin(payload.status);
}

function historyOf(ordered: readonly SubFact[]): SubscriptionStep[] {
  const steps: SubscriptionStep[] = [];
  for (const [i, fact] of ordered.entries()) {
    const before = ordered[i - 1]?.payload ?? null;
    for (const type of changesBetween(before, fact.payload)) {
      steps.push({
        type,
        at: dateOf(type, fact, steps.at(-1)?.at ?? null),
        factId: fact.id,
        source: sourceOf(fact),
        fromPriceRef: before?.priceRef ?? null,
        toPriceRef: fact.payload.priceRef,
        fromStatus: before?.status ?? null,
        toStatus: fact.payload.status,
      });
    }
  }
  return steps;
}

/** A state says since when it is what it is; that it is not what it was, it does not. */
const UNDATED: ReadonlySet<ChangeType> = new Set(['cancellation_revoked', 'quantity_changed']);

/**
 * When a step was made: as the state that it led to says, else when that was told. Never before the step before it, and never after it
 * was told, so that a history reads in one direction.
 */
function dateOf(type: ChangeType, { occurredAt, payload }: SubFact, after: Date | null): Date {
  const { changedAt, createdAt } = payload;
  if (changedAt === undefined || UNDATED.has(type)) return occurredAt;
  const said = Date.parse(type === 'created' ? createdAt : changedAt);
  return new Date(Math.min(Math.max(said, after?.getTime() ?? said), occurredAt.getTime()));
}

function sourceOf(fact: SubFact): SubscriptionStep['source'] {
  if (!isReading(fact)) return 'webhook';
  return fact.sourceId.startsWith('answer:') ? 'api' : 'read';
}

/** What changed from one state to the next, in words. */
export function changesBetween(before: SubscriptionPayload | null, after: SubscriptionPayload): ChangeType[] {
  if (!before) return after.status === 'trialing' ? ['created', 'trial_started'] : ['created'];
  const changes: ChangeType[] = [];
  if (before.status !== after.status) changes.push(statusChange(before.status, after.status));
  if (before.priceRef !== after.priceRef) changes.push(priceChange(before, after));
  if (before.quantity !== after.quantity) changes.push('quantity_changed');
  if (!before.cancelAtPeriodEnd && after.cancelAtPeriodEnd) changes.push('cancellation_scheduled');
  if (before.cancelAtPeriodEnd && !after.cancelAtPeriodEnd && after.status !== 'canceled') {
    changes.push('cancellation_revoked');
  }
  return changes;
}

function statusChange(from: SubscriptionStatus, to: SubscriptionStatus): ChangeType {
  switch (to) {
    case 'trialing':
      return 'trial_started';
    case 'active':
      if (from === 'past_due' || from === 'unpaid') return 'recovered';
      return from === 'paused' ? 'resumed' : 'activated';
    case 'past_due':
      return 'payment_failed';
    case 'paused':
      return 'paused';
    case 'canceled':
      return 'canceled';
    case 'incomplete_expired':
      return 'expired';
    case 'incomplete':
    case 'unpaid':
      return 'status_changed';
  }
}

const MONTHS = { day: 0, week: 0, month: 1, year: 12 } as const;

/** Another cycle is a cycle change whatever it costs; within a cycle the unit price decides. */
function priceChange(before: SubscriptionPayload, after: SubscriptionPayload): ChangeType {
  if (MONTHS[before.interval] * before.intervalCount !== MONTHS[after.interval] * after.intervalCount)
    return 'cycle_changed';
  return after.unitAmount >= before.unitAmount ? 'upgraded' : 'downgraded';
}
