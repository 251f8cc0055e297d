import { ApiProperty } from '@nestjs/swagger';
import { DELIVERY_STATUSES, type Attempt, type Delivery, type DeliveryStatus } from '../deliveries.repository';
import { MESSAGE_VERSION } from '../domain/message-body';
import { ATTEMPT_ERRORS, type AttemptError } from '../domain/outcome';
import type { WithSecret } from '../endpoint-desk.service';
import {
  DISABLED_REASONS,
  ENDPOINT_STATUSES,
  type DisabledReason,
  type Endpoint,
  type EndpointStatus,
} from '../endpoints.repository';
import { EVENT_TYPES } from '../public-events';

export class EndpointResponse {
  @ApiProperty({ example: 'whe_01kb2x7m0e8v6q3yt1z5c9r4aw' })
  id!: string;

  @ApiProperty({ example: 'https://api.example.com/webhooks/kassa' })
  url!: string;

  @ApiProperty({ example: 'Access of the learning platform' })
  description!: string;

  @ApiProperty({ type: [String], example: ['invoice.paid', 'subscription.updated'] })
  eventTypes!: string[];

  @ApiProperty({ enum: ENDPOINT_STATUSES, example: 'enabled' })
  status!: EndpointStatus;

  @ApiProperty({
    enum: DISABLED_REASONS,
    nullable: true,
    example: null,
    description: '`operator`, `gone` (it answered 410), or `failing` (for WEBHOOK_DISABLE_AFTER_DAYS)',
  })
  disabledReason!: DisabledReason | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  disabledAt!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Of the first failure since the last success',
  })
  failingSince!: string | null;

  @ApiProperty({ example: '2026-11-21T13:00:00.000Z' })
  createdAt!: string;

  @ApiProperty({ example: '2026-11-21T13:00:00.000Z' })
  updatedAt!: string;
}

export class EndpointWithSecretResponse extends EndpointResponse {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
    description: 'Shown this once; null in an answer that is replayed for its Idempotency-Key',
  })
  secret!: string | null;
}

export class EndpointList {
  @ApiProperty({ type: [EndpointResponse] })
  data!: EndpointResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class DeliveryResponse {
  @ApiProperty({ example: 'whd_01kb2x7m0e8v6q3yt1z5c9r4aw' })
  id!: string;

  @ApiProperty({ example: 'whe_01kb2x7m0e8v6q3yt1z5c9r4aw' })
  endpointId!: string;

  @ApiProperty({ example: 'msg_01kb2x7m0e8v6q3yt1z5c9r4aw', description: 'Sent as `webhook-id`, at every attempt' })
  messageId!: string;

  @ApiProperty({ example: 'invoice.paid' })
  type!: string;

  @ApiProperty({ example: 'invoice' })
  objectType!: string;

  @ApiProperty({ example: 'inv_01kb2x7m0e8v6q3yt1z5c9r4aw' })
  objectId!: string;

  @ApiProperty({ type: 'integer', example: 2, description: 'Among the messages about this object' })
  sequence!: number;

  @ApiProperty({
    enum: DELIVERY_STATUSES,
    example: 'delivered',
    description: '`canceled`: the endpoint was disabled or deleted before',
  })
  status!: DeliveryStatus;

  @ApiProperty({ type: 'integer', example: 1 })
  attempts!: number;

  @ApiProperty({ type: String, nullable: true, example: null })
  nextAttemptAt!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 204 })
  lastStatusCode!: number | null;

  @ApiProperty({ enum: ATTEMPT_ERRORS, nullable: true, example: null })
  lastError!: AttemptError | null;

  @ApiProperty({ example: '2026-11-21T13:00:00.000Z' })
  createdAt!: string;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-21T13:00:00.412Z' })
  settledAt!: string | null;
}

export class DeliveryList {
  @ApiProperty({ type: [DeliveryResponse] })
  data!: DeliveryResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

class DeliveryAttemptResponse {
  @ApiProperty({ type: 'integer', example: 1 })
  number!: number;

  @ApiProperty({ example: '2026-11-21T13:00:00.120Z' })
  at!: string;

  @ApiProperty({ type: 'integer', example: 87, description: 'Milliseconds, from looking up the name to the answer' })
  durationMs!: number;

  @ApiProperty({ type: 'integer', nullable: true, example: 204 })
  statusCode!: number | null;

  @ApiProperty({ enum: ATTEMPT_ERRORS, nullable: true, example: null, description: 'Null: delivered' })
  error!: AttemptError | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  detail!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '', description: 'The first 1024 bytes of the answer' })
  response!: string | null;
}

export class DeliveryDetailResponse extends DeliveryResponse {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'The body that is sent',
    example: {
      ...{ id: 'msg_01kb2x7m0e8v6q3yt1z5c9r4aw', type: 'invoice.paid', version: MESSAGE_VERSION },
      ...{ timestamp: '2026-11-21T13:00:00.000Z', objectType: 'invoice', objectId: 'inv_01kb2x7m0e8v6q3yt1z5c9r4aw' },
      ...{
        sequence: 2,
        data: { object: 'invoice', id: 'inv_01kb2x7m0e8v6q3yt1z5c9r4aw', amount: 2900, currency: 'USD' },
      },
    },
  })
  payload!: Record<string, unknown>;

  @ApiProperty({ type: [DeliveryAttemptResponse], description: 'The newest hundred, newest first' })
  attemptLog!: DeliveryAttemptResponse[];
}

export class RedeliveredResponse {
  @ApiProperty({ type: 'integer', example: 12 })
  queued!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'A call takes up 1000 messages: ask again from here on. Null when that was all',
  })
  nextSince!: string | null;
}

class EventTypeResponse {
  @ApiProperty({ example: 'invoice.paid' })
  type!: string;

  @ApiProperty({ example: 'An invoice was paid' })
  description!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { amount: 2900, currency: 'USD' },
    description: 'What `data` holds beside `object`, `id` and `customerId`; each may be null',
  })
  example!: Record<string, unknown>;
}

export class EventTypeList {
  @ApiProperty({ type: 'integer', example: MESSAGE_VERSION, description: '`version` of all messages' })
  version!: number;

  @ApiProperty({ type: [EventTypeResponse] })
  data!: EventTypeResponse[];
}

export function toEndpointResponse(endpoint: Endpoint): EndpointResponse {
  const { id, url, description, eventTypes: types, status, disabledReason } = endpoint;
  return {
    ...{ id, url, description, eventTypes: types, status, disabledReason },
    disabledAt: endpoint.disabledAt?.toISOString() ?? null,
    failingSince: endpoint.failingSince?.toISOString() ?? null,
    createdAt: endpoint.createdAt.toISOString(),
    updatedAt: endpoint.updatedAt.toISOString(),
  };
}

export function toEndpointWithSecret({ secret, ...endpoint }: WithSecret): EndpointWithSecretResponse {
  return Object.assign(toEndpointResponse(endpoint), { secret });
}

export function toDeliveryResponse(delivery: Delivery): DeliveryResponse {
  return {
    ...delivery,
    sequence: Number(delivery.sequence),
    nextAttemptAt: delivery.nextAttemptAt?.toISOString() ?? null,
    createdAt: delivery.createdAt.toISOString(),
    settledAt: delivery.settledAt?.toISOString() ?? null,
  };
}

export function toDeliveryDetail(
  delivery: Delivery,
  body: string,
  attempts: readonly Attempt[],
): DeliveryDetailResponse {
  const payload = JSON.parse(body) as Record<string, unknown>;
  const attemptLog = attempts.map((attempt) => ({ ...attempt, at: attempt.at.toISOString() }));
  return Object.assign(toDeliveryResponse(delivery), { payload, attemptLog });
}

export function eventTypes(): EventTypeList {
  const types = Object.entries(EVENT_TYPES);
  const data = types.map(([type, { description, figures }]) => ({ type, description, example: { ...figures } }));
  return { version: MESSAGE_VERSION, data };
}
