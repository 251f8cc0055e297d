/** Collecting an invoice: one attempt, what it does to the invoice, and what that does to the subscription. */
import type { Decline } from './cards';
import { SECONDS_PER_DAY } from './calendar';
import type { SandboxContext } from './context';
import { intentOf, settleInvoice, subscriptionOf } from './invoices';
import {
  onCollectionFailed,
  onInvoiceSettled,
  onPaymentUnderWay,
  onRetriesExhausted,
  setDelinquent,
} from './lifecycle';
import {
  attemptPayment,
  concludeAuthentication,
  settleDebit,
  type AttemptOptions,
  type AttemptResult,
} from './payments';
import type { InvoiceObject, PaymentIntentObject, PaymentMethodObject } from './wire';

export type CollectResult =
  | { readonly kind: 'paid' }
  | { readonly kind: 'no_payment_method' }
  | { readonly kind: 'authenticate'; readonly intent: PaymentIntentObject }
  | { readonly kind: 'process'; readonly intent: PaymentIntentObject }
  | { readonly kind: 'decline'; readonly decline: Decline; readonly intent: PaymentIntentObject };

export interface CollectOptions extends AttemptOptions {
  /** Instead of the default one. */
  readonly method?: PaymentMethodObject;
  /** By Stripe's own schedule rather than by a request. */
  readonly automatic: boolean;
}

/** The card an invoice is charged to: its own, its subscription's, its customer's. */
export function defaultMethod(ctx: SandboxContext, invoice: InvoiceObject): PaymentMethodObject | undefined {
  const customer = ctx.store.find('customer', invoice.customer);
  const candidates = [
    invoice.default_payment_method,
    subscriptionOf(ctx, invoice)?.default_payment_method,
    customer?.invoice_settings.default_payment_method,
  ];
  const id = candidates.find((candidate) => candidate !== null && candidate !== undefined);
  return ctx.store.find('payment_method', id);
}

function paid(ctx: SandboxContext, invoice: InvoiceObject, method: PaymentMethodObject | null, attempts: number): void {
  settleInvoice(ctx, invoice, false, attempts);
  setDelinquent(ctx, invoice.customer, false);
  onInvoiceSettled(ctx, invoice, method === null || method.customer === null ? null : method.id);
}

/** Any attempt counts as the first; after it only automatic ones do (see `attempt_count` in Stripe's reference). */
function attemptsAfter(invoice: InvoiceObject, automatic: boolean): number {
  return invoice.attempt_count + (automatic || invoice.attempt_count === 0 ? 1 : 0);
}

/** When the next automatic attempt is due, or null when there is none. */
function nextAttempt(ctx: SandboxContext, invoice: InvoiceObject, attempts: number): number | null {
  const first = invoice.status_transitions.finalized_at;
  const days = ctx.settings.retryDays[attempts - 1];
  // The first invoice is not retried: its subscription is incomplete and expires.
  if (!invoice.auto_advance || invoice.billing_reason === 'subscription_create') return null;
  if (first === null || days === undefined) return null;
  return Math.max(first + days * SECONDS_PER_DAY, ctx.now() + 1);
}

function failed(ctx: SandboxContext, invoice: InvoiceObject, automatic: boolean, needsAction: boolean): void {
  const attempts = attemptsAfter(invoice, automatic);
  const counts = attempts > invoice.attempt_count;
  const next = counts ? nextAttempt(ctx, invoice, attempts) : invoice.next_payment_attempt;
  ctx.update(invoice, (target) => {
    target.attempt_count = attempts;
    target.attempted = true;
    target.next_payment_attempt = next;
  });
  if (counts && next !== null) ctx.jobs.schedule('invoice.retry', invoice.id, next);
  ctx.emit('invoice.payment_failed', invoice);
  if (needsAction) ctx.emit('invoice.payment_action_required', invoice);
  if (automatic) setDelinquent(ctx, invoice.customer, true);
  onCollectionFailed(ctx, invoice);
  const retried = invoice.billing_reason !== 'subscription_create' && invoice.auto_advance;
  if (automatic && next === null && retried) onRetriesExhausted(ctx, invoice);
}

/** A debit is on its way: the invoice stays open, and nobody tries again meanwhile. */
function underWay(ctx: SandboxContext, invoice: InvoiceObject, automatic: boolean): void {
  ctx.jobs.cancel('invoice.retry', invoice.id);
  ctx.update(invoice, (target) => {
    target.attempt_count = attemptsAfter(target, automatic);
    target.attempted = true;
    target.next_payment_attempt = null;
  });
  onPaymentUnderWay(ctx, invoice);
}

/** A debit came back: its attempt is counted already, what follows is as for any that failed. */
function cameBack(ctx: SandboxContext, invoice: InvoiceObject): void {
  const next = nextAttempt(ctx, invoice, invoice.attempt_count);
  ctx.update(invoice, (target) => {
    target.next_payment_attempt = next;
  });
  if (next !== null) ctx.jobs.schedule('invoice.retry', invoice.id, next);
  ctx.emit('invoice.payment_failed', invoice);
  setDelinquent(ctx, invoice.customer, true);
  onCollectionFailed(ctx, invoice);
  const retried = invoice.billing_reason !== 'subscription_create' && invoice.auto_advance;
  if (next === null && retried) onRetriesExhausted(ctx, invoice);
}

/** The bank has answered a debit; the invoice it was for is paid, or open and to be collected again. */
export function concludeDebit(ctx: SandboxContext, intent: PaymentIntentObject, decline: Decline | null): void {
  const invoice = invoiceOfIntent(ctx, intent);
  const method = ctx.store.find('payment_method', intent.payment_method);
  const result = settleDebit(ctx, intent, decline);
  if (invoice === undefined) return;
  if (result.kind !== 'success') {
    if (invoice.status === 'open') cameBack(ctx, invoice);
  } else if (invoice.status === 'open' || invoice.status === 'uncollectible') {
    paid(ctx, invoice, method ?? null, invoice.attempt_count);
  }
  tellCheckout(ctx, invoice, result.kind === 'success');
}

/** A checkout session whose payment was under way when it was completed hears how it ended. */
function tellCheckout(ctx: SandboxContext, invoice: InvoiceObject, succeeded: boolean): void {
  const session = ctx.store
    .all('checkout.session')
    .find((candidate) => candidate.invoice === invoice.id && candidate.payment_status === 'unpaid');
  if (session === undefined) return;
  if (succeeded) session.payment_status = 'paid';
  ctx.emit(succeeded ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed', session);
}

function conclude(
  ctx: SandboxContext,
  invoice: InvoiceObject,
  intent: PaymentIntentObject,
  method: PaymentMethodObject,
  result: AttemptResult,
  automatic: boolean,
): CollectResult {
  if (result.kind === 'success') {
    paid(ctx, invoice, method, attemptsAfter(invoice, automatic));
    return { kind: 'paid' };
  }
  if (result.kind === 'process') underWay(ctx, invoice, automatic);
  else failed(ctx, invoice, automatic, result.kind === 'authenticate');
  return { ...result, intent };
}

/**
 * Tries to collect an open invoice. With nothing due it is paid at once; without any card the attempt counts as failed
 * when automatic and changes nothing otherwise.
 */
export function collectInvoice(ctx: SandboxContext, invoice: InvoiceObject, options: CollectOptions): CollectResult {
  const intent = intentOf(ctx, invoice);
  if (invoice.amount_due === 0 || intent === undefined) {
    paid(ctx, invoice, null, invoice.attempt_count);
    return { kind: 'paid' };
  }
  const method = options.method ?? defaultMethod(ctx, invoice);
  if (method === undefined) {
    if (options.automatic) failed(ctx, invoice, true, false);
    return { kind: 'no_payment_method' };
  }
  const result = attemptPayment(ctx, intent, method, options);
  return conclude(ctx, invoice, intent, method, result, options.automatic);
}

/** The open invoice a payment intent pays, if any. */
export function invoiceOfIntent(ctx: SandboxContext, intent: PaymentIntentObject): InvoiceObject | undefined {
  const payment = ctx.store.linked('invoice_payment', intent.id).at(-1);
  return ctx.store.find('invoice', payment?.invoice);
}

/** The cardholder answered the bank's question about a payment. @throws 400 when nothing was asked */
export function answerAuthentication(
  ctx: SandboxContext,
  intent: PaymentIntentObject,
  granted: boolean,
): AttemptResult {
  const method = ctx.store.find('payment_method', intent.payment_method);
  const result = concludeAuthentication(ctx, intent, granted);
  const invoice = invoiceOfIntent(ctx, intent);
  if (invoice?.status === 'open' && method !== undefined) conclude(ctx, invoice, intent, method, result, false);
  return result;
}
