import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  Equals,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { BillingCycle } from '../../catalog.repository';
import type { FeatureType } from '../catalog-admin.repository';
import {
  END_ACTIONS,
  END_INVOICES,
  MAX_REMINDER_DAY,
  MAX_RETRY_DELAY_HOURS,
  MAX_STEPS,
  type EndAction,
  type EndInvoice,
} from '../domain/dunning-policy';

const MAX_NAME = 200;
const MAX_DESCRIPTION = 1_000;
const MAX_TRIAL_DAYS = 730;
const MAX_GRACE_DAYS = 90;
const MAX_POSITION = 1_000_000;
/** Stripe's longest amounts have twelve digits. */
const MAX_AMOUNT = 999_999_999_999;
const MAX_FEATURES = 200;
const MAX_PRICES = 200;
const CYCLES = ['monthly', 'annual'] as const;
const REFUND_ACCESS = ['end', 'keep'] as const;
const DISPUTE_ACCESS = ['suspend', 'keep'] as const;
const TYPES = ['boolean', 'limit', 'metered'] as const;

/** May be left out, but not be null: there is no plan without it. */
const NotNull = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
/** No control characters and no halves of characters, which PostgreSQL's JSON refuses. */
const ONE_LINE = /^[^\p{Cc}\p{Cs}\s][^\p{Cc}\p{Cs}]*$/u;
const TEXT = /^\P{Cs}*$/u;

export class PriceBody {
  @ApiProperty({ enum: CYCLES })
  @IsIn(CYCLES)
  billingCycle!: BillingCycle;

  @ApiProperty({ type: 'integer', minimum: 0, example: 2900, description: 'Minor units per period; 0 is free' })
  @IsInt()
  @Min(0)
  @Max(MAX_AMOUNT)
  amount!: number;

  @ApiProperty({ example: 'USD' })
  @IsString()
  @Matches(/^[A-Za-z]{3}$/, { message: 'currency must be a code of ISO 4217' })
  currency!: string;
}

export class FeatureLimitBody {
  @ApiProperty({ example: 'projects' })
  @IsString()
  @MaxLength(63)
  key!: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, nullable: true, description: 'Left out or null: no limit' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  limit?: number | null;
}

/** What is left out is as by default. */
export class DunningPolicyBody {
  @ApiPropertyOptional({
    type: [Number],
    example: [0, 3, 7],
    description: 'Days after the first failure on which the customer is reminded, ascending; 0 is at once',
  })
  @NotNull()
  @IsArray()
  @ArrayMaxSize(MAX_STEPS)
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(MAX_REMINDER_DAY, { each: true })
  reminderDays?: number[];

  @ApiPropertyOptional({
    type: [Number],
    example: [1, 2, 4, 8, 16, 24],
    description:
      'Hours from one failed attempt to the next, none shorter than the one before; the last repeats until grace ends. Empty: no retries',
  })
  @NotNull()
  @IsArray()
  @ArrayMaxSize(MAX_STEPS)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(MAX_RETRY_DELAY_HOURS, { each: true })
  retryDelaysHours?: number[];

  @ApiPropertyOptional({ enum: END_ACTIONS, description: 'What becomes of the subscription when grace is over' })
  @NotNull()
  @IsIn(END_ACTIONS)
  endAction?: EndAction;

  @ApiPropertyOptional({
    enum: END_INVOICES,
    description: 'What becomes of the invoice then; of a subscription marked unpaid it stays open',
  })
  @NotNull()
  @IsIn(END_INVOICES)
  endInvoice?: EndInvoice;

  @ApiPropertyOptional({ description: "Wait for the customer's morning, or the hour his payments came through before" })
  @NotNull()
  @IsBoolean()
  smartTiming?: boolean;
}

/** What a plan says about itself, new or not. */
export class PlanTermsBody {
  @ApiPropertyOptional({ example: 'For teams that ship every day', maxLength: MAX_DESCRIPTION })
  @NotNull()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  @Matches(TEXT, { message: 'description must be text' })
  description?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_TRIAL_DAYS,
    example: 14,
    description: 'For those who subscribe from now on',
  })
  @NotNull()
  @IsInt()
  @Min(0)
  @Max(MAX_TRIAL_DAYS)
  trialDays?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_GRACE_DAYS,
    example: 7,
    description: 'Days of access after a failed renewal',
  })
  @NotNull()
  @IsInt()
  @Min(0)
  @Max(MAX_GRACE_DAYS)
  graceDays?: number;

  @ApiPropertyOptional({ enum: REFUND_ACCESS, description: 'Of a full refund of the current period; by default end' })
  @NotNull()
  @IsIn(REFUND_ACCESS)
  refundAccess?: (typeof REFUND_ACCESS)[number];

  @ApiPropertyOptional({
    enum: DISPUTE_ACCESS,
    description: 'While a payment of the current period is disputed, or the dispute was lost; by default suspend',
  })
  @NotNull()
  @IsIn(DISPUTE_ACCESS)
  disputeAccess?: (typeof DISPUTE_ACCESS)[number];

  @ApiPropertyOptional({
    type: DunningPolicyBody,
    nullable: true,
    description: 'How a declined renewal is followed up; null: as the house does it by default',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => DunningPolicyBody)
  dunning?: DunningPolicyBody | null;

  @ApiPropertyOptional({ description: 'False: archived, and sold to nobody new; subscribers keep it' })
  @NotNull()
  @IsBoolean()
  active?: boolean;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    example: 1,
    description: 'In the list of plans, the lowest first',
  })
  @NotNull()
  @IsInt()
  @Min(0)
  @Max(MAX_POSITION)
  position?: number;

  @ApiPropertyOptional({ type: [FeatureLimitBody], description: 'All of them: those left out are taken away' })
  @NotNull()
  @IsArray()
  @ArrayMaxSize(MAX_FEATURES)
  @ArrayUnique((feature: FeatureLimitBody | null) => feature?.key, { message: 'features must name each key once' })
  @ValidateNested({ each: true })
  @Type(() => FeatureLimitBody)
  features?: FeatureLimitBody[];
}

export class ChangePlanTermsBody extends PlanTermsBody {
  @ApiPropertyOptional({ example: 'Pro', maxLength: MAX_NAME })
  @NotNull()
  @IsString()
  @MaxLength(MAX_NAME)
  @Matches(ONE_LINE, { message: 'name must be one line of text' })
  name?: string;
}

export class CreatePlanBody extends PlanTermsBody {
  @ApiProperty({ example: 'TEAM', description: 'Never changes' })
  @Matches(/^[A-Z][A-Z0-9_]{0,62}$/, { message: 'code must be upper-case letters, digits and _' })
  code!: string;

  @ApiProperty({ example: 'Team', maxLength: MAX_NAME })
  @IsString()
  @MaxLength(MAX_NAME)
  @Matches(ONE_LINE, { message: 'name must be one line of text' })
  name!: string;

  @ApiPropertyOptional({ type: [PriceBody], description: 'At most one of each cycle and currency' })
  @NotNull()
  @IsArray()
  @ArrayMaxSize(MAX_PRICES)
  @ValidateNested({ each: true })
  @Type(() => PriceBody)
  prices?: PriceBody[];
}

export class RetirePriceBody {
  @ApiProperty({ enum: [false], description: 'A price is not sold again: make a new one' })
  @Equals(false)
  active!: false;
}

export class RenameFeatureBody {
  @ApiProperty({ example: 'Projects', maxLength: MAX_NAME })
  @IsString()
  @MaxLength(MAX_NAME)
  @Matches(ONE_LINE, { message: 'name must be one line of text' })
  name!: string;
}

export class CreateFeatureBody extends RenameFeatureBody {
  @ApiProperty({ example: 'projects', description: 'Never changes' })
  @Matches(/^[a-z][a-z0-9_]{0,62}$/, { message: 'key must be lower-case letters, digits and _' })
  key!: string;

  @ApiProperty({ enum: TYPES, description: 'Never changes' })
  @IsIn(TYPES)
  type!: FeatureType;
}
