import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import type { FeatureGrants, FeatureType, Grant } from './domain/resolve-access';

/** All features one source gives one customer. */
export interface GrantSet {
  customerId: string;
  source: 'stripe' | 'apple' | 'google' | 'contract' | 'pod' | 'manual';
  sourceId: string;
  features: readonly { featureId: string; limit: bigint | null }[];
  periodStart: Date;
  periodEnd: Date | null;
  until: Date | null;
}

interface Row {
  key: string;
  type: FeatureType;
  source: string | null;
  source_id: string;
  limit: bigint | null;
  until: Date | null;
  revoked_at: Date | null;
}

@Injectable()
export class EntitlementsRepository {
  constructor(private readonly clock: Clock) {}

  /**
   * Makes the source's grants exactly these: missing ones are revoked, revoked ones come back. One statement.
   * @returns whether anything changed.
   */
  async set(tx: Tx, set: GrantSet): Promise<boolean> {
    const at = this.clock.wall();
    const features = set.features.map(({ featureId, limit }) => ({
      id: newId('grant', at.getTime()),
      feature_id: featureId,
      limit: limit?.toString() ?? null,
    }));
    const [row] = await tx.$queryRaw<{ changed: bigint }[]>`
      WITH f AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(features)}::jsonb) AS f (id text, feature_id text, "limit" bigint)),
      given AS (
        INSERT INTO entitlement_grants AS g (id, customer_id, feature_id, source, source_id, "limit", period_start, period_end, until, created_at, updated_at)
        SELECT f.id, ${set.customerId}, f.feature_id, ${set.source}, ${set.sourceId}, f."limit", ${set.periodStart}, ${set.periodEnd}, ${set.until}, ${at}, ${at}
        FROM f
        ON CONFLICT (source, source_id, feature_id) DO UPDATE
          SET "limit" = EXCLUDED."limit", period_start = EXCLUDED.period_start, period_end = EXCLUDED.period_end,
            until = EXCLUDED.until, revoked_at = NULL, updated_at = EXCLUDED.updated_at
          WHERE (g."limit", g.period_start, g.period_end, g.until, g.revoked_at)
            IS DISTINCT FROM (EXCLUDED."limit", EXCLUDED.period_start, EXCLUDED.period_end, EXCLUDED.until, NULL::timestamptz)
        RETURNING 1),
      taken AS (
        UPDATE entitlement_grants SET revoked_at = ${at}, updated_at = ${at}
        WHERE source = ${set.source} AND source_id = ${set.sourceId} AND revoked_at IS NULL
          AND feature_id NOT IN (SELECT feature_id FROM f)
        RETURNING 1)
      SELECT (SELECT count(*) FROM given) + (SELECT count(*) FROM taken) AS changed`;
    return (row?.changed ?? 0n) > 0n;
  }

  /** Every feature with the grants of one user, live or not. Under a user's own role row-level security says the same. */
  async ofUser(tx: Tx, userId: string, featureKey: string | null): Promise<FeatureGrants[]> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT f.key, f.type, g.source, g.source_id, g."limit", g.until, g.revoked_at
      FROM features f
      LEFT JOIN (entitlement_grants g JOIN customers c ON c.id = g.customer_id AND c.user_id = ${userId}) ON g.feature_id = f.id
      WHERE ${featureKey}::text IS NULL OR f.key = ${featureKey}
      ORDER BY f.position, f.key, g.id`;
    const features = new Map<string, { key: string; type: FeatureType; grants: Grant[] }>();
    for (const row of rows) {
      const feature = features.get(row.key) ?? { key: row.key, type: row.type, grants: [] };
      features.set(row.key, feature);
      if (row.source === null) continue;
      const { source, source_id: sourceId, limit, until, revoked_at: revokedAt } = row;
      feature.grants.push({ source, sourceId, limit, until, revokedAt });
    }
    return [...features.values()];
  }
}
