/** `/v1/subscription_schedules`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { paginate } from '../engine/lists';
import { cancelSchedule, createSchedule, releaseSchedule, updateSchedule } from '../engine/schedules';
import type { ScheduleObject } from '../engine/wire-pricing';
import { idOf, route } from './request';

const url = '/v1/subscription_schedules';

function fits(schedule: ScheduleObject, filter: Stripe.SubscriptionScheduleListParams): boolean {
  return (
    (filter.customer === undefined || schedule.customer === filter.customer) &&
    (filter.scheduled === undefined || (schedule.status === 'not_started') === filter.scheduled)
  );
}

export function scheduleRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): ScheduleObject => ctx.store.require('subscription_schedule', id);
  return [
    route('POST', url, ({ params }) => createSchedule(ctx, params)),
    route('GET', url, ({ params }) => {
      const filter = params as Stripe.SubscriptionScheduleListParams;
      const found = ctx.store.all('subscription_schedule').filter((schedule) => fits(schedule, filter));
      return paginate('subscription_schedule', found, filter, url);
    }),
    route('GET', `${url}/{id}`, (request) => find(idOf(request))),
    route('POST', `${url}/{id}`, (request) => updateSchedule(ctx, find(idOf(request)), request.params)),
    route('POST', `${url}/{id}/release`, (request) => releaseSchedule(ctx, find(idOf(request)))),
    route('POST', `${url}/{id}/cancel`, (request) => cancelSchedule(ctx, find(idOf(request)), request.params)),
  ];
}
