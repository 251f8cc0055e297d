import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsNotEmpty,
  IsOptional,
  IsString,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { DisputeStatus } from '../../../../shared/facts';
import { amountToJson } from '../../../../shared/money';
import { PageQuery } from '../../../../platform/http';
import type { EvidenceText } from '../../../../providers/stripe';
import type { Dispute } from '../disputes.repository';

export const DISPUTE_STATUSES = [
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'needs_response',
  'under_review',
  'won',
  'lost',
  'prevented',
] as const satisfies readonly DisputeStatus[];

/** Stripe's limit for one text (docs.stripe.com/api/disputes/evidence_object). */
const MAX_TEXT = 20_000;
const MAX_ID = 64;

function Text(example: string): PropertyDecorator {
  return (target, key) => {
    ApiPropertyOptional({ type: String, maxLength: MAX_TEXT, example })(target, key);
    ValidateIf((_, value) => value !== undefined)(target, key);
    IsString()(target, key);
    IsNotEmpty()(target, key);
    MaxLength(MAX_TEXT)(target, key);
  };
}

/** Whatever speaks for us; what each is for: docs.stripe.com/disputes/categories. */
export class EvidenceDto {
  @Text('2026-01-02 10:00 signed in from 203.0.113.7')
  accessActivityLog?: string;

  @Text('1 Main Street, Springfield')
  billingAddress?: string;

  @Text('Cancellation is offered on the account page at any time')
  cancellationPolicyDisclosure?: string;

  @Text('The subscription was not canceled before its renewal')
  cancellationRebuttal?: string;

  @Text('jane@example.com')
  customerEmailAddress?: string;

  @Text('Jane Doe')
  customerName?: string;

  @Text('203.0.113.7')
  customerPurchaseIp?: string;

  @Text('The other charge was for another month')
  duplicateChargeExplanation?: string;

  @Text('ch_1')
  duplicateChargeId?: string;

  @Text('A monthly subscription of the PRO plan')
  productDescription?: string;

  @Text('Shown at checkout')
  refundPolicyDisclosure?: string;

  @Text('The month had been used in full')
  refundRefusalExplanation?: string;

  @Text('2026-01-01')
  serviceDate?: string;

  @Text('1 Main Street, Springfield')
  shippingAddress?: string;

  @Text('UPS')
  shippingCarrier?: string;

  @Text('2026-01-02')
  shippingDate?: string;

  @Text('1Z999')
  shippingTrackingNumber?: string;

  @Text('The customer has used the service every day since')
  uncategorizedText?: string;
}

export class EvidenceBody {
  @ApiProperty({ type: EvidenceDto })
  @ValidateNested()
  @Type(() => EvidenceDto)
  @IsNotEmpty()
  evidence!: EvidenceDto;

  @ApiPropertyOptional({
    default: true,
    description: 'Sent to the bank for good; false keeps it at the provider for now',
  })
  @IsOptional()
  @IsBoolean()
  submit?: boolean;
}

/** The provider's names are ours in another case. */
export function toEvidenceText(evidence: EvidenceDto): EvidenceText {
  const entries = Object.entries(evidence).filter(([, text]) => text !== undefined);
  return Object.fromEntries(
    entries.map(([name, text]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), text as string]),
  );
}

export class DisputesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: DISPUTE_STATUSES })
  @IsOptional()
  @IsIn(DISPUTE_STATUSES)
  status?: DisputeStatus;

  @ApiPropertyOptional({ example: 'cust_01jd8x2m5n' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID)
  customerId?: string;
}

export class DisputeResponse {
  @ApiProperty({ example: 'dsp_01jd8x2m5n' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'pay_01jd8x2m5n' })
  paymentId!: string | null;

  @ApiProperty({ example: 'cust_01jd8x2m5n' })
  customerId!: string;

  @ApiProperty({ example: 'stripe' })
  provider!: string;

  @ApiProperty({ example: 'dp_1' })
  providerId!: string;

  @ApiProperty({ example: 2900, description: 'Minor units' })
  amount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ enum: DISPUTE_STATUSES, example: 'needs_response' })
  status!: string;

  @ApiProperty({ example: 'fraudulent', description: "The bank's reason, in the provider's words" })
  reason!: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2026-01-24T23:59:59.000Z' })
  evidenceDueBy!: string | null;

  @ApiProperty({ example: false, description: 'Whether any evidence is kept at the provider' })
  hasEvidence!: boolean;

  @ApiProperty({ example: 0, description: 'How often evidence was sent to the bank' })
  evidenceCount!: number;

  @ApiProperty({ format: 'date-time', example: '2026-01-15T10:00:00.000Z' })
  createdAt!: string;
}

export class DisputeList {
  @ApiProperty({ type: [DisputeResponse] })
  data!: DisputeResponse[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

export function toDisputeResponse({ amount, evidenceDueBy, createdAt, ...dispute }: Dispute): DisputeResponse {
  return {
    ...dispute,
    amount: amountToJson(amount),
    evidenceDueBy: evidenceDueBy?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
