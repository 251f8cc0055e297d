/** The objects that bend prices, as they travel: coupons, codes, discounts, taxes and schedules. See `wire.ts`. */
import type Stripe from 'stripe';

type Swap<T, R> = Omit<T, keyof R> & R;
type Metadata = Record<string, string>;

/** `applies_to` shows only when expanded. */
export type CouponObject = Swap<
  Stripe.Coupon,
  {
    applies_to?: undefined;
    currency_options?: undefined;
    duration: 'once' | 'repeating' | 'forever';
    metadata: Metadata;
  }
>;

export type PromotionCodeObject = Swap<
  Stripe.PromotionCode,
  { customer: string | null; metadata: Metadata; promotion: { coupon: string; type: 'coupon' } }
>;

export type DiscountObject = Swap<
  Stripe.Discount,
  {
    customer: string | null;
    promotion_code: string | null;
    source: { coupon: string; type: 'coupon' };
  }
>;

export type TaxRateObject = Stripe.TaxRate;

export type TaxIdObject = Swap<Stripe.TaxId, { customer: string }>;

type SchedulePhaseItem = Swap<
  Stripe.SubscriptionSchedule.Phase.Item,
  { plan: string; price: string; quantity: number; metadata: Metadata }
>;

export type SchedulePhase = Swap<
  Stripe.SubscriptionSchedule.Phase,
  {
    default_payment_method: string | null;
    items: SchedulePhaseItem[];
    metadata: Metadata;
    proration_behavior: 'always_invoice' | 'create_prorations' | 'none';
  }
>;

export type ScheduleObject = Swap<
  Stripe.SubscriptionSchedule,
  {
    customer: string;
    end_behavior: 'release' | 'cancel';
    metadata: Metadata;
    phases: SchedulePhase[];
    status: 'not_started' | 'active' | 'completed' | 'released' | 'canceled';
    subscription: string | null;
    test_clock: null;
  }
>;
