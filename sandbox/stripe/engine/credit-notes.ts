/** Credit notes: less to pay on an open invoice; money, credit or a word of honour on a paid one. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { creditDiscounts, creditLines, creditTaxes, creditTotals, issuedNotes } from './credit-note-lines';
import { formatMoney } from './currencies';
import { moveBalance } from './customer-balance';
import { integer, invalidRequest, refuseUnsupported, required, resourceMissing } from './errors';
import { intentOf, paymentOf, settleInvoice } from './invoices';
import { onInvoiceSettled, setDelinquent } from './lifecycle';
import { mergeMetadata } from './metadata';
import { refundCharge } from './refunds';
import type { ChargeObject, CreditNoteObject, InvoiceObject, RefundObject } from './wire';

type Params = Stripe.CreditNoteCreateParams;

/** Where the part of a note goes that its invoice had been paid. */
interface Destinations {
  readonly refund: number;
  readonly linked: readonly { readonly refund: RefundObject; readonly amount: number }[];
  readonly credit: number;
  readonly outOfBand: number;
}

interface Draft {
  readonly note: CreditNoteObject;
  readonly invoice: InvoiceObject;
  readonly destinations: Destinations;
}

function chargeOf(ctx: SandboxContext, invoice: InvoiceObject): ChargeObject | undefined {
  const charge = ctx.store.find('charge', intentOf(ctx, invoice)?.latest_charge);
  return charge?.status === 'succeeded' ? charge : undefined;
}

/** Refunds that stand and that notes account for. */
function accounted(ctx: SandboxContext, invoice: InvoiceObject): Map<string, number> {
  const amounts = new Map<string, number>();
  for (const { refund: id, amount_refunded: amount } of issuedNotes(ctx, invoice).flatMap((note) => note.refunds)) {
    amounts.set(id, (amounts.get(id) ?? 0) + amount);
  }
  return amounts;
}

function linkedRefunds(ctx: SandboxContext, invoice: InvoiceObject, params: Params): Destinations['linked'] {
  const known = accounted(ctx, invoice);
  return (params.refunds ?? []).map((input, index) => {
    refuseUnsupported(input, ['payment_record_refund']);
    const at = `refunds[${index}]`;
    const refund = ctx.store.require('refund', required(input.refund, `${at}[refund]`), `${at}[refund]`);
    const left = refund.amount - (known.get(refund.id) ?? 0);
    const stands = refund.status !== 'failed' && refund.status !== 'canceled';
    if (refund.charge !== chargeOf(ctx, invoice)?.id || !stands || left === 0) {
      throw invalidRequest(`The refund ${refund.id} cannot be linked to a credit note of this invoice.`, at);
    }
    return { refund, amount: integer(input.amount_refunded ?? left, `${at}[amount_refunded]`, 1, left) };
  });
}

function destinationsOf(ctx: SandboxContext, invoice: InvoiceObject, params: Params): Destinations {
  const amount = (name: 'refund_amount' | 'credit_amount' | 'out_of_band_amount'): number =>
    integer(params[name] ?? 0, name, 0);
  return {
    refund: amount('refund_amount'),
    linked: linkedRefunds(ctx, invoice, params),
    credit: amount('credit_amount'),
    outOfBand: amount('out_of_band_amount'),
  };
}

/** What was paid and neither credited nor refunded yet. */
function creditable(ctx: SandboxContext, invoice: InvoiceObject, linked: number): number {
  const known = [...accounted(ctx, invoice).values()].reduce((total, amount) => total + amount, 0);
  const refunded = (chargeOf(ctx, invoice)?.amount_refunded ?? 0) - known - linked;
  return invoice.amount_paid - invoice.post_payment_credit_notes_amount - Math.max(0, refunded);
}

function assertFits(ctx: SandboxContext, { note, invoice, destinations }: Draft): void {
  const money = (amount: number): string => formatMoney(amount, invoice.currency);
  if (note.total < 1) throw invalidRequest('The credit note amount must be greater than zero.', 'amount');
  const linked = destinations.linked.reduce((total, { amount }) => total + amount, 0);
  const most = invoice.amount_remaining + creditable(ctx, invoice, linked);
  if (note.total > most) {
    throw invalidRequest(
      `The credit note amount (${money(note.total)}) is greater than the amount that can be credited (${money(most)}).`,
      'amount',
    );
  }
  const sum = destinations.refund + linked + destinations.credit + destinations.outOfBand;
  if (sum === note.post_payment_amount) return;
  throw invalidRequest(
    `The sum of credit amount, refund amount and out of band amount (${money(sum)}) must equal the post payment amount of the credit note (${money(note.post_payment_amount)}).`,
  );
}

function typeOf(before: number, after: number): Stripe.CreditNote.Type {
  if (before > 0 && after > 0) return 'mixed';
  return after > 0 ? 'post_payment' : 'pre_payment';
}

/** A note that is nowhere stored: what creation and previews share. @throws 400 when it credits more than there is */
function draftNote(ctx: SandboxContext, params: Params): Draft {
  refuseUnsupported(params, ['shipping_cost']);
  const invoice = ctx.store.require('invoice', required(params.invoice, 'invoice'), 'invoice');
  if (invoice.status === 'draft' || invoice.status === 'void') {
    throw invalidRequest(`You cannot create a credit note for an invoice that is ${invoice.status}.`, 'invoice');
  }
  const destinations = destinationsOf(ctx, invoice, params);
  const lines = creditLines(ctx, invoice, params);
  const totals = creditTotals(lines);
  const discounts = creditDiscounts(lines);
  const before = Math.min(totals.total, invoice.amount_remaining);
  const after = totals.total - before;
  const id = ctx.ids.next('cn_');
  const count = ctx.store.linked('credit_note', invoice.id).length + 1;
  const note: CreditNoteObject = {
    id,
    object: 'credit_note',
    amount: totals.total,
    amount_shipping: 0,
    created: ctx.now(),
    currency: invoice.currency,
    customer: invoice.customer,
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: totals.discount,
    discount_amounts: discounts,
    effective_at: params.effective_at ?? ctx.now(),
    invoice: invoice.id,
    lines: { object: 'list', data: lines, has_more: false, url: `/v1/credit_notes/${id}/lines` },
    livemode: false,
    memo: params.memo ?? null,
    metadata: mergeMetadata({}, params.metadata),
    number: `${invoice.number ?? invoice.id}-CN-${String(count).padStart(2, '0')}`,
    out_of_band_amount: params.out_of_band_amount ?? null,
    pdf: ctx.url('invoicePdf', invoice.id),
    post_payment_amount: after,
    pre_payment_amount: before,
    pretax_credit_amounts: discounts.map((part) => ({ ...part, type: 'discount' })),
    reason: params.reason ?? null,
    refunds: destinations.linked.map(({ refund, amount }) => link(refund.id, amount)),
    shipping_cost: null,
    status: 'issued',
    subtotal: totals.subtotal,
    subtotal_excluding_tax: totals.subtotalExcludingTax,
    total: totals.total,
    total_excluding_tax: totals.totalExcludingTax,
    total_taxes: creditTaxes(lines),
    type: typeOf(before, after),
    voided_at: null,
  };
  const draft = { note, invoice, destinations };
  assertFits(ctx, draft);
  return draft;
}

function link(refund: string, amount: number): CreditNoteObject['refunds'][number] {
  return { amount_refunded: amount, payment_record_refund: null, refund, type: 'refund' };
}

/** `GET /v1/credit_notes/preview`. */
export function previewNote(ctx: SandboxContext, params: Params): CreditNoteObject {
  return draftNote(ctx, params).note;
}

/** Changes what an open invoice still asks for, and what its payment will take. */
function changeDue(ctx: SandboxContext, invoice: InvoiceObject, change: number): void {
  const payment = paymentOf(ctx, invoice);
  const intent = intentOf(ctx, invoice);
  const due = invoice.amount_due + change;
  if (payment?.status === 'open' && due > 0) {
    payment.amount_requested = due;
    if (intent !== undefined) intent.amount = due;
  }
  ctx.update(invoice, (target) => {
    target.amount_due = due;
    target.amount_remaining += change;
    target.pre_payment_credit_notes_amount -= change;
  });
}

/** Nothing is left to pay: the invoice is paid without any money. */
function settleEmptied(ctx: SandboxContext, invoice: InvoiceObject): void {
  if (invoice.amount_remaining > 0 || invoice.status === 'paid') return;
  settleInvoice(ctx, invoice, true);
  setDelinquent(ctx, invoice.customer, false);
  onInvoiceSettled(ctx, invoice, null);
}

/**
 * `POST /v1/credit_notes`: reduces what is open first; the rest goes where the request says.
 *
 * @throws 400 when the invoice has not as much to credit, or the parts do not add up
 */
export function createCreditNote(ctx: SandboxContext, params: Params): CreditNoteObject {
  const { note, invoice, destinations } = draftNote(ctx, params);
  // Credit needs a customer who still is one; a refund does not.
  const customer = ctx.store.find('customer', invoice.customer);
  if (destinations.credit > 0 && customer === undefined) {
    throw resourceMissing('customer', invoice.customer, 'credit_amount');
  }
  if (destinations.refund > 0) {
    const charge = chargeOf(ctx, invoice);
    if (charge === undefined) throw invalidRequest('This invoice has no charge to refund.', 'refund_amount');
    const refund = refundCharge(ctx, charge, { amount: destinations.refund });
    note.refunds.push(link(refund.id, refund.amount));
  }
  if (destinations.credit > 0 && customer !== undefined) {
    const refs = { currency: note.currency, invoice: invoice.id, creditNote: note.id };
    const move = moveBalance(ctx, customer, { amount: -destinations.credit, type: 'credit_note', ...refs });
    note.customer_balance_transaction = move.id;
  }
  ctx.store.link('credit_note', invoice.id, note.id);
  ctx.create(note, 'credit_note.created');
  if (note.post_payment_amount > 0) {
    ctx.update(invoice, (target) => {
      target.post_payment_credit_notes_amount += note.post_payment_amount;
    });
  }
  if (note.pre_payment_amount > 0) changeDue(ctx, invoice, -note.pre_payment_amount);
  settleEmptied(ctx, invoice);
  return note;
}

/** `POST /v1/credit_notes/{id}/void`. @throws 400 unless the invoice is still open */
export function voidNote(ctx: SandboxContext, note: CreditNoteObject): CreditNoteObject {
  if (note.status === 'void') throw invalidRequest('This credit note has already been voided.');
  const invoice = ctx.store.require('invoice', note.invoice);
  if (invoice.status !== 'open' || note.type !== 'pre_payment') {
    throw invalidRequest('You can only void a credit note of an open invoice.');
  }
  note.status = 'void';
  note.voided_at = ctx.now();
  ctx.emit('credit_note.voided', note);
  changeDue(ctx, invoice, note.pre_payment_amount);
  return note;
}

/** `POST /v1/credit_notes/{id}`. */
export function updateNote(
  ctx: SandboxContext,
  note: CreditNoteObject,
  params: Stripe.CreditNoteUpdateParams,
): CreditNoteObject {
  ctx.update(note, (target) => {
    target.metadata = mergeMetadata(target.metadata, params.metadata);
    if (params.memo !== undefined) target.memo = params.memo;
  });
  return note;
}
