/** Stripe's `POST /v1/subscriptions/{id}/pause`; going on is `resumeSubscription`. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { invalidRequest, refuseUnsupported } from './errors';
import { planJobs } from './lifecycle';
import { billPendingLines, keepCredits } from './subscriptions';
import type { SubscriptionObject } from './wire';

/** Invoices and periods stop; what is unused of the period is given back with the next invoice, or at once. */
export function pauseSubscription(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  params: Stripe.SubscriptionPauseParams,
): SubscriptionObject {
  refuseUnsupported(params.bill_for ?? {}, ['outstanding_usage_through']);
  if (sub.status !== 'active' && sub.status !== 'trialing' && sub.status !== 'past_due') {
    throw invalidRequest(`A subscription with a status of \`${sub.status}\` cannot be paused.`);
  }
  const unused = params.bill_for?.unused_time_from?.type ?? 'now';
  if (unused === 'item_current_period_start') {
    throw invalidRequest('This sandbox gives back unused time from now on only.', 'bill_for[unused_time_from][type]');
  }
  if (unused === 'now' && sub.status === 'active') keepCredits(ctx, sub);
  ctx.update(sub, (target) => {
    target.status = 'paused';
  });
  planJobs(ctx, sub);
  ctx.emit('customer.subscription.paused', sub);
  if (params.invoicing_behavior === 'invoice') billPendingLines(ctx, sub);
  return sub;
}
