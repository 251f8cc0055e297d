/** Invoices from draft to their end; how money is collected for them is `collection.ts`. */
import type Stripe from 'stripe';
import type { Period } from './calendar';
import type { SandboxContext } from './context';
import { invalidRequest } from './errors';
import type { LineDraft } from './line-draft';
import { toLine, totalTaxes } from './lines';
import { cancelPaymentIntent, createPaymentIntent } from './payments';
import type {
  CustomerObject,
  InvoiceObject,
  InvoicePaymentObject,
  LineObject,
  PaymentIntentObject,
  SubscriptionObject,
} from './wire';

/** Amounts too small to charge move to the customer's balance (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). */
const minimumCharge: Readonly<Record<string, number>> = { gbp: 30, jpy: 50, dkk: 250, nok: 300, sek: 300, huf: 17_500 };
const usualMinimumCharge = 50;

export interface NewInvoice {
  readonly subscription: SubscriptionObject;
  readonly lines: readonly LineDraft[];
  readonly reason: Stripe.Invoice.BillingReason;
  /** The usage period the invoice looks back on. */
  readonly period: Period;
  readonly autoAdvance: boolean;
  readonly finalizesAt: number | null;
}

interface Totals {
  subtotal: number;
  total: number;
  inclusive: number;
  exclusive: number;
}

function totals(lines: readonly LineObject[]): Totals {
  const taxes = lines.flatMap((line) => line.taxes);
  const sum = (behavior: string): number =>
    taxes.filter((tax) => tax.tax_behavior === behavior).reduce((total, tax) => total + tax.amount, 0);
  const subtotal = lines.reduce((total, line) => total + line.amount, 0);
  const exclusive = sum('exclusive');
  return { subtotal, total: subtotal + exclusive, inclusive: sum('inclusive'), exclusive };
}

/** What a balance does to a total: how much is due now and what the balance is afterwards (negative is credit). */
export function applyBalance(total: number, balance: number, currency: string): { due: number; ending: number } {
  const sum = total + balance;
  if (sum <= 0) return { due: 0, ending: sum };
  const tooSmall = sum < (minimumCharge[currency] ?? usualMinimumCharge);
  return tooSmall ? { due: 0, ending: sum } : { due: sum, ending: 0 };
}

/** Where tax is due for a customer, or null without automatic tax. @throws customer_tax_location_invalid */
export function taxCountry(customer: CustomerObject, enabled: boolean): string | null {
  if (!enabled || customer.tax_exempt === 'exempt' || customer.tax_exempt === 'reverse') return null;
  const country = customer.address?.country ?? null;
  if (country === null || country === '') {
    throw invalidRequest(
      "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
      undefined,
      'customer_tax_location_invalid',
    );
  }
  return country;
}

/** A draft that is nowhere stored: what creation and previews share. */
export function composeInvoice(
  ctx: SandboxContext,
  customer: CustomerObject,
  input: NewInvoice,
  id: string,
): InvoiceObject {
  const { subscription } = input;
  const tax = taxCountry(customer, subscription.automatic_tax.enabled);
  const lines = input.lines.map((draft) => toLine(ctx.ids.next('il_'), id, draft, tax));
  const sums = totals(lines);
  const { due } = applyBalance(sums.total, customer.balance, subscription.currency);
  return {
    ...blankInvoice(ctx, customer, id, subscription.currency),
    amount_due: due,
    amount_remaining: due,
    auto_advance: input.autoAdvance,
    automatic_tax: {
      disabled_reason: null,
      enabled: subscription.automatic_tax.enabled,
      liability: subscription.automatic_tax.enabled ? { type: 'self' } : null,
      provider: subscription.automatic_tax.enabled ? 'stripe' : null,
      status: subscription.automatic_tax.enabled ? 'complete' : null,
    },
    automatically_finalizes_at: input.finalizesAt,
    billing_reason: input.reason,
    lines: { object: 'list', data: lines, has_more: false, url: `/v1/invoices/${id}/lines` },
    next_payment_attempt: input.finalizesAt,
    parent: {
      quote_details: null,
      subscription_details: { metadata: { ...subscription.metadata }, subscription: subscription.id },
      type: 'subscription_details',
    },
    period_end: input.period.end,
    period_start: input.period.start,
    subtotal: sums.subtotal,
    subtotal_excluding_tax: sums.subtotal - sums.inclusive,
    total: sums.total,
    total_excluding_tax: sums.subtotal - sums.inclusive,
    total_taxes: totalTaxes(lines),
  };
}

/** What an invoice of this sandbox never has. */
const absent = {
  account_tax_ids: null,
  amount_overpaid: 0,
  amount_shipping: 0,
  application: null,
  custom_fields: null,
  customer_account: null,
  customer_shipping: null,
  default_source: null,
  due_date: null,
  footer: null,
  from_invoice: null,
  last_finalization_error: null,
  latest_revision: null,
  on_behalf_of: null,
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  receipt_number: null,
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  statement_descriptor: null,
  test_clock: null,
  webhooks_delivered_at: null,
} satisfies Partial<InvoiceObject>;

function blankInvoice(ctx: SandboxContext, customer: CustomerObject, id: string, currency: string): InvoiceObject {
  return {
    ...absent,
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Kassa sandbox',
    amount_due: 0,
    amount_paid: 0,
    amount_remaining: 0,
    attempt_count: 0,
    attempted: false,
    auto_advance: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: 'manual',
    collection_method: 'charge_automatically',
    created: ctx.now(),
    currency,
    customer: customer.id,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    effective_at: null,
    ending_balance: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    lines: { object: 'list', data: [], has_more: false, url: `/v1/invoices/${id}/lines` },
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    parent: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: ctx.now(),
    period_start: ctx.now(),
    starting_balance: customer.balance,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
  };
}

/** A stored draft, announced by `invoice.created`. */
export function createInvoice(ctx: SandboxContext, input: NewInvoice): InvoiceObject {
  const customer = ctx.store.require('customer', input.subscription.customer, 'customer');
  const invoice = composeInvoice(ctx, customer, input, ctx.ids.next('in_'));
  ctx.store.link('invoice', input.subscription.id, invoice.id);
  ctx.store.link('invoice', customer.id, invoice.id);
  return ctx.create(invoice, 'invoice.created');
}

/** The subscription an invoice bills, if it still exists. */
export function subscriptionOf(ctx: SandboxContext, invoice: InvoiceObject): SubscriptionObject | undefined {
  const reference = invoice.parent?.subscription_details?.subscription;
  return ctx.store.find('subscription', typeof reference === 'string' ? reference : reference?.id);
}

/** The payment an invoice waits for or got: its default invoice payment. */
export function paymentOf(ctx: SandboxContext, invoice: InvoiceObject): InvoicePaymentObject | undefined {
  return ctx.store.linked('invoice_payment', invoice.id).at(-1);
}

export function intentOf(ctx: SandboxContext, invoice: InvoiceObject): PaymentIntentObject | undefined {
  return ctx.store.find('payment_intent', paymentOf(ctx, invoice)?.payment.payment_intent);
}

function createInvoicePayment(ctx: SandboxContext, invoice: InvoiceObject): void {
  const saves = subscriptionOf(ctx, invoice)?.payment_settings.save_default_payment_method === 'on_subscription';
  const first = invoice.billing_reason === 'subscription_create';
  const intent = createPaymentIntent(ctx, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: invoice.customer,
    description: first ? 'Subscription creation' : 'Subscription update',
    metadata: {},
    setupFutureUsage: saves || first ? 'off_session' : null,
    paymentMethod: null,
  });
  const payment: InvoicePaymentObject = {
    id: ctx.ids.next('inpay_'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: ctx.now(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent.id },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  };
  ctx.store.link('invoice_payment', invoice.id, payment.id);
  ctx.store.link('invoice_payment', intent.id, payment.id);
  ctx.create(payment, null);
}

/**
 * Draft to open: number, balance, payment intent. An invoice with nothing due stays open for its caller to settle.
 *
 * @throws 400 when it is no draft.
 */
export function finalizeInvoice(ctx: SandboxContext, invoice: InvoiceObject): void {
  if (invoice.status !== 'draft') {
    throw invalidRequest(
      "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
      undefined,
      'invoice_not_editable',
    );
  }
  const customer = ctx.store.require('customer', invoice.customer, 'customer');
  const starting = customer.balance;
  const { due, ending } = applyBalance(invoice.total, starting, invoice.currency);
  if (ending !== starting) {
    ctx.update(customer, (target) => {
      target.balance = ending;
    });
  }
  const sequence = customer.next_invoice_sequence;
  customer.next_invoice_sequence += 1;
  invoice.amount_due = due;
  invoice.amount_remaining = due;
  invoice.automatically_finalizes_at = null;
  invoice.next_payment_attempt = null;
  invoice.effective_at = ctx.now();
  invoice.starting_balance = starting;
  invoice.ending_balance = ending;
  invoice.hosted_invoice_url = ctx.url('invoice', invoice.id);
  invoice.invoice_pdf = ctx.url('invoicePdf', invoice.id);
  invoice.number = `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`;
  invoice.status = 'open';
  invoice.status_transitions.finalized_at = ctx.now();
  ctx.jobs.cancel('invoice.finalize', invoice.id);
  if (due > 0) createInvoicePayment(ctx, invoice);
  ctx.emit('invoice.finalized', invoice);
}

/** Marks an invoice paid by its payment intent, by nothing when nothing was due, or elsewhere (`outOfBand`). */
export function settleInvoice(
  ctx: SandboxContext,
  invoice: InvoiceObject,
  outOfBand: boolean,
  attempts = invoice.attempt_count,
): void {
  const payment = paymentOf(ctx, invoice);
  if (payment !== undefined && outOfBand) cancelInvoicePayment(ctx, invoice, 'automatic');
  if (payment !== undefined && !outOfBand) {
    payment.status = 'paid';
    payment.amount_paid = invoice.amount_due;
    payment.status_transitions.paid_at = ctx.now();
    ctx.emit('invoice_payment.paid', payment);
  }
  ctx.jobs.cancel('invoice.retry', invoice.id);
  ctx.update(invoice, (target) => {
    target.amount_paid = target.amount_due;
    target.attempt_count = attempts;
    target.amount_remaining = 0;
    target.attempted = true;
    target.auto_advance = false;
    target.next_payment_attempt = null;
    target.status = 'paid';
    target.status_transitions.paid_at = ctx.now();
  });
  ctx.emit('invoice.paid', invoice);
  ctx.emit('invoice.payment_succeeded', invoice);
}

function cancelInvoicePayment(
  ctx: SandboxContext,
  invoice: InvoiceObject,
  reason: Stripe.PaymentIntent.CancellationReason,
): void {
  const payment = paymentOf(ctx, invoice);
  const intent = intentOf(ctx, invoice);
  if (intent !== undefined && intent.status !== 'succeeded' && intent.status !== 'canceled') {
    cancelPaymentIntent(ctx, intent, reason);
  }
  if (payment?.status === 'open') {
    payment.status = 'canceled';
    payment.status_transitions.canceled_at = ctx.now();
  }
}

/** @throws 400 unless the invoice is open or uncollectible. */
export function voidInvoice(ctx: SandboxContext, invoice: InvoiceObject): void {
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
    throw invalidRequest(
      `You can only pass in open invoices. This invoice isn't open.`,
      undefined,
      'status_transition_invalid',
    );
  }
  ctx.jobs.cancel('invoice.retry', invoice.id);
  cancelInvoicePayment(ctx, invoice, 'void_invoice');
  const applied = (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance;
  const customer = ctx.store.find('customer', invoice.customer);
  if (customer !== undefined && applied !== 0) {
    // Stripe gives back what the balance had paid (`unapplied_from_invoice`).
    ctx.update(customer, (target) => {
      target.balance -= applied;
    });
  }
  ctx.update(invoice, (target) => {
    target.auto_advance = false;
    target.next_payment_attempt = null;
    target.status = 'void';
    target.status_transitions.voided_at = ctx.now();
  });
  ctx.emit('invoice.voided', invoice);
}

/** @throws 400 unless the invoice is open. */
export function markUncollectible(ctx: SandboxContext, invoice: InvoiceObject): void {
  if (invoice.status !== 'open') {
    throw invalidRequest(
      `You can only pass in open invoices. This invoice isn't open.`,
      undefined,
      'status_transition_invalid',
    );
  }
  ctx.jobs.cancel('invoice.retry', invoice.id);
  ctx.update(invoice, (target) => {
    target.auto_advance = false;
    target.next_payment_attempt = null;
    target.status = 'uncollectible';
    target.status_transitions.marked_uncollectible_at = ctx.now();
  });
  ctx.emit('invoice.marked_uncollectible', invoice);
}

/** No more automatic work on an invoice. */
export function stopAutoAdvance(ctx: SandboxContext, invoice: InvoiceObject): void {
  ctx.jobs.cancel('invoice.retry', invoice.id);
  ctx.jobs.cancel('invoice.finalize', invoice.id);
  ctx.update(invoice, (target) => {
    target.auto_advance = false;
    target.automatically_finalizes_at = null;
    target.next_payment_attempt = null;
  });
}
