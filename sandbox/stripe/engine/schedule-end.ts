/** How schedules end. */
import type { SandboxContext } from './context';
import type { SubscriptionObject } from './wire';
import type { ScheduleObject } from './wire-pricing';

/** Nothing more is planned for a schedule. */
export function leaveSchedule(ctx: SandboxContext, schedule: ScheduleObject): void {
  ctx.jobs.cancel('schedule.advance', schedule.id);
  ctx.jobs.cancel('schedule.expiring', schedule.id);
  schedule.current_phase = null;
}

export function endSchedule(ctx: SandboxContext, schedule: ScheduleObject, status: 'canceled' | 'completed'): void {
  leaveSchedule(ctx, schedule);
  schedule.status = status;
  if (status === 'canceled') schedule.canceled_at = ctx.now();
  else schedule.completed_at = ctx.now();
  ctx.emit(`subscription_schedule.${status}`, schedule);
}

/** A subscription that is over takes its schedule with it. */
export function endScheduleOf(ctx: SandboxContext, sub: SubscriptionObject): void {
  const schedule = ctx.store.find('subscription_schedule', sub.schedule);
  if (schedule?.status === 'active') endSchedule(ctx, schedule, 'canceled');
}
