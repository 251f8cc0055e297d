/** Stripe's `POST /v1/subscriptions/{id}`. */
import type Stripe from 'stripe';
import { collectInvoice, defaultMethod } from './collection';
import type { SandboxContext } from './context';
import { ownPaymentMethod } from './customers';
import type { DiscountTerms } from './discounting';
import { planDiscounts, redeemDiscounts, termsOf, type PlannedDiscount } from './discounts';
import { invalidRequest, refuseUnsupported } from './errors';
import { composeInvoice, type NewInvoice } from './invoice-draft';
import { createInvoice, finalizeInvoice } from './invoices';
import { onCollectionFailed, planJobs } from './lifecycle';
import type { LineDraft } from './line-draft';
import { mergeMetadata } from './metadata';
import { cardError, outcomeOf } from './payment-methods';
import { applyChange, planChange, type ChangeRequest, type PlannedChange } from './subscription-change';
import { isOver, periodEnd } from './subscription-object';
import { requiresAction, warnOfTrialEnd } from './subscriptions';
import { assertTaxLocation } from './tax';
import type { InvoiceObject, SubscriptionObject } from './wire';
import type { SchedulePhase } from './wire-pricing';

type UpdateParams = Stripe.SubscriptionUpdateParams;

const unsupported = [
  'add_invoice_items',
  'billing_schedules',
  'collection_method',
  'days_until_due',
  'default_tax_rates',
  'pending_invoice_item_interval',
  'transfer_data',
] as const;

const billingParams = ['items', 'trial_end', 'billing_cycle_anchor'] as const;

function changeRequest(params: UpdateParams, discounts: readonly DiscountTerms[]): ChangeRequest {
  return {
    ...(params.items === undefined ? {} : { items: params.items }),
    prorationBehavior: params.proration_behavior ?? 'create_prorations',
    prorationDate: params.proration_date ?? null,
    trialEnd: params.trial_end ?? null,
    anchorNow: params.billing_cycle_anchor?.type === 'now',
    discounts,
  };
}

function assertChangeable(sub: SubscriptionObject, params: UpdateParams): void {
  refuseUnsupported(params, unsupported);
  if (params.payment_behavior === 'pending_if_incomplete') {
    throw invalidRequest('This sandbox does not support pending updates.', 'payment_behavior');
  }
  const bills = billingParams.some((name) => params[name] !== undefined);
  const cancels = (['cancel_at', 'cancel_at_period_end'] as const).find((name) => params[name] !== undefined);
  if (sub.schedule !== null && cancels !== undefined) {
    throw invalidRequest(
      `The subscription is managed by the subscription schedule \`${sub.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
      cancels,
    );
  }
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
    assertTaxLocation(customer, params.automatic_tax.enabled);
    sub.automatic_tax.disabled_reason = null;
    sub.automatic_tax.enabled = params.automatic_tax.enabled;
    sub.automatic_tax.liability = params.automatic_tax.enabled ? { type: 'self' } : null;
  }
  sub.metadata = mergeMetadata(sub.metadata, params.metadata);
  applyCancelling(ctx, sub, params);
}

/** The invoice a change is billed with: its own lines and what had been waiting. */
function changeInvoice(
  sub: SubscriptionObject,
  lines: readonly LineDraft[],
  now: number,
  discounts: readonly DiscountTerms[],
): NewInvoice {
  return {
    discounts,
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

/** Discounts as a request wants them, or null when it does not speak of them. @throws 400 for what cannot be redeemed */
function wantedDiscounts(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  next: SubscriptionObject,
  params: UpdateParams,
): PlannedDiscount[] | null {
  if (params.discounts === undefined) return null;
  const order = { customer: sub.customer, currency: sub.currency, items: next.items.data };
  return planDiscounts(ctx, params.discounts, order, sub.discounts);
}

interface Update {
  readonly change: PlannedChange | null;
  /** The subscription as it will be. */
  readonly next: SubscriptionObject;
  readonly discounts: PlannedDiscount[] | null;
  readonly terms: readonly DiscountTerms[];
  /** What waited before and what the change adds. */
  readonly lines: readonly LineDraft[];
}

/** Works an update out without touching anything. @throws for whatever it must not do */
function planUpdate(ctx: SandboxContext, sub: SubscriptionObject, params: UpdateParams): Update {
  const bills = billingParams.some((name) => params[name] !== undefined);
  const next = structuredClone(sub);
  if (bills && params.discounts !== undefined) {
    next.items.data = planChange(ctx, sub, changeRequest(params, [])).items;
  }
  const discounts = wantedDiscounts(ctx, sub, next, params);
  const terms = discounts?.map((plan) => plan.terms) ?? termsOf(ctx, sub, ctx.now());
  const change = bills ? planChange(ctx, sub, changeRequest(params, terms)) : null;
  if (change !== null) applyChange(next, change);
  applyPlain(ctx, next, params);
  const lines = [...(ctx.pendingLines.get(sub.id) ?? []), ...(change?.lines ?? [])];
  if (change?.billing === 'now' && params.payment_behavior === 'error_if_incomplete') {
    const customer = ctx.store.require('customer', sub.customer, 'customer');
    const probe = composeInvoice(ctx, customer, changeInvoice(next, lines, ctx.now(), terms), 'in_probe');
    assertPayable(ctx, next, probe, params.off_session ?? true);
  }
  return { change, next, discounts, terms, lines };
}

/** Remembers what the new terms are charged at, for what is given back of them later. */
function rememberCharges(ctx: SandboxContext, change: PlannedChange | null): void {
  for (const { fullNet, item, price, quantity } of change?.lines ?? []) {
    if (fullNet !== null) ctx.netPeriods.set(item, { price: price.id, quantity, net: fullNet });
  }
}

/** Puts a subscription on the terms of its schedule's next phase, inside a period. */
export function applyPhase(ctx: SandboxContext, sub: SubscriptionObject, phase: SchedulePhase): void {
  const wanted = phase.items.map(({ price, quantity }, index) => {
    const item = sub.items.data.find((candidate) => candidate.price.id === price) ?? sub.items.data[index];
    return { ...(item === undefined ? {} : { id: item.id }), price, quantity };
  });
  const kept = new Set(wanted.map((item) => item.id));
  const gone = sub.items.data.filter((item) => !kept.has(item.id)).map(({ id }) => ({ id, deleted: true }));
  updateSubscription(ctx, sub, { items: [...wanted, ...gone], proration_behavior: phase.proration_behavior });
}

/**
 * Updates a subscription: plan, quantity, trial, discounts, cancellation, settings; bills and collects what comes of it.
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
  const { change, next, discounts, terms, lines } = planUpdate(ctx, sub, params);
  if (discounts !== null) next.discounts = redeemDiscounts(ctx, sub, discounts, sub.discounts);
  const billsNow = change?.billing === 'now';
  rememberCharges(ctx, change);
  if (change?.billing === 'later') ctx.pendingLines.set(sub.id, [...lines]);
  if (billsNow) ctx.pendingLines.delete(sub.id);
  const invoice = billsNow ? createInvoice(ctx, changeInvoice(next, lines, ctx.now(), terms)) : null;
  ctx.update(sub, (target) => {
    Object.assign(target, next, invoice === null ? {} : { latest_invoice: invoice.id });
  });
  planJobs(ctx, sub);
  if (change !== null && change.trialEnd !== before) warnOfTrialEnd(ctx, sub);
  if (invoice !== null) collect(ctx, sub, invoice, params);
  return sub;
}
