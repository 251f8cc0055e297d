import type { CacheKind } from '../../platform/cache';
import { nextEnd, type FeatureGrants } from './domain/resolve-access';

/** What is known of one user's access. */
export interface CachedAccess {
  features: readonly FeatureGrants[];
  /** Business time. */
  readAt: Date;
}

/** As JSON holds it. */
interface GrantJson {
  source: string;
  sourceId: string;
  limit: string | null;
  until: string | null;
  revokedAt: string | null;
}
type FeatureJson = Omit<FeatureGrants, 'grants'> & { grants: GrantJson[] };

const MAX_LIFE_MS = 30_000;

/** By user id. No entry outlives the next end of a grant in it, nor 30 s, whatever became of its eviction. */
export const ACCESS_KIND: CacheKind<CachedAccess> = {
  name: 'access',
  version: 1,
  maxLifeMs: MAX_LIFE_MS,
  lifeMs: ({ features, readAt }) => {
    const end = nextEnd(features, readAt);
    return end === null ? MAX_LIFE_MS : end.getTime() - readAt.getTime();
  },
  encode: ({ features, readAt }) =>
    JSON.stringify({
      readAt,
      features: features.map(({ grants, ...feature }) => ({
        ...feature,
        grants: grants.map((grant) => ({ ...grant, limit: grant.limit?.toString() ?? null })),
      })),
    }),
  decode: (text) => {
    const { features, readAt } = JSON.parse(text) as { features: FeatureJson[]; readAt: string };
    return {
      readAt: new Date(readAt),
      features: features.map(({ grants, ...feature }) => ({ ...feature, grants: grants.map(toGrant) })),
    };
  },
};

function toGrant({ limit, until, revokedAt, ...grant }: GrantJson): FeatureGrants['grants'][number] {
  return {
    ...grant,
    limit: limit === null ? null : BigInt(limit),
    until: until === null ? null : new Date(until),
    revokedAt: revokedAt === null ? null : new Date(revokedAt),
  };
}
