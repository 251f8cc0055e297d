import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../shared/money';
import type { AccessReason, FeatureAccess } from '../domain/resolve-access';

export class GrantResponse {
  @ApiProperty({ enum: ['stripe', 'apple', 'google', 'contract', 'pod', 'manual'] })
  source!: string;

  @ApiProperty({
    description: 'Id of the subscription, contract, pod or grant that gives access',
    example: 'sub_01jd…',
  })
  sourceId!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  until!: string | null;
}

export class FeatureAccessResponse {
  @ApiProperty()
  granted!: boolean;

  @ApiProperty({ type: Number, nullable: true, description: 'Null: no limit', example: 50 })
  limit!: number | null;

  @ApiProperty({ description: 'Used in the current period', example: 0 })
  used!: number;

  @ApiProperty({ type: Number, nullable: true, example: 50 })
  remaining!: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  until!: string | null;

  @ApiProperty({ type: [GrantResponse] })
  grants!: GrantResponse[];
}

export class EntitlementsResponse {
  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/FeatureAccessResponse' },
    description: 'By feature key',
  })
  features!: Record<string, FeatureAccessResponse>;
}

export class EntitlementCheckResponse {
  @ApiProperty()
  allowed!: boolean;

  @ApiProperty({ enum: ['granted', 'expired', 'revoked', 'never_granted'] })
  reason!: AccessReason;

  @ApiProperty({ type: Number, nullable: true, example: 50 })
  limit!: number | null;

  @ApiProperty({ example: 0 })
  used!: number;

  @ApiProperty({ type: Number, nullable: true, example: 50 })
  remaining!: number | null;
}

/** Nothing meters use yet: what is used stays zero until the usage module counts it. */
const USED = 0;

export function toFeatureAccess(access: FeatureAccess): FeatureAccessResponse {
  return {
    ...toFigures(access),
    granted: access.granted,
    until: access.until?.toISOString() ?? null,
    grants: access.grants.map(({ source, sourceId, until }) => ({
      source,
      sourceId,
      until: until?.toISOString() ?? null,
    })),
  };
}

export function toEntitlements(features: ReadonlyMap<string, FeatureAccess>): EntitlementsResponse {
  return { features: Object.fromEntries([...features].map(([key, access]) => [key, toFeatureAccess(access)])) };
}

export function toCheck(access: FeatureAccess, reason: AccessReason): EntitlementCheckResponse {
  return { allowed: access.granted, reason, ...toFigures(access) };
}

function toFigures(access: FeatureAccess): { limit: number | null; used: number; remaining: number | null } {
  const limit = access.limit === null ? null : amountToJson(access.limit);
  return { limit, used: USED, remaining: limit === null ? null : Math.max(0, limit - USED) };
}
