import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { isCurrency } from '../../../../shared/currency';
import { CURRENCY_DECIMALS } from '../../../../shared/currency-table';
import { IsWord, PeriodQuery } from '../../../../platform/http';
import type { Outcome } from '../domain/evaluate';
import { MAX_PRIORITY, MAX_WINDOW_SECONDS, RULE_OUTCOMES, type RuleOutcome } from '../domain/rule';
import { SIGNAL_NAMES, type Signal } from '../domain/signals';

const MAX_DESCRIPTION = 500;
const OUTCOMES = ['allow', 'review', 'block'] as const;

/** May be left out, but not be null: there is no rule without it. */
const NotNull = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
/** Lower case is accepted, as everywhere. */
const UpperCase = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && isCurrency(value.toUpperCase()) ? value.toUpperCase() : value,
  );

export class CreateRuleBody {
  @ApiProperty({ example: 'failures_customer_hour' })
  @Matches(/^[a-z][a-z0-9_]{0,62}$/, { message: 'key must be lower case letters, digits and _, up to 63' })
  key!: string;

  @ApiProperty({ example: 'One customer is declined ten times within an hour', maxLength: MAX_DESCRIPTION })
  @MinLength(1)
  @MaxLength(MAX_DESCRIPTION)
  description!: string;

  @ApiProperty({ enum: SIGNAL_NAMES, description: 'What is looked at; it cannot be changed later' })
  @IsIn(SIGNAL_NAMES)
  signal!: Signal;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, maximum: MAX_WINDOW_SECONDS, example: 3600 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_WINDOW_SECONDS)
  windowSeconds?: number | null;

  @ApiProperty({ type: 'integer', minimum: 1, example: 10, description: 'Fires from here on' })
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  threshold!: number;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'USD' })
  @IsOptional()
  @UpperCase()
  @IsIn(Object.keys(CURRENCY_DECIMALS), { message: 'currency must be a currency of ISO 4217' })
  currency?: string | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, description: 'Minor units of the currency' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  maxAmount?: number | null;

  @ApiProperty({ enum: RULE_OUTCOMES })
  @IsIn(RULE_OUTCOMES)
  outcome!: RuleOutcome;

  @ApiPropertyOptional({ type: Boolean, default: true })
  @NotNull()
  @IsBoolean()
  active: boolean = true;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_PRIORITY, default: 500 })
  @NotNull()
  @IsInt()
  @Min(0)
  @Max(MAX_PRIORITY)
  priority: number = 500;
}

/** What is left out stays as it is. */
export class ChangeRuleBody {
  @ApiPropertyOptional({ example: 'One customer is declined twenty times in two hours', maxLength: MAX_DESCRIPTION })
  @NotNull()
  @MinLength(1)
  @MaxLength(MAX_DESCRIPTION)
  description?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_WINDOW_SECONDS, example: 7200 })
  @NotNull()
  @IsInt()
  @Min(1)
  @Max(MAX_WINDOW_SECONDS)
  windowSeconds?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, example: 20 })
  @NotNull()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  threshold?: number;

  @ApiPropertyOptional({ example: 'EUR' })
  @NotNull()
  @UpperCase()
  @IsIn(Object.keys(CURRENCY_DECIMALS), { message: 'currency must be a currency of ISO 4217' })
  currency?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, example: 500, description: 'Minor units of the currency' })
  @NotNull()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  maxAmount?: number;

  @ApiPropertyOptional({ enum: RULE_OUTCOMES })
  @NotNull()
  @IsIn(RULE_OUTCOMES)
  outcome?: RuleOutcome;

  @ApiPropertyOptional({ type: Boolean, example: false })
  @NotNull()
  @IsBoolean()
  active?: boolean;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_PRIORITY, example: 10 })
  @NotNull()
  @IsInt()
  @Min(0)
  @Max(MAX_PRIORITY)
  priority?: number;
}

export class DecisionsQuery extends PeriodQuery {
  @ApiPropertyOptional({ example: 'cust_01jd…' })
  @IsOptional()
  @IsWord()
  customerId?: string;

  @ApiPropertyOptional({ enum: OUTCOMES })
  @IsOptional()
  @IsIn(OUTCOMES)
  outcome?: Outcome;
}
