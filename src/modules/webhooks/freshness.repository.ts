import { Injectable } from '@nestjs/common';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';

/** Calls saved up for longer than this are lost: a rate is no debt. */
const SAVED_MS = 10_000;

/** Milliseconds. */
const SINCE_TAKEN = Prisma.sql`(extract(epoch FROM statement_timestamp() - c.updated_at) * 1000)::float8`;

/** What the sweeps of all processes agree on. */
@Injectable()
export class FreshnessRepository {
  /**
   * Takes the calls that the rate allows since they were last taken, for all processes together. One statement, under the
   * row's lock: two workers share the rate. `position` keeps how many were taken last.
   * @returns how many calls the caller may make.
   */
  async takeCalls(tx: Tx, name: string, perMinute: number): Promise<number> {
    const stepMs = 60_000 / perMinute;
    const savedMs = Math.max(SAVED_MS, stepMs);
    const rows = await tx.$queryRaw<{ position: string }[]>`
      INSERT INTO sweep_cursors AS c (name, position, updated_at) VALUES (${name}, '1', statement_timestamp())
      ON CONFLICT (name) DO UPDATE SET
        position = floor(LEAST(${SINCE_TAKEN}, ${savedMs}::float8) / ${stepMs}::float8)::int::text,
        updated_at = statement_timestamp()
          - interval '1 ms' * mod(LEAST(${SINCE_TAKEN}, ${savedMs}::float8)::numeric, ${stepMs}::float8::numeric)::float8
      WHERE ${SINCE_TAKEN} >= ${stepMs}::float8
      RETURNING position`;
    return Number(rows[0]?.position ?? 0);
  }

  /** Those of the aggregates of which something is told already that nobody has worked yet. */
  async busyAmong(tx: Tx, aggregates: readonly string[]): Promise<Set<string>> {
    if (aggregates.length === 0) return new Set();
    const rows = await tx.$queryRaw<{ aggregate: string }[]>`
      SELECT DISTINCT aggregate FROM inbox_events WHERE handled_at IS NULL AND aggregate = ANY (${aggregates})`;
    return new Set(rows.map(({ aggregate }) => aggregate));
  }
}
