/** `/v1/radar/early_fraud_warnings` and `/v1/reviews`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { closeReview } from '../engine/fraud';
import { paginate } from '../engine/lists';
import { idOf, route } from './request';

const warnings = '/v1/radar/early_fraud_warnings';
const reviews = '/v1/reviews';

export function fraudRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [
    route('GET', warnings, ({ params }) => {
      const filter = params as Stripe.Radar.EarlyFraudWarningListParams;
      const found = ctx.store
        .all('radar.early_fraud_warning')
        .filter((warning) => filter.charge === undefined || warning.charge === filter.charge)
        .filter(({ payment_intent: intent }) => (filter.payment_intent ?? intent) === intent);
      return paginate('radar.early_fraud_warning', found, filter, warnings);
    }),
    route('GET', `${warnings}/{id}`, (request) => ctx.store.require('radar.early_fraud_warning', idOf(request))),
    route('GET', reviews, ({ params }) => {
      const open = ctx.store.all('review').filter((review) => review.open);
      return paginate('review', open, params as Stripe.ReviewListParams, reviews);
    }),
    route('GET', `${reviews}/{id}`, (request) => ctx.store.require('review', idOf(request))),
    route('POST', `${reviews}/{id}/approve`, (request) =>
      closeReview(ctx, ctx.store.require('review', idOf(request)), 'approved'),
    ),
  ];
}
