/** Stripe's `POST /v1/subscriptions/{id}`. */
import type Stripe from 'stripe';
import { collectInvoice, defaultMethod } from './collection';
import type { SandboxContext } from './context';
import { ownPaymentMethod } from './customers';
import { invalidRequest } from './errors';
import { composeInvoice, createInvoice, finalizeInvoice, type NewInvoice } from './invoices';
import { onCollectionFailed, planJobs } from './lifecycle';
import type { LineDraft } from './line-draft';
import { mergeMetadata } from './metadata';
import { cardError, outcomeOf } from './payment-methods';
import { applyChange, planChange, type ChangeRequest, type PlannedChange } from './subscription-change';
import { isOver, periodEnd } from './subscription-object';
import { refuseUnsupported, requiresAction, warnOfTrialEnd } from './subscriptions';
import type { InvoiceObject, SubscriptionObject } from './wire';

type UpdateParams = Stripe.SubscriptionUpdateParams;

const unsupported = [
  'add_invoice_items',
  'billing_schedules',
  'collection_method',
  'days_until_due',
  'default_tax_rates',
  'discounts',
  'pending_invoice_item_interval',
  'transfer_data',
] as const;

const billingParams = ['items', 'trial_end', 'billing_cycle_anchor'] as const;

function changeRequest(params: UpdateParams): ChangeRequest {
  return {
    ...(params.items === undefined ? {} : { items: params.items }),
    prorationBehavior: params.proration_behavior ?? 'create_prorations',
    prorationDate: params.proration_date ?? null,
    trialEnd: params.trial_end ?? null,
    anchorNow: params.billing_cycle_anchor?.type === 'now',
  };
}

function assertChangeable(sub: SubscriptionObject, params: UpdateParams): void {
  refuseUnsupported(params, unsupported);
  if (params.payment_behavior === 'pending_if_incomplete') {
    throw invalidRequest('This sandbox does not support pending updates.', 'payment_behavior');
  }
  const bills = billingParams.some((name) => params[name] !== undefined);
  if (isOver(sub)) {
    const allowed = new Set(['metadata', 'cancellation_details']);
    if (Object.keys(params).every((name) => allowed.has(name))) return;
    throw invalidRequest(
      'A canceled subscription can only update its cancellation_details and metadata.',
      undefined,
      'invalid_canceled_subscription_fields',
    );
  }
  if (bills && sub.status === 'incomplete') {
    throw invalidRequest(
      'This subscription cannot be updated in this way while its first payment is incomplete.',
      undefined,
      'subscription_payment_intent_requires_action',
    );
  }
}

/** Cancelling at a moment or at the period's end, and thinking better of it. */
function applyCancelling(ctx: SandboxContext, sub: SubscriptionObject, params: UpdateParams): void {
  const atEnd = params.cancel_at_period_end;
  const at = params.cancel_at;
  if (atEnd !== undefined && at !== undefined && at !== '' && at !== null) {
    throw invalidRequest('You may only specify one of cancel_at and cancel_at_period_end.', 'cancel_at');
  }
  const moment = typeof at === 'number' ? at : at === undefined || at === '' || at === null ? null : periodEnd(sub);
  if (moment !== null && moment <= ctx.now()) throw invalidRequest('`cancel_at` must be in the future.', 'cancel_at');
  const cancels = atEnd === true || moment !== null;
  const resumes = !cancels && ((atEnd === false && sub.cancel_at_period_end) || at === '' || at === null);
  const details = params.cancellation_details;
  if (cancels) {
    sub.cancel_at = atEnd === true ? periodEnd(sub) : moment;
    sub.cancel_at_period_end = atEnd === true;
    sub.canceled_at = ctx.now();
  } else if (resumes) {
    sub.cancel_at = null;
    sub.cancel_at_period_end = false;
    sub.canceled_at = null;
  }
  if (!cancels && !resumes && details === undefined) return;
  const old = sub.cancellation_details;
  sub.cancellation_details = {
    comment: details?.comment === undefined ? (old?.comment ?? null) : details.comment === '' ? null : details.comment,
    feedback:
      details?.feedback === undefined ? (old?.feedback ?? null) : details.feedback === '' ? null : details.feedback,
    feedback_option: null,
    reason: cancels ? 'cancellation_requested' : resumes ? null : (old?.reason ?? null),
  };
}

function applyPlain(ctx: SandboxContext, sub: SubscriptionObject, params: UpdateParams): void {
  const customer = ctx.store.require('customer', sub.customer, 'customer');
  const method = params.default_payment_method;
  if (method !== undefined) {
    sub.default_payment_method =
      method === '' ? null : ownPaymentMethod(ctx, customer, method, 'default_payment_method');
  }
  if (params.description !== undefined) sub.description = params.description === '' ? null : params.description;
  const pause = params.pause_collection;
  if (pause !== undefined) {
    sub.pause_collection =
      pause === '' || pause === null ? null : { behavior: pause.behavior, resumes_at: pause.resumes_at ?? null };
  }
  const saves = params.payment_settings?.save_default_payment_method;
  if (saves !== undefined) sub.payment_settings.save_default_payment_method = saves;
  const missing = params.trial_settings?.end_behavior.missing_payment_method;
  if (missing !== undefined) sub.trial_settings.end_behavior.missing_payment_method = missing;
  if (params.automatic_tax !== undefined) {
    sub.automatic_tax.enabled = params.automatic_tax.enabled;
    sub.automatic_tax.liability = params.automatic_tax.enabled ? { type: 'self' } : null;
  }
  sub.metadata = mergeMetadata(sub.metadata, params.metadata);
  applyCancelling(ctx, sub, params);
}

/** The invoice a change is billed with: its own lines and what had been waiting. */
function changeInvoice(sub: SubscriptionObject, lines: readonly LineDraft[], now: number): NewInvoice {
  return {
    subscription: sub,
    lines,
    reason: 'subscription_update',
    period: { start: now, end: now },
    autoAdvance: true,
    finalizesAt: null,
  };
}

/** With `error_if_incomplete` a payment that is bound to fail is refused before anything changes. */
function assertPayable(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  invoice: InvoiceObject,
  offSession: boolean,
): void {
  if (invoice.amount_due === 0) return;
  const customer = ctx.store.require('customer', sub.customer, 'customer');
  const method = sub.default_payment_method ?? customer.invoice_settings.default_payment_method;
  if (method === null) {
    throw invalidRequest(
      'This customer has no attached payment source or default payment method. Please consider adding a default payment method.',
      undefined,
      'resource_missing',
    );
  }
  const outcome = outcomeOf(ctx, method, { offSession, charge: true });
  if (outcome.kind === 'decline') throw cardError(outcome.decline);
  if (outcome.kind === 'authenticate') throw requiresAction('subscription_payment_intent_requires_action');
}

function collect(ctx: SandboxContext, sub: SubscriptionObject, invoice: InvoiceObject, params: UpdateParams): void {
  finalizeInvoice(ctx, invoice);
  if (invoice.amount_due > 0 && params.payment_behavior === 'default_incomplete') {
    onCollectionFailed(ctx, invoice);
    return;
  }
  const missing = invoice.amount_due > 0 && defaultMethod(ctx, invoice) === undefined;
  // Without a card Stripe goes on by its schedule: the attempt counts as an automatic one that failed.
  collectInvoice(ctx, invoice, { offSession: params.off_session ?? true, automatic: missing });
}

/**
 * Updates a subscription: plan, quantity, trial, cancellation, settings; bills and collects what comes of it.
 *
 * @throws 400 for what Stripe refuses; 402 with `error_if_incomplete`, before anything changed.
 */
export function updateSubscription(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  params: UpdateParams,
): SubscriptionObject {
  assertChangeable(sub, params);
  const before = sub.trial_end;
  const bills = billingParams.some((name) => params[name] !== undefined);
  const change: PlannedChange | null = bills ? planChange(ctx, sub, changeRequest(params)) : null;
  const trial = structuredClone(sub);
  if (change !== null) applyChange(trial, change);
  applyPlain(ctx, trial, params);
  const pending = ctx.pendingLines.get(sub.id) ?? [];
  const lines = [...pending, ...(change?.lines ?? [])];
  const billsNow = change?.billing === 'now';
  if (billsNow) {
    const customer = ctx.store.require('customer', sub.customer, 'customer');
    const probe = composeInvoice(ctx, customer, changeInvoice(trial, lines, ctx.now()), 'in_probe');
    if (params.payment_behavior === 'error_if_incomplete') {
      assertPayable(ctx, trial, probe, params.off_session ?? true);
    }
  }
  if (change?.billing === 'later') ctx.pendingLines.set(sub.id, lines);
  if (billsNow) ctx.pendingLines.delete(sub.id);
  const invoice = billsNow ? createInvoice(ctx, changeInvoice(trial, lines, ctx.now())) : null;
  ctx.update(sub, (target) => {
    Object.assign(target, trial, invoice === null ? {} : { latest_invoice: invoice.id });
  });
  planJobs(ctx, sub);
  if (change !== null && change.trialEnd !== before) warnOfTrialEnd(ctx, sub);
  if (invoice !== null) collect(ctx, sub, invoice, params);
  return sub;
}
