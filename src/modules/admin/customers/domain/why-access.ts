import { accessReason, isLive, resolveAccess, type AccessReason, type Grant } from '../../../entitlements';

/** The subscription that a grant comes from, as far as access hangs on it. */
export interface GrantingSubscription {
  status: string;
}

/** A grant with all that explains it. */
export interface ExplainedGrant extends Grant {
  id: string;
  createdAt: Date;
  /** Null for what no subscription gives. */
  subscription: GrantingSubscription | null;
}

export interface FeatureWithGrants {
  key: string;
  name: string;
  type: 'boolean' | 'limit' | 'metered';
  grants: readonly ExplainedGrant[];
}

/** Why a grant gives nothing any more, as far as it can be known. */
export const END_REASONS = [
  'not_in_plan',
  'not_paid',
  'paused',
  'subscription_ended',
  'period_over',
  'grace_over',
  'revoked_by_operator',
  'source_ended',
] as const;
export type EndReason = (typeof END_REASONS)[number];

export interface GrantExplanation {
  grant: ExplainedGrant;
  live: boolean;
  /** Null while it gives access. */
  endedBecause: EndReason | null;
}

export interface AccessExplanation {
  key: string;
  name: string;
  type: FeatureWithGrants['type'];
  granted: boolean;
  reason: AccessReason;
  limit: bigint | null;
  until: Date | null;
  /** All there ever were: the live ones first, then the latest. */
  grants: GrantExplanation[];
}

/** Whether a customer may use a feature at a moment, by which grants, and what became of the others. */
export function explainAccess(feature: FeatureWithGrants, at: Date): AccessExplanation {
  const { granted, limit, until } = resolveAccess(feature, at);
  const grants = feature.grants.map((grant) => {
    const live = isLive(grant, at);
    return { grant, live, endedBecause: live ? null : endOf(grant) };
  });
  grants.sort((a, b) => Number(b.live) - Number(a.live) || +b.grant.createdAt - +a.grant.createdAt);
  const { key, name, type } = feature;
  return { key, name, type, granted, reason: accessReason(feature, at), limit, until, grants };
}

/** A revoked subscription's grant follows from its status; one that still gives access no longer has the feature. */
const REVOKED: Readonly<Record<string, EndReason>> = {
  trialing: 'not_in_plan',
  active: 'not_in_plan',
  past_due: 'grace_over',
  incomplete: 'not_paid',
  incomplete_expired: 'not_paid',
  unpaid: 'not_paid',
  paused: 'paused',
  canceled: 'subscription_ended',
};

function endOf({ revokedAt, source, subscription }: ExplainedGrant): EndReason {
  if (revokedAt === null) return subscription?.status === 'past_due' ? 'grace_over' : 'period_over';
  if (subscription) return REVOKED[subscription.status] ?? 'source_ended';
  return source === 'manual' ? 'revoked_by_operator' : 'source_ended';
}
