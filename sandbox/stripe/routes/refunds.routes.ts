/** `/v1/refunds` and `/v1/disputes`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { closeDispute, updateDispute } from '../engine/disputes';
import { paginate } from '../engine/lists';
import { cancelRefund, createRefund, updateRefund } from '../engine/refunds';
import type { DisputeObject, RefundObject, WireObjects } from '../engine/wire';
import { idOf, route } from './request';

const refunds = '/v1/refunds';
const disputes = '/v1/disputes';

interface OfPayment {
  readonly charge?: string;
  readonly payment_intent?: string;
}

/** Objects of one charge, one payment, or all. */
function found<K extends 'refund' | 'dispute'>(ctx: SandboxContext, type: K, filter: OfPayment): WireObjects[K][] {
  const all = filter.charge === undefined ? ctx.store.all(type) : ctx.store.linked(type, filter.charge);
  const intent = filter.payment_intent;
  return all.filter((object) => intent === undefined || object.payment_intent === intent);
}

function refundRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): RefundObject => ctx.store.require('refund', id);
  return [
    route('POST', refunds, ({ params }) => createRefund(ctx, params)),
    route('GET', refunds, ({ params }) => {
      const filter = params as Stripe.RefundListParams;
      return paginate('refund', found(ctx, 'refund', filter), filter, refunds);
    }),
    route('GET', `${refunds}/{id}`, (request) => find(idOf(request))),
    route('POST', `${refunds}/{id}`, (request) => updateRefund(ctx, find(idOf(request)), request.params)),
    route('POST', `${refunds}/{id}/cancel`, (request) => cancelRefund(ctx, find(idOf(request)))),
  ];
}

export function moneyBackRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): DisputeObject => ctx.store.require('dispute', id);
  return [
    ...refundRoutes(ctx),
    route('GET', disputes, ({ params }) => {
      const filter = params as Stripe.DisputeListParams;
      return paginate('dispute', found(ctx, 'dispute', filter), filter, disputes);
    }),
    route('GET', `${disputes}/{id}`, (request) => find(idOf(request))),
    route('POST', `${disputes}/{id}`, (request) => updateDispute(ctx, find(idOf(request)), request.params)),
    route('POST', `${disputes}/{id}/close`, (request) => closeDispute(ctx, find(idOf(request)))),
  ];
}
