import { Injectable, type OnModuleInit } from '@nestjs/common';
import { takeSweepTurn, UnitOfWork, type Tx } from '../database';
import { Sweepers } from '../queue';

const SWEEP_MS = 60_000;
/** Rows looked at in one statement. */
const PART = 20_000;
/** What was handled in a transaction that began before the last turn may only be seen in this one. */
const OVERLAP_MINUTES = 2;

/**
 * Of who was erased no body is kept, neither in the inbox nor in the archive; the rows and their keys stay, so that a
 * redelivery is still a duplicate. What comes in of him later is applied like everybody's, and loses its body afterwards.
 */
@Injectable()
export class ErasedBodies implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'erased-bodies', everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** From the commit on the database lets the bodies of these aggregates go. Twice is once. */
  async mark(tx: Tx, customerId: string, aggregates: readonly string[], at: Date): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO erased_aggregates (aggregate, customer_id, erased_at)
      SELECT a, ${customerId}, ${at} FROM unnest(${aggregates}::text[]) a ON CONFLICT (aggregate) DO NOTHING`;
  }

  /**
   * All there are, however old: goes over the whole inbox, part by part, for no index leads from an aggregate to its events.
   * The aggregates are marked. @returns how many bodies were let go.
   */
  async eraseAll(aggregates: readonly string[]): Promise<number> {
    let erased = 0;
    for (let position: string | null = ''; position !== null;) {
      const from: string = position;
      const part = await this.unitOfWork.service((tx) => this.erasePart(tx, aggregates, from));
      erased += part.erased;
      position = part.last;
    }
    return erased;
  }

  /** What was handled since the last turn. @returns how many bodies were let go; null while another process has the turn. */
  sweep(): Promise<number | null> {
    return this.unitOfWork.service((tx) =>
      takeSweepTurn(tx, 'erased-bodies', async (position) => {
        const [next] = await tx.$queryRaw<{ position: string }[]>`
          SELECT (statement_timestamp() - make_interval(mins => ${OVERLAP_MINUTES}::int))::text AS position`;
        const since = position === '' ? '-infinity' : position;
        const rows = await tx.$queryRaw<{ id: string }[]>`
          WITH his AS (
            SELECT e.id, e.received_at FROM inbox_events e JOIN erased_aggregates x ON x.aggregate = e.aggregate
            WHERE e.handled_at >= ${since}::timestamptz AND e.raw_body IS NOT NULL),
          gone AS (
            DELETE FROM kassa_archive.inbox_bodies b USING his WHERE b.received_at = his.received_at AND b.id = his.id)
          UPDATE inbox_events e SET raw_body = NULL, archived_at = COALESCE(e.archived_at, statement_timestamp()), error_context = NULL
          FROM his WHERE e.id = his.id RETURNING e.id`;
        return { position: next?.position ?? position, result: rows.length };
      }),
    );
  }

  private async erasePart(
    tx: Tx,
    aggregates: readonly string[],
    position: string,
  ): Promise<{ erased: number; last: string | null }> {
    const rows = await tx.$queryRaw<{ last: string | null; erased: number }[]>`
      WITH part AS MATERIALIZED (
        SELECT id, received_at, aggregate FROM inbox_events WHERE id > ${position} ORDER BY id LIMIT ${PART}),
      his AS MATERIALIZED (SELECT id, received_at FROM part WHERE aggregate = ANY (${aggregates}::text[])),
      gone AS (
        DELETE FROM kassa_archive.inbox_bodies b USING his WHERE b.received_at = his.received_at AND b.id = his.id RETURNING 1),
      emptied AS (
        UPDATE inbox_events e SET raw_body = NULL, archived_at = COALESCE(e.archived_at, statement_timestamp()), error_context = NULL
        FROM his WHERE e.id = his.id AND e.handled_at IS NOT NULL AND (e.raw_body IS NOT NULL OR e.error_context IS NOT NULL)
        RETURNING 1)
      SELECT (SELECT max(id) FROM part) AS last,
        ((SELECT count(*) FROM gone) + (SELECT count(*) FROM emptied))::int4 AS erased`;
    return rows[0] ?? { erased: 0, last: null };
  }
}
