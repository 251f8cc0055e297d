/** Subscription schedules, as far as a change of plan at the end of a period needs them. */
import type Stripe from 'stripe';
import { SECONDS_PER_DAY } from './calendar';
import type { SandboxContext } from './context';
import { invalidRequest, refuseUnsupported, required } from './errors';
import { mergeMetadata } from './metadata';
import { endSchedule, leaveSchedule } from './schedule-end';
import { currentPhase, toPhases } from './schedule-phases';
import { buildItem, intervalOf, isOver, periodEnd, setItemPrice } from './subscription-object';
import { cancelSubscription } from './subscriptions';
import type { ItemObject, SubscriptionObject } from './wire';
import type { ScheduleObject, SchedulePhase } from './wire-pricing';

const EXPIRING_DAYS = 7;
/** @throws 400 unless the subscription runs and has no schedule */
function assertSchedulable(sub: SubscriptionObject): void {
  if (sub.schedule !== null) {
    throw invalidRequest('This subscription is already attached to a schedule.', 'from_subscription');
  }
  if (isOver(sub) || sub.status === 'incomplete') {
    throw invalidRequest(
      `You cannot migrate a subscription that is \`${sub.status}\` to a subscription schedule.`,
      'from_subscription',
    );
  }
  if (sub.cancel_at !== null) {
    throw invalidRequest('This subscription is set to be canceled and cannot be migrated.', 'from_subscription');
  }
}

/** Stripe's `POST /v1/subscription_schedules`, for a subscription that is there. @throws 400 for anything else */
export function createSchedule(ctx: SandboxContext, params: Stripe.SubscriptionScheduleCreateParams): ScheduleObject {
  const other = Object.keys(params).find((name) => name !== 'from_subscription' && name !== 'metadata');
  if (other !== undefined) {
    throw invalidRequest(
      `This sandbox makes schedules \`from_subscription\` only; ${other} goes with an update.`,
      other,
    );
  }
  const id = required(params.from_subscription, 'from_subscription');
  const sub = ctx.store.require('subscription', id, 'from_subscription');
  assertSchedulable(sub);
  const phase = currentPhase(sub);
  const schedule: ScheduleObject = {
    id: ctx.ids.next('sub_sched_'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: structuredClone(sub.billing_mode),
    canceled_at: null,
    completed_at: null,
    created: ctx.now(),
    current_phase: { start_date: phase.start_date, end_date: phase.end_date },
    customer: sub.customer,
    customer_account: null,
    default_settings: defaultSettings(sub),
    end_behavior: 'release',
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    pause_schedules: [],
    phases: [phase],
    released_at: null,
    released_subscription: null,
    status: 'active',
    subscription: sub.id,
    test_clock: null,
  };
  ctx.create(schedule, 'subscription_schedule.created');
  planSchedule(ctx, schedule);
  ctx.update(sub, (target) => {
    target.schedule = schedule.id;
  });
  return schedule;
}

function defaultSettings(sub: SubscriptionObject): ScheduleObject['default_settings'] {
  return {
    application_fee_percent: null,
    billing_cycle_anchor: 'automatic',
    billing_thresholds: null,
    collection_method: 'charge_automatically',
    default_payment_method: sub.default_payment_method,
    description: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      days_until_due: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    on_behalf_of: null,
    transfer_data: null,
  };
}

/** @throws 400 once a schedule is over */
function runningSubscription(ctx: SandboxContext, schedule: ScheduleObject): SubscriptionObject {
  if (schedule.status !== 'active' || schedule.subscription === null) {
    throw invalidRequest(
      `You cannot change a subscription schedule that is \`${schedule.status}\`.`,
      undefined,
      'status_transition_invalid',
    );
  }
  return ctx.store.require('subscription', schedule.subscription);
}

export function updateSchedule(
  ctx: SandboxContext,
  schedule: ScheduleObject,
  params: Stripe.SubscriptionScheduleUpdateParams,
): ScheduleObject {
  refuseUnsupported(params, ['default_settings', 'pause_schedules', 'proration_behavior']);
  if (params.end_behavior === 'none' || params.end_behavior === 'renew') {
    throw invalidRequest('Schedules in this sandbox end with release or cancel.', 'end_behavior');
  }
  const sub = runningSubscription(ctx, schedule);
  const phases = params.phases === undefined ? schedule.phases : toPhases(ctx, schedule, sub, params.phases);
  ctx.update(schedule, (target) => {
    target.phases = phases;
    const now = phases.find((phase) => phase.end_date > ctx.now());
    target.current_phase = now === undefined ? null : { start_date: now.start_date, end_date: now.end_date };
    if (params.end_behavior !== undefined)
      target.end_behavior = params.end_behavior === 'cancel' ? 'cancel' : 'release';
    target.metadata = mergeMetadata(target.metadata, params.metadata);
  });
  planSchedule(ctx, schedule);
  return schedule;
}

/** Plans what time will do to a schedule. */
function planSchedule(ctx: SandboxContext, schedule: ScheduleObject): void {
  const end = schedule.phases.at(-1)?.end_date ?? ctx.now();
  const warning = end - EXPIRING_DAYS * SECONDS_PER_DAY;
  const boundaryAt = schedule.current_phase?.end_date ?? end;
  ctx.jobs.schedule('schedule.advance', schedule.id, boundaryAt);
  if (warning > ctx.now()) ctx.jobs.schedule('schedule.expiring', schedule.id, warning);
  else ctx.jobs.cancel('schedule.expiring', schedule.id);
}

/** The subscription goes on by itself, on the terms it has now. @throws 400 once the schedule is over */
export function releaseSchedule(ctx: SandboxContext, schedule: ScheduleObject): ScheduleObject {
  const sub = runningSubscription(ctx, schedule);
  leaveSchedule(ctx, schedule);
  schedule.status = 'released';
  schedule.released_at = ctx.now();
  schedule.released_subscription = schedule.subscription;
  schedule.subscription = null;
  ctx.emit('subscription_schedule.released', schedule);
  ctx.update(sub, (target) => {
    target.schedule = null;
  });
  return schedule;
}

/** Ends the schedule and its subscription now. @throws 400 once the schedule is over */
export function cancelSchedule(
  ctx: SandboxContext,
  schedule: ScheduleObject,
  params: Stripe.SubscriptionScheduleCancelParams,
): ScheduleObject {
  const sub = runningSubscription(ctx, schedule);
  endSchedule(ctx, schedule, 'canceled');
  cancelSubscription(ctx, sub, { invoice_now: params.invoice_now ?? false, prorate: params.prorate ?? true });
  return schedule;
}

export function warnOfExpiry(ctx: SandboxContext, schedule: ScheduleObject): void {
  if (schedule.status === 'active') ctx.emit('subscription_schedule.expiring', schedule);
}

/** The phase that begins where the current one ends, or undefined. */
function nextPhase(schedule: ScheduleObject): SchedulePhase | undefined {
  return schedule.phases.find((phase) => phase.start_date === schedule.current_phase?.end_date);
}

/** A subscription's items on the terms of a phase; an item is kept where one stands in its place. */
function itemsOf(ctx: SandboxContext, sub: SubscriptionObject, phase: SchedulePhase): ItemObject[] {
  const first = sub.items.data[0];
  const period = { start: first?.current_period_start ?? ctx.now(), end: periodEnd(sub) };
  return phase.items.map(({ price: id, quantity }, index) => {
    const price = ctx.store.require('price', id);
    const kept = sub.items.data.find((item) => item.price.id === id) ?? sub.items.data[index];
    if (kept === undefined) return buildItem(ctx, sub.id, { price, quantity, metadata: {} }, period);
    const item = structuredClone(kept);
    setItemPrice(item, price);
    item.quantity = quantity;
    return item;
  });
}

/** Puts a phase's terms into a subscription whose period ends with the phase before: the next invoice bills them. */
function enter(ctx: SandboxContext, sub: SubscriptionObject, phase: SchedulePhase): void {
  const before = sub.items.data[0];
  const items = itemsOf(ctx, sub, phase);
  const after = items[0];
  sub.items.data = items;
  const interval = (item: ItemObject | undefined): string => JSON.stringify(item && intervalOf(item.price));
  // Another interval counts from the day it begins; otherwise the day of the month stays what it was.
  if (interval(before) !== interval(after)) sub.billing_cycle_anchor = phase.start_date;
}

/** A copy of a subscription as its next invoice will find it. */
export function asScheduled(ctx: SandboxContext, sub: SubscriptionObject): SubscriptionObject {
  const schedule = ctx.store.find('subscription_schedule', sub.schedule);
  const phase = schedule?.status === 'active' ? nextPhase(schedule) : undefined;
  if (phase === undefined || phase.start_date > periodEnd(sub)) return sub;
  const copy = structuredClone(sub);
  enter(ctx, copy, phase);
  return copy;
}

/** What a phase that begins inside a period is applied with: the change of a subscription, prorated as it says. */
export type ApplyChange = (sub: SubscriptionObject, phase: SchedulePhase) => void;

/**
 * A phase is over: the next one begins, or the schedule ends as it was to.
 *
 * @param change applies a phase inside a period; at a period's end the renewal bills the phase's terms.
 */
export function advanceSchedule(ctx: SandboxContext, schedule: ScheduleObject, change: ApplyChange): void {
  const sub = ctx.store.find('subscription', schedule.subscription);
  if (schedule.status !== 'active' || sub === undefined || (schedule.current_phase?.end_date ?? 0) > ctx.now()) return;
  const phase = nextPhase(schedule);
  if (phase === undefined) {
    if (schedule.end_behavior === 'release') releaseSchedule(ctx, schedule);
    else {
      endSchedule(ctx, schedule, 'completed');
      cancelSubscription(ctx, sub, {});
    }
    return;
  }
  ctx.update(schedule, (target) => {
    target.current_phase = { start_date: phase.start_date, end_date: phase.end_date };
  });
  planSchedule(ctx, schedule);
  if (periodEnd(sub) > ctx.now()) change(sub, phase);
  else {
    ctx.update(sub, (target) => {
      enter(ctx, target, phase);
    });
  }
}

/** Before a renewal looks at its subscription: whatever of its schedule is due in the same second. */
export function advanceScheduleOf(ctx: SandboxContext, sub: SubscriptionObject, change: ApplyChange): void {
  const schedule = ctx.store.find('subscription_schedule', sub.schedule);
  if (schedule !== undefined) advanceSchedule(ctx, schedule, change);
}
