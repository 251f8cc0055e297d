import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import type { BillingCycle } from '../catalog.repository';

const MAX_QUANTITY = 10_000;
const MAX_TRIAL_DAYS = 730;

/** What every purchase says. */
export class PurchaseBody {
  @ApiProperty({ example: 'PRO' })
  @IsString()
  @MaxLength(63)
  plan!: string;

  @ApiPropertyOptional({ enum: ['monthly', 'annual'], default: 'monthly' })
  @IsOptional()
  @IsIn(['monthly', 'annual'])
  billingCycle: BillingCycle = 'monthly';

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_QUANTITY, default: 1 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity: number = 1;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'WELCOME25', description: 'In whatever case' })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  discountCode?: string | null;

  @ApiPropertyOptional({
    example: 'EUR',
    description: "Left out: the customer's own, else the one the plan was first sold in",
  })
  @IsOptional()
  @Matches(/^[A-Za-z]{3}$/, { message: 'currency must be a code of ISO 4217' })
  currency?: string;
}

/** What is left out stays as it is. */
export class ChangePlanBody {
  @ApiProperty({ example: 'ENTERPRISE' })
  @IsString()
  @MaxLength(63)
  plan!: string;

  @ApiPropertyOptional({ enum: ['monthly', 'annual'], description: 'Left out: as it is' })
  @IsOptional()
  @IsIn(['monthly', 'annual'])
  billingCycle?: BillingCycle;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_QUANTITY,
    description: 'Left out: as it is',
    example: 2,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity?: number;

  @ApiPropertyOptional({
    example: 'EUR',
    description: 'A running subscription keeps its currency: any other is refused',
  })
  @IsOptional()
  @Matches(/^[A-Za-z]{3}$/, { message: 'currency must be a code of ISO 4217' })
  currency?: string;
}

export class CreateSubscriptionBody extends PurchaseBody {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description: "Capped by the plan's own trial, and given once per person",
    example: 14,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_TRIAL_DAYS)
  trialPeriodDays?: number;

  @ApiPropertyOptional({ example: 'pm_1…' })
  @IsOptional()
  @IsString()
  @Matches(/^pm_[A-Za-z0-9_]{1,250}$/, { message: 'paymentMethodId must be the id of a payment method' })
  paymentMethodId?: string;
}

export class CancelQuery {
  @ApiPropertyOptional({ type: Boolean, default: true, description: 'False: now, without a refund' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  atPeriodEnd: boolean = true;
}
