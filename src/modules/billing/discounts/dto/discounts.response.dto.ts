import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { amountToJson } from '../../../../shared/money';
import type { CountedDiscount } from '../discount-desk.service';
import type { DiscountAnswer } from '../discounts.service';
import { DISCOUNT_DURATIONS, DISCOUNT_REASONS, type DiscountDuration, type DiscountReason } from '../domain/discount';

export class DiscountValidationResponse {
  @ApiProperty({ example: true })
  valid!: boolean;

  @ApiPropertyOptional({ enum: DISCOUNT_REASONS, description: 'Where it is not valid' })
  reason?: DiscountReason;

  @ApiPropertyOptional({ type: Number, format: 'double', example: 25 })
  percentOff?: number;

  @ApiPropertyOptional({ example: 500, description: 'Minor units of `currency`; in place of a percentage' })
  amountOff?: number;

  @ApiPropertyOptional({ example: 'USD', description: 'With amountOff' })
  currency?: string;

  @ApiProperty({ enum: DISCOUNT_DURATIONS, nullable: true, example: 'once', description: 'Null where it is not valid' })
  duration!: DiscountDuration | null;

  @ApiPropertyOptional({ example: 3, description: 'Of a repeating one' })
  durationInMonths?: number;
}

export class RedemptionsResponse {
  @ApiProperty({ example: 1, description: 'Purchases under way' })
  held!: number;

  @ApiProperty({ example: 12, description: 'Subscriptions that have started with it' })
  redeemed!: number;
}

export class DiscountAtStripeResponse {
  @ApiProperty({ type: String, nullable: true, example: 'kassa_disc_01jd…' })
  couponId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'promo_1…', description: 'Null while it is not offered' })
  promotionCodeId!: string | null;

  @ApiProperty({ description: 'Whether Stripe shows the latest change' })
  inSync!: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  syncedAt!: string | null;
}

export class DiscountResponse {
  @ApiProperty({ example: 'disc_01jd…' })
  id!: string;

  @ApiProperty({ example: 'WELCOME25' })
  code!: string;

  @ApiProperty({ example: 'Welcome' })
  name!: string;

  @ApiProperty({ type: Number, format: 'double', nullable: true, example: 25 })
  percentOff!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Minor units of `currency`' })
  amountOff!: number | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  currency!: string | null;

  @ApiProperty({ enum: DISCOUNT_DURATIONS })
  duration!: DiscountDuration;

  @ApiProperty({ type: Number, nullable: true, example: 3 })
  durationInMonths!: number | null;

  @ApiProperty({ type: [String], example: ['PRO'], description: 'Codes of plans; empty for all' })
  plans!: string[];

  @ApiProperty()
  firstTimeOnly!: boolean;

  @ApiProperty({ type: Number, nullable: true, example: 100 })
  maxRedemptions!: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expiresAt!: string | null;

  @ApiProperty()
  active!: boolean;

  @ApiProperty({ type: RedemptionsResponse })
  redemptions!: RedemptionsResponse;

  @ApiProperty({ type: DiscountAtStripeResponse })
  stripe!: DiscountAtStripeResponse;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class DiscountList {
  @ApiProperty({ type: [DiscountResponse] })
  data!: DiscountResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

/** Terms are shown to those who can have them only. */
export function toValidation({ discount, reason }: DiscountAnswer): DiscountValidationResponse {
  if (reason !== null) return { valid: false, reason, duration: null };
  const { percentOff, amountOff, currency, duration, durationMonths } = discount;
  return {
    valid: true,
    ...(percentOff === null ? {} : { percentOff }),
    ...(amountOff === null ? {} : { amountOff: amountToJson(amountOff) }),
    ...(currency === null ? {} : { currency }),
    duration,
    ...(durationMonths === null ? {} : { durationInMonths: durationMonths }),
  };
}

export function toDiscountResponse(discount: CountedDiscount): DiscountResponse {
  const { id, code, name, percentOff, amountOff, currency, duration, firstTimeOnly, maxRedemptions, active } = discount;
  return {
    id,
    code,
    name,
    percentOff,
    amountOff: amountOff === null ? null : amountToJson(amountOff),
    currency,
    duration,
    durationInMonths: discount.durationMonths,
    plans: discount.planCodes,
    firstTimeOnly,
    maxRedemptions,
    expiresAt: discount.expiresAt?.toISOString() ?? null,
    active,
    redemptions: discount.redemptions,
    stripe: {
      couponId: discount.couponRef,
      promotionCodeId: discount.promotionCodeRef,
      inSync: discount.mirroredRevision === discount.revision,
      syncedAt: discount.syncedAt?.toISOString() ?? null,
    },
    createdAt: discount.createdAt.toISOString(),
    updatedAt: discount.updatedAt.toISOString(),
  };
}
