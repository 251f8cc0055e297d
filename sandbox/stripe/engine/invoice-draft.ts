/** What an invoice comes to: lines, discounts, tax, balance. Nothing here is stored; creation and previews share it. */
import type Stripe from 'stripe';
import type { Period } from './calendar';
import type { SandboxContext } from './context';
import { minimumChargeOf, stepOf } from './currencies';
import { discountLines, totalPerDiscount, type DiscountAmount, type DiscountTerms } from './discounting';
import { termsOf } from './discounts';
import type { LineDraft } from './line-draft';
import { toLine, totalTaxes } from './lines';
import { containedTax, keepRates, taxBasisOf, taxesOn, type TaxBasis, type TaxId } from './tax';
import { taxIdsOf } from './tax-ids';
import type { CustomerObject, InvoiceObject, LineObject, SubscriptionObject } from './wire';

export interface NewInvoice {
  readonly subscription: SubscriptionObject;
  readonly lines: readonly LineDraft[];
  readonly reason: Stripe.Invoice.BillingReason;
  /** The usage period the invoice looks back on. */
  readonly period: Period;
  readonly autoAdvance: boolean;
  readonly finalizesAt: number | null;
  /** Instead of the subscription's own; for previews and for a creation that is only tried. */
  readonly discounts?: readonly DiscountTerms[];
  /** Instead of the customer's own, for previews. */
  readonly taxIds?: readonly TaxId[];
}

interface Totals {
  subtotal: number;
  subtotalExcludingTax: number;
  total: number;
  totalExcludingTax: number;
}

function sumOf(amounts: readonly { readonly amount: number }[]): number {
  return amounts.reduce((sum, { amount }) => sum + amount, 0);
}

/** @param contained tax in the lines before discounts. */
function totals(lines: readonly LineObject[], contained: number): Totals {
  const taxes = lines.flatMap((line) => line.taxes);
  const of = (behavior: string): number => sumOf(taxes.filter((tax) => tax.tax_behavior === behavior));
  const subtotal = sumOf(lines);
  const discounted = subtotal - sumOf(lines.flatMap((line) => line.discount_amounts ?? []));
  return {
    subtotal,
    subtotalExcludingTax: subtotal - contained,
    total: discounted + of('exclusive'),
    totalExcludingTax: discounted - of('inclusive'),
  };
}

/** What a balance does to a total: how much is due now and what the balance is afterwards (negative is credit). */
export function applyBalance(total: number, balance: number, currency: string): { due: number; ending: number } {
  const sum = total + balance;
  if (sum <= 0) return { due: 0, ending: sum };
  const tooSmall = sum < minimumChargeOf(currency);
  return tooSmall ? { due: 0, ending: sum } : { due: sum, ending: 0 };
}

const untaxed: TaxBasis = { rates: [], exempt: null, known: true };

function automaticTax(enabled: boolean, basis: TaxBasis): Stripe.Invoice.AutomaticTax {
  if (!enabled) return { disabled_reason: null, enabled: false, liability: null, provider: null, status: null };
  const status = basis.known ? 'complete' : 'requires_location_inputs';
  return { disabled_reason: null, enabled: true, liability: { type: 'self' }, provider: 'stripe', status };
}

interface Priced {
  readonly lines: LineObject[];
  readonly discounts: Pick<InvoiceObject, 'discounts' | 'total_discount_amounts' | 'total_pretax_credit_amounts'>;
  readonly sums: Totals;
}

function discountTotals(
  taken: readonly (readonly DiscountAmount[])[],
  terms: readonly DiscountTerms[],
): Priced['discounts'] {
  const perDiscount = totalPerDiscount(taken, terms);
  return {
    discounts: terms.map(({ id }) => id),
    total_discount_amounts: perDiscount,
    total_pretax_credit_amounts: perDiscount.map((part) => ({ ...part, type: 'discount' })),
  };
}

/** Lines with their discounts, and with the tax on what the discounts leave. */
function price(
  ctx: SandboxContext,
  drafts: readonly LineDraft[],
  terms: readonly DiscountTerms[],
  basis: TaxBasis,
  invoice: string,
): Priced {
  const step = stepOf(drafts[0]?.price.currency ?? 'usd');
  const bases = drafts.map((draft) => ({
    amount: draft.amount,
    product: draft.price.product,
    discountable: !draft.proration,
  }));
  const taken = discountLines(bases, terms, step);
  const lines = drafts.map((draft, index) => {
    const discounts = taken[index] ?? [];
    const taxes = taxesOn(draft.amount - sumOf(discounts), basis, draft.price.tax_behavior, step);
    return toLine(ctx.ids.next('il_'), invoice, draft, { discounts, taxes });
  });
  const contained = drafts.map((draft) => containedTax(draft.amount, basis, draft.price.tax_behavior, step));
  return {
    lines,
    discounts: discountTotals(taken, terms),
    sums: totals(
      lines,
      contained.reduce((sum, tax) => sum + tax, 0),
    ),
  };
}

/** A draft that is nowhere stored: what creation and previews share. */
export function composeInvoice(
  ctx: SandboxContext,
  customer: CustomerObject,
  input: NewInvoice,
  id: string,
): InvoiceObject {
  const { subscription } = input;
  const { enabled } = subscription.automatic_tax;
  const taxIds = (input.taxIds ?? taxIdsOf(ctx, customer.id)).map(({ type, value }) => ({ type, value }));
  const basis = enabled ? taxBasisOf(customer, taxIds) : untaxed;
  keepRates(ctx, basis);
  const terms = input.discounts ?? termsOf(ctx, subscription, input.period.end);
  const { lines, discounts, sums } = price(ctx, input.lines, terms, basis, id);
  const { due } = applyBalance(sums.total, customer.balance, subscription.currency);
  return {
    ...blankInvoice(ctx, customer, id, subscription.currency),
    ...discounts,
    amount_due: due,
    amount_remaining: due,
    auto_advance: input.autoAdvance,
    automatic_tax: automaticTax(enabled, basis),
    automatically_finalizes_at: input.finalizesAt,
    billing_reason: input.reason,
    customer_tax_ids: taxIds,
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
    subtotal_excluding_tax: sums.subtotalExcludingTax,
    total: sums.total,
    total_excluding_tax: sums.totalExcludingTax,
    total_taxes: totalTaxes(lines),
  };
}

/** Works a draft out anew with other discounts, its lines and its customer being as they are. */
export function reprice(ctx: SandboxContext, invoice: InvoiceObject, terms: readonly DiscountTerms[]): void {
  const customer = ctx.store.require('customer', invoice.customer, 'customer');
  const basis = invoice.automatic_tax.enabled ? taxBasisOf(customer, taxIdsOf(ctx, customer.id)) : untaxed;
  keepRates(ctx, basis);
  const step = stepOf(invoice.currency);
  const lines = invoice.lines.data;
  const taken = discountLines(
    lines.map(({ amount, discountable, pricing }) => ({
      amount,
      discountable,
      product: pricing.price_details.product,
    })),
    terms,
    step,
  );
  const behaviors = lines.map(
    (line) => ctx.store.find('price', line.pricing.price_details.price)?.tax_behavior ?? null,
  );
  lines.forEach((line, index) => {
    const parts = taken[index] ?? [];
    line.discount_amounts = parts;
    line.pretax_credit_amounts = parts.map((part) => ({ ...part, type: 'discount' }));
    line.taxes = taxesOn(line.amount - sumOf(parts), basis, behaviors[index] ?? null, step);
  });
  const contained = lines.map((line, index) => containedTax(line.amount, basis, behaviors[index] ?? null, step));
  const sums = totals(
    lines,
    contained.reduce((sum, tax) => sum + tax, 0),
  );
  const { due } = applyBalance(sums.total, customer.balance, invoice.currency);
  Object.assign(invoice, discountTotals(taken, terms), {
    amount_due: due,
    amount_remaining: due,
    subtotal: sums.subtotal,
    subtotal_excluding_tax: sums.subtotalExcludingTax,
    total: sums.total,
    total_excluding_tax: sums.totalExcludingTax,
    total_taxes: totalTaxes(lines),
  });
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
