import { ApiProperty } from '@nestjs/swagger';
import { PAYOUT_STATUSES } from '../../domain/payout-status';
import type { BatchApproval } from '../batch-approval.flow';
import type { BatchWithLines } from '../batch-desk.service';
import { LINE_STATUSES, type Batch, type LineError } from '../batches.repository';

class LineCounts {
  @ApiProperty({ type: 'integer', example: 3, description: 'Not prepared yet' })
  pending!: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'No payouts, as they stand in the file' })
  invalid!: number;

  @ApiProperty({ type: 'integer', example: 120 })
  prepared!: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'Refused while they were prepared' })
  failed!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  canceled!: number;
}

export class BatchResponse {
  @ApiProperty({ example: 'pob_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  id!: string;

  @ApiProperty({ enum: ['preparing', 'prepared', 'canceled'] })
  status!: string;

  @ApiProperty({ type: LineCounts })
  counts!: LineCounts;

  @ApiProperty({ example: 'auth0|5f7c8ec7c33c6c004bbafe82' })
  preparedBy!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T09:30:00.000Z' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  canceledAt!: string | null;
}

class LineErrorResponse {
  @ApiProperty({ example: 'INVALID_INPUT' })
  code!: string;

  @ApiProperty({ example: 'The line is not valid' })
  message!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { fields: [] } })
  details!: Record<string, unknown>;
}

class BatchLineResponse {
  @ApiProperty({ type: 'integer', example: 1, description: 'Of the payouts in the file; a header is not counted' })
  number!: number;

  @ApiProperty({ enum: LINE_STATUSES })
  status!: string;

  @ApiProperty({ type: String, nullable: true, example: 'po_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  payoutId!: string | null;

  @ApiProperty({ enum: PAYOUT_STATUSES, nullable: true, description: 'As it is now' })
  payoutStatus!: string | null;

  @ApiProperty({ type: LineErrorResponse, nullable: true })
  error!: LineError | null;
}

export class BatchWithLinesResponse extends BatchResponse {
  @ApiProperty({ type: [BatchLineResponse] })
  lines!: BatchLineResponse[];
}

export class BatchList {
  @ApiProperty({ type: [BatchResponse] })
  data!: BatchResponse[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

class ApprovedLineResponse {
  @ApiProperty({ type: 'integer', example: 1 })
  number!: number;

  @ApiProperty({ example: 'po_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  payoutId!: string;

  @ApiProperty({ enum: PAYOUT_STATUSES, nullable: true, description: 'The payout’s; null where it was not approved' })
  status!: string | null;

  @ApiProperty({ type: LineErrorResponse, nullable: true })
  error!: LineError | null;
}

export class BatchApprovalResponse {
  @ApiProperty({ type: [ApprovedLineResponse], description: 'Lines that were waiting for an approval' })
  lines!: ApprovedLineResponse[];

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: null,
    description: 'Approve again with it: more are waiting',
  })
  afterLine!: number | null;
}

export function toBatch({ id, counts, preparedBy, createdAt, canceledAt }: Batch): BatchResponse {
  const { pending = 0, invalid = 0, prepared = 0, failed = 0, canceled = 0 } = counts;
  const settled = canceledAt === null ? 'prepared' : 'canceled';
  return {
    ...{ id, status: pending > 0 && canceledAt === null ? 'preparing' : settled, preparedBy },
    counts: { pending, invalid, prepared, failed, canceled },
    ...{ createdAt: createdAt.toISOString(), canceledAt: canceledAt?.toISOString() ?? null },
  };
}

export function toBatchWithLines({ lines, ...batch }: BatchWithLines): BatchWithLinesResponse {
  return Object.assign(toBatch(batch), { lines });
}

export function toBatchApproval({ lines, afterLine }: BatchApproval): BatchApprovalResponse {
  return { lines, afterLine };
}
