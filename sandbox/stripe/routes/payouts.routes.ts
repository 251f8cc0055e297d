/** `/v1/payouts`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { inRange, paginate } from '../engine/lists';
import { cancelPayout, createPayout, updatePayout } from '../engine/payouts';
import type { PayoutObject } from '../engine/wire';
import { idOf, route } from './request';

const url = '/v1/payouts';

export function payoutRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): PayoutObject => ctx.store.require('payout', id);
  return [
    route('POST', url, ({ params }) => createPayout(ctx, params as unknown as Stripe.PayoutCreateParams)),
    route('GET', url, ({ params }) => {
      const filter = params as Stripe.PayoutListParams;
      const found = ctx.store
        .all('payout')
        .filter(({ status }) => filter.status === undefined || status === filter.status)
        .filter(({ arrival_date: arrival }) => inRange(arrival, filter.arrival_date))
        .filter(({ destination }) => filter.destination === undefined || destination === filter.destination);
      return paginate('payout', found, filter, url);
    }),
    route('GET', `${url}/{id}`, (request) => find(idOf(request))),
    route('POST', `${url}/{id}`, (request) => updatePayout(ctx, find(idOf(request)), request.params)),
    route('POST', `${url}/{id}/cancel`, (request) => cancelPayout(ctx, find(idOf(request)))),
  ];
}
