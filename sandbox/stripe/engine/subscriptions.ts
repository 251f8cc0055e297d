/** Creating, cancelling and resuming subscriptions. */
import type Stripe from 'stripe';
import { StripeSandboxError } from '../contract';
import { nextBoundary, SECONDS_PER_DAY, SECONDS_PER_HOUR, type Period } from './calendar';
import { collectInvoice } from './collection';
import type { SandboxContext } from './context';
import { ownPaymentMethod } from './customers';
import { planDiscounts, redeemDiscounts, type PlannedDiscount } from './discounts';
import { integer, invalidRequest, refuseUnsupported, required } from './errors';
import { composeInvoice, type NewInvoice } from './invoice-draft';
import { createInvoice, finalizeInvoice, intentOf, voidInvoice } from './invoices';
import { endSubscription, expireIncomplete, planJobs, TRIAL_WARNING_DAYS } from './lifecycle';
import type { LineDraft } from './line-draft';
import { periodLine, prorationLine, trialLine } from './lines';
import { mergeMetadata } from './metadata';
import { cardError, outcomeOf } from './payment-methods';
import { createSetupIntent } from './setup-intents';
import { buildSubscription, intervalOf, isOver, periodEnd, usablePrice, type NewItem } from './subscription-object';
import { assertTaxLocation } from './tax';
import type { CustomerObject, InvoiceObject, SubscriptionObject } from './wire';

const INCOMPLETE_HOURS = 23;
const LONGEST_TRIAL_DAYS = 730;

/** Parameters Stripe has and this sandbox does not play; better refused than silently ignored. */
const unsupported = [
  'add_invoice_items',
  'backdate_start_date',
  'billing_cycle_anchor_config',
  'billing_schedules',
  'default_tax_rates',
  'pending_invoice_item_interval',
  'transfer_data',
] as const;

/** 402 for a payment that wants its cardholder. */
export function requiresAction(code: string): StripeSandboxError {
  return new StripeSandboxError(402, {
    type: 'card_error',
    code,
    decline_code: 'authentication_required',
    message:
      'This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.',
  });
}

function newItems(ctx: SandboxContext, params: Stripe.SubscriptionCreateParams): NewItem[] {
  const wanted = params.items ?? [];
  if (wanted.length === 0) required(undefined, 'items');
  const items = wanted.map((item, index) => {
    const param = `items[${index}][price]`;
    refuseUnsupported(item, ['price_data', 'discounts', 'tax_rates', 'billing_thresholds', 'plan']);
    return {
      price: usablePrice(ctx, required(item.price, param), param),
      quantity: integer(item.quantity ?? 1, `items[${index}][quantity]`, 0),
      metadata: mergeMetadata({}, item.metadata),
    };
  });
  assertConsistent(items);
  return items;
}

/** @throws 400 when prices repeat, or differ in currency or interval. */
export function assertConsistent(items: readonly Pick<NewItem, 'price'>[]): void {
  const first = items[0]?.price;
  if (new Set(items.map((item) => item.price.id)).size < items.length) {
    throw invalidRequest('Cannot add multiple subscription items with the same plan.', 'items');
  }
  for (const { price } of items) {
    if (first !== undefined && price.currency !== first.currency) {
      throw invalidRequest('All prices on a subscription must have the same `currency`.', 'items');
    }
    if (first !== undefined && JSON.stringify(intervalOf(price)) !== JSON.stringify(intervalOf(first))) {
      throw invalidRequest('All prices on a subscription in this sandbox must have the same interval.', 'items');
    }
  }
}

function trialEndOf(ctx: SandboxContext, params: Stripe.SubscriptionCreateParams): number | null {
  if (params.trial_end !== undefined && params.trial_period_days !== undefined) {
    throw invalidRequest('You may only specify one of trial_end and trial_period_days.', 'trial_end');
  }
  if (params.trial_end === 'now' || params.trial_period_days === 0) return null;
  if (params.trial_period_days !== undefined) {
    const days = integer(params.trial_period_days, 'trial_period_days', 1, LONGEST_TRIAL_DAYS);
    return ctx.now() + days * SECONDS_PER_DAY;
  }
  if (params.trial_end === undefined) return null;
  if (params.trial_end <= ctx.now()) {
    throw invalidRequest('Invalid timestamp: must be an integer Unix timestamp in the future.', 'trial_end');
  }
  return params.trial_end;
}

function firstLines(ctx: SandboxContext, sub: SubscriptionObject): LineDraft[] {
  return sub.items.data.map((item) =>
    sub.status === 'trialing'
      ? trialLine(ctx, sub, item)
      : periodLine(ctx, sub, item, { start: item.current_period_start, end: item.current_period_end }),
  );
}

/** What creation would charge right now, and to which card. @throws when that is bound to fail and must not */
function assertPayable(
  ctx: SandboxContext,
  due: number,
  method: string | null,
  behavior: Stripe.SubscriptionCreateParams.PaymentBehavior,
  offSession: boolean,
): void {
  if (due === 0 || behavior === 'default_incomplete') return;
  if (method === null) {
    throw invalidRequest(
      'This customer has no attached payment source or default payment method. Please consider adding a default payment method.',
      undefined,
      'resource_missing',
    );
  }
  if (behavior !== 'error_if_incomplete') return;
  const outcome = outcomeOf(ctx, method, { offSession, charge: true });
  if (outcome.kind === 'decline') throw cardError(outcome.decline);
  if (outcome.kind === 'authenticate') throw requiresAction('subscription_payment_intent_requires_action');
}

/**
 * A customer changes currency when nothing of his is left in the former one.
 * Source: support.stripe.com/questions/updating-subscription-currency
 */
export function assertCurrency(ctx: SandboxContext, customer: CustomerObject, currency: string): void {
  const own = customer.currency ?? null;
  if (own === null || own === currency) return;
  const runs = ctx.store
    .linked('subscription', customer.id)
    .some((sub) => sub.currency === own && !['canceled', 'incomplete_expired'].includes(sub.status));
  if (!runs && customer.balance === 0) return;
  throw invalidRequest(
    `You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency ${own}.`,
    'items',
  );
}

/** A subscription as a request asks for it, nowhere stored. @throws 400 for what Stripe refuses */
export function draftSubscription(ctx: SandboxContext, params: Stripe.SubscriptionCreateParams): SubscriptionObject {
  refuseUnsupported(params, [...unsupported, 'billing_cycle_anchor', 'collection_method', 'days_until_due']);
  const customer = ctx.store.require('customer', required(params.customer, 'customer'), 'customer');
  const items = newItems(ctx, params);
  const trialEnd = trialEndOf(ctx, params);
  const now = ctx.now();
  const first = items[0]?.price;
  const interval = first === undefined ? null : intervalOf(first);
  const end = trialEnd ?? (interval === null ? now : nextBoundary(now, interval, now));
  const period: Period = { start: now, end };
  const own = params.default_payment_method;
  const sub = buildSubscription(ctx, {
    customer,
    items,
    period,
    anchor: trialEnd ?? now,
    trialEnd,
    metadata: mergeMetadata({}, params.metadata),
    description: params.description ?? null,
    defaultPaymentMethod: own === undefined ? null : ownPaymentMethod(ctx, customer, own, 'default_payment_method'),
    savesPaymentMethod: params.payment_settings?.save_default_payment_method === 'on_subscription',
    automaticTax: params.automatic_tax?.enabled ?? false,
    missingPaymentMethod: params.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice',
  });
  assertCurrency(ctx, customer, sub.currency);
  return sub;
}

function applyPlannedEnd(ctx: SandboxContext, sub: SubscriptionObject, params: Stripe.SubscriptionCreateParams): void {
  if (params.cancel_at_period_end === true) {
    sub.cancel_at_period_end = true;
    sub.cancel_at = periodEnd(sub);
    sub.canceled_at = ctx.now();
  }
  if (typeof params.cancel_at === 'number') {
    if (params.cancel_at <= ctx.now()) throw invalidRequest('`cancel_at` must be in the future.', 'cancel_at');
    sub.cancel_at = params.cancel_at;
    sub.canceled_at = ctx.now();
  }
}

/** What a subscription is invoiced at its start. */
export function firstInvoice(ctx: SandboxContext, sub: SubscriptionObject): NewInvoice {
  return {
    subscription: sub,
    lines: firstLines(ctx, sub),
    reason: 'subscription_create',
    period: { start: ctx.now(), end: ctx.now() },
    autoAdvance: false,
    finalizesAt: null,
  };
}

function firstDiscounts(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  params: Stripe.SubscriptionCreateParams,
): PlannedDiscount[] {
  if (params.discounts === undefined) return [];
  return planDiscounts(ctx, params.discounts, {
    customer: sub.customer,
    currency: sub.currency,
    items: sub.items.data,
  });
}

/**
 * Stripe's `POST /v1/subscriptions`.
 *
 * @throws 400 for what it refuses; 402 with `error_if_incomplete` and a card that will not pay, before anything exists.
 */
export function createSubscription(ctx: SandboxContext, params: Stripe.SubscriptionCreateParams): SubscriptionObject {
  const sub = draftSubscription(ctx, params);
  const customer = ctx.store.require('customer', sub.customer, 'customer');
  assertTaxLocation(customer, sub.automatic_tax.enabled);
  applyPlannedEnd(ctx, sub, params);
  const discounts = firstDiscounts(ctx, sub, params);
  const behavior = params.payment_behavior ?? 'allow_incomplete';
  const offSession = params.off_session ?? false;
  const input: NewInvoice = { ...firstInvoice(ctx, sub), discounts: discounts.map((plan) => plan.terms) };
  const method = sub.default_payment_method ?? customer.invoice_settings.default_payment_method;
  assertPayable(ctx, composeInvoice(ctx, customer, input, 'in_probe').amount_due, method, behavior, offSession);
  customer.currency = sub.currency;
  ctx.createSilently(sub);
  ctx.store.link('subscription', customer.id, sub.id);
  sub.discounts = redeemDiscounts(ctx, sub, discounts);
  const invoice = createInvoice(ctx, input);
  sub.latest_invoice = invoice.id;
  finalizeInvoice(ctx, invoice);
  startCollection(ctx, sub, invoice, { behavior, offSession, method });
  ctx.announce(sub, 'customer.subscription.created');
  warnOfTrialEnd(ctx, sub);
  planJobs(ctx, sub);
  return sub;
}

function startCollection(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  invoice: InvoiceObject,
  options: { behavior: string; offSession: boolean; method: string | null },
): void {
  const waits = options.behavior === 'default_incomplete';
  if (invoice.amount_due === 0) {
    if (waits && options.method === null) {
      const setup = createSetupIntent(ctx, {
        customer: sub.customer,
        paymentMethod: null,
        metadata: {},
        description: null,
        usage: 'off_session',
      });
      sub.pending_setup_intent = setup.id;
      ctx.pendingSetups.set(setup.id, sub.id);
    }
    collectInvoice(ctx, invoice, { offSession: true, automatic: false });
  } else if (waits) {
    const intent = intentOf(ctx, invoice);
    if (intent !== undefined && options.method !== null) {
      intent.payment_method = options.method;
      intent.status = 'requires_confirmation';
    }
  } else {
    collectInvoice(ctx, invoice, { offSession: options.offSession, automatic: false });
  }
  if (sub.status === 'incomplete') {
    ctx.jobs.schedule('subscription.expire_incomplete', sub.id, ctx.now() + INCOMPLETE_HOURS * SECONDS_PER_HOUR);
  }
}

/** A trial shorter than the warning is warned of at once, as Stripe does. */
export function warnOfTrialEnd(ctx: SandboxContext, sub: SubscriptionObject): void {
  if (sub.status !== 'trialing' || sub.trial_end === null) return;
  if (sub.trial_end - TRIAL_WARNING_DAYS * SECONDS_PER_DAY <= ctx.now()) {
    ctx.emit('customer.subscription.trial_will_end', sub);
  }
}

/** The first payment was not completed in time. */
export function expireUnpaidStart(ctx: SandboxContext, sub: SubscriptionObject): void {
  if (sub.status !== 'incomplete') return;
  const invoice = ctx.store.find('invoice', sub.latest_invoice);
  if (invoice?.status === 'open') voidInvoice(ctx, invoice);
  expireIncomplete(ctx, sub);
}

/** Bills what waits for the next invoice, now: the last one of an ending subscription. */
export function billPendingLines(ctx: SandboxContext, sub: SubscriptionObject): void {
  const lines = ctx.pendingLines.get(sub.id) ?? [];
  if (lines.length === 0) return;
  ctx.pendingLines.delete(sub.id);
  const invoice = createInvoice(ctx, {
    subscription: sub,
    lines,
    reason: 'subscription_update',
    period: { start: ctx.now(), end: ctx.now() },
    autoAdvance: true,
    finalizesAt: null,
  });
  ctx.update(sub, (target) => {
    target.latest_invoice = invoice.id;
  });
  finalizeInvoice(ctx, invoice);
  collectInvoice(ctx, invoice, { offSession: true, automatic: true });
}

/** Stripe's `DELETE /v1/subscriptions/{id}`. @throws 404 when it is over already */
export function cancelSubscription(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  params: Stripe.SubscriptionCancelParams,
): SubscriptionObject {
  if (isOver(sub)) {
    throw new StripeSandboxError(404, {
      type: 'invalid_request_error',
      code: 'resource_missing',
      message: `No such subscription: '${sub.id}'`,
      param: 'id',
    });
  }
  const details = params.cancellation_details;
  sub.cancellation_details = {
    comment: details?.comment ?? null,
    feedback: details?.feedback === undefined || details.feedback === '' ? null : details.feedback,
    feedback_option: null,
    reason: 'cancellation_requested',
  };
  const first = ctx.store.find('invoice', sub.latest_invoice);
  if (sub.status === 'incomplete' && first?.status === 'open') voidInvoice(ctx, first);
  if (params.prorate === true && sub.status !== 'trialing') keepCredits(ctx, sub);
  if (params.invoice_now === true) billPendingLines(ctx, sub);
  endSubscription(ctx, sub, 'cancellation_requested');
  return sub;
}

/** The unused rest of the period, for the next invoice. */
export function keepCredits(ctx: SandboxContext, sub: SubscriptionObject): void {
  const credits = sub.items.data
    .map((item) => {
      const period = { start: item.current_period_start, end: item.current_period_end };
      return prorationLine(ctx, sub, 'credit', item, period, ctx.now());
    })
    .filter((line) => line !== null);
  ctx.pendingLines.set(sub.id, [...(ctx.pendingLines.get(sub.id) ?? []), ...credits]);
}
