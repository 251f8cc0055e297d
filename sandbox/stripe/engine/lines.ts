/** Invoice lines before they stand on an invoice. */
import type Stripe from 'stripe';
import { dayName, type Period } from './calendar';
import type { SandboxContext } from './context';
import { formatMoney, stepOf } from './currencies';
import type { DiscountAmount } from './discounting';
import type { LineDraft } from './line-draft';
import { remainingShare } from './proration';
import type { ItemObject, LineObject, PriceObject, SubscriptionObject } from './wire';

/** The plan side of a change: which price, how many, for which item. */
export interface ItemTerms {
  readonly id: string;
  readonly price: PriceObject;
  readonly quantity: number;
}

function productName(ctx: SandboxContext, price: PriceObject): string {
  return ctx.store.find('product', price.product)?.name ?? price.product;
}

function interval(price: PriceObject): string {
  const recurring = price.recurring;
  if (recurring === null) return 'each';
  return recurring.interval_count === 1
    ? recurring.interval
    : `every ${recurring.interval_count} ${recurring.interval}s`;
}

/** A whole period of an item. */
export function periodLine(ctx: SandboxContext, sub: SubscriptionObject, terms: ItemTerms, period: Period): LineDraft {
  const { price, quantity } = terms;
  const unit = `${formatMoney(price.unit_amount, price.currency)} / ${interval(price)}`;
  return {
    amount: price.unit_amount * quantity,
    description: `${quantity} × ${productName(ctx, price)} (at ${unit})`,
    price,
    quantity,
    period,
    subscription: sub.id,
    item: terms.id,
    invoiceItem: null,
    proration: false,
    fullNet: null,
    metadata: {},
  };
}

/** A trial costs nothing, and its invoice says so. */
export function trialLine(ctx: SandboxContext, sub: SubscriptionObject, item: ItemObject): LineDraft {
  return {
    ...periodLine(ctx, sub, item, { start: item.current_period_start, end: item.current_period_end }),
    amount: 0,
    description: `Trial period for ${productName(ctx, item.price)}`,
  };
}

/** What a period of an item was charged at: net of discounts where there were any. */
function chargedNet(ctx: SandboxContext, terms: ItemTerms): number {
  const charged = ctx.netPeriods.get(terms.id);
  const same = charged?.price === terms.price.id && charged.quantity === terms.quantity;
  return same ? charged.net : terms.price.unit_amount * terms.quantity;
}

/**
 * The rest of a period: given back (`credit`) or charged. Null when nothing is left or the price is zero.
 *
 * @param net what the whole period costs net of discounts, for a charge that has some.
 */
export function prorationLine(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  kind: 'credit' | 'charge',
  terms: ItemTerms,
  period: Period,
  at: number,
  net?: number,
): LineDraft | null {
  const gross = terms.price.unit_amount * terms.quantity;
  const whole = kind === 'credit' ? chargedNet(ctx, terms) : (net ?? gross);
  const share = remainingShare(whole, period, at, stepOf(terms.price.currency));
  if (share === 0) return null;
  const name = `${terms.quantity > 1 ? `${terms.quantity} × ` : ''}${productName(ctx, terms.price)}`;
  return {
    amount: kind === 'credit' ? -share : share,
    description: `${kind === 'credit' ? 'Unused' : 'Remaining'} time on ${name} after ${dayName(at)}`,
    price: terms.price,
    quantity: terms.quantity,
    period: { start: Math.max(at, period.start), end: period.end },
    subscription: sub.id,
    item: terms.id,
    invoiceItem: ctx.ids.next('ii_'),
    proration: true,
    fullNet: kind === 'charge' ? whole : null,
    metadata: {},
  };
}

/** What bends a line's amount. */
export interface LineExtras {
  readonly discounts: readonly DiscountAmount[];
  readonly taxes: readonly Stripe.InvoiceLineItem.Tax[];
}

export function toLine(id: string, invoice: string, draft: LineDraft, extras: LineExtras): LineObject {
  return {
    id,
    object: 'line_item',
    amount: draft.amount,
    currency: draft.price.currency,
    description: draft.description,
    discount_amounts: extras.discounts.map((part) => ({ ...part })),
    discountable: !draft.proration,
    discounts: [],
    invoice,
    livemode: false,
    metadata: draft.metadata,
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: draft.invoiceItem,
        proration: draft.proration,
        proration_details: draft.proration ? { credited_items: null } : null,
        subscription: draft.subscription,
        subscription_item: draft.item,
      },
      type: 'subscription_item_details',
    },
    period: { start: draft.period.start, end: draft.period.end },
    pretax_credit_amounts: extras.discounts.map((part) => ({ ...part, type: 'discount' })),
    pricing: {
      price_details: { price: draft.price.id, product: draft.price.product },
      type: 'price_details',
      unit_amount_decimal: draft.price.unit_amount_decimal,
    },
    quantity: draft.quantity,
    quantity_decimal: String(draft.quantity),
    subscription: draft.subscription,
    subtotal: draft.amount,
    taxes: [...extras.taxes],
  };
}

/** Line taxes added up per rate and behaviour, as an invoice shows them. */
export function totalTaxes(lines: readonly LineObject[]): Stripe.Invoice.TotalTax[] {
  const totals = new Map<string, Stripe.Invoice.TotalTax>();
  for (const tax of lines.flatMap((line) => line.taxes)) {
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
