import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { ObjectKey } from '../../../platform/facts';
import { MIRRORED_TABLES, type MirroredType } from './mirrored-tables';

/** A column of a mirror row that is not what the facts say. */
export interface MirrorDifference {
  provider: string;
  providerId: string;
  column: string;
  actual: unknown;
  expected: unknown;
}

@Injectable()
export class MirrorInvariantRepository {
  /** The next objects anybody has told of, in the order of their keys. @param after '' or the `position` of the last one. */
  async nextObjects(
    tx: Tx,
    after: string,
    limit: number,
  ): Promise<(ObjectKey & { position: string; aggregate: string })[]> {
    const [provider, type, id] = after === '' ? ['', '', ''] : (JSON.parse(after) as [string, string, string]);
    const rows = await tx.$queryRaw<(ObjectKey & { aggregate: string })[]>`
      SELECT provider, object_type AS "objectType", object_id AS "objectId", min(aggregate) AS aggregate FROM facts
      WHERE (provider, object_type, object_id) > (${provider}, ${type}, ${id})
      GROUP BY provider, object_type, object_id ORDER BY provider, object_type, object_id LIMIT ${limit}`;
    return rows.map((row) => ({ ...row, position: JSON.stringify([row.provider, row.objectType, row.objectId]) }));
  }

  /**
   * Where mirror rows are other than expected, column by column, each as PostgreSQL itself spells it; a row that is missing
   * is a difference in `id`. One statement.
   */
  async differences(
    tx: Tx,
    type: MirroredType,
    expected: readonly Record<string, unknown>[],
  ): Promise<MirrorDifference[]> {
    if (expected.length === 0) return [];
    const table = Prisma.raw(MIRRORED_TABLES[type].table);
    return tx.$queryRaw<MirrorDifference[]>`
      WITH given AS (
        SELECT told, to_jsonb(jsonb_populate_record(NULL::${table}, told)) AS expected
        FROM jsonb_array_elements(${JSON.stringify(expected)}::jsonb) AS told),
      met AS (
        SELECT g.told, g.expected, to_jsonb(m) AS actual
        FROM given g LEFT JOIN ${table} m ON m.provider = g.told ->> 'provider' AND m.provider_id = g.told ->> 'provider_id')
      SELECT told ->> 'provider' AS provider, told ->> 'provider_id' AS "providerId", k AS column, actual -> k AS actual, expected -> k AS expected
      FROM met CROSS JOIN LATERAL jsonb_object_keys(told) AS k
      WHERE actual IS NOT NULL AND actual -> k IS DISTINCT FROM expected -> k
      UNION ALL
      SELECT told ->> 'provider', told ->> 'provider_id', 'id', NULL, NULL FROM met WHERE actual IS NULL
      ORDER BY 1, 2, 3`;
  }
}
