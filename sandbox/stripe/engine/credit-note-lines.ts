/** What a credit note credits: lines of its invoice with their discounts and taxes, or words and an amount. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { assertStep, stepOf } from './currencies';
import { integer, invalidRequest, parameterMissing, refuseUnsupported } from './errors';
import { mergeMetadata } from './metadata';
import { exactShare } from './proration';
import type { CreditNoteLineObject, CreditNoteObject, InvoiceObject, LineObject } from './wire';

type LineInput = Stripe.CreditNoteCreateParams.Line;

export interface CreditTotals {
  readonly discount: number;
  readonly subtotal: number;
  readonly subtotalExcludingTax: number;
  readonly total: number;
  readonly totalExcludingTax: number;
}

/** The notes of an invoice that stand, oldest first. */
export function issuedNotes(ctx: SandboxContext, invoice: InvoiceObject): CreditNoteObject[] {
  return ctx.store.linked('credit_note', invoice.id).filter((note) => note.status === 'issued');
}

function creditedOf(ctx: SandboxContext, invoice: InvoiceObject, line: LineObject): number {
  const lines = issuedNotes(ctx, invoice).flatMap((note) => note.lines.data);
  return sum(lines.filter((credit) => credit.invoice_line_item === line.id));
}

function sum(parts: readonly { readonly amount: number }[]): number {
  return parts.reduce((total, { amount }) => total + amount, 0);
}

const blank = {
  object: 'credit_note_line_item',
  discount_amount: 0,
  discount_amounts: [],
  livemode: false,
  pretax_credit_amounts: [],
  tax_rates: [],
  taxes: [],
} satisfies Partial<CreditNoteLineObject>;

function customLine(ctx: SandboxContext, input: LineInput, currency: string, at: string): CreditNoteLineObject {
  refuseUnsupported(input, ['tax_amounts', 'tax_rates', 'unit_amount_decimal', 'amount', 'invoice_line_item']);
  if (input.unit_amount === undefined) throw parameterMissing(`${at}[unit_amount]`);
  if (input.description === undefined) throw parameterMissing(`${at}[description]`);
  const unit = integer(input.unit_amount, `${at}[unit_amount]`, 1);
  assertStep(unit, currency, `${at}[unit_amount]`);
  const quantity = integer(input.quantity ?? 1, `${at}[quantity]`, 1);
  return {
    ...blank,
    id: ctx.ids.next('cnli_'),
    amount: integer(unit * quantity, `${at}[quantity]`, 1),
    description: input.description,
    metadata: mergeMetadata({}, input.metadata),
    quantity,
    type: 'custom_line_item',
    unit_amount: unit,
    unit_amount_decimal: String(unit),
  };
}

/** How much of an invoice line a request credits, before discounts and exclusive tax. */
function creditedAmount(line: LineObject, input: LineInput, left: number, at: string): number {
  if ((input.amount === undefined) === (input.quantity === undefined)) {
    throw invalidRequest(`You must pass either \`amount\` or \`quantity\` for an invoice line item.`, at);
  }
  if (input.amount !== undefined) {
    assertStep(input.amount, line.currency, `${at}[amount]`);
    return integer(input.amount, `${at}[amount]`, 1, Math.max(1, left));
  }
  const quantity = integer(input.quantity ?? 0, `${at}[quantity]`, 1, Math.max(1, line.quantity));
  return exactShare(line.amount, quantity, Math.max(1, line.quantity), stepOf(line.currency));
}

function invoiceLine(ctx: SandboxContext, invoice: InvoiceObject, input: LineInput, at: string): CreditNoteLineObject {
  refuseUnsupported(input, ['tax_amounts', 'tax_rates', 'unit_amount', 'unit_amount_decimal', 'description']);
  const id = input.invoice_line_item;
  if (id === undefined) throw parameterMissing(`${at}[invoice_line_item]`);
  const line = invoice.lines.data.find((candidate) => candidate.id === id);
  if (line === undefined) throw invalidRequest(`No such invoice line item: '${id}'`, at, 'resource_missing');
  const left = line.amount - creditedOf(ctx, invoice, line);
  const amount = creditedAmount(line, input, left, at);
  if (amount < 1 || amount > left) {
    throw invalidRequest(`The line item ${line.id} has ${Math.max(0, left)} left to credit, not ${amount}.`, at);
  }
  const step = stepOf(line.currency);
  const share = (part: number): number => exactShare(part, amount, line.amount, step);
  const discounts = (line.discount_amounts ?? []).map((part) => ({
    amount: share(part.amount),
    discount: part.discount,
  }));
  return {
    ...blank,
    id: ctx.ids.next('cnli_'),
    amount,
    description: line.description,
    discount_amount: sum(discounts),
    discount_amounts: discounts,
    invoice_line_item: line.id,
    metadata: mergeMetadata({}, input.metadata),
    pretax_credit_amounts: discounts.map((part) => ({ ...part, type: 'discount' })),
    quantity: input.quantity ?? null,
    taxes: line.taxes.map((tax) => ({
      amount: share(tax.amount),
      tax_behavior: tax.tax_behavior,
      tax_rate_details: tax.tax_rate_details === null ? null : { tax_rate: tax.tax_rate_details.tax_rate },
      taxability_reason: tax.taxability_reason,
      taxable_amount: tax.taxable_amount === null ? null : share(tax.taxable_amount),
      type: 'tax_rate_details',
    })),
    type: 'invoice_line_item',
    unit_amount: null,
    unit_amount_decimal: null,
  };
}

/**
 * The lines of a note.
 *
 * @throws 400 without any amount, and for more of a line than is left of it
 */
export function creditLines(
  ctx: SandboxContext,
  invoice: InvoiceObject,
  params: Pick<Stripe.CreditNoteCreateParams, 'amount' | 'lines'>,
): CreditNoteLineObject[] {
  if ((params.amount === undefined) === (params.lines === undefined)) {
    throw invalidRequest('One of `amount`, `lines`, or `shipping_cost` must be provided.', 'amount');
  }
  if (params.amount !== undefined) {
    const input = { type: 'custom_line_item', unit_amount: params.amount, description: 'Credit' };
    return [customLine(ctx, input, invoice.currency, 'amount')];
  }
  const inputs = params.lines ?? [];
  const twice = inputs.some(({ invoice_line_item: id }, at) =>
    inputs.slice(0, at).some((other) => id !== undefined && other.invoice_line_item === id),
  );
  if (twice) throw invalidRequest('An invoice line item can be credited once per credit note.', 'lines');
  return inputs.map((input, index) => {
    const at = `lines[${index}]`;
    return input.type === 'custom_line_item'
      ? customLine(ctx, input, invoice.currency, at)
      : invoiceLine(ctx, invoice, input, at);
  });
}

/** What lines come to. */
export function creditTotals(lines: readonly CreditNoteLineObject[]): CreditTotals {
  const taxes = lines.flatMap((line) => line.taxes ?? []);
  const of = (behavior: string): number => sum(taxes.filter((tax) => tax.tax_behavior === behavior));
  const subtotal = sum(lines);
  const discount = lines.reduce((total, line) => total + line.discount_amount, 0);
  return {
    discount,
    subtotal,
    subtotalExcludingTax: subtotal - of('inclusive'),
    total: subtotal - discount + of('exclusive'),
    totalExcludingTax: subtotal - discount - of('inclusive'),
  };
}

/** Taxes of all lines per rate. */
export function creditTaxes(lines: readonly CreditNoteLineObject[]): Stripe.CreditNote.TotalTax[] {
  const totals = new Map<string, Stripe.CreditNote.TotalTax>();
  for (const tax of lines.flatMap((line) => line.taxes ?? [])) {
    const key = `${tax.tax_rate_details?.tax_rate ?? ''}:${tax.tax_behavior}`;
    const total = totals.get(key);
    if (total === undefined) totals.set(key, { ...tax });
    else {
      total.amount += tax.amount;
      total.taxable_amount = (total.taxable_amount ?? 0) + (tax.taxable_amount ?? 0);
    }
  }
  return [...totals.values()];
}

/** Discounts of all lines, each once. */
export function creditDiscounts(lines: readonly CreditNoteLineObject[]): Stripe.CreditNote.DiscountAmount[] {
  const totals = new Map<unknown, Stripe.CreditNote.DiscountAmount>();
  for (const part of lines.flatMap((line) => line.discount_amounts)) {
    const total = totals.get(part.discount);
    if (total === undefined) totals.set(part.discount, { ...part });
    else total.amount += part.amount;
  }
  return [...totals.values()];
}
