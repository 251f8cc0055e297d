import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { isCurrency, type Currency } from '../../../../shared/currency';
import { CURRENCY_DECIMALS } from '../../../../shared/currency-table';
import { ANY_CURRENCY, APPROVER_ROLES, type ApproverRole } from '../domain/limits';
import {
  MAX_COUNT,
  MAX_PRIORITY,
  MAX_WINDOW_SECONDS,
  NAME_MATCHES,
  RULE_ACTIONS,
  RULE_KINDS,
  VELOCITY_SCOPES,
  type NameMatch,
  type RuleAction,
  type RuleKind,
  type VelocityScope,
} from '../domain/rule';

const MOST_LIMITS = 500;
const MOST_COUNTRIES = 250;
const MOST_NAMES = 5_000;
const LONGEST_NAME = 140;
const MAX_DESCRIPTION = 500;
/** In whole units: minor units of every currency stay exact. */
const MAX_WHOLE_UNITS = 1_000_000_000_000;

/** May be left out, but not be null: there is no rule without it. */
const NotNull = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
const UpperCase = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && isCurrency(value.toUpperCase()) ? value.toUpperCase() : value,
  );

export class ApprovalLimitBody {
  @ApiProperty({ enum: APPROVER_ROLES })
  @IsIn(APPROVER_ROLES)
  role!: ApproverRole;

  @ApiProperty({
    type: String,
    example: 'EUR',
    description: 'Of the balance that pays; `*` for all that have no row of their own',
  })
  @UpperCase()
  @IsIn([ANY_CURRENCY, ...Object.keys(CURRENCY_DECIMALS)], { message: 'currency must be a currency of ISO 4217 or *' })
  currency!: Currency | typeof ANY_CURRENCY;

  @ApiPropertyOptional({
    ...{ type: 'integer', nullable: true, minimum: 0, example: 50000 },
    description: 'Whole units of the currency: 50000 is 50,000.00 EUR. Null: no limit',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_WHOLE_UNITS)
  maxPerPayout?: number | null;

  @ApiPropertyOptional({
    ...{ type: 'integer', nullable: true, minimum: 0, example: 200000 },
    description: 'What one person may approve in a UTC day, in each currency by itself. Null: no limit',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_WHOLE_UNITS)
  dailyMax?: number | null;

  @ApiPropertyOptional({
    ...{ type: 'integer', nullable: true, minimum: 0, example: 10000 },
    description: 'From more than this on a second person approves too; 0: always. Null: never',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_WHOLE_UNITS)
  secondApprovalAbove?: number | null;
}

export class ReplacePolicyBody {
  @ApiProperty({ type: [ApprovalLimitBody], description: 'All of them: what is not here is no more' })
  @IsArray()
  @ArrayMaxSize(MOST_LIMITS)
  @ValidateNested({ each: true })
  @Type(() => ApprovalLimitBody)
  limits!: ApprovalLimitBody[];
}

/** What each kind has of its own, and what may be left out of all. */
class PayoutRuleParts {
  @ApiPropertyOptional({ type: Boolean, default: true })
  @NotNull()
  @IsBoolean()
  active?: boolean;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_PRIORITY, example: 500 })
  @NotNull()
  @IsInt()
  @Min(0)
  @Max(MAX_PRIORITY)
  priority?: number;

  @ApiPropertyOptional({ type: [String], example: ['KP'], description: 'blocked_country: ISO 3166 alpha-2' })
  @NotNull()
  @IsArray()
  @ArrayMaxSize(MOST_COUNTRIES)
  @ArrayUnique()
  @Matches(/^[A-Z]{2}$/, { each: true, message: 'countries must be of two capital letters each' })
  countries?: string[];

  @ApiPropertyOptional({
    ...{ type: [String], example: ['Jack the Ripper'] },
    description: 'blocked_name: compared without case, accents, punctuation',
  })
  @NotNull()
  @IsArray()
  @ArrayMaxSize(MOST_NAMES)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, LONGEST_NAME, { each: true })
  @Matches(/[\p{L}\p{N}]/u, { each: true, message: 'names must have a letter or a digit each' })
  names?: string[];

  @ApiPropertyOptional({
    ...{ enum: NAME_MATCHES, nullable: true },
    description: 'blocked_name: the same words in any order, or these words among others',
  })
  @IsOptional()
  @IsIn(NAME_MATCHES)
  match?: NameMatch | null;

  @ApiPropertyOptional({
    enum: VELOCITY_SCOPES,
    nullable: true,
    description: 'velocity: to one beneficiary, or to all',
  })
  @IsOptional()
  @IsIn(VELOCITY_SCOPES)
  scope?: VelocityScope | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, maximum: MAX_WINDOW_SECONDS, example: 3600 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_WINDOW_SECONDS)
  windowSeconds?: number | null;

  @ApiPropertyOptional({
    ...{ type: 'integer', nullable: true, minimum: 1, maximum: MAX_COUNT, example: 20 },
    description: 'velocity: so many are let through; or `maxAmount`',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_COUNT)
  maxCount?: number | null;

  @ApiPropertyOptional({
    ...{ type: 'integer', nullable: true, minimum: 1, example: 10000000 },
    description: 'velocity: minor units of `currency`, out of balances in it, fees included',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  maxAmount?: number | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'EUR' })
  @IsOptional()
  @UpperCase()
  @IsIn(Object.keys(CURRENCY_DECIMALS), { message: 'currency must be a currency of ISO 4217' })
  currency?: string | null;
}

export class CreatePayoutRuleBody extends PayoutRuleParts {
  @ApiProperty({ example: 'payouts_hour' })
  @Matches(/^[a-z][a-z0-9_]{0,62}$/, { message: 'key must be lower case letters, digits and _, up to 63' })
  key!: string;

  @ApiProperty({ enum: RULE_KINDS, description: 'It cannot be changed later' })
  @IsIn(RULE_KINDS)
  kind!: RuleKind;

  @ApiProperty({ example: 'More than 20 payouts in an hour', maxLength: MAX_DESCRIPTION })
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_DESCRIPTION)
  description!: string;

  @ApiProperty({ enum: RULE_ACTIONS, description: 'review: a second person has to approve it' })
  @IsIn(RULE_ACTIONS)
  action!: RuleAction;
}

/** What is left out stays as it is. */
export class ChangePayoutRuleBody extends PayoutRuleParts {
  @ApiPropertyOptional({ example: 'More than 20 payouts in an hour', maxLength: MAX_DESCRIPTION })
  @NotNull()
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_DESCRIPTION)
  description?: string;

  @ApiPropertyOptional({ enum: RULE_ACTIONS, description: 'review: a second person has to approve it' })
  @NotNull()
  @IsIn(RULE_ACTIONS)
  action?: RuleAction;
}
