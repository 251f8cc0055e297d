import { ApiProperty } from '@nestjs/swagger';
import type { AuditEntry } from '../audit.repository';

export class ActorResponse {
  @ApiProperty({ enum: ['user', 'internal', 'cron', 'system'] })
  type!: string;

  @ApiProperty({ type: String, nullable: true, example: 'auth0|5f7c8ec7c33c6c004bbafe82', description: "A user's id" })
  id!: string | null;
}

export class AuditEntryResponse {
  @ApiProperty({ example: 'aud_01jd…' })
  id!: string;

  @ApiProperty({ format: 'date-time', description: 'Wall time' })
  at!: string;

  @ApiProperty({ type: ActorResponse })
  actor!: ActorResponse;

  @ApiProperty({ example: 'payment.refund' })
  action!: string;

  @ApiProperty({ example: 'payment' })
  objectType!: string;

  @ApiProperty({ example: 'pay_01jd…' })
  objectId!: string;

  @ApiProperty({ type: String, nullable: true, example: 'cust_01jd…' })
  customerId!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, example: null })
  before!: Record<string, unknown> | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { amount: 2900, currency: 'USD' },
  })
  after!: Record<string, unknown> | null;

  @ApiProperty({ type: String, nullable: true, example: 'req_01jd…' })
  requestId!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8l9Z0x1C',
    description:
      'Where a privileged request came from: the same place has the same hash, and nobody learns which it is',
  })
  addressHash!: string | null;
}

export class AuditList {
  @ApiProperty({ type: [AuditEntryResponse] })
  data!: AuditEntryResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toAuditEntry({ at, actorType, actorId, ...entry }: AuditEntry): AuditEntryResponse {
  return { ...entry, at: at.toISOString(), actor: { type: actorType, id: actorId } };
}
