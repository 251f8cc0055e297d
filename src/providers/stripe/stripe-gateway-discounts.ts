import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import type { Money } from '../../shared/money';
import { toStripeAmount } from '../../shared/money-stripe';
import type { ReadResult } from '../provider.port';
import { StripeClient } from './stripe-client';
import { METADATA } from './stripe-objects';
import { answeredAt, snapshotOf } from './stripe-snapshots';

/** What a coupon gives; of `percentOff` and `amountOff` one is null. */
export interface CatalogCoupon {
  discountId: string;
  name: string;
  percentOff: number | null;
  amountOff: Money | null;
  duration: 'once' | 'repeating' | 'forever';
  durationMonths: number | null;
  /** Products it is for; empty for all. */
  productRefs: readonly string[];
}

/** What customers would type on a page of Stripe's own, under the limits that are known of there. */
export interface CatalogPromotionCode {
  discountId: string;
  couponRef: string;
  code: string;
  expiresAt: Date | null;
  maxRedemptions: number | null;
  firstTimeOnly: boolean;
}

/** Coupons and promotion codes, by names of our choosing: as often as you like, with one result. */
@Injectable()
export class StripeDiscountGateway {
  constructor(private readonly client: StripeClient) {}

  /**
   * The coupon carries an id of our choosing, so making it twice is refused. It has no limits of its own: Stripe counts
   * purchases that were never paid, and could not be told of a change.
   */
  async ensureCoupon(coupon: CatalogCoupon): Promise<string> {
    const id = `kassa_${coupon.discountId}`;
    const known = await this.couponOf(id);
    if (known === null) await this.createCoupon(id, coupon);
    // The one thing about a coupon that can change.
    else if (known.name !== coupon.name) {
      await this.client.call((sdk) => sdk.coupons.update(id, { name: coupon.name }));
    }
    return id;
  }

  /**
   * Makes the active promotion code of a coupon be this, or none. Stripe lets nothing of a code change, so another takes
   * its place; two of one text cannot be active at once there, which keeps two that do this at once from making two.
   */
  async ensurePromotionCode(couponRef: string, wanted: CatalogPromotionCode | null): Promise<string | null> {
    const active = await this.client.call((sdk) =>
      sdk.promotionCodes.list({ coupon: couponRef, active: true, limit: 100 }),
    );
    const same = active.data.find((code) => wanted !== null && isSame(code, wanted));
    for (const code of active.data) {
      if (code.id !== same?.id) {
        await this.client.call((sdk) => sdk.promotionCodes.update(code.id, { active: false }));
      }
    }
    if (wanted === null || same) return same?.id ?? null;
    const made = await this.client.call((sdk) => sdk.promotionCodes.create(promotionCodeParams(wanted)));
    return made.id;
  }

  /** Ends a hosted checkout. @returns null where it was over already: paid, or expired by itself. */
  async expireCheckout(sessionRef: string, sourceId: string): Promise<ReadResult | null> {
    try {
      const session = await this.client.call((sdk) => sdk.checkout.sessions.expire(sessionRef));
      return snapshotOf({ objectType: 'checkout', object: session }, { answeredAt: answeredAt(session), sourceId });
    } catch (error) {
      if (isAppError(error) && error.code === 'PROVIDER_REFUSED') return null;
      throw error;
    }
  }

  private async couponOf(id: string): Promise<Stripe.Coupon | null> {
    try {
      return await this.client.call((sdk) => sdk.coupons.retrieve(id));
    } catch (error) {
      if (isAppError(error) && error.kind === 'not_found') return null;
      throw error;
    }
  }

  private async createCoupon(id: string, coupon: CatalogCoupon): Promise<void> {
    const off = coupon.amountOff && toStripeAmount(coupon.amountOff);
    const params: Stripe.CouponCreateParams = {
      id,
      name: coupon.name,
      duration: coupon.duration,
      ...(coupon.percentOff === null ? {} : { percent_off: coupon.percentOff }),
      ...(off ? { amount_off: off.amount, currency: off.currency } : {}),
      ...(coupon.durationMonths === null ? {} : { duration_in_months: coupon.durationMonths }),
      ...(coupon.productRefs.length > 0 ? { applies_to: { products: [...coupon.productRefs] } } : {}),
      metadata: { [METADATA.discountId]: coupon.discountId },
    };
    try {
      await this.client.call((sdk) => sdk.coupons.create(params));
    } catch (error) {
      // Somebody beside us, or a call of ours whose answer was lost, has made it.
      if (!isAppError(error) || error.details['stripeCode'] !== 'resource_already_exists') throw error;
    }
  }
}

function promotionCodeParams(wanted: CatalogPromotionCode): Stripe.PromotionCodeCreateParams {
  const { couponRef, code, expiresAt, maxRedemptions, firstTimeOnly, discountId } = wanted;
  return {
    promotion: { type: 'coupon', coupon: couponRef },
    code,
    ...(expiresAt ? { expires_at: secondsOf(expiresAt) } : {}),
    ...(maxRedemptions === null ? {} : { max_redemptions: maxRedemptions }),
    restrictions: { first_time_transaction: firstTimeOnly },
    metadata: { [METADATA.discountId]: discountId },
  };
}

function isSame(code: Stripe.PromotionCode, wanted: CatalogPromotionCode): boolean {
  return (
    code.code.toUpperCase() === wanted.code &&
    code.expires_at === (wanted.expiresAt ? secondsOf(wanted.expiresAt) : null) &&
    code.max_redemptions === wanted.maxRedemptions &&
    code.restrictions.first_time_transaction === wanted.firstTimeOnly
  );
}

function secondsOf(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
