import { ApiProperty } from '@nestjs/swagger';
import type { RecordedFact } from '../../../platform/facts';
import { INBOX_STATUSES, type ErrorContext, type InboxEntry, type InboxEntryWithBody } from '../../../platform/inbox';
import { presentBody } from '../domain/present-body';

export class InboxEventResponse {
  @ApiProperty({ example: 'evt_01jd…' })
  id!: string;

  @ApiProperty({ enum: ['stripe', 'apple', 'google', 'wise'] })
  provider!: string;

  @ApiProperty({ example: 'evt_1Q…', description: "The provider's id of the event" })
  providerId!: string;

  @ApiProperty({ example: 'invoice.paid' })
  type!: string;

  @ApiProperty({ type: String, nullable: true, example: '2026-10-28.endive' })
  apiVersion!: string | null;

  @ApiProperty()
  livemode!: boolean;

  @ApiProperty({ type: String, nullable: true, example: 'invoice' })
  objectType!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'in_1…' })
  objectId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'stripe:cus_1…', description: "The provider's customer" })
  aggregate!: string | null;

  @ApiProperty({ format: 'date-time', description: "The provider's time" })
  occurredAt!: string;

  @ApiProperty({ format: 'date-time' })
  receivedAt!: string;

  @ApiProperty({ enum: INBOX_STATUSES })
  status!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was ignored' })
  ignoredFor!: string | null;

  @ApiProperty({ description: 'Attempts that failed since it was received or replayed', example: 0 })
  retryCount!: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  nextRetryAt!: string | null;

  @ApiProperty({ description: 'How often it was put back after it had been handled', example: 0 })
  replayCount!: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  handledAt!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, description: 'The last failure' })
  error!: ErrorContext | null;

  @ApiProperty({ description: 'The body lies in the archive' })
  archived!: boolean;
}

export class InboxEventList {
  @ApiProperty({ type: [InboxEventResponse] })
  data!: InboxEventResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class ProducedFactResponse {
  @ApiProperty({ example: 'fact_01jd…' })
  id!: string;

  @ApiProperty({ description: 'Its place in the recorded order', example: 1 })
  seq!: number;

  @ApiProperty({ example: 'invoice.paid' })
  kind!: string;

  @ApiProperty({ example: 'invoice' })
  objectType!: string;

  @ApiProperty({ example: 'in_1…' })
  objectId!: string;

  @ApiProperty({ example: 'stripe:cus_1…' })
  aggregate!: string;

  @ApiProperty({ format: 'date-time' })
  occurredAt!: string;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ type: 'object', additionalProperties: true })
  payload!: object;
}

export class InboxEventDetailResponse extends InboxEventResponse {
  @ApiProperty({ type: 'object', additionalProperties: true })
  headers!: Record<string, string>;

  @ApiProperty({
    oneOf: [{ type: 'object', additionalProperties: true }, { type: 'string' }],
    nullable: true,
    description: 'The body as it was received, parsed where it is JSON, else in base64',
    example: { id: 'evt_1Q…', object: 'event', type: 'invoice.paid' },
  })
  payload!: unknown;

  @ApiProperty({ type: String, enum: ['json', 'base64'], nullable: true })
  payloadEncoding!: 'json' | 'base64' | null;

  @ApiProperty({ description: 'The body is no longer kept' })
  bodyExpired!: boolean;

  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    description: 'The failures before the last, newest first',
  })
  earlierErrors!: object[];

  @ApiProperty({ type: [ProducedFactResponse] })
  facts!: ProducedFactResponse[];
}

export class RowChangeResponse {
  @ApiProperty({ example: 'subscriptions' })
  table!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Columns of the primary key' })
  key!: object;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, description: 'Null for a new row' })
  before!: object | null;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, description: 'Null for a row that goes' })
  after!: object | null;
}

export class DryRunErrorResponse {
  @ApiProperty({ example: 'SCHEMA_VALIDATION' })
  code!: string;

  @ApiProperty({ example: 'data.object.id is missing' })
  message!: string;
}

export class DryRunResponse {
  @ApiProperty({ enum: ['processed', 'ignored', 'stale', 'failed'] })
  outcome!: string;

  @ApiProperty({ type: String, nullable: true })
  ignoredFor!: string | null;

  @ApiProperty({ type: DryRunErrorResponse, nullable: true })
  error!: DryRunErrorResponse | null;

  @ApiProperty({ type: [RowChangeResponse], description: 'Rows of the tables as they are and as they would be' })
  changes!: RowChangeResponse[];
}

export class RequeuedResponse {
  @ApiProperty({ description: 'How many events are handled again', example: 12 })
  requeued!: number;
}

export class MatchingResponse {
  @ApiProperty({ description: 'How many events match, whatever the limit', example: 12 })
  matching!: number;
}

export function toInboxEventResponse(entry: InboxEntry): Pick<InboxEventResponse, keyof InboxEventResponse> {
  return {
    id: entry.id,
    provider: entry.provider,
    providerId: entry.eventId,
    type: entry.type,
    apiVersion: entry.apiVersion,
    livemode: entry.livemode,
    objectType: entry.objectType,
    objectId: entry.objectId,
    aggregate: entry.aggregate,
    occurredAt: entry.occurredAt.toISOString(),
    receivedAt: entry.receivedAt.toISOString(),
    status: entry.status,
    ignoredFor: entry.ignoredFor,
    retryCount: entry.retryCount,
    nextRetryAt: entry.nextRetryAt?.toISOString() ?? null,
    replayCount: entry.replayCount,
    handledAt: entry.handledAt?.toISOString() ?? null,
    error: lastErrorOf(entry),
    archived: entry.archivedAt !== null,
  };
}

export function toInboxEventDetailResponse(
  entry: InboxEntryWithBody,
  facts: readonly RecordedFact[],
): InboxEventDetailResponse {
  const earlier = entry.errorContext?.['earlier'];
  const { payload, encoding } = presentBody(entry.rawBody);
  return {
    ...toInboxEventResponse(entry),
    headers: entry.headers,
    payload,
    payloadEncoding: encoding,
    bodyExpired: entry.rawBody === null,
    earlierErrors: Array.isArray(earlier) ? (earlier as object[]) : [],
    facts: facts.map((fact) => ({
      ...fact,
      seq: Number(fact.seq),
      occurredAt: fact.occurredAt.toISOString(),
      recordedAt: fact.recordedAt.toISOString(),
    })),
  };
}

function lastErrorOf({ errorContext }: InboxEntry): ErrorContext | null {
  if (errorContext === null) return null;
  const { earlier: _, ...last } = errorContext;
  return last;
}
