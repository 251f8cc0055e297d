import type { CacheKind } from '../../platform/cache';
import { nextEnd, type FeatureGrants } from './domain/resolve-access';

/** What is known of one user's access. */
export interface KnownAccess {
  /** In display order. */
  readonly features: readonly FeatureJson[];
  /** Milliseconds from the reading to the next end of a grant; null: none ends. */
  readonly endsInMs: number | null;
}

/** As JSON holds it: a check reads one feature of many, so the rest stays as it is. */
interface FeatureJson extends Omit<FeatureGrants, 'grants'> {
  readonly grants: readonly GrantJson[];
}

interface GrantJson {
  readonly source: string;
  readonly sourceId: string;
  readonly limit: string | null;
  readonly additive: boolean;
  readonly until: string | null;
  readonly revokedAt: string | null;
}

const MAX_LIFE_MS = 30_000;

/** By user id. No entry outlives the next end of a grant in it, nor 30 s, whatever became of its eviction. */
export const ACCESS_KIND: CacheKind<KnownAccess> = {
  name: 'access',
  version: 2,
  maxLifeMs: MAX_LIFE_MS,
  lifeMs: ({ endsInMs }) => endsInMs ?? MAX_LIFE_MS,
  encode: (access) => JSON.stringify(access),
  decode: (text) => JSON.parse(text) as KnownAccess,
};

/** @param readAt business time. */
export function toKnownAccess(features: readonly FeatureGrants[], readAt: Date): KnownAccess {
  const end = nextEnd(features, readAt);
  return {
    features: features.map(({ grants, ...feature }) => ({ ...feature, grants: grants.map(toJson) })),
    endsInMs: end === null ? null : end.getTime() - readAt.getTime(),
  };
}

export function toFeatureGrants({ grants, ...feature }: FeatureJson): FeatureGrants {
  return { ...feature, grants: grants.map(fromJson) };
}

type Grant = FeatureGrants['grants'][number];

function toJson({ source, sourceId, limit, additive, until, revokedAt }: Grant): GrantJson {
  return {
    source,
    sourceId,
    limit: limit?.toString() ?? null,
    additive,
    until: until?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

function fromJson({ source, sourceId, limit, additive, until, revokedAt }: GrantJson): Grant {
  return {
    source,
    sourceId,
    limit: limit === null ? null : BigInt(limit),
    additive,
    until: until === null ? null : new Date(until),
    revokedAt: revokedAt === null ? null : new Date(revokedAt),
  };
}
