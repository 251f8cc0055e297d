/** Invoices from draft to their end; how money is collected for them is `collection.ts`. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { spendOnce } from './discounts';
import { moveBalance } from './customer-balance';
import { invalidRequest } from './errors';
import { applyBalance, composeInvoice, type NewInvoice } from './invoice-draft';
import type { LineDraft } from './line-draft';
import { cancelPaymentIntent, createPaymentIntent } from './payments';
import type { InvoiceObject, InvoicePaymentObject, PaymentIntentObject, SubscriptionObject } from './wire';

/** A stored draft, announced by `invoice.created`. */
export function createInvoice(ctx: SandboxContext, input: NewInvoice): InvoiceObject {
  const customer = ctx.store.require('customer', input.subscription.customer, 'customer');
  const invoice = composeInvoice(ctx, customer, input, ctx.ids.next('in_'));
  ctx.store.link('invoice', input.subscription.id, invoice.id);
  ctx.store.link('invoice', customer.id, invoice.id);
  rememberNet(ctx, input.lines, invoice);
  ctx.create(invoice, 'invoice.created');
  spendOnce(ctx, input.subscription, invoice);
  return invoice;
}

/** Remembers what each item's period is charged at, for what is given back of it later. */
function rememberNet(ctx: SandboxContext, drafts: readonly LineDraft[], invoice: InvoiceObject): void {
  drafts.forEach((draft, index) => {
    if (draft.proration) return;
    const taken = invoice.lines.data[index]?.discount_amounts ?? [];
    const net = draft.amount - taken.reduce((sum, part) => sum + part.amount, 0);
    ctx.netPeriods.set(draft.item, { price: draft.price.id, quantity: draft.quantity, net });
  });
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

/** An invoice is not held up by an address nobody knows: Stripe turns automatic tax off and says why. */
function disableTaxWithoutLocation(ctx: SandboxContext, invoice: InvoiceObject): void {
  if (invoice.automatic_tax.status !== 'requires_location_inputs') return;
  invoice.automatic_tax = {
    disabled_reason: 'finalization_requires_location_inputs',
    enabled: false,
    liability: null,
    provider: null,
    status: null,
  };
  const sub = subscriptionOf(ctx, invoice);
  if (sub === undefined) return;
  ctx.update(sub, (target) => {
    target.automatic_tax = { disabled_reason: 'requires_location_inputs', enabled: false, liability: null };
  });
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
  disableTaxWithoutLocation(ctx, invoice);
  const starting = customer.balance;
  const { due, ending } = applyBalance(invoice.total, starting, invoice.currency);
  if (ending !== starting) {
    // What is too little to charge, and what is too much credit, waits for the next invoice.
    const type = due === 0 && invoice.total + starting > 0 ? 'invoice_too_small' : 'applied_to_invoice';
    const amount = ending - starting;
    moveBalance(ctx, customer, { amount, type, currency: invoice.currency, invoice: invoice.id });
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

/** @throws 400 while a debit for the invoice is under way, which nobody can call back */
export function assertNoDebit(ctx: SandboxContext, invoice: InvoiceObject): void {
  if (intentOf(ctx, invoice)?.status !== 'processing') return;
  throw invalidRequest(
    'This invoice has a payment that is processing. Wait until it succeeds or fails.',
    undefined,
    'payment_intent_unexpected_state',
  );
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
  assertNoDebit(ctx, invoice);
  ctx.jobs.cancel('invoice.retry', invoice.id);
  cancelInvoicePayment(ctx, invoice, 'void_invoice');
  const applied = (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance;
  const customer = ctx.store.find('customer', invoice.customer);
  if (customer !== undefined && applied !== 0) {
    // Stripe gives back what the balance had paid.
    const refs = { currency: invoice.currency, invoice: invoice.id };
    moveBalance(ctx, customer, { amount: -applied, type: 'unapplied_from_invoice', ...refs });
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
