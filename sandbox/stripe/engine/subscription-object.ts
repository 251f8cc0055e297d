/** Building subscriptions and their items. */
import type Stripe from 'stripe';
import type { Interval, Period } from './calendar';
import type { SandboxContext } from './context';
import { invalidRequest } from './errors';
import type { CustomerObject, ItemObject, Metadata, PlanObject, PriceObject, SubscriptionObject } from './wire';

const units = ['day', 'week', 'month', 'year'] as const;

/** @throws 400 for a one-time price. */
export function intervalOf(price: PriceObject): Interval {
  const recurring = price.recurring;
  const unit = units.find((known) => known === recurring?.interval);
  if (recurring === null || unit === undefined) {
    throw invalidRequest(
      `The price specified is set to \`type=${price.type}\` but this field only accepts prices with \`type=recurring\`.`,
      'items[0][price]',
    );
  }
  return { unit, count: recurring.interval_count };
}

/** A price a subscription can be on. @throws resource_missing; 400 when inactive or one-time */
export function usablePrice(ctx: SandboxContext, id: string, param: string): PriceObject {
  const price = ctx.store.require('price', id, param);
  if (!price.active) {
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', param);
  }
  intervalOf(price);
  return price;
}

/** The old name of a price, which items still carry. */
function planOf(price: PriceObject): PlanObject {
  const interval = price.recurring?.interval ?? 'month';
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: 'per_unit',
    created: price.created,
    currency: price.currency,
    interval,
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}

export interface NewItem {
  readonly price: PriceObject;
  readonly quantity: number;
  readonly metadata: Metadata;
}

export function buildItem(ctx: SandboxContext, subscription: string, input: NewItem, period: Period): ItemObject {
  return {
    id: ctx.ids.next('si_'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: ctx.now(),
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: input.metadata,
    plan: planOf(input.price),
    price: structuredClone(input.price),
    quantity: input.quantity,
    subscription,
    tax_rates: [],
  };
}

/** Puts an item on another price, in place. */
export function setItemPrice(item: ItemObject, price: PriceObject): void {
  item.price = structuredClone(price);
  item.plan = planOf(price);
}

export interface NewSubscription {
  readonly customer: CustomerObject;
  readonly items: readonly NewItem[];
  readonly period: Period;
  readonly anchor: number;
  readonly trialEnd: number | null;
  readonly metadata: Metadata;
  readonly description: string | null;
  readonly defaultPaymentMethod: string | null;
  readonly savesPaymentMethod: boolean;
  readonly automaticTax: boolean;
  readonly missingPaymentMethod: string;
}

/** A subscription that is nowhere stored; `trialing` with a trial, else `incomplete`. */
export function buildSubscription(ctx: SandboxContext, input: NewSubscription): SubscriptionObject {
  const id = ctx.ids.next('sub_');
  const currency = input.items[0]?.price.currency ?? 'usd';
  const trial = input.trialEnd !== null;
  const items = input.items.map((item) => buildItem(ctx, id, item, input.period));
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: {
      disabled_reason: null,
      enabled: input.automaticTax,
      liability: input.automaticTax ? { type: 'self' } : null,
    },
    billing_cycle_anchor: input.anchor,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible', updated_at: ctx.now() },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: ctx.now(),
    currency,
    customer: input.customer.id,
    customer_account: null,
    days_until_due: null,
    default_payment_method: input.defaultPaymentMethod,
    default_source: null,
    default_tax_rates: [],
    description: input.description,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: { object: 'list', data: items, has_more: false, url: `/v1/subscription_items?subscription=${id}` },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: paymentSettings(input.savesPaymentMethod),
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: ctx.now(),
    status: trial ? 'trialing' : 'incomplete',
    test_clock: null,
    transfer_data: null,
    trial_end: input.trialEnd,
    trial_settings: {
      end_behavior: { billing_cycle_anchor: null, missing_payment_method: input.missingPaymentMethod },
    },
    trial_start: trial ? ctx.now() : null,
  };
}

function paymentSettings(saves: boolean): Stripe.Subscription.PaymentSettings {
  return {
    payment_method_options: null,
    payment_method_types: null,
    save_default_payment_method: saves ? 'on_subscription' : 'off',
  };
}

/** The end of the period that ends first; items of one interval end together. */
export function periodEnd(sub: SubscriptionObject): number {
  return Math.min(...sub.items.data.map((item) => item.current_period_end));
}

/** True once nothing will happen to a subscription any more. */
export function isOver(sub: SubscriptionObject): boolean {
  return sub.status === 'canceled' || sub.status === 'incomplete_expired';
}
