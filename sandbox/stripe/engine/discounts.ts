/** Discounts: coupons and codes that somebody has redeemed, from the check to their end. */
import { boundary } from './calendar';
import type { SandboxContext } from './context';
import { endCoupon, endPromotionCode } from './coupons';
import { stepOf } from './currencies';
import { discountLines, type DiscountInput, type DiscountTerms } from './discounting';
import { invalidRequest, resourceMissing } from './errors';
import { isRedeemable } from './promotion-codes';
import { isOver } from './subscription-object';
import type { InvoiceObject, PriceObject, SubscriptionObject } from './wire';
import type { CouponObject, DiscountObject, PromotionCodeObject } from './wire-pricing';

const MOST_DISCOUNTS = 20;

/** What an order has to offer its discounts. */
export interface DiscountOrder {
  /** Null on a page where nobody has said who they are. */
  readonly customer: string | null;
  readonly currency: string;
  readonly items: readonly { readonly price: PriceObject; readonly quantity: number }[];
}

/** A discount that would be given: checked, but nothing is redeemed yet. */
export interface PlannedDiscount {
  readonly object: DiscountObject;
  readonly terms: DiscountTerms;
  /** Already there: a discount the request keeps. */
  readonly kept: boolean;
}

function hasPaidBefore(ctx: SandboxContext, customer: string | null): boolean {
  if (customer === null) return false;
  const paid = ctx.store.linked('invoice', customer).some((invoice) => invoice.amount_paid > 0);
  return paid || ctx.store.all('charge').some((charge) => charge.customer === customer && charge.paid);
}

/** @throws 400 for a code that this customer or this order cannot use */
function assertCode(ctx: SandboxContext, code: PromotionCodeObject, order: DiscountOrder, param: string): void {
  const refuse = (why: string): Error =>
    invalidRequest(`This promotion code cannot be redeemed because ${why}.`, param);
  const coupon = ctx.store.find('coupon', code.promotion.coupon);
  if (coupon?.valid === false) throw couponExpired(coupon, param);
  if (!isRedeemable(ctx, code)) throw invalidRequest('This promotion code has expired.', param, 'coupon_expired');
  if (!code.active) throw refuse('it is inactive');
  if (code.customer !== null && code.customer !== order.customer) throw refuse('it belongs to another customer');
  const { first_time_transaction: first, minimum_amount: least, minimum_amount_currency: currency } = code.restrictions;
  if (first && hasPaidBefore(ctx, order.customer)) throw refuse('the associated customer has prior transactions');
  if (least === null) return;
  const amount = order.items.reduce((sum, item) => sum + item.price.unit_amount * item.quantity, 0);
  if (currency !== order.currency || amount < least) throw refuse('the order does not reach its minimum amount');
}

function couponExpired(coupon: CouponObject, param: string): Error {
  return invalidRequest(`Coupon expired: ${coupon.id}`, param, 'coupon_expired');
}

/** @throws 400 for a coupon that is over, of another currency, or for other products */
function assertCoupon(ctx: SandboxContext, coupon: CouponObject, order: DiscountOrder, param: string): void {
  if (!coupon.valid) throw couponExpired(coupon, param);
  if (coupon.currency !== null && coupon.currency !== order.currency) {
    throw invalidRequest(
      `The coupon ${coupon.id} is in ${coupon.currency} and cannot be applied to an order in ${order.currency}.`,
      param,
    );
  }
  const products = ctx.couponProducts.get(coupon.id);
  if (products !== undefined && !order.items.some((item) => products.includes(item.price.product))) {
    throw invalidRequest(
      'This coupon cannot be redeemed because it does not apply to anything in this order.',
      param,
      'coupon_not_applicable',
    );
  }
}

function endOf(now: number, coupon: CouponObject): number | null {
  if (coupon.duration !== 'repeating' || coupon.duration_in_months === null) return null;
  return boundary(now, { unit: 'month', count: 1 }, coupon.duration_in_months);
}

function planNew(ctx: SandboxContext, input: DiscountInput, order: DiscountOrder, at: string): PlannedDiscount {
  const code =
    input.promotion_code === undefined
      ? null
      : ctx.store.require('promotion_code', input.promotion_code, `${at}[promotion_code]`);
  const param = `${at}[${code === null ? 'coupon' : 'promotion_code'}]`;
  if (code !== null) assertCode(ctx, code, order, param);
  const coupon = ctx.store.require('coupon', code?.promotion.coupon ?? input.coupon ?? '', param);
  assertCoupon(ctx, coupon, order, param);
  const id = ctx.ids.next('di_');
  const end = endOf(ctx.now(), coupon);
  return {
    kept: false,
    object: {
      id,
      object: 'discount',
      checkout_session: null,
      customer: order.customer,
      customer_account: null,
      end,
      invoice: null,
      invoice_item: null,
      promotion_code: code?.id ?? null,
      source: { coupon: coupon.id, type: 'coupon' },
      start: ctx.now(),
      subscription: null,
      subscription_item: null,
    },
    terms: {
      id,
      percentOff: coupon.percent_off,
      amountOff: coupon.amount_off,
      products: ctx.couponProducts.get(coupon.id) ?? null,
      duration: coupon.duration,
      end,
    },
  };
}

function planKept(ctx: SandboxContext, id: string, current: readonly string[], at: string): PlannedDiscount {
  const object = ctx.store.find('discount', id);
  const terms = ctx.discountTerms.get(id);
  if (object === undefined || terms === undefined || !current.includes(id)) {
    throw resourceMissing('discount', id, `${at}[discount]`);
  }
  return { kept: true, object, terms };
}

/**
 * The discounts a request asks for, checked and in order; nothing is redeemed.
 *
 * @param current ids of the discounts that are there already.
 * @throws 400 for a coupon or code that is unknown, over, used up, for others or for other things.
 */
export function planDiscounts(
  ctx: SandboxContext,
  inputs: readonly DiscountInput[] | '' | null,
  order: DiscountOrder,
  current: readonly string[] = [],
): PlannedDiscount[] {
  const wanted = inputs === null || inputs === '' ? [] : inputs;
  if (wanted.length > MOST_DISCOUNTS) {
    throw invalidRequest(`You may only specify up to ${MOST_DISCOUNTS} discounts.`, 'discounts');
  }
  const planned = wanted.map((input, index) => {
    const at = `discounts[${index}]`;
    const given = [input.coupon, input.promotion_code, input.discount].filter((id) => id !== undefined && id !== '');
    if (given.length !== 1) {
      throw invalidRequest('You must specify exactly one of coupon, promotion_code or discount.', at);
    }
    return input.discount === undefined ? planNew(ctx, input, order, at) : planKept(ctx, input.discount, current, at);
  });
  const coupons = planned.map(({ object }) => object.source.coupon);
  if (new Set(coupons).size < coupons.length) {
    throw invalidRequest('The same coupon cannot be applied more than once.', 'discounts');
  }
  return planned;
}

/** Counts a redemption; the last one ends the coupon or code. */
function countRedemption(ctx: SandboxContext, discount: DiscountObject): void {
  const coupon = ctx.store.find('coupon', discount.source.coupon);
  const code = ctx.store.find('promotion_code', discount.promotion_code);
  if (coupon !== undefined) {
    ctx.update(coupon, (target) => {
      target.times_redeemed += 1;
    });
    if (coupon.max_redemptions !== null && coupon.times_redeemed >= coupon.max_redemptions) endCoupon(ctx, coupon);
  }
  if (code === undefined) return;
  ctx.update(code, (target) => {
    target.times_redeemed += 1;
  });
  if (code.max_redemptions !== null && code.times_redeemed >= code.max_redemptions) endPromotionCode(ctx, code);
}

function redeem(ctx: SandboxContext, planned: PlannedDiscount, sub: SubscriptionObject, replaced?: object): void {
  const { object, terms } = planned;
  object.subscription = sub.id;
  object.customer = sub.customer;
  ctx.discountTerms.set(terms.id, terms);
  ctx.create(object, null);
  if (terms.end !== null) ctx.jobs.schedule('discount.end', object.id, terms.end);
  if (replaced === undefined) ctx.emit('customer.discount.created', object);
  else ctx.emit('customer.discount.updated', object, replaced);
  countRedemption(ctx, object);
}

/** Redeems what is new of a plan for one invoice; such discounts are nobody's afterwards, and no event tells of them. */
export function redeemForInvoice(
  ctx: SandboxContext,
  invoice: InvoiceObject,
  planned: readonly PlannedDiscount[],
): void {
  for (const { kept, object, terms } of planned) {
    if (kept) continue;
    object.invoice = invoice.id;
    object.customer = invoice.customer;
    ctx.discountTerms.set(terms.id, terms);
    ctx.create(object, null);
    countRedemption(ctx, object);
  }
}

/** What an exchanged discount was, as `previous_attributes` shows it. */
function formerValues(old: DiscountObject): object {
  const { id, end, promotion_code, source, start } = old;
  return structuredClone({ id, end, promotion_code, source, start });
}

/**
 * Redeems what is new of a plan and tells what is gone; the subscription itself is the caller's to change.
 *
 * @param current ids before.
 * @returns the subscription's `discounts` from now on.
 */
export function redeemDiscounts(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  planned: readonly PlannedDiscount[],
  current: readonly string[] = [],
): string[] {
  const ids = planned.map(({ object }) => object.id);
  const gone = current
    .filter((id) => !ids.includes(id))
    .map((id) => ctx.store.find('discount', id))
    .filter((discount) => discount !== undefined);
  for (const plan of planned) {
    if (plan.kept) continue;
    const old = gone.shift();
    if (old !== undefined) ctx.jobs.cancel('discount.end', old.id);
    redeem(ctx, plan, sub, old === undefined ? undefined : formerValues(old));
  }
  for (const old of gone) tellEnd(ctx, old);
  return ids;
}

function tellEnd(ctx: SandboxContext, discount: DiscountObject): void {
  ctx.jobs.cancel('discount.end', discount.id);
  ctx.emit('customer.discount.deleted', discount);
}

/** Takes one discount off its subscription: its months are over, its one invoice is made, or a request says so. */
export function removeDiscount(ctx: SandboxContext, sub: SubscriptionObject, discount: DiscountObject): void {
  const without = sub.discounts.filter((id) => id !== discount.id);
  // A copy that is being changed is put into the store, and told of, by whoever made it.
  if (ctx.store.find('subscription', sub.id) === sub) {
    ctx.update(sub, (target) => {
      target.discounts = without;
    });
  } else sub.discounts = without;
  tellEnd(ctx, discount);
}

/** A repeating discount's months are over. */
export function endDiscount(ctx: SandboxContext, discount: DiscountObject): void {
  const sub = ctx.store.find('subscription', discount.subscription);
  if (sub !== undefined && !isOver(sub) && sub.discounts.includes(discount.id)) removeDiscount(ctx, sub, discount);
}

/** The discounts a subscription has at a moment, in their order. */
export function termsOf(ctx: SandboxContext, sub: SubscriptionObject, at: number): DiscountTerms[] {
  return sub.discounts
    .map((id) => ctx.discountTerms.get(id))
    .filter((terms) => terms !== undefined && (terms.end === null || terms.end > at))
    .filter((terms) => terms !== undefined);
}

/** A discount for one invoice is spent by the first it takes something off. */
export function spendOnce(ctx: SandboxContext, sub: SubscriptionObject, invoice: InvoiceObject): void {
  for (const { amount, discount: reference } of invoice.total_discount_amounts ?? []) {
    const discount = ctx.store.find('discount', typeof reference === 'string' ? reference : reference.id);
    const once = discount !== undefined && ctx.discountTerms.get(discount.id)?.duration === 'once';
    if (once && amount > 0 && sub.discounts.includes(discount.id)) removeDiscount(ctx, sub, discount);
  }
}

interface PricedItem {
  readonly id: string;
  readonly price: PriceObject;
  readonly quantity: number;
}

/**
 * What a whole period of each item costs net of discounts: prorations are net in Stripe's flexible billing
 * (`proration_discounts: included`). A discount for one invoice is not prorated; it waits for that invoice.
 */
export function netOfDiscounts(items: readonly PricedItem[], discounts: readonly DiscountTerms[]): Map<string, number> {
  const lines = items.map(({ price, quantity }) => ({
    amount: price.unit_amount * quantity,
    product: price.product,
    discountable: true,
  }));
  const lasting = discounts.filter((terms) => terms.duration !== 'once');
  const taken = discountLines(lines, lasting, stepOf(items[0]?.price.currency ?? 'usd'));
  return new Map(
    items.map((item, index) => {
      const off = (taken[index] ?? []).reduce((sum, part) => sum + part.amount, 0);
      return [item.id, (lines[index]?.amount ?? 0) - off];
    }),
  );
}
