import { ApiHideProperty, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { parseInstant } from '../../../../shared/instant';
import { invalidInput, PageQuery } from '../../../../platform/http';
import type { NewDiscount } from '../discount-desk.service';
import type { DiscountChange } from '../discounts.repository';
import { discountImmutable } from '../discounts.errors';
import { codeOf, DISCOUNT_DURATIONS, type DiscountDuration } from '../domain/discount';

/** Longer than any code is; whatever is typed within is answered, whether it is one or not. */
const MAX_TYPED = 100;
const MAX_CODE = 40;
/** Stripe's own limit. */
const MAX_NAME = 40;
const MAX_PLAN_CODE = 63;
const MAX_PLANS = 100;
const MAX_AMOUNT = 99_999_999;
const MAX_MONTHS = 120;
const MAX_REDEMPTIONS = 100_000_000;
const MAX_TIME = 64;

/** May be left out, but not be null. */
const NotNull = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

export class ValidateDiscountBody {
  @ApiProperty({ example: 'WELCOME25', description: 'In whatever case' })
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_TYPED)
  code!: string;

  @ApiProperty({ example: 'PRO' })
  @IsString()
  @MaxLength(MAX_PLAN_CODE)
  plan!: string;
}

export class DiscountsQuery extends PageQuery {
  @ApiPropertyOptional({ type: Boolean })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  active?: boolean;
}

/** What can change. */
class DiscountLimitsBody {
  @ApiPropertyOptional({ example: 'Welcome', description: 'As invoices show it; the code where left out' })
  @NotNull()
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_NAME)
  name?: string;

  @ApiPropertyOptional({ default: true })
  @NotNull()
  @IsBoolean()
  active?: boolean;

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, example: '2027-12-31T23:59:59Z' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TIME)
  expiresAt?: string | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, maximum: MAX_REDEMPTIONS })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_REDEMPTIONS)
  maxRedemptions?: number | null;
}

export class CreateDiscountBody extends DiscountLimitsBody {
  @ApiProperty({ example: 'WELCOME25', description: 'Letters, digits and dashes; case does not matter' })
  @IsString()
  @Matches(/^[A-Za-z0-9-]+$/, { message: 'code may have letters, digits and dashes' })
  @MaxLength(MAX_CODE)
  code!: string;

  @ApiPropertyOptional({
    ...{ type: Number, format: 'double', nullable: true, example: 25 },
    description: 'Above 0, at most 100, with two decimals; or an amount',
  })
  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false, maxDecimalPlaces: 2 })
  @Min(0.01)
  @Max(100)
  percentOff?: number | null;

  @ApiPropertyOptional({
    ...{ type: 'integer', minimum: 1, maximum: MAX_AMOUNT, nullable: true, example: null },
    description: 'Minor units, off each invoice; or a percentage',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_AMOUNT)
  amountOff?: number | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: null, description: 'ISO 4217; with amountOff' })
  @IsOptional()
  @IsString()
  @Matches(/^[A-Za-z]{3}$/, { message: 'currency must be an ISO 4217 code' })
  currency?: string | null;

  @ApiPropertyOptional({ enum: DISCOUNT_DURATIONS, default: 'once' })
  @NotNull()
  @IsIn(DISCOUNT_DURATIONS)
  duration: DiscountDuration = 'once';

  @ApiPropertyOptional({
    ...{ type: 'integer', minimum: 1, maximum: MAX_MONTHS, nullable: true, example: null },
    description: 'With a repeating one',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_MONTHS)
  durationInMonths?: number | null;

  @ApiPropertyOptional({ type: [String], example: ['PRO'], description: 'Codes of plans; empty for all', default: [] })
  @NotNull()
  @IsArray()
  @ArrayMaxSize(MAX_PLANS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_PLAN_CODE, { each: true })
  plans: string[] = [];

  @ApiPropertyOptional({ default: false, description: 'For those who have never paid nor had a subscription' })
  @NotNull()
  @IsBoolean()
  firstTimeOnly: boolean = false;
}

/** What is left out stays as it is; null takes a limit away. What is immutable is known here, to be refused by name. */
export class EditDiscountBody extends DiscountLimitsBody {
  @ApiHideProperty()
  @Allow()
  code?: unknown;

  @ApiHideProperty()
  @Allow()
  percentOff?: unknown;

  @ApiHideProperty()
  @Allow()
  amountOff?: unknown;

  @ApiHideProperty()
  @Allow()
  currency?: unknown;

  @ApiHideProperty()
  @Allow()
  duration?: unknown;

  @ApiHideProperty()
  @Allow()
  durationInMonths?: unknown;

  @ApiHideProperty()
  @Allow()
  plans?: unknown;

  @ApiHideProperty()
  @Allow()
  firstTimeOnly?: unknown;
}

/** @throws INVALID_INPUT for a time that is none. */
export function toNewDiscount(body: CreateDiscountBody): NewDiscount {
  const code = codeOf(body.code) ?? body.code;
  const { amountOff = null, percentOff = null, maxRedemptions = null, durationInMonths = null } = body;
  return {
    code,
    name: body.name ?? code,
    percentOff,
    amountOff: amountOff === null ? null : BigInt(amountOff),
    currency: body.currency?.toUpperCase() ?? null,
    duration: body.duration,
    durationMonths: durationInMonths,
    plans: body.plans,
    firstTimeOnly: body.firstTimeOnly,
    active: body.active ?? true,
    maxRedemptions,
    expiresAt: toTime(body.expiresAt ?? null),
  };
}

/** @throws DISCOUNT_IMMUTABLE; INVALID_INPUT for a time that is none. */
export function toChange(body: EditDiscountBody): Partial<DiscountChange> {
  const { name, active, maxRedemptions, expiresAt, ...immutable } = body;
  const named = Object.entries(immutable).flatMap(([field, value]) => (value === undefined ? [] : [field]));
  if (named.length > 0) throw discountImmutable(named);
  return {
    ...(name === undefined ? {} : { name }),
    ...(active === undefined ? {} : { active }),
    ...(maxRedemptions === undefined ? {} : { maxRedemptions }),
    ...(expiresAt === undefined ? {} : { expiresAt: toTime(expiresAt) }),
  };
}

/** To the second, as Stripe has it. */
function toTime(text: string | null): Date | null {
  if (text === null) return null;
  const at = parseInstant(text);
  if (!at) throw invalidInput([{ field: 'expiresAt', message: 'must be a time in ISO 8601' }]);
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}
