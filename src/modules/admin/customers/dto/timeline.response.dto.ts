import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../../shared/money';
import { sentenceOf, type TimelineEntry } from '../domain/timeline-words';

export class TimelineEntryResponse {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ example: 'invoice.paid' })
  type!: string;

  @ApiProperty({ example: 'invoice' })
  objectType!: string;

  @ApiProperty({ example: 'inv_01jd8x2m5n' })
  objectId!: string;

  @ApiProperty({ example: 'Invoice 4F2A9C01-0003 was paid' })
  summary!: string;

  @ApiProperty({ type: Number, nullable: true, description: 'Minor units', example: 2900 })
  amount!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  currency!: string | null;

  @ApiProperty({ example: 'stripe', description: 'The provider, `kassa`, or the kind of who did it (user, system, …)' })
  source!: string;
}

export class TimelineList {
  @ApiProperty({ type: [TimelineEntryResponse] })
  data!: TimelineEntryResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toTimelineEntry(entry: TimelineEntry): TimelineEntryResponse {
  const { at, type, objectType, objectId, amount, currency, source } = entry;
  return {
    at: at.toISOString(),
    type,
    objectType,
    objectId,
    summary: sentenceOf(entry),
    amount: amount === null ? null : amountToJson(amount),
    currency,
    source,
  };
}
