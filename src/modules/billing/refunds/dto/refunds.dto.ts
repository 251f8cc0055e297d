import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { amountToJson } from '../../../../shared/money';
import { PageQuery } from '../../../../platform/http';
import { REFUND_REASONS, type RefundReason } from '../../../../providers/stripe';
import type { Refund } from '../refunds.repository';

const MAX_ID = 64;

export class RefundBody {
  @ApiProperty({ example: 'pay_01jd8x2m5n' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID)
  paymentId!: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    example: 500,
    description: 'Minor units; left out, all that is left',
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  amount?: number;

  @ApiProperty({ enum: REFUND_REASONS, example: 'requested_by_customer' })
  @IsIn(REFUND_REASONS)
  reason!: RefundReason;
}

export class RefundsQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'pay_01jd8x2m5n' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID)
  paymentId?: string;

  @ApiPropertyOptional({ example: 'cust_01jd8x2m5n' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID)
  customerId?: string;
}

export class RefundResponse {
  @ApiProperty({ example: 'rfd_01jd8x2m5n' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'pay_01jd8x2m5n' })
  paymentId!: string | null;

  @ApiProperty({ example: 500, description: 'Minor units' })
  amount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ enum: ['pending', 'succeeded', 'failed', 'canceled'], example: 'succeeded' })
  status!: string;

  @ApiProperty({ type: String, nullable: true, example: 'requested_by_customer' })
  reason!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it came back' })
  failureReason!: string | null;

  @ApiProperty({ example: 're_1', description: "The provider's id" })
  providerId!: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-15T10:00:00.000Z' })
  createdAt!: string;
}

export class RefundList {
  @ApiProperty({ type: [RefundResponse] })
  data!: RefundResponse[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

/** One that waits for the customer's bank details is pending to everybody else. */
export function toRefundResponse(refund: Refund): RefundResponse {
  const { id, paymentId, amount, currency, status, reason, failureReason, providerId, createdAt } = refund;
  return {
    ...{ id, paymentId, currency, reason, failureReason, providerId },
    amount: amountToJson(amount),
    status: status === 'requires_action' ? 'pending' : status,
    createdAt: createdAt.toISOString(),
  };
}
