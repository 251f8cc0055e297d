/** Invoices that do not exist yet: `create_preview` and `invoice.upcoming`. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { invalidRequest, required } from './errors';
import { composeInvoice } from './invoices';
import { nextRenewal } from './renewals';
import { applyChange, planChange } from './subscription-change';
import { isOver, periodEnd } from './subscription-object';
import { refuseUnsupported } from './subscriptions';
import type { InvoiceObject, SubscriptionObject } from './wire';

function previewOf(ctx: SandboxContext, sub: SubscriptionObject): InvoiceObject {
  const customer = ctx.store.require('customer', sub.customer, 'customer');
  return composeInvoice(ctx, customer, nextRenewal(ctx, sub), ctx.ids.next('upcoming_in_'));
}

/** Tells of the next invoice a week ahead; the object has no id, for there is no invoice yet. */
export function announceUpcoming(ctx: SandboxContext, sub: SubscriptionObject): void {
  if (isOver(sub) || (sub.cancel_at !== null && sub.cancel_at <= periodEnd(sub))) return;
  const { id: _id, ...upcoming } = previewOf(ctx, sub);
  ctx.emit('invoice.upcoming', upcoming);
}

const noUpcoming = (customer: string): Error =>
  invalidRequest(`No upcoming invoices for customer: ${customer}`, undefined, 'invoice_upcoming_none');

/**
 * Stripe's `POST /v1/invoices/create_preview`, for a subscription as it is or with changes.
 *
 * @throws 400 `invoice_upcoming_none` when nothing will be invoiced.
 */
export function createPreview(ctx: SandboxContext, params: Stripe.InvoiceCreatePreviewParams): InvoiceObject {
  refuseUnsupported(params, ['discounts', 'invoice_items', 'schedule', 'schedule_details', 'customer_details']);
  const details = params.subscription_details;
  refuseUnsupported(details ?? {}, [
    'billing_schedules',
    'cancel_now',
    'pause',
    'resume_at',
    'start_date',
    'cancel_at',
  ]);
  const sub = ctx.store.require('subscription', required(params.subscription, 'subscription'), 'subscription');
  if (isOver(sub)) throw noUpcoming(sub.customer);
  const copy = structuredClone(sub);
  const asked = details?.items !== undefined || details?.trial_end !== undefined;
  const anchorNow = typeof details?.billing_cycle_anchor === 'object' && details.billing_cycle_anchor.type === 'now';
  const cancelsAtEnd = details?.cancel_at_period_end ?? copy.cancel_at_period_end;
  if (!asked && !anchorNow) {
    const ends = cancelsAtEnd || (copy.cancel_at !== null && copy.cancel_at <= periodEnd(copy));
    if (ends && details?.cancel_at_period_end !== false) throw noUpcoming(copy.customer);
    return previewOf(ctx, copy);
  }
  const change = planChange(ctx, copy, {
    ...(details.items === undefined ? {} : { items: details.items }),
    prorationBehavior: details.proration_behavior ?? 'create_prorations',
    prorationDate: details.proration_date ?? null,
    trialEnd: details.trial_end ?? null,
    anchorNow,
  });
  applyChange(copy, change);
  const customer = ctx.store.require('customer', copy.customer, 'customer');
  const waiting = ctx.pendingLines.get(copy.id) ?? [];
  const id = ctx.ids.next('upcoming_in_');
  const now = ctx.now();
  if (change.billing === 'now') {
    return composeInvoice(
      ctx,
      customer,
      {
        subscription: copy,
        lines: [...waiting, ...change.lines],
        reason: 'subscription_update',
        period: { start: now, end: now },
        autoAdvance: true,
        finalizesAt: null,
      },
      id,
    );
  }
  const renewal = nextRenewal(ctx, copy);
  const regular = renewal.lines.slice(waiting.length);
  return composeInvoice(ctx, customer, { ...renewal, lines: [...waiting, ...change.lines, ...regular] }, id);
}
