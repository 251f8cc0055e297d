/** Collecting an invoice: one attempt, what it does to the invoice, and what that does to the subscription. */
import type { Decline } from './cards';
import { SECONDS_PER_DAY } from './calendar';
import type { SandboxContext } from './context';
import { intentOf, settleInvoice, subscriptionOf } from './invoices';
import { onCollectionFailed, onInvoiceSettled, onRetriesExhausted, setDelinquent } from './lifecycle';
import { attemptPayment, concludeAuthentication, type AttemptOptions, type AttemptResult } from './payments';
import type { InvoiceObject, PaymentIntentObject, PaymentMethodObject } from './wire';

export type CollectResult =
  | { readonly kind: 'paid' }
  | { readonly kind: 'no_payment_method' }
  | { readonly kind: 'authenticate'; readonly intent: PaymentIntentObject }
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
  failed(ctx, invoice, automatic, result.kind === 'authenticate');
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
