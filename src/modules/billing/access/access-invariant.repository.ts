import { Injectable } from '@nestjs/common';
import type { Provider } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import type { GrantSet } from '../../entitlements';

/** A grant that is not what its subscription gives. */
export interface AccessDifference {
  subscriptionId: string;
  featureId: string;
  problem: 'missing' | 'not_earned' | 'other_terms';
}

export interface MirroredSubscription {
  id: string;
  provider: Provider;
  providerId: string;
  customerId: string;
}

@Injectable()
export class AccessInvariantRepository {
  /** In the order of their ids; those whose plan is just being rolled out are passed over. */
  async next(tx: Tx, afterId: string, limit: number): Promise<MirroredSubscription[]> {
    return tx.$queryRaw<MirroredSubscription[]>`
      SELECT s.id, s.provider, s.provider_id AS "providerId", s.customer_id AS "customerId" FROM subscriptions s
      WHERE s.id > ${afterId} AND NOT EXISTS (SELECT FROM catalog_rollouts r WHERE r.plan_id = s.plan_id)
      ORDER BY s.id LIMIT ${limit}`;
  }

  /** What these sources give, and ought to: only what a customer has now is compared. One statement. */
  async differences(tx: Tx, sets: readonly GrantSet[]): Promise<AccessDifference[]> {
    const expected = sets.flatMap(
      ({ features, source, sourceId, customerId, periodStart, periodEnd, until, additive = false }) =>
        features.map(({ featureId, limit }) => ({
          ...{
            source,
            source_id: sourceId,
            customer_id: customerId,
            feature_id: featureId,
            limit: limit?.toString() ?? null,
          },
          ...{ additive, period_start: periodStart, period_end: periodEnd, until },
        })),
    );
    return tx.$queryRaw<AccessDifference[]>`
      WITH given AS (SELECT * FROM jsonb_populate_recordset(NULL::entitlement_grants, ${JSON.stringify(expected)}::jsonb)),
      had AS (
        SELECT * FROM entitlement_grants WHERE source_id = ANY (${sets.map(({ sourceId }) => sourceId)}::text[]) AND revoked_at IS NULL)
      SELECT COALESCE(g.source_id, h.source_id) AS "subscriptionId", COALESCE(g.feature_id, h.feature_id) AS "featureId",
        CASE WHEN h.id IS NULL THEN 'missing' WHEN g.source_id IS NULL THEN 'not_earned' ELSE 'other_terms' END AS problem
      FROM given g FULL JOIN had h ON (h.source, h.source_id, h.feature_id) = (g.source, g.source_id, g.feature_id)
      WHERE (g.source_id, g.customer_id, g."limit", g.additive, g.period_start, g.period_end, g.until)
        IS DISTINCT FROM (h.source_id, h.customer_id, h."limit", h.additive, h.period_start, h.period_end, h.until)
      ORDER BY 1, 2`;
  }

  /** Grants in the name of a subscription, or of a purchase, that is not there. */
  async unfounded(tx: Tx, limit: number): Promise<AccessDifference[]> {
    return tx.$queryRaw<AccessDifference[]>`
      SELECT g.source_id AS "subscriptionId", g.feature_id AS "featureId", 'not_earned' AS problem FROM entitlement_grants g
      WHERE g.source IN ('stripe', 'apple', 'google') AND g.revoked_at IS NULL
        AND NOT EXISTS (SELECT FROM subscriptions s WHERE s.id = g.source_id)
        AND NOT EXISTS (SELECT FROM invoices i WHERE i.id = g.source_id AND i.provider = g.source) ORDER BY g.id LIMIT ${limit}`;
  }
}
