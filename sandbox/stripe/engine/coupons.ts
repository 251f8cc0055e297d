/** Coupons: what a discount is made of. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { assertStep, currencyOf } from './currencies';
import { integer, invalidRequest, refuseUnsupported, required } from './errors';
import { mergeMetadata } from './metadata';
import type { CouponObject, PromotionCodeObject } from './wire-pricing';

const ID_LENGTH = 8;
const LONGEST_NAME = 40;

function percentOff(params: Stripe.CouponCreateParams): number | null {
  const percent = params.percent_off;
  if (percent === undefined) return null;
  if (!(percent > 0 && percent <= 100)) {
    throw invalidRequest('Invalid percent_off: must be greater than 0 and at most 100.', 'percent_off');
  }
  return percent;
}

function amountOff(params: Stripe.CouponCreateParams): { amount: number; currency: string } | null {
  if (params.amount_off === undefined) return null;
  const currency = currencyOf(required(params.currency, 'currency'));
  const amount = integer(params.amount_off, 'amount_off', 1);
  assertStep(amount, currency, 'amount_off');
  return { amount, currency };
}

function durationOf(params: Stripe.CouponCreateParams): { duration: CouponObject['duration']; months: number | null } {
  const duration = (['forever', 'repeating'] as const).find((known) => known === params.duration) ?? 'once';
  if (duration === 'repeating') {
    const months = integer(required(params.duration_in_months, 'duration_in_months'), 'duration_in_months', 1, 1200);
    return { duration, months };
  }
  if (params.duration_in_months !== undefined) {
    throw invalidRequest('`duration_in_months` is only valid when `duration` is `repeating`.', 'duration_in_months');
  }
  return { duration, months: null };
}

function nameOf(name: string | undefined): string | null {
  if (name === undefined || name === '') return null;
  if (name.length > LONGEST_NAME) {
    throw invalidRequest(`Invalid string: ${name.slice(0, 10)}...; must be at most ${LONGEST_NAME} characters`, 'name');
  }
  return name;
}

function newId(ctx: SandboxContext, id: string | undefined): string {
  if (id === undefined) return ctx.ids.letters(ID_LENGTH);
  if (!/^[\w-]{1,200}$/.test(id)) throw invalidRequest('Invalid coupon ID.', 'id');
  if (ctx.store.any(id) !== undefined) {
    throw invalidRequest('Coupon already exists.', 'id', 'resource_already_exists');
  }
  return id;
}

export function createCoupon(ctx: SandboxContext, params: Stripe.CouponCreateParams): CouponObject {
  refuseUnsupported(params, ['currency_options']);
  const percent = percentOff(params);
  const off = amountOff(params);
  if ((percent === null) === (off === null)) {
    throw invalidRequest('You must pass exactly one of `percent_off` and `amount_off`.', 'percent_off');
  }
  const { duration, months } = durationOf(params);
  const products = params.applies_to?.products;
  for (const product of products ?? []) ctx.store.require('product', product, 'applies_to[products]');
  const redeemBy = params.redeem_by ?? null;
  if (redeemBy !== null && redeemBy <= ctx.now()) {
    throw invalidRequest('Invalid redeem_by: must be in the future.', 'redeem_by');
  }
  const most = params.max_redemptions;
  const coupon: CouponObject = {
    id: newId(ctx, params.id),
    object: 'coupon',
    amount_off: off?.amount ?? null,
    created: ctx.now(),
    currency: off?.currency ?? null,
    duration,
    duration_in_months: months,
    livemode: false,
    max_redemptions: most === undefined ? null : integer(most, 'max_redemptions', 1),
    metadata: mergeMetadata({}, params.metadata),
    name: nameOf(params.name),
    percent_off: percent,
    redeem_by: redeemBy,
    times_redeemed: 0,
    valid: true,
  };
  if (products !== undefined && products.length > 0) ctx.couponProducts.set(coupon.id, products);
  if (redeemBy !== null) ctx.jobs.schedule('coupon.expire', coupon.id, redeemBy + 1);
  return ctx.create(coupon, 'coupon.created');
}

export function updateCoupon(
  ctx: SandboxContext,
  coupon: CouponObject,
  params: Stripe.CouponUpdateParams,
): CouponObject {
  refuseUnsupported(params, ['currency_options']);
  ctx.update(coupon, (target) => {
    if (params.name !== undefined) target.name = nameOf(params.name);
    target.metadata = mergeMetadata(target.metadata, params.metadata);
  });
  return coupon;
}

/** Takes a coupon away; who has redeemed it keeps the discount. */
export function deleteCoupon(ctx: SandboxContext, coupon: CouponObject): object {
  for (const code of codesOf(ctx, coupon)) deactivate(ctx, code);
  ctx.couponProducts.delete(coupon.id);
  ctx.jobs.cancel('coupon.expire', coupon.id);
  const stub = ctx.store.remove(coupon);
  ctx.emit('coupon.deleted', coupon);
  return stub;
}

export function codesOf(ctx: SandboxContext, coupon: CouponObject): PromotionCodeObject[] {
  return ctx.store.all('promotion_code').filter((code) => code.promotion.coupon === coupon.id);
}

function deactivate(ctx: SandboxContext, code: PromotionCodeObject): void {
  ctx.update(code, (target) => {
    target.active = false;
  });
}

/** No more redemptions: used up or past its date. Its codes are inactive from then on, as Stripe has it. */
export function endCoupon(ctx: SandboxContext, coupon: CouponObject): void {
  ctx.update(coupon, (target) => {
    target.valid = false;
  });
  for (const code of codesOf(ctx, coupon)) deactivate(ctx, code);
}

/** A code's date is over or it is used up. */
export function endPromotionCode(ctx: SandboxContext, code: PromotionCodeObject): void {
  deactivate(ctx, code);
}
