import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../../shared/money';
import { END_REASONS, type AccessExplanation, type EndReason, type GrantExplanation } from '../domain/why-access';

export class ExplainedGrantResponse {
  @ApiProperty({ example: 'grant_01jd8x2m5n' })
  id!: string;

  @ApiProperty({ enum: ['stripe', 'apple', 'google', 'contract', 'pod', 'manual'] })
  source!: string;

  @ApiProperty({
    example: 'sub_01jd8x2m5n',
    description: 'Id of the subscription, contract, pod or grant that gives access',
  })
  sourceId!: string;

  @ApiProperty({ description: 'Whether it gives access now' })
  live!: boolean;

  @ApiProperty({ type: Number, nullable: true, description: 'Null: no limit' })
  limit!: number | null;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Null: until revoked' })
  until!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  revokedAt!: string | null;

  @ApiProperty({ type: String, enum: END_REASONS, nullable: true, description: 'Null while it gives access' })
  endedBecause!: EndReason | null;
}

export class AccessResponse {
  @ApiProperty({ example: 'seats' })
  feature!: string;

  @ApiProperty({ example: 'Seats' })
  name!: string;

  @ApiProperty({ enum: ['boolean', 'limit', 'metered'] })
  type!: string;

  @ApiProperty()
  granted!: boolean;

  @ApiProperty({ enum: ['granted', 'expired', 'revoked', 'never_granted'] })
  reason!: string;

  @ApiProperty({ type: Number, nullable: true, description: 'Null: no limit, or not granted' })
  limit!: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  until!: string | null;

  @ApiProperty({ type: [ExplainedGrantResponse], description: 'The live ones first, then the latest' })
  grants!: ExplainedGrantResponse[];
}

export function toAccessResponse(access: AccessExplanation): AccessResponse {
  const { key, name, type, granted, reason, limit, until, grants } = access;
  return {
    feature: key,
    name,
    type,
    granted,
    reason,
    limit: limit === null ? null : amountToJson(limit),
    until: until?.toISOString() ?? null,
    grants: grants.map(toGrant),
  };
}

function toGrant({ grant, live, endedBecause }: GrantExplanation): ExplainedGrantResponse {
  return {
    id: grant.id,
    source: grant.source,
    sourceId: grant.sourceId,
    live,
    limit: grant.limit === null ? null : amountToJson(grant.limit),
    createdAt: grant.createdAt.toISOString(),
    until: grant.until?.toISOString() ?? null,
    revokedAt: grant.revokedAt?.toISOString() ?? null,
    endedBecause,
  };
}
