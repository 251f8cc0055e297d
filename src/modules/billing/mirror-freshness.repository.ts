import { Injectable } from '@nestjs/common';
import type { Provider } from '../../shared/facts';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { ListedObjectType } from '../../providers/provider.port';
import { MIRRORED_TABLES } from './mirrors/mirrored-tables';

/** A mirrored object that may still change at the provider. */
export interface ChangeableRow {
  objectType: ListedObjectType;
  /** At the provider. */
  objectId: string;
  /** The provider's time. */
  createdAt: Date;
}

/** Each table with what may still change in it, in the very words of its partial index. */
const CHANGEABLE: Readonly<Record<ListedObjectType, { table: Prisma.Sql; status: Prisma.Sql }>> = {
  subscription: {
    table: Prisma.raw(MIRRORED_TABLES.subscription.table),
    status: Prisma.sql`status NOT IN ('canceled', 'incomplete_expired')`,
  },
  invoice: { table: Prisma.raw(MIRRORED_TABLES.invoice.table), status: Prisma.sql`status IN ('draft', 'open')` },
  payment: {
    table: Prisma.raw(MIRRORED_TABLES.payment.table),
    status: Prisma.sql`status IN ('pending', 'requires_action')`,
  },
};
const TYPES = Object.keys(CHANGEABLE) as ListedObjectType[];
const VERIFIED = Prisma.sql`COALESCE(verified_at, '-infinity'::timestamptz)`;

/** When mirror rows were last compared with the provider. */
@Injectable()
export class MirrorFreshnessRepository {
  /**
   * The row of any type that was verified longest ago, if before `before`; what was made after that is too young.
   * @param except provider's ids to pass over.
   */
  async stalest(tx: Tx, provider: Provider, before: Date, except: readonly string[]): Promise<ChangeableRow | null> {
    const candidates = TYPES.map((objectType) => {
      const { table, status } = CHANGEABLE[objectType];
      return Prisma.sql`(SELECT ${objectType} AS "objectType", provider_id AS "objectId", created_at AS "createdAt", ${VERIFIED} AS verified
        FROM ${table} WHERE provider = ${provider} AND ${status} AND ${VERIFIED} < ${before} AND created_at < ${before}
          AND NOT provider_id = ANY (${except}) ORDER BY ${VERIFIED} LIMIT 1)`;
    });
    const rows = await tx.$queryRaw<ChangeableRow[]>`
      SELECT "objectType", "objectId", "createdAt" FROM (${Prisma.join(candidates, ' UNION ALL ')}) c ORDER BY verified LIMIT 1`;
    return rows[0] ?? null;
  }

  /** The youngest row of a type that may still change, made at `upTo` or before. */
  async youngest(
    tx: Tx,
    provider: Provider,
    objectType: ListedObjectType,
    upTo: Date,
    except: readonly string[],
  ): Promise<ChangeableRow | null> {
    const { table, status } = CHANGEABLE[objectType];
    const rows = await tx.$queryRaw<ChangeableRow[]>`
      SELECT ${objectType} AS "objectType", provider_id AS "objectId", created_at AS "createdAt" FROM ${table}
      WHERE provider = ${provider} AND ${status} AND created_at <= ${upTo} AND NOT provider_id = ANY (${except})
      ORDER BY created_at DESC LIMIT 1`;
    return rows[0] ?? null;
  }

  /**
   * The provider was asked at `at` and says the same. Rows somebody is just writing are left to the next look.
   * @returns how many rows that may still change were marked.
   */
  async confirm(
    tx: Tx,
    provider: Provider,
    objectType: ListedObjectType,
    objectIds: readonly string[],
    at: Date,
  ): Promise<number> {
    if (objectIds.length === 0) return 0;
    const { table, status } = CHANGEABLE[objectType];
    return tx.$executeRaw`
      WITH free AS (
        SELECT id FROM ${table} WHERE provider = ${provider} AND provider_id = ANY (${objectIds}) AND ${status} AND ${VERIFIED} < ${at}
        FOR NO KEY UPDATE SKIP LOCKED)
      UPDATE ${table} m SET verified_at = ${at} FROM free WHERE m.id = free.id`;
  }
}
