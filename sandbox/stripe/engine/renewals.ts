/** What time does to subscriptions and their invoices. */
import { nextBoundary, SECONDS_PER_HOUR, type Period } from './calendar';
import { collectInvoice, defaultMethod } from './collection';
import type { SandboxContext } from './context';
import type { NewInvoice } from './invoice-draft';
import { createInvoice, finalizeInvoice, markUncollectible, voidInvoice } from './invoices';
import { endSubscription, onInvoiceSettled, planJobs } from './lifecycle';
import type { LineDraft } from './line-draft';
import { periodLine } from './lines';
import { advanceScheduleOf } from './schedules';
import { intervalOf, isOver, periodEnd } from './subscription-object';
import { applyPhase } from './subscription-update';
import { billPendingLines } from './subscriptions';
import type { InvoiceObject, SubscriptionObject } from './wire';

/** Stripe leaves a renewal a draft for about an hour, so that lines can be added. */
const DRAFT_HOURS = 1;

/** The period after the one that ends at `end`. */
function periodAfter(sub: SubscriptionObject, end: number): Period {
  const first = sub.items.data[0];
  return first === undefined
    ? { start: end, end }
    : { start: end, end: nextBoundary(sub.billing_cycle_anchor, intervalOf(first.price), end) };
}

/** Lines of the next regular invoice: the coming period and what has been waiting. */
export function renewalLines(ctx: SandboxContext, sub: SubscriptionObject, period: Period): LineDraft[] {
  const regular = sub.items.data.map((item) => periodLine(ctx, sub, item, period));
  return [...(ctx.pendingLines.get(sub.id) ?? []), ...regular];
}

/** The next regular invoice, as it would be. */
export function nextRenewal(ctx: SandboxContext, sub: SubscriptionObject): NewInvoice & { readonly next: Period } {
  const end = periodEnd(sub);
  const next = periodAfter(sub, end);
  return {
    next,
    subscription: sub,
    lines: renewalLines(ctx, sub, next),
    reason: 'subscription_cycle',
    period: { start: sub.items.data[0]?.current_period_start ?? end, end },
    autoAdvance: true,
    finalizesAt: end + DRAFT_HOURS * SECONDS_PER_HOUR,
  };
}

function hasMethod(ctx: SandboxContext, sub: SubscriptionObject): boolean {
  const customer = ctx.store.find('customer', sub.customer);
  return (sub.default_payment_method ?? customer?.invoice_settings.default_payment_method ?? null) !== null;
}

/** A trial that ends without a card may end the subscription, or pause it. True when it did. */
function endsWithTrial(ctx: SandboxContext, sub: SubscriptionObject): boolean {
  if (sub.status !== 'trialing' || hasMethod(ctx, sub)) return false;
  const behavior = sub.trial_settings.end_behavior.missing_payment_method;
  if (behavior === 'cancel') {
    endSubscription(ctx, sub, 'cancellation_requested');
    return true;
  }
  if (behavior !== 'pause') return false;
  ctx.update(sub, (target) => {
    target.status = 'paused';
  });
  planJobs(ctx, sub);
  ctx.emit('customer.subscription.paused', sub);
  return true;
}

/** A period is over: the subscription ends, or the next period begins and is invoiced. */
export function renew(ctx: SandboxContext, sub: SubscriptionObject): void {
  if (isOver(sub) || sub.status === 'incomplete' || sub.status === 'paused') return;
  advanceScheduleOf(ctx, sub, (target, phase) => {
    applyPhase(ctx, target, phase);
  });
  if (isOver(sub)) return;
  if (sub.cancel_at !== null && sub.cancel_at <= ctx.now()) {
    billPendingLines(ctx, sub);
    if (!isOver(sub)) endSubscription(ctx, sub, 'cancellation_requested');
    return;
  }
  if (endsWithTrial(ctx, sub)) return;
  const renewal = nextRenewal(ctx, sub);
  const advances = sub.status !== 'unpaid' && sub.pause_collection?.behavior !== 'keep_as_draft';
  ctx.pendingLines.delete(sub.id);
  const invoice = createInvoice(ctx, {
    ...renewal,
    autoAdvance: advances,
    finalizesAt: advances ? renewal.finalizesAt : null,
  });
  ctx.update(sub, (target) => {
    for (const item of target.items.data) {
      item.current_period_start = renewal.next.start;
      item.current_period_end = renewal.next.end;
    }
    target.latest_invoice = invoice.id;
    if (target.status === 'trialing') target.status = 'active';
  });
  planJobs(ctx, sub);
  if (advances) ctx.jobs.schedule('invoice.finalize', invoice.id, ctx.now() + DRAFT_HOURS * SECONDS_PER_HOUR);
}

/** A subscription reaches its `cancel_at` inside a period. */
export function cancelAsPlanned(ctx: SandboxContext, sub: SubscriptionObject): void {
  if (isOver(sub) || sub.cancel_at === null || sub.cancel_at > ctx.now()) return;
  billPendingLines(ctx, sub);
  if (!isOver(sub)) endSubscription(ctx, sub, 'cancellation_requested');
}

/** The hour of a draft is over. */
export function finalizeDue(ctx: SandboxContext, invoice: InvoiceObject, sub: SubscriptionObject | undefined): void {
  if (invoice.status !== 'draft' || !invoice.auto_advance) return;
  finalizeInvoice(ctx, invoice);
  const pause = sub?.pause_collection?.behavior;
  if (pause === 'void' || pause === 'mark_uncollectible') {
    if (pause === 'void') voidInvoice(ctx, invoice);
    else markUncollectible(ctx, invoice);
    onInvoiceSettled(ctx, invoice, null);
    return;
  }
  collectInvoice(ctx, invoice, { offSession: true, automatic: true });
}

/** Another automatic attempt is due. */
export function retryDue(ctx: SandboxContext, invoice: InvoiceObject): void {
  if (invoice.status !== 'open' || !invoice.auto_advance) return;
  collectInvoice(ctx, invoice, { offSession: true, automatic: true });
}

/** A paused subscription goes on, with a period that begins now. */
export function resumeSubscription(ctx: SandboxContext, sub: SubscriptionObject): SubscriptionObject {
  const now = ctx.now();
  const first = sub.items.data[0];
  const end = first === undefined ? now : nextBoundary(now, intervalOf(first.price), now);
  const invoice = createInvoice(ctx, {
    subscription: sub,
    lines: renewalLines(ctx, sub, { start: now, end }),
    reason: 'subscription_update',
    period: { start: now, end: now },
    autoAdvance: true,
    finalizesAt: null,
  });
  ctx.pendingLines.delete(sub.id);
  ctx.update(sub, (target) => {
    target.status = 'active';
    target.billing_cycle_anchor = now;
    target.latest_invoice = invoice.id;
    for (const item of target.items.data) {
      item.current_period_start = now;
      item.current_period_end = end;
    }
  });
  ctx.emit('customer.subscription.resumed', sub);
  planJobs(ctx, sub);
  finalizeInvoice(ctx, invoice);
  const automatic = defaultMethod(ctx, invoice) === undefined;
  collectInvoice(ctx, invoice, { offSession: true, automatic });
  return sub;
}
