export type FeatureType = 'boolean' | 'limit' | 'metered';

/** A grant as access reads it. */
export interface Grant {
  source: string;
  sourceId: string;
  /** Null: no limit. */
  limit: bigint | null;
  /** Added to what the others give: credit that was bought, not one more offer. */
  additive: boolean;
  /** End of access; null: until revoked. */
  until: Date | null;
  revokedAt: Date | null;
}

export interface FeatureGrants {
  key: string;
  type: FeatureType;
  grants: readonly Grant[];
}

export interface FeatureAccess {
  granted: boolean;
  /** Null: no limit, or not granted. */
  limit: bigint | null;
  /** The last moment any grant reaches; null: until revoked, or not granted. */
  until: Date | null;
  grants: readonly Grant[];
}

/** Whether a grant gives access at a moment; its end itself no longer counts. */
export function isLive(grant: Grant, at: Date): boolean {
  return grant.revokedAt === null && (grant.until === null || at < grant.until);
}

/**
 * What all grants of one feature amount to at a moment. Who pays twice, on the web and in a store, gets the more generous
 * of the two limits, not their sum: it is one person's use. What was bought to add to it is added.
 */
export function resolveAccess(feature: FeatureGrants, at: Date): FeatureAccess {
  const live = feature.grants.filter((grant) => isLive(grant, at));
  if (live.length === 0) return { granted: false, limit: null, until: null, grants: [] };
  return {
    granted: true,
    limit: limitOf(live),
    until: live.reduce<Date | null>(
      (last, { until }) => (last === null || until === null ? null : until > last ? until : last),
      new Date(0),
    ),
    grants: live,
  };
}

function limitOf(live: readonly Grant[]): bigint | null {
  let [best, added] = [0n, 0n];
  for (const { limit, additive } of live) {
    if (limit === null) return null;
    if (additive) added += limit;
    else if (limit > best) best = limit;
  }
  return best + added;
}

export type AccessReason = 'granted' | 'expired' | 'revoked' | 'never_granted';

/** Why access is given or not, in one word for the caller's page. */
export function accessReason(feature: FeatureGrants, at: Date): AccessReason {
  if (feature.grants.some((grant) => isLive(grant, at))) return 'granted';
  if (feature.grants.some((grant) => grant.revokedAt === null)) return 'expired';
  return feature.grants.length > 0 ? 'revoked' : 'never_granted';
}

/** The first moment after this one at which access changes by itself; null: never. */
export function nextEnd(features: readonly FeatureGrants[], at: Date): Date | null {
  let next: Date | null = null;
  for (const { grants } of features) {
    for (const grant of grants) {
      if (isLive(grant, at) && grant.until !== null && (next === null || grant.until < next)) next = grant.until;
    }
  }
  return next;
}
