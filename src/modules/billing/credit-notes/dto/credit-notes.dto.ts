import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min, ValidateIf } from 'class-validator';
import { amountToJson } from '../../../../shared/money';
import { CREDIT_NOTE_REASONS, type CreditNoteReason, type CreditNoteTarget } from '../../../../providers/stripe';
import type { CreditNote } from '../credit-notes.repository';

const TARGETS = ['owed', 'refund', 'credit', 'out_of_band'] as const satisfies readonly CreditNoteTarget[];

export class CreditNoteBody {
  @ApiProperty({ type: 'integer', minimum: 1, example: 500, description: 'Minor units, tax included' })
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  amount!: number;

  @ApiProperty({
    enum: TARGETS,
    example: 'credit',
    description: 'Of an open invoice: owed, the customer owes less. Of a paid one: where what he paid goes.',
  })
  @IsIn(TARGETS)
  target!: CreditNoteTarget;

  @ApiPropertyOptional({ enum: CREDIT_NOTE_REASONS, example: 'product_unsatisfactory' })
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(CREDIT_NOTE_REASONS)
  reason?: CreditNoteReason;
}

export class CreditNoteResponse {
  @ApiProperty({ example: 'crn_01jd8x2m5n' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'inv_01jd8x2m5n' })
  invoiceId!: string | null;

  @ApiProperty({ example: 'cn_1', description: "The provider's id" })
  providerId!: string;

  @ApiProperty({ example: 'A1B2C3-0001-CN-01' })
  number!: string;

  @ApiProperty({ enum: ['issued', 'void'], example: 'issued' })
  status!: string;

  @ApiProperty({ type: String, nullable: true, example: 'product_unsatisfactory' })
  reason!: string | null;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: 500, description: 'Minor units: owed + refunded + credited + outOfBand' })
  total!: number;

  @ApiProperty({ example: 0, description: 'Tax within the total' })
  tax!: number;

  @ApiProperty({ example: 0, description: 'Taken off what was still owed' })
  owed!: number;

  @ApiProperty({ example: 0 })
  refunded!: number;

  @ApiProperty({ example: 500, description: "Added to the customer's credit" })
  credited!: number;

  @ApiProperty({ example: 0 })
  outOfBand!: number;

  @ApiProperty({ format: 'date-time', example: '2026-01-15T10:00:00.000Z' })
  createdAt!: string;
}

export function toCreditNoteResponse(note: CreditNote): CreditNoteResponse {
  const { id, invoiceId, providerId, number, status, reason, currency, createdAt } = note;
  return {
    ...{ id, invoiceId, providerId, number, status, reason, currency },
    total: amountToJson(note.total),
    tax: amountToJson(note.tax),
    owed: amountToJson(note.prePayment),
    refunded: amountToJson(note.refunded),
    credited: amountToJson(note.credited),
    outOfBand: amountToJson(note.outOfBand),
    createdAt: createdAt.toISOString(),
  };
}
