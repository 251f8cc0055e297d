import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import { UserQuery, type Tx } from '../../platform/database';
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
  /** Credit that adds to the limits of the other grants. Absent is no. */
  additive?: boolean;
}

interface Row {
  key: string;
  type: FeatureType;
  source: string | null;
  source_id: string;
  /** A bigint, as `pg` gives it. */
  limit: string | null;
  additive: boolean;
  until: Date | null;
  revoked_at: Date | null;
}

@Injectable()
export class EntitlementsRepository {
  constructor(
    private readonly clock: Clock,
    private readonly userQuery: UserQuery,
  ) {}

  /**
   * Makes each source's grants exactly these: missing ones are revoked, revoked ones come back. One statement.
   * @returns the sources' ids whose grants changed.
   */
  async set(tx: Tx, sets: readonly GrantSet[]): Promise<Set<string>> {
    if (sets.length === 0) return new Set();
    const at = this.clock.wall();
    const sources = sets.map(({ source, sourceId }) => ({ source, source_id: sourceId }));
    const grants = sets.flatMap(({ features, source, sourceId, ...rest }) =>
      features.map(({ featureId, limit }) => ({
        id: newId('grant', at.getTime()),
        customer_id: rest.customerId,
        feature_id: featureId,
        source,
        source_id: sourceId,
        limit: limit?.toString() ?? null,
        additive: rest.additive ?? false,
        period_start: rest.periodStart,
        period_end: rest.periodEnd,
        until: rest.until,
      })),
    );
    const changed = await tx.$queryRaw<{ source_id: string }[]>`
      WITH f AS (
        SELECT * FROM jsonb_populate_recordset(NULL::entitlement_grants, ${JSON.stringify(grants)}::jsonb)),
      given AS (
        INSERT INTO entitlement_grants AS g (id, customer_id, feature_id, source, source_id, "limit", additive, period_start, period_end, until, created_at, updated_at)
        SELECT f.id, f.customer_id, f.feature_id, f.source, f.source_id, f."limit", f.additive, f.period_start, f.period_end, f.until, ${at}, ${at}
        FROM f
        ON CONFLICT (source, source_id, feature_id) DO UPDATE
          SET "limit" = EXCLUDED."limit", additive = EXCLUDED.additive, period_start = EXCLUDED.period_start, period_end = EXCLUDED.period_end,
            until = EXCLUDED.until, revoked_at = NULL, updated_at = EXCLUDED.updated_at
          WHERE (g."limit", g.additive, g.period_start, g.period_end, g.until, g.revoked_at)
            IS DISTINCT FROM (EXCLUDED."limit", EXCLUDED.additive, EXCLUDED.period_start, EXCLUDED.period_end, EXCLUDED.until, NULL::timestamptz)
        RETURNING g.source_id),
      taken AS (
        UPDATE entitlement_grants g SET revoked_at = ${at}, updated_at = ${at}
        FROM jsonb_to_recordset(${JSON.stringify(sources)}::jsonb) AS s (source text, source_id text)
        WHERE g.source = s.source AND g.source_id = s.source_id AND g.revoked_at IS NULL
          AND NOT EXISTS (SELECT FROM f WHERE (f.source, f.source_id, f.feature_id) = (g.source, g.source_id, g.feature_id))
        RETURNING g.source_id)
      SELECT source_id FROM given UNION SELECT source_id FROM taken`;
    return new Set(changed.map(({ source_id: sourceId }) => sourceId));
  }

  /** Gives what a source granted to another customer. */
  async move(tx: Tx, source: GrantSet['source'], sourceIds: readonly string[], customerId: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE entitlement_grants SET customer_id = ${customerId}, updated_at = ${this.clock.wall()}
      WHERE source = ${source} AND source_id = ANY (${sourceIds}) AND customer_id <> ${customerId}`;
  }

  /** Every feature with the grants of the user, live or not. One statement, one round trip, under the user's own role. */
  async ofUser(userId: string): Promise<FeatureGrants[]> {
    const rows = await this.userQuery.run<Row>(
      userId,
      `SELECT f.key, f.type, g.source, g.source_id, g."limit", g.additive, g.until, g.revoked_at
       FROM features f
       LEFT JOIN (entitlement_grants g JOIN customers c ON c.id = g.customer_id AND c.user_id = current_setting('app.user_id'))
         ON g.feature_id = f.id
       ORDER BY f.position, f.key, g.id`,
    );
    const features = new Map<string, { key: string; type: FeatureType; grants: Grant[] }>();
    for (const row of rows) {
      const feature = features.get(row.key) ?? { key: row.key, type: row.type, grants: [] };
      features.set(row.key, feature);
      if (row.source === null) continue;
      const { source, source_id: sourceId, additive, until, revoked_at: revokedAt } = row;
      const limit = row.limit === null ? null : BigInt(row.limit);
      feature.grants.push({ source, sourceId, limit, additive, until, revokedAt });
    }
    return [...features.values()];
  }

  /** Null where there is no such customer. */
  async userOf(tx: Tx, customerId: string): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ user_id: string }[]>`SELECT user_id FROM customers WHERE id = ${customerId}`;
    return row?.user_id ?? null;
  }
}
