/** `/v1/coupons`, `/v1/promotion_codes` and what takes discounts away. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { createCoupon, deleteCoupon, updateCoupon } from '../engine/coupons';
import { removeDiscount } from '../engine/discounts';
import { invalidRequest, resourceMissing } from '../engine/errors';
import { paginate } from '../engine/lists';
import { createPromotionCode, updatePromotionCode } from '../engine/promotion-codes';
import type { CouponObject, PromotionCodeObject } from '../engine/wire-pricing';
import { idOf, route } from './request';

const coupons = '/v1/coupons';
const codes = '/v1/promotion_codes';

function couponRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): CouponObject => ctx.store.require('coupon', id, 'coupon');
  return [
    route('POST', coupons, ({ params }) => createCoupon(ctx, params)),
    route('GET', coupons, ({ params }) => paginate('coupon', ctx.store.all('coupon'), params, coupons)),
    route('GET', `${coupons}/{id}`, (request) => find(idOf(request))),
    route('POST', `${coupons}/{id}`, (request) => updateCoupon(ctx, find(idOf(request)), request.params)),
    route('DELETE', `${coupons}/{id}`, (request) => deleteCoupon(ctx, find(idOf(request)))),
  ];
}

function fits(code: PromotionCodeObject, filter: Stripe.PromotionCodeListParams): boolean {
  return (
    (filter.active === undefined || code.active === filter.active) &&
    (filter.code === undefined || code.code.toLowerCase() === filter.code.toLowerCase()) &&
    (filter.coupon === undefined || code.promotion.coupon === filter.coupon) &&
    (filter.customer === undefined || code.customer === filter.customer)
  );
}

function codeRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): PromotionCodeObject => ctx.store.require('promotion_code', id, 'promotion_code');
  return [
    route('POST', codes, ({ params }) =>
      createPromotionCode(ctx, params as unknown as Stripe.PromotionCodeCreateParams),
    ),
    route('GET', codes, ({ params }) => {
      const filter = params as Stripe.PromotionCodeListParams;
      const found = ctx.store.all('promotion_code').filter((code) => fits(code, filter));
      return paginate('promotion_code', found, filter, codes);
    }),
    route('GET', `${codes}/{id}`, (request) => find(idOf(request))),
    route('POST', `${codes}/{id}`, (request) => updatePromotionCode(ctx, find(idOf(request)), request.params)),
  ];
}

/** Takes all discounts off a subscription; the answer is the last of them, as Stripe's is the one of old. */
function clear(ctx: SandboxContext, id: string): object {
  const sub = ctx.store.require('subscription', id);
  const discounts = sub.discounts.map((discount) => ctx.store.require('discount', discount));
  const last = discounts.at(-1);
  if (last === undefined) throw resourceMissing('discount', id, 'id');
  for (const discount of discounts) removeDiscount(ctx, sub, discount);
  const { end: _end, ...rest } = last;
  return { ...rest, deleted: true };
}

export function discountRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [
    ...couponRoutes(ctx),
    ...codeRoutes(ctx),
    route('DELETE', '/v1/subscriptions/{id}/discount', (request) => clear(ctx, idOf(request))),
    route('DELETE', '/v1/customers/{id}/discount', (request) => {
      // Since discounts stand on subscriptions and invoices only, a customer has none to lose.
      const customer = ctx.store.require('customer', idOf(request));
      throw invalidRequest(`No active discount for customer: ${customer.id}`, 'id', 'resource_missing');
    }),
  ];
}
