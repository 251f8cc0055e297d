/** Checkout sessions as the API makes them; the page's side is `checkout-page.ts`. */
import type Stripe from 'stripe';
import { bankTypesOf } from './bank-accounts';
import { SECONDS_PER_DAY, SECONDS_PER_HOUR } from './calendar';
import type { CheckoutDraft, SandboxContext } from './context';
import { stepOf } from './currencies';
import { discountLines, type DiscountInput } from './discounting';
import { planDiscounts } from './discounts';
import { integer, invalidRequest, refuseUnsupported, required, url } from './errors';
import { mergeMetadata } from './metadata';
import { usablePrice } from './subscription-object';
import { assertConsistent, assertCurrency } from './subscriptions';
import type { CheckoutSessionObject, LineItemObject, WireList } from './wire';

const DAY_LIMIT_HOURS = 24;
const SHORTEST_MINUTES = 30;

const unsupported = [
  'customer_account',
  'payment_intent_data',
  'setup_intent_data',
  'optional_items',
  'return_url',
  'shipping_options',
  'custom_fields',
] as const;

type CreateParams = Stripe.Checkout.SessionCreateParams;

function draftOf(ctx: SandboxContext, params: CreateParams): CheckoutDraft {
  const wanted = params.line_items ?? [];
  if (wanted.length === 0) required(undefined, 'line_items');
  const items = wanted.map((item, index) => {
    refuseUnsupported(item, ['price_data', 'tax_rates', 'dynamic_tax_rates']);
    const param = `line_items[${index}][price]`;
    const price = usablePrice(ctx, required(item.price, param), param);
    return {
      price: price.id,
      quantity: integer(item.quantity ?? 1, `line_items[${index}][quantity]`, 1),
      lineItemId: ctx.ids.next('li_'),
    };
  });
  assertConsistent(items.map((item) => ({ price: ctx.store.require('price', item.price) })));
  const data = params.subscription_data;
  refuseUnsupported(data ?? {}, [
    'billing_cycle_anchor',
    'default_tax_rates',
    'pending_invoice_item_interval',
    'transfer_data',
  ]);
  const trialEnd = data?.trial_end ?? null;
  if (trialEnd !== null && trialEnd < ctx.now() + 2 * SECONDS_PER_DAY) {
    throw invalidRequest(
      'The `trial_end` date has to be at least 2 days in the future.',
      'subscription_data[trial_end]',
    );
  }
  return {
    items,
    trialDays:
      data?.trial_period_days === undefined
        ? null
        : integer(data.trial_period_days, 'subscription_data[trial_period_days]', 1, 730),
    trialEnd,
    subscriptionMetadata: mergeMetadata({}, data?.metadata),
    description: data?.description ?? null,
    missingPaymentMethod: data?.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice',
    waiting: null,
  };
}

function expiryOf(ctx: SandboxContext, wanted: number | undefined): number {
  const latest = ctx.now() + DAY_LIMIT_HOURS * SECONDS_PER_HOUR;
  if (wanted === undefined) return latest;
  if (wanted > latest || wanted < ctx.now() + SHORTEST_MINUTES * 60) {
    throw invalidRequest(
      'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.',
      'expires_at',
    );
  }
  return wanted;
}

function assertPlayable(params: CreateParams): void {
  refuseUnsupported(params, unsupported);
  if (required(params.mode, 'mode') !== 'subscription') {
    throw invalidRequest('This sandbox plays Checkout in subscription mode only.', 'mode');
  }
  if (params.ui_mode !== undefined && params.ui_mode !== 'hosted_page') {
    throw invalidRequest('This sandbox plays hosted Checkout pages only.', 'ui_mode');
  }
  if (params.discounts !== undefined && params.allow_promotion_codes !== undefined) {
    throw invalidRequest(
      'You may only specify one of these parameters: allow_promotion_codes, discounts.',
      'discounts',
    );
  }
  if (params.discounts !== undefined && params.discounts.length > 1) {
    throw invalidRequest('You may only specify one discount.', 'discounts');
  }
  assertTaxTerms(params);
  if (params.customer !== undefined && params.customer_email !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: customer, customer_email.', 'customer');
  }
}

/** What a known customer types in is kept only where the session says so, and tax ids belong to a name. */
function assertTaxTerms(params: CreateParams): void {
  if (params.customer === undefined || params.tax_id_collection?.enabled !== true) return;
  if (params.customer_update?.name === 'auto') return;
  throw invalidRequest(
    'Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.',
    'customer_update',
  );
}

/** Stripe's `POST /v1/checkout/sessions`, subscription mode with a hosted page. @throws 400 for anything else */
export function createCheckoutSession(ctx: SandboxContext, params: CreateParams): CheckoutSessionObject {
  assertPlayable(params);
  const customer = params.customer === undefined ? null : ctx.store.require('customer', params.customer, 'customer');
  const successUrl = url(required(params.success_url, 'success_url'), 'success_url');
  const draft = draftOf(ctx, params);
  const id = ctx.ids.next('cs_test_');
  const currency = ctx.store.find('price', draft.items[0]?.price)?.currency ?? null;
  if (customer !== null && currency !== null) assertCurrency(ctx, customer, currency);
  const session: CheckoutSessionObject = {
    ...blankSession(ctx, id),
    automatic_tax: {
      enabled: params.automatic_tax?.enabled ?? false,
      liability: params.automatic_tax?.enabled === true ? { type: 'self' } : null,
      provider: params.automatic_tax?.enabled === true ? 'stripe' : null,
      status: params.automatic_tax?.enabled === true ? 'requires_location_inputs' : null,
    },
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    billing_address_collection: params.billing_address_collection ?? null,
    cancel_url: params.cancel_url === undefined ? null : url(params.cancel_url, 'cancel_url'),
    client_reference_id: params.client_reference_id ?? null,
    currency,
    customer: customer?.id ?? null,
    customer_creation: customer === null ? 'always' : null,
    customer_email: params.customer_email ?? null,
    expires_at: expiryOf(ctx, params.expires_at),
    locale: params.locale ?? null,
    metadata: mergeMetadata({}, params.metadata),
    payment_method_collection: params.payment_method_collection ?? 'always',
    payment_method_types: ['card', ...bankTypesOf(currency)],
    success_url: successUrl,
    url: ctx.url('checkout', id),
  };
  setDiscount(ctx, session, draft, params.discounts?.[0]);
  ctx.checkouts.set(id, draft);
  ctx.jobs.schedule('checkout.expire', id, session.expires_at);
  return ctx.create(session, null);
}

/** What the session sells, for the checks of a discount. */
export function planSessionDiscount(
  ctx: SandboxContext,
  session: CheckoutSessionObject,
  draft: CheckoutDraft,
  input: DiscountInput,
): NonNullable<CheckoutDraft['discount']> | undefined {
  const items = draft.items.map(({ price, quantity }) => ({ price: ctx.store.require('price', price), quantity }));
  const order = { customer: session.customer, currency: session.currency ?? 'usd', items };
  const [planned] = planDiscounts(ctx, [input], order);
  return planned && { input, terms: planned.terms };
}

/**
 * Gives a session a discount, or takes it away, and works its amounts out.
 *
 * @throws 400 for a coupon or code that cannot be redeemed; the session is as it was then.
 */
export function setDiscount(
  ctx: SandboxContext,
  session: CheckoutSessionObject,
  draft: CheckoutDraft,
  input: DiscountInput | undefined,
): void {
  const planned = input === undefined ? undefined : planSessionDiscount(ctx, session, draft, input);
  if (planned === undefined) delete draft.discount;
  else draft.discount = planned;
  session.discounts =
    input === undefined ? [] : [{ coupon: input.coupon ?? null, promotion_code: input.promotion_code ?? null }];
  const items = lineItems(ctx, session.id, draft).data;
  const free = draft.trialDays !== null || draft.trialEnd !== null;
  const sum = (amounts: number[]): number => (free ? 0 : amounts.reduce((total, amount) => total + amount, 0));
  session.amount_subtotal = sum(items.map((item) => item.amount_subtotal));
  session.amount_total = sum(items.map((item) => item.amount_total));
  const discounted = sum(items.map((item) => item.amount_discount));
  session.total_details = { amount_discount: discounted, amount_shipping: 0, amount_tax: 0 };
}

function blankSession(ctx: SandboxContext, id: string): CheckoutSessionObject {
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: 0,
    amount_total: 0,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: null,
    client_reference_id: null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: ctx.now(),
    currency: null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: null,
    customer_account: null,
    customer_creation: null,
    customer_details: null,
    customer_email: null,
    discounts: [],
    expires_at: ctx.now(),
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: {},
    mode: 'subscription',
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'always',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: null,
    subscription: null,
    success_url: null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: null,
    wallet_options: null,
  };
}

/** What a session sells: its `line_items`, which Stripe shows only when asked. */
export function lineItems(ctx: SandboxContext, sessionId: string, draft: CheckoutDraft): WireList<LineItemObject> {
  const prices = draft.items.map((item) => ctx.store.require('price', item.price));
  const lines = draft.items.map(({ quantity }, index) => ({
    amount: (prices[index]?.unit_amount ?? 0) * quantity,
    product: prices[index]?.product ?? '',
    discountable: true,
  }));
  const terms = draft.discount === undefined ? [] : [draft.discount.terms];
  const taken = discountLines(lines, terms, stepOf(prices[0]?.currency ?? 'usd'));
  const data = draft.items.map((item, index): LineItemObject => {
    const price = ctx.store.require('price', item.price);
    const amount = price.unit_amount * item.quantity;
    const discount = (taken[index] ?? []).reduce((sum, part) => sum + part.amount, 0);
    return {
      id: item.lineItemId,
      object: 'item',
      adjustable_quantity: null,
      amount_discount: discount,
      amount_subtotal: amount,
      amount_tax: 0,
      amount_total: amount - discount,
      currency: price.currency,
      description: ctx.store.find('product', price.product)?.name ?? null,
      metadata: {},
      price,
      quantity: item.quantity,
    };
  });
  return { object: 'list', data, has_more: false, url: `/v1/checkout/sessions/${sessionId}/line_items` };
}

/** Closes an open session. @throws 400 when it is not open */
export function expireCheckoutSession(ctx: SandboxContext, session: CheckoutSessionObject): CheckoutSessionObject {
  if (session.status !== 'open') {
    throw invalidRequest(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status ?? 'unknown'}.`,
    );
  }
  session.status = 'expired';
  session.url = null;
  ctx.jobs.cancel('checkout.expire', session.id);
  const draft = ctx.checkouts.get(session.id);
  if (draft !== undefined) draft.waiting = null;
  ctx.emit('checkout.session.expired', session);
  return session;
}
