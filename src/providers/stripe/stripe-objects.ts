/**
 * Stripe's objects in the pinned API version, as payloads of our facts. The only place that knows Stripe's field names.
 * Source: the types of the `stripe` package; shapes that moved between versions are listed in docs/architecture.md.
 */
import type Stripe from 'stripe';
import { validation } from '../../shared/app-error';
import type {
  CheckoutPayload,
  InvoiceLine,
  InvoicePayload,
  InvoiceTax,
  PaymentMethodSummary,
  PaymentPayload,
  PaymentStatus,
  SetupPayload,
  SubscriptionPayload,
} from '../../shared/facts';
import { fromStripeAmount } from '../../shared/money-stripe';

/** Our keys in the metadata of every object we make. */
export const METADATA = {
  customerId: 'kassaCustomerId',
  intentId: 'kassaIntentId',
  /** The latest change of ours to an object made by another intent. */
  changeId: 'kassaChangeId',
  priceId: 'kassaPriceId',
  planId: 'kassaPlanId',
  discountId: 'kassaDiscountId',
} as const;

/** The id, whether the object came expanded or not; null for nobody, and for what is no id. */
export function refOf(value: string | { id: string } | null | undefined): string | null {
  const id: unknown = typeof value === 'object' ? value?.id : value;
  return typeof id === 'string' && id !== '' ? id : null;
}

/** @throws SCHEMA_VALIDATION for anything but whole seconds: a null that became 1970 would end a subscription. */
export function iso(seconds: number): string {
  if (!Number.isSafeInteger(seconds)) throw validation('SCHEMA_VALIDATION', "Stripe's object lacks a time");
  return new Date(seconds * 1000).toISOString();
}

function isoOrNull(seconds: number | null | undefined): string | null {
  return seconds === null || seconds === undefined ? null : iso(seconds);
}

export function minor(amount: number, currency: string): number {
  return Number(fromStripeAmount(amount, currency).amount);
}

export function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) {
    throw validation('SCHEMA_VALIDATION', `Stripe's object has no ${what}`, { missing: what });
  }
  return value;
}

const SUBSCRIPTION_STATUSES = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'paused',
  'unpaid',
  'canceled',
] as const;
const INVOICE_STATUSES = ['draft', 'open', 'paid', 'void', 'uncollectible'] as const;
const CHECKOUT_STATUSES = ['open', 'complete', 'expired'] as const;
const INTERVALS = ['day', 'week', 'month', 'year'] as const;

/** A word Stripe may add one day must not slip into our tables as if we knew it. */
export function known<Word extends string>(value: string | null, words: readonly Word[], what: string): Word {
  const word = words.find((candidate) => candidate === value);
  if (!word) throw validation('SCHEMA_VALIDATION', `Stripe's ${what} is not one we know`, { what, value });
  return word;
}

/** A flat-priced subscription: its first licensed item says plan, price and period. */
export function toSubscriptionPayload(subscription: Stripe.Subscription): SubscriptionPayload {
  const item = required(
    subscription.items.data.find((i) => i.price.recurring?.usage_type !== 'metered'),
    'licensed item',
  );
  const price = item.price;
  const recurring = required(price.recurring, 'recurring price');
  return {
    customerRef: required(refOf(subscription.customer), 'customer'),
    ownerId: subscription.metadata[METADATA.customerId] ?? null,
    intentId: subscription.metadata[METADATA.intentId] ?? null,
    status: known(subscription.status, SUBSCRIPTION_STATUSES, 'subscription status'),
    providerStatus: subscription.status,
    priceRef: price.id,
    priceId: price.metadata[METADATA.priceId] ?? null,
    quantity: item.quantity ?? 1,
    unitAmount: minor(required(price.unit_amount, 'flat unit amount'), price.currency),
    currency: price.currency.toUpperCase(),
    interval: known(recurring.interval, INTERVALS, 'interval'),
    intervalCount: recurring.interval_count,
    currentPeriodStart: iso(item.current_period_start),
    currentPeriodEnd: iso(item.current_period_end),
    trialEndsAt: isoOrNull(subscription.trial_end),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    cancelAt: isoOrNull(subscription.cancel_at),
    canceledAt: isoOrNull(subscription.canceled_at),
    endedAt: isoOrNull(subscription.ended_at),
    createdAt: iso(subscription.created),
    latestInvoiceRef: refOf(subscription.latest_invoice),
    ...methodOf(subscription),
  };
}

function methodOf(subscription: Stripe.Subscription): { methodRef?: string } {
  const methodRef = refOf(subscription.default_payment_method);
  return methodRef === null ? {} : { methodRef };
}

export function toInvoicePayload(invoice: Stripe.Invoice): InvoicePayload {
  const { currency } = invoice;
  const details = invoice.parent?.subscription_details;
  const tax = (invoice.total_taxes ?? []).reduce((sum, line) => sum + line.amount, 0);
  const { marked_uncollectible_at: uncollectibleAt, voided_at: voidedAt } = invoice.status_transitions;
  return {
    customerRef: required(refOf(invoice.customer), 'customer'),
    subscriptionRef: refOf(details?.subscription),
    ownerId: details?.metadata?.[METADATA.customerId] ?? invoice.metadata?.[METADATA.customerId] ?? null,
    number: invoice.number,
    status: known(invoice.status, INVOICE_STATUSES, 'invoice status'),
    billingReason: invoice.billing_reason,
    currency: currency.toUpperCase(),
    total: minor(invoice.total, currency),
    tax: minor(tax, currency),
    ...(invoice.total_taxes?.length && { taxes: toInvoiceTaxes(invoice.total_taxes, currency) }),
    ...discounted(invoice.total_discount_amounts, currency),
    amountDue: minor(invoice.amount_due, currency),
    amountPaid: minor(invoice.amount_paid, currency),
    amountRemaining: minor(invoice.amount_remaining, currency),
    startingBalance: minor(invoice.starting_balance, currency),
    endingBalance: invoice.ending_balance === null ? null : minor(invoice.ending_balance, currency),
    ...(invoice.pre_payment_credit_notes_amount && {
      creditedBeforePayment: minor(invoice.pre_payment_credit_notes_amount, currency),
    }),
    paidOutOfBand: paidOutOfBand(invoice),
    ...(invoice.amount_paid_off_stripe && {
      amountPaidOffStripe: minor(invoice.amount_paid_off_stripe, currency),
    }),
    attemptCount: invoice.attempt_count,
    nextAttemptAt: isoOrNull(invoice.next_payment_attempt),
    hostedUrl: invoice.hosted_invoice_url ?? null,
    pdfUrl: invoice.invoice_pdf ?? null,
    periodStart: iso(invoice.period_start),
    periodEnd: iso(invoice.period_end),
    createdAt: iso(invoice.created),
    finalizedAt: isoOrNull(invoice.status_transitions.finalized_at),
    paidAt: isoOrNull(invoice.status_transitions.paid_at),
    ...(uncollectibleAt && { uncollectibleAt: iso(uncollectibleAt) }),
    ...(voidedAt && { voidedAt: iso(voidedAt) }),
    lines: invoice.lines.data.map((line) => toInvoiceLine(line)),
  };
}

/** A tax as far as every version of the API tells it. */
type ToldTax = Pick<Stripe.Invoice.TotalTax, 'amount'> & Partial<Stripe.Invoice.TotalTax>;

/** Also of an invoice that does not exist yet. */
export function toInvoiceTaxes(taxes: readonly ToldTax[], currency: string): InvoiceTax[] {
  return taxes.map((tax) => ({
    amount: minor(tax.amount, currency),
    inclusive: tax.tax_behavior === 'inclusive',
    reason: tax.taxability_reason ?? null,
    rateRef: tax.tax_rate_details?.tax_rate ?? null,
  }));
}

/** Nothing where no coupon took anything off. */
function discounted(parts: readonly { amount: number }[] | null | undefined, currency: string): { discount?: number } {
  const off = (parts ?? []).reduce((sum, { amount }) => sum + amount, 0);
  return off > 0 ? { discount: minor(off, currency) } : {};
}

/** Paid without any amount, where only `amount_paid` can tell: newer versions count in it what was paid elsewhere. */
function paidOutOfBand(invoice: Stripe.Invoice): boolean {
  return invoice.status === 'paid' && invoice.amount_due > 0 && invoice.amount_paid === 0;
}

function sumOf(parts: readonly { amount: number }[]): number {
  return parts.reduce((sum, { amount }) => sum + amount, 0);
}

function toInvoiceLine(line: Stripe.InvoiceLineItem): InvoiceLine {
  const item = line.parent?.subscription_item_details ?? line.parent?.invoice_item_details;
  const contained = sumOf((line.taxes ?? []).filter(({ tax_behavior: behavior }) => behavior === 'inclusive'));
  return {
    ref: line.id,
    description: line.description,
    amount: minor(line.amount, line.currency),
    currency: line.currency.toUpperCase(),
    quantity: line.quantity,
    priceRef: refOf(line.pricing?.price_details?.price),
    periodStart: iso(line.period.start),
    periodEnd: iso(line.period.end),
    proration: item?.proration ?? false,
    tax: minor(sumOf(line.taxes ?? []), line.currency),
    ...(contained !== 0 && { taxInclusive: minor(contained, line.currency) }),
    ...discounted(line.discount_amounts, line.currency),
  };
}

/** `requires_payment_method` is the state before the first attempt and after a failed one; the last error tells which. */
function paymentStatus(intent: Stripe.PaymentIntent): PaymentStatus {
  switch (intent.status) {
    case 'succeeded':
      return 'succeeded';
    case 'canceled':
      return 'canceled';
    case 'requires_action':
      return 'requires_action';
    case 'requires_payment_method':
      return intent.last_payment_error ? 'failed' : 'pending';
    default:
      return 'pending';
  }
}

export function toPaymentPayload(intent: Stripe.PaymentIntent): PaymentPayload {
  const error = intent.last_payment_error;
  const status = paymentStatus(intent);
  const method =
    typeof intent.payment_method === 'object' && intent.payment_method ? intent.payment_method : error?.payment_method;
  return {
    customerRef: required(refOf(intent.customer), 'customer'),
    amount: minor(intent.amount, intent.currency),
    currency: intent.currency.toUpperCase(),
    status,
    declineCode: status === 'failed' ? (error?.decline_code ?? error?.code ?? null) : null,
    method: method ? methodSummary(method.type, method.card) : null,
    createdAt: iso(intent.created),
  };
}

export function chargeMethod(charge: Stripe.Charge): PaymentMethodSummary | null {
  const details = charge.payment_method_details;
  return details ? methodSummary(details.type, details.card) : null;
}

function methodSummary(
  type: string,
  card: { brand?: string | null; last4?: string | null } | null | undefined,
): PaymentMethodSummary {
  return { type, brand: card?.brand ?? null, last4: card?.last4 ?? null };
}

export function toSetupPayload(intent: Stripe.SetupIntent, customerRef: string): SetupPayload {
  const error = intent.last_setup_error;
  const method = error?.payment_method;
  return {
    customerRef,
    declineCode: error?.decline_code ?? error?.code ?? null,
    method: method ? methodSummary(method.type, method.card) : null,
  };
}

export function toCheckoutPayload(session: Stripe.Checkout.Session): CheckoutPayload {
  return {
    customerRef: refOf(session.customer),
    ownerId: session.metadata?.[METADATA.customerId] ?? session.client_reference_id,
    intentId: session.metadata?.[METADATA.intentId] ?? null,
    subscriptionRef: refOf(session.subscription),
    status: known(session.status, CHECKOUT_STATUSES, 'checkout status'),
  };
}
