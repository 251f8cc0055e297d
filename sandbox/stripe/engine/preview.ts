/** Invoices that do not exist yet: `create_preview` and `invoice.upcoming`. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { toAddress } from './customers';
import type { DiscountTerms } from './discounting';
import { planDiscounts, termsOf } from './discounts';
import { invalidRequest, refuseUnsupported, required } from './errors';
import { composeInvoice, type NewInvoice } from './invoice-draft';
import { nextRenewal } from './renewals';
import { asScheduled } from './schedules';
import { applyChange, planChange, type ChangeRequest } from './subscription-change';
import { isOver, periodEnd } from './subscription-object';
import { draftSubscription, firstInvoice } from './subscriptions';
import { assertTaxIds } from './tax-ids';
import type { CustomerObject, InvoiceObject, SubscriptionObject } from './wire';

type PreviewParams = Stripe.InvoiceCreatePreviewParams;

/** Tells of the next invoice a week ahead; the object has no id, for there is no invoice yet. */
export function announceUpcoming(ctx: SandboxContext, sub: SubscriptionObject): void {
  if (isOver(sub) || (sub.cancel_at !== null && sub.cancel_at <= periodEnd(sub))) return;
  const customer = ctx.store.require('customer', sub.customer, 'customer');
  const { id: _id, ...upcoming } = composeInvoice(
    ctx,
    customer,
    nextRenewal(ctx, asScheduled(ctx, sub)),
    ctx.ids.next('upcoming_in_'),
  );
  ctx.emit('invoice.upcoming', upcoming);
}

const noUpcoming = (customer: string): Error =>
  invalidRequest(`No upcoming invoices for customer: ${customer}`, undefined, 'invoice_upcoming_none');

/** The customer as the request supposes it: another address, exemption or name at the tax office. */
function supposedCustomer(customer: CustomerObject, params: PreviewParams): CustomerObject {
  const details = params.customer_details;
  const copy = structuredClone(customer);
  if (details?.address !== undefined) copy.address = details.address === '' ? null : toAddress(details.address);
  if (details?.tax_exempt !== undefined) copy.tax_exempt = details.tax_exempt === '' ? 'none' : details.tax_exempt;
  return copy;
}

/** Puts what the request supposes into an invoice and works it out. */
function compose(
  ctx: SandboxContext,
  params: PreviewParams,
  input: NewInvoice,
  discounts: readonly DiscountTerms[] | null,
): InvoiceObject {
  const customer = ctx.store.require('customer', input.subscription.customer, 'customer');
  const taxIds = params.customer_details?.tax_ids;
  assertTaxIds(taxIds ?? []);
  if (params.automatic_tax !== undefined) input.subscription.automatic_tax.enabled = params.automatic_tax.enabled;
  return composeInvoice(
    ctx,
    supposedCustomer(customer, params),
    { ...input, ...(discounts === null ? {} : { discounts }), ...(taxIds === undefined ? {} : { taxIds }) },
    ctx.ids.next('upcoming_in_'),
  );
}

/** The discounts the request names, or null when it leaves them as they are. @throws as redeeming them would */
function supposedDiscounts(
  ctx: SandboxContext,
  params: PreviewParams,
  sub: SubscriptionObject,
): readonly DiscountTerms[] | null {
  if (params.discounts === undefined) return null;
  const order = { customer: sub.customer, currency: sub.currency, items: sub.items.data };
  return planDiscounts(ctx, params.discounts, order, sub.discounts).map((plan) => plan.terms);
}

/** The first invoice of a subscription that nobody has made. */
function previewNew(ctx: SandboxContext, params: PreviewParams): InvoiceObject {
  const { items, trial_end: trialEnd } = params.subscription_details ?? {};
  if (items === undefined) throw invalidRequest('Missing required param: subscription.', 'subscription');
  const sub = draftSubscription(ctx, {
    customer: required(params.customer, 'customer'),
    items: items.map((item, index) => ({
      price: required(item.price, `subscription_details[items][${index}][price]`),
      ...(item.quantity === undefined ? {} : { quantity: item.quantity }),
    })),
    ...(trialEnd === undefined ? {} : { trial_end: trialEnd }),
  });
  return compose(ctx, params, firstInvoice(ctx, sub), supposedDiscounts(ctx, params, sub) ?? []);
}

function requestOf(
  details: Stripe.InvoiceCreatePreviewParams.SubscriptionDetails,
  discounts: readonly DiscountTerms[],
): ChangeRequest {
  return {
    ...(details.items === undefined ? {} : { items: details.items }),
    prorationBehavior: details.proration_behavior ?? 'create_prorations',
    prorationDate: details.proration_date ?? null,
    trialEnd: details.trial_end ?? null,
    anchorNow: anchorsNow(details),
    discounts,
  };
}

function anchorsNow(details: Stripe.InvoiceCreatePreviewParams.SubscriptionDetails | undefined): boolean {
  return details?.billing_cycle_anchor?.type === 'now';
}

/** What a change would be invoiced with: at once, or on top of the next renewal. */
function previewChange(
  ctx: SandboxContext,
  params: PreviewParams,
  sub: SubscriptionObject,
  details: Stripe.InvoiceCreatePreviewParams.SubscriptionDetails,
): InvoiceObject {
  const now = ctx.now();
  const after = structuredClone(sub);
  if (params.discounts !== undefined) after.items.data = planChange(ctx, sub, requestOf(details, [])).items;
  const discounts = supposedDiscounts(ctx, params, after);
  const change = planChange(ctx, sub, requestOf(details, discounts ?? termsOf(ctx, sub, now)));
  applyChange(sub, change);
  const waiting = ctx.pendingLines.get(sub.id) ?? [];
  if (change.billing === 'now') {
    const input: NewInvoice = {
      subscription: sub,
      lines: [...waiting, ...change.lines],
      reason: 'subscription_update',
      period: { start: now, end: now },
      autoAdvance: true,
      finalizesAt: null,
    };
    return compose(ctx, params, input, discounts);
  }
  const renewal = nextRenewal(ctx, sub);
  const regular = renewal.lines.slice(waiting.length);
  const lines = params.preview_mode === 'recurring' ? regular : [...waiting, ...change.lines, ...regular];
  return compose(ctx, params, { ...renewal, lines }, discounts);
}

/**
 * Stripe's `POST /v1/invoices/create_preview`: for a subscription as it is or with changes, or for one to be made.
 *
 * @throws 400 `invoice_upcoming_none` when nothing will be invoiced.
 */
export function createPreview(ctx: SandboxContext, params: PreviewParams): InvoiceObject {
  refuseUnsupported(params, ['invoice_items', 'schedule', 'schedule_details']);
  const details = params.subscription_details;
  refuseUnsupported(details ?? {}, [
    'billing_schedules',
    'cancel_now',
    'pause',
    'resume_at',
    'start_date',
    'cancel_at',
  ]);
  if (params.subscription === undefined) return previewNew(ctx, params);
  const sub = ctx.store.require('subscription', params.subscription, 'subscription');
  if (isOver(sub)) throw noUpcoming(sub.customer);
  const copy = structuredClone(sub);
  const asked = details?.items !== undefined || details?.trial_end !== undefined || anchorsNow(details);
  if (asked) return previewChange(ctx, params, copy, details ?? {});
  const cancelsAtEnd = details?.cancel_at_period_end ?? copy.cancel_at_period_end;
  const ends = cancelsAtEnd || (copy.cancel_at !== null && copy.cancel_at <= periodEnd(copy));
  if (ends && details?.cancel_at_period_end !== false) throw noUpcoming(copy.customer);
  const next = asScheduled(ctx, copy);
  return compose(ctx, params, nextRenewal(ctx, next), supposedDiscounts(ctx, params, next));
}
