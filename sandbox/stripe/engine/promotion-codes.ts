/** Promotion codes: what customers type to get a coupon. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { currencyOf } from './currencies';
import { integer, invalidRequest, refuseUnsupported, required } from './errors';
import { mergeMetadata } from './metadata';
import type { CouponObject, PromotionCodeObject } from './wire-pricing';

const CODE_LENGTH = 8;
const LONGEST_CODE = 500;

/** The active code somebody typed, in whatever case. */
export function findActiveCode(ctx: SandboxContext, text: string): PromotionCodeObject | undefined {
  const wanted = text.trim().toLowerCase();
  return ctx.store.all('promotion_code').find((code) => code.active && code.code.toLowerCase() === wanted);
}

function newCode(ctx: SandboxContext, code: string | undefined, customer: string | null): string {
  if (code === undefined) return ctx.ids.letters(CODE_LENGTH).toUpperCase();
  if (code.length > LONGEST_CODE || !/^[a-z0-9-]+$/i.test(code)) {
    throw invalidRequest('Invalid promotion code: only letters, digits and dashes are allowed.', 'code');
  }
  const taken = ctx.store
    .all('promotion_code')
    .some(
      (other) =>
        other.active &&
        other.code.toLowerCase() === code.toLowerCase() &&
        (other.customer === null || customer === null || other.customer === customer),
    );
  if (taken) throw invalidRequest(`An active promotion code with \`code: ${code}\` already exists.`, 'code');
  return code;
}

function restrictionsOf(
  input: Stripe.PromotionCodeCreateParams.Restrictions | undefined,
): Stripe.PromotionCode.Restrictions {
  refuseUnsupported(input ?? {}, ['currency_options']);
  const least = input?.minimum_amount;
  const currency = input?.minimum_amount_currency;
  if (least !== undefined) required(currency, 'restrictions[minimum_amount_currency]');
  return {
    first_time_transaction: input?.first_time_transaction ?? false,
    minimum_amount: least === undefined ? null : integer(least, 'restrictions[minimum_amount]', 1),
    minimum_amount_currency:
      currency === undefined ? null : currencyOf(currency, 'restrictions[minimum_amount_currency]'),
  };
}

/** A code cannot do more than its coupon: later than its date or oftener than its limit. */
function assertWithinCoupon(ctx: SandboxContext, coupon: CouponObject, params: Stripe.PromotionCodeCreateParams): void {
  const { expires_at: expires, max_redemptions: most } = params;
  if (!coupon.valid) throw invalidRequest(`Coupon expired: ${coupon.id}`, 'promotion[coupon]', 'coupon_expired');
  if (expires !== undefined && expires <= ctx.now()) {
    throw invalidRequest('Invalid expires_at: must be in the future.', 'expires_at');
  }
  if (expires !== undefined && coupon.redeem_by !== null && expires > coupon.redeem_by) {
    throw invalidRequest("`expires_at` must be before the coupon's `redeem_by`.", 'expires_at');
  }
  if (most !== undefined && coupon.max_redemptions !== null && most > coupon.max_redemptions) {
    throw invalidRequest("`max_redemptions` must be less than or equal to the coupon's.", 'max_redemptions');
  }
}

export function createPromotionCode(
  ctx: SandboxContext,
  params: Stripe.PromotionCodeCreateParams,
): PromotionCodeObject {
  refuseUnsupported(params, ['customer_account']);
  const id = required(params.promotion.coupon, 'promotion[coupon]');
  const coupon = ctx.store.require('coupon', id, 'promotion[coupon]');
  assertWithinCoupon(ctx, coupon, params);
  const customer = params.customer ?? null;
  if (customer !== null) ctx.store.require('customer', customer, 'customer');
  const code: PromotionCodeObject = {
    id: ctx.ids.next('promo_'),
    object: 'promotion_code',
    active: params.active ?? true,
    code: newCode(ctx, params.code, customer),
    created: ctx.now(),
    customer,
    customer_account: null,
    expires_at: params.expires_at ?? null,
    livemode: false,
    max_redemptions:
      params.max_redemptions === undefined ? null : integer(params.max_redemptions, 'max_redemptions', 1),
    metadata: mergeMetadata({}, params.metadata),
    promotion: { coupon: coupon.id, type: 'coupon' },
    restrictions: restrictionsOf(params.restrictions),
    times_redeemed: 0,
  };
  if (code.expires_at !== null) ctx.jobs.schedule('promotion_code.expire', code.id, code.expires_at);
  return ctx.create(code, 'promotion_code.created');
}

/** True while a code could be redeemed by somebody. */
export function isRedeemable(ctx: SandboxContext, code: PromotionCodeObject): boolean {
  const coupon = ctx.store.find('coupon', code.promotion.coupon);
  return (
    coupon?.valid === true &&
    (code.expires_at === null || code.expires_at > ctx.now()) &&
    (code.max_redemptions === null || code.times_redeemed < code.max_redemptions)
  );
}

export function updatePromotionCode(
  ctx: SandboxContext,
  code: PromotionCodeObject,
  params: Stripe.PromotionCodeUpdateParams,
): PromotionCodeObject {
  refuseUnsupported(params, ['restrictions']);
  if (params.active === true && !code.active) {
    if (!isRedeemable(ctx, code)) {
      throw invalidRequest('This promotion code cannot be reactivated because it can no longer be redeemed.', 'active');
    }
    newCode(ctx, code.code, code.customer);
  }
  ctx.update(code, (target) => {
    if (params.active !== undefined) target.active = params.active;
    target.metadata = mergeMetadata(target.metadata, params.metadata);
  });
  return code;
}
