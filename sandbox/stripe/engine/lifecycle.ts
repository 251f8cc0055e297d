/** How a subscription's status follows its invoices, and what time will bring it. */
import { SECONDS_PER_DAY } from './calendar';
import type { SandboxContext } from './context';
import { paymentOf, stopAutoAdvance, subscriptionOf } from './invoices';
import { endScheduleOf } from './schedule-end';
import { isOver, periodEnd } from './subscription-object';
import type { InvoiceObject, SetupIntentObject, SubscriptionObject } from './wire';

const UPCOMING_DAYS = 7;
export const TRIAL_WARNING_DAYS = 3;

const plannedKinds = [
  'subscription.renew',
  'subscription.upcoming',
  'subscription.trial_will_end',
  'subscription.cancel',
  'subscription.expire_incomplete',
  'subscription.resume_collection',
] as const;

/** Plans everything time will do to a subscription as it stands now. Call it after every change. */
export function planJobs(ctx: SandboxContext, sub: SubscriptionObject): void {
  for (const kind of plannedKinds) {
    if (kind !== 'subscription.expire_incomplete' || sub.status !== 'incomplete') ctx.jobs.cancel(kind, sub.id);
  }
  if (isOver(sub) || sub.status === 'incomplete') return;
  const now = ctx.now();
  const end = periodEnd(sub);
  if (sub.cancel_at !== null && (sub.cancel_at < end || sub.status === 'paused')) {
    ctx.jobs.schedule('subscription.cancel', sub.id, sub.cancel_at);
  }
  if (sub.status === 'paused') return;
  ctx.jobs.schedule('subscription.renew', sub.id, end);
  const upcoming = end - UPCOMING_DAYS * SECONDS_PER_DAY;
  const goesOn = sub.cancel_at === null || sub.cancel_at > end;
  if (upcoming > now && goesOn) ctx.jobs.schedule('subscription.upcoming', sub.id, upcoming);
  if (sub.status === 'trialing' && sub.trial_end !== null) {
    const warning = sub.trial_end - TRIAL_WARNING_DAYS * SECONDS_PER_DAY;
    if (warning > now) ctx.jobs.schedule('subscription.trial_will_end', sub.id, warning);
  }
  const resumes = sub.pause_collection?.resumes_at ?? null;
  if (resumes !== null) ctx.jobs.schedule('subscription.resume_collection', sub.id, resumes);
}

export function setDelinquent(ctx: SandboxContext, customerId: string, delinquent: boolean): void {
  const customer = ctx.store.find('customer', customerId);
  if (customer === undefined || customer.delinquent === delinquent) return;
  ctx.update(customer, (target) => {
    target.delinquent = delinquent;
  });
}

/** Active again, or trialing when the trial still runs. */
function runningStatus(ctx: SandboxContext, sub: SubscriptionObject): 'active' | 'trialing' {
  return sub.trial_end !== null && sub.trial_end > ctx.now() ? 'trialing' : 'active';
}

/**
 * An invoice is off the table: paid, voided or given up. A subscription behind on payments comes back when its latest
 * invoice is; an incomplete one when its first is paid.
 *
 * @param method the card that paid, to be remembered where the subscription asks for it.
 */
export function onInvoiceSettled(ctx: SandboxContext, invoice: InvoiceObject, method: string | null): void {
  const sub = subscriptionOf(ctx, invoice);
  if (sub === undefined || isOver(sub)) return;
  const first = sub.status === 'incomplete' && invoice.billing_reason === 'subscription_create';
  if (first && invoice.status !== 'paid') {
    expireIncomplete(ctx, sub);
    return;
  }
  const behind = sub.status === 'past_due' || sub.status === 'unpaid';
  const latest = ctx.store
    .linked('invoice', sub.id)
    .filter((other) => other.status !== 'draft')
    .at(-1);
  const recovers = behind && latest !== undefined && latest.status !== 'open';
  ctx.update(sub, (target) => {
    const saves = target.payment_settings.save_default_payment_method === 'on_subscription';
    if (method !== null && saves) target.default_payment_method = method;
    if (first || recovers) target.status = runningStatus(ctx, target);
  });
  if (first || recovers) planJobs(ctx, sub);
}

/** A debit for an invoice is under way: Stripe lets the first one start the subscription without waiting for it. */
export function onPaymentUnderWay(ctx: SandboxContext, invoice: InvoiceObject): void {
  const sub = subscriptionOf(ctx, invoice);
  if (sub?.status !== 'incomplete' || invoice.billing_reason !== 'subscription_create') return;
  const method = ctx.store.find('payment_intent', paymentOf(ctx, invoice)?.payment.payment_intent)?.payment_method;
  ctx.update(sub, (target) => {
    const saves = target.payment_settings.save_default_payment_method === 'on_subscription';
    if (saves && typeof method === 'string') target.default_payment_method = method;
    target.status = runningStatus(ctx, target);
  });
  planJobs(ctx, sub);
}

/** Nobody completed the first payment. */
export function expireIncomplete(ctx: SandboxContext, sub: SubscriptionObject): void {
  ctx.update(sub, (target) => {
    target.status = 'incomplete_expired';
    target.ended_at = ctx.now();
  });
  planJobs(ctx, sub);
}

/** The invoice could not be collected: behind on payments from now on. The first invoice leaves `incomplete` as it is. */
export function onCollectionFailed(ctx: SandboxContext, invoice: InvoiceObject): void {
  const sub = subscriptionOf(ctx, invoice);
  if (sub === undefined || (sub.status !== 'active' && sub.status !== 'trialing')) return;
  ctx.update(sub, (target) => {
    target.status = 'past_due';
  });
  planJobs(ctx, sub);
}

/** Ends a subscription now; its open invoices are no longer chased. */
export function endSubscription(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  reason: 'cancellation_requested' | 'payment_failed',
): void {
  sub.status = 'canceled';
  sub.canceled_at ??= ctx.now();
  sub.ended_at = ctx.now();
  sub.cancellation_details = {
    comment: sub.cancellation_details?.comment ?? null,
    feedback: sub.cancellation_details?.feedback ?? null,
    feedback_option: null,
    reason,
  };
  planJobs(ctx, sub);
  endScheduleOf(ctx, sub);
  ctx.pendingLines.delete(sub.id);
  for (const invoice of ctx.store.linked('invoice', sub.id)) {
    if (invoice.status === 'draft' || invoice.status === 'open') stopAutoAdvance(ctx, invoice);
  }
  ctx.emit('customer.subscription.deleted', sub);
}

/** All retries failed: what the dashboard's setting says. */
export function onRetriesExhausted(ctx: SandboxContext, invoice: InvoiceObject): void {
  const sub = subscriptionOf(ctx, invoice);
  if (sub === undefined || isOver(sub)) return;
  if (ctx.settings.afterRetries === 'cancel') endSubscription(ctx, sub, 'payment_failed');
  if (ctx.settings.afterRetries !== 'unpaid') return;
  ctx.update(sub, (target) => {
    target.status = 'unpaid';
  });
}

/** The card a subscription waited for is saved. */
export function onSetupSucceeded(ctx: SandboxContext, intent: SetupIntentObject): void {
  const sub = ctx.store.find('subscription', ctx.pendingSetups.get(intent.id));
  if (sub === undefined) return;
  ctx.pendingSetups.delete(intent.id);
  ctx.update(sub, (target) => {
    const saves = target.payment_settings.save_default_payment_method === 'on_subscription';
    if (saves) target.default_payment_method = intent.payment_method;
    target.pending_setup_intent = null;
  });
}
