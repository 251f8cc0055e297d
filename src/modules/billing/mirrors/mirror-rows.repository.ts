import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { TouchedObject } from '../../../platform/facts';
import { MIRRORED_TABLES, type MirroredType } from './mirrored-tables';

/** The columns that are a function of an object's facts and of whose it is. All rows of a call have the same. */
export type MirrorColumns = Record<string, unknown> & { provider: string; provider_id: string };

/** An object of a provider, and whose it is. */
export type OwnedObject = Pick<TouchedObject, 'key' | 'customerId'>;

export interface MirroredRow {
  id: string;
  /** Status before this write; null for a new row. */
  formerStatus: string | null;
  /** New, or of other content than before; a fact may tell what was known. */
  changed: boolean;
}

/** Whose a row is was settled by who told of it first. */
const KEPT = new Set(['customer_id', 'provider', 'provider_id', 'verified_at']);
/** What says how the row came about, not what it tells. */
const TRACES = new Set(['last_fact_id', 'fact_count']);

/** Writes mirror rows as the facts say them. */
@Injectable()
export class MirrorRows {
  constructor(private readonly clock: Clock) {}

  /** One statement. @returns each with its row. */
  async write<Told>(
    tx: Tx,
    type: MirroredType,
    told: readonly Told[],
    rowOf: (one: Told) => MirrorColumns,
  ): Promise<(Told & { row: MirroredRow })[]> {
    const given = told.map((one) => ({ one, columns: rowOf(one) }));
    const written = await this.upsert(
      tx,
      type,
      given.map(({ columns }) => columns),
    );
    return given.map(({ one, columns: { provider, provider_id } }) => {
      const row = written.get(`${provider}:${provider_id}`);
      if (!row) throw new Error('An upsert returned no row');
      return { ...one, row };
    });
  }

  /** @returns what was written, by provider and id there, `stripe:in_1`. */
  private async upsert(tx: Tx, type: MirroredType, rows: readonly MirrorColumns[]): Promise<Map<string, MirroredRow>> {
    const [first] = rows;
    if (!first) return new Map();
    const at = this.clock.wall();
    const { table, prefix } = MIRRORED_TABLES[type];
    const given = rows.map((row) => ({ id: newId(prefix, at.getTime()), ...row }));
    const columns = Object.keys(first);
    const changing = columns.filter((column) => !KEPT.has(column));
    // Names of our own, from the functions that make the rows: nothing here comes from outside.
    const target = Prisma.raw(table);
    const names = Prisma.raw(columns.join(', '));
    const telling = changing.filter((column) => !TRACES.has(column));
    const before = Prisma.raw(telling.map((column) => `f.${column}`).join(', '));
    const after = Prisma.raw(telling.map((column) => `m.${column}`).join(', '));
    const updates = Prisma.raw(changing.map((column) => `${column} = EXCLUDED.${column}`).join(', '));
    const written = await tx.$queryRaw<{ ref: string; id: string; former: string | null; same: boolean | null }[]>`
      WITH given AS (
        SELECT * FROM jsonb_populate_recordset(NULL::${target}, ${JSON.stringify(given)}::jsonb)),
      former AS (
        SELECT m.* FROM ${target} m JOIN given USING (provider, provider_id)),
      written AS (
        INSERT INTO ${target} AS m (id, ${names}, updated_at)
        SELECT id, ${names}, ${at} FROM given
        ON CONFLICT (provider, provider_id) DO UPDATE SET ${updates},
          verified_at = GREATEST(m.verified_at, EXCLUDED.verified_at), updated_at = EXCLUDED.updated_at
        RETURNING m.*)
      SELECT m.provider || ':' || m.provider_id AS ref, m.id, f.status AS former,
        ROW(${before}) IS NOT DISTINCT FROM ROW(${after}) AS same
      FROM written m LEFT JOIN former f USING (provider, provider_id)`;
    return new Map(
      written.map(({ ref, id, former, same }) => [
        ref,
        { id, formerStatus: former, changed: former === null || !same },
      ]),
    );
  }
}
