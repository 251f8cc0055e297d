/** `/v1/invoices` and `/v1/invoice_payments`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import { collectInvoice, defaultMethod } from '../engine/collection';
import type { SandboxContext } from '../engine/context';
import { ownPaymentMethod } from '../engine/customers';
import { invalidRequest } from '../engine/errors';
import { setInvoiceDiscounts } from '../engine/invoice-discounts';
import {
  assertNoDebit,
  finalizeInvoice,
  markUncollectible,
  settleInvoice,
  stopAutoAdvance,
  subscriptionOf,
  voidInvoice,
} from '../engine/invoices';
import { onInvoiceSettled, setDelinquent } from '../engine/lifecycle';
import { paginate, search, type SearchParams } from '../engine/lists';
import { mergeMetadata } from '../engine/metadata';
import { cardError } from '../engine/payment-methods';
import { createPreview } from '../engine/preview';
import { requiresAction } from '../engine/subscriptions';
import type { InvoiceObject, InvoicePaymentObject, PaymentMethodObject } from '../engine/wire';
import { idOf, route } from './request';

const invoices = '/v1/invoices';
const payments = '/v1/invoice_payments';

/** The card a request names, or none. */
function namedCard(
  ctx: SandboxContext,
  invoice: InvoiceObject,
  id: string | undefined,
): PaymentMethodObject | undefined {
  if (id === undefined) return undefined;
  const customer = ctx.store.require('customer', invoice.customer, 'customer');
  return ctx.store.require('payment_method', ownPaymentMethod(ctx, customer, id, 'payment_method'));
}

function payOutside(ctx: SandboxContext, invoice: InvoiceObject): InvoiceObject {
  assertNoDebit(ctx, invoice);
  settleInvoice(ctx, invoice, true);
  setDelinquent(ctx, invoice.customer, false);
  onInvoiceSettled(ctx, invoice, null);
  return invoice;
}

/** `POST /v1/invoices/{id}/pay`; a decline is Stripe's 402 with the payment intent in it. */
function pay(ctx: SandboxContext, invoice: InvoiceObject, params: Stripe.InvoicePayParams): InvoiceObject {
  if (invoice.status === 'paid') throw invalidRequest('Invoice is already paid');
  if (invoice.status === 'draft') finalizeInvoice(ctx, invoice);
  if (invoice.status === 'void') throw invalidRequest('This invoice can no longer be paid.');
  if (params.paid_out_of_band === true) return payOutside(ctx, invoice);
  const method = namedCard(ctx, invoice, params.payment_method);
  if (invoice.amount_due > 0 && method === undefined && defaultMethod(ctx, invoice) === undefined) {
    throw invalidRequest(
      'There is no `default_payment_method` set on this Customer or Invoice. Please set a default payment method or pass one.',
      undefined,
      'resource_missing',
    );
  }
  const result = collectInvoice(ctx, invoice, {
    ...(method === undefined ? {} : { method }),
    offSession: params.off_session ?? true,
    automatic: false,
  });
  if (result.kind === 'decline') throw cardError(result.decline, result.intent);
  if (result.kind === 'authenticate') throw requiresAction('invoice_payment_intent_requires_action');
  return invoice;
}

/** Starts or stops Stripe's own work on an invoice. */
function setAutoAdvance(ctx: SandboxContext, invoice: InvoiceObject, on: boolean): void {
  if (!on) {
    stopAutoAdvance(ctx, invoice);
    return;
  }
  ctx.update(invoice, (target) => {
    target.auto_advance = true;
    if (target.status === 'draft') target.automatically_finalizes_at = ctx.now() + 3_600;
    if (target.status === 'open') target.next_payment_attempt = ctx.now() + 3_600;
  });
  if (invoice.status === 'draft') ctx.jobs.schedule('invoice.finalize', invoice.id, ctx.now() + 3_600);
  if (invoice.status === 'open') ctx.jobs.schedule('invoice.retry', invoice.id, ctx.now() + 3_600);
}

function update(ctx: SandboxContext, invoice: InvoiceObject, params: Stripe.InvoiceUpdateParams): InvoiceObject {
  const known = new Set(['auto_advance', 'metadata', 'description', 'default_payment_method', 'footer', 'discounts']);
  const other = Object.keys(params).find((name) => !known.has(name));
  if (other !== undefined) throw invalidRequest(`This sandbox does not support the parameter ${other}.`, other);
  const method = namedCard(ctx, invoice, params.default_payment_method);
  if (params.discounts !== undefined) setInvoiceDiscounts(ctx, invoice, params.discounts ?? '');
  ctx.update(invoice, (target) => {
    target.metadata = mergeMetadata(target.metadata, params.metadata);
    if (params.description !== undefined) target.description = params.description;
    if (params.footer !== undefined) target.footer = params.footer;
    if (method !== undefined) target.default_payment_method = method.id;
  });
  if (params.auto_advance !== undefined && params.auto_advance !== invoice.auto_advance) {
    setAutoAdvance(ctx, invoice, params.auto_advance);
  }
  return invoice;
}

function finalize(ctx: SandboxContext, invoice: InvoiceObject): InvoiceObject {
  finalizeInvoice(ctx, invoice);
  if (invoice.amount_due === 0) collectInvoice(ctx, invoice, { offSession: true, automatic: false });
  else if (invoice.auto_advance) {
    ctx.jobs.schedule('invoice.retry', invoice.id, ctx.now() + 3_600);
    invoice.next_payment_attempt = ctx.now() + 3_600;
  }
  return invoice;
}

/** Mails an invoice to its customer, as far as anybody can see: a draft is finalized first. @throws 400 without an address */
function send(ctx: SandboxContext, invoice: InvoiceObject): InvoiceObject {
  if (invoice.customer_email === null) {
    throw invalidRequest('This customer has no email address to send the invoice to.', undefined, 'missing');
  }
  if (invoice.status === 'draft') finalize(ctx, invoice);
  if (invoice.status !== 'open' && invoice.status !== 'paid') {
    throw invalidRequest(`You can't send an invoice with a status of ${invoice.status}.`);
  }
  ctx.emit('invoice.sent', invoice);
  return invoice;
}

function fits(ctx: SandboxContext, invoice: InvoiceObject, filter: Stripe.InvoiceListParams): boolean {
  return (
    (filter.customer === undefined || invoice.customer === filter.customer) &&
    (filter.status === undefined || invoice.status === filter.status) &&
    (filter.collection_method === undefined || invoice.collection_method === filter.collection_method) &&
    (filter.subscription === undefined || subscriptionOf(ctx, invoice)?.id === filter.subscription)
  );
}

function changeRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): InvoiceObject => ctx.store.require('invoice', id);
  return [
    route('POST', `${invoices}/create_preview`, ({ params }) => createPreview(ctx, params)),
    route('POST', `${invoices}/{id}`, (request) => update(ctx, find(idOf(request)), request.params)),
    route('POST', `${invoices}/{id}/pay`, (request) => pay(ctx, find(idOf(request)), request.params)),
    route('POST', `${invoices}/{id}/finalize`, (request) => finalize(ctx, find(idOf(request)))),
    route('POST', `${invoices}/{id}/send`, (request) => send(ctx, find(idOf(request)))),
    route('POST', `${invoices}/{id}/void`, (request) => {
      const invoice = find(idOf(request));
      voidInvoice(ctx, invoice);
      onInvoiceSettled(ctx, invoice, null);
      return invoice;
    }),
    route('POST', `${invoices}/{id}/mark_uncollectible`, (request) => {
      const invoice = find(idOf(request));
      markUncollectible(ctx, invoice);
      setDelinquent(ctx, invoice.customer, false);
      onInvoiceSettled(ctx, invoice, null);
      return invoice;
    }),
  ];
}

function paymentFits(payment: InvoicePaymentObject, filter: Stripe.InvoicePaymentListParams): boolean {
  const intent = filter.payment?.payment_intent;
  return (
    (filter.invoice === undefined || payment.invoice === filter.invoice) &&
    (filter.status === undefined || payment.status === filter.status) &&
    (intent === undefined || payment.payment.payment_intent === intent)
  );
}

export function invoiceRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [
    ...changeRoutes(ctx),
    route('GET', invoices, ({ params }) => {
      const filter = params as Stripe.InvoiceListParams;
      const owner = filter.subscription ?? filter.customer;
      const candidates = owner === undefined ? ctx.store.all('invoice') : ctx.store.linked('invoice', owner);
      return paginate(
        'invoice',
        candidates.filter((invoice) => fits(ctx, invoice, filter)),
        filter,
        invoices,
      );
    }),
    route('GET', `${invoices}/search`, ({ params }) =>
      search(
        ctx.store.all('invoice'),
        params as unknown as SearchParams,
        ['customer', 'status', 'number', 'currency', 'created'],
        `${invoices}/search`,
      ),
    ),
    route('GET', `${invoices}/{id}`, (request) => ctx.store.require('invoice', idOf(request))),
    route('GET', `${invoices}/{id}/lines`, (request) => ctx.store.require('invoice', idOf(request)).lines),
    route('GET', payments, ({ params }) => {
      const filter = params as Stripe.InvoicePaymentListParams;
      const owner = filter.invoice ?? filter.payment?.payment_intent;
      const candidates =
        owner === undefined ? ctx.store.all('invoice_payment') : ctx.store.linked('invoice_payment', owner);
      return paginate(
        'invoice_payment',
        candidates.filter((payment) => paymentFits(payment, filter)),
        filter,
        payments,
      );
    }),
    route('GET', `${payments}/{id}`, (request) => ctx.store.require('invoice_payment', idOf(request))),
  ];
}
