/** `/v1/subscriptions`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { invalidRequest } from '../engine/errors';
import { paginate, search, type SearchParams } from '../engine/lists';
import { pauseSubscription } from '../engine/pauses';
import { resumeSubscription } from '../engine/renewals';
import { cancelSubscription, createSubscription } from '../engine/subscriptions';
import { isOver } from '../engine/subscription-object';
import { updateSubscription } from '../engine/subscription-update';
import type { SubscriptionObject } from '../engine/wire';
import { idOf, route } from './request';

const url = '/v1/subscriptions';

function hasStatus(sub: SubscriptionObject, status: string | undefined): boolean {
  if (status === undefined) return sub.status !== 'canceled';
  if (status === 'all') return true;
  return status === 'ended' ? isOver(sub) : sub.status === status;
}

function fits(sub: SubscriptionObject, filter: Stripe.SubscriptionListParams): boolean {
  return (
    hasStatus(sub, filter.status) &&
    (filter.customer === undefined || sub.customer === filter.customer) &&
    (filter.collection_method === undefined || sub.collection_method === filter.collection_method) &&
    (filter.price === undefined || sub.items.data.some((item) => item.price.id === filter.price))
  );
}

export function subscriptionRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): SubscriptionObject => ctx.store.require('subscription', id);
  return [
    route('POST', url, ({ params }) => createSubscription(ctx, params)),
    route('GET', url, ({ params }) => {
      const filter = params as Stripe.SubscriptionListParams;
      const candidates =
        filter.customer === undefined
          ? ctx.store.all('subscription')
          : ctx.store.linked('subscription', filter.customer);
      return paginate(
        'subscription',
        candidates.filter((sub) => fits(sub, filter)),
        filter,
        url,
      );
    }),
    route('GET', `${url}/search`, ({ params }) =>
      search(ctx.store.all('subscription'), params as unknown as SearchParams, ['status', 'created'], `${url}/search`),
    ),
    route('GET', `${url}/{id}`, (request) => find(idOf(request))),
    route('POST', `${url}/{id}`, (request) => updateSubscription(ctx, find(idOf(request)), request.params)),
    route('DELETE', `${url}/{id}`, (request) => cancelSubscription(ctx, find(idOf(request)), request.params)),
    route('POST', `${url}/{id}/pause`, (request) => pauseSubscription(ctx, find(idOf(request)), request.params)),
    route('POST', `${url}/{id}/resume`, (request) => {
      const sub = find(idOf(request));
      if (sub.status !== 'paused') {
        throw invalidRequest(
          `You can only resume a subscription with a \`paused\` status. This subscription has a status of \`${sub.status}\`.`,
        );
      }
      return resumeSubscription(ctx, sub);
    }),
  ];
}
