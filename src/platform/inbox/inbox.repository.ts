import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import { Prisma } from '../../generated/prisma/client';
import { AppConfig } from '../config';
import { PG_POOL, type Tx } from '../database';
import type { ClaimedEvent, ErrorContext, ReadRequest, SettledEvent } from './inbox.types';

/** One call to a provider with its retries, and the transaction after it. */
const ASKING_LEASE_MS = 45_000;
/** Type of the rows by which we ask ourselves to read an object again. */
export const READ_REQUEST = 'kassa.read';
/** Ignored, because nobody of ours is known behind it: taken up again where that changes. */
export const FOREIGN = 'foreign';

/** The error `f.context` with the last few of the row `e` before it, newest first. */
const WITH_EARLIER = Prisma.sql`f.context || jsonb_build_object('earlier', COALESCE((
  SELECT jsonb_agg(p.error ORDER BY p.n)
  FROM jsonb_array_elements(jsonb_build_array(e.error_context - 'earlier') || COALESCE(e.error_context -> 'earlier', '[]'))
    WITH ORDINALITY AS p (error, n)
  WHERE e.error_context IS NOT NULL AND p.n <= 9), '[]'))`;

/**
 * The inbox: what providers told us, and what is left to do about it. Retry times and leases are the database's own time:
 * workers whose clocks disagree must not take over each other's rows, or leave rows to lie.
 */
@Injectable()
export class InboxRepository {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /**
   * Takes due rows under a lease, oldest first, passing over what others hold. One statement, committed at once. Raw `pg`:
   * the hot path.
   */
  async claim(owner: string, limit: number): Promise<ClaimedEvent[]> {
    const { rows } = await this.pool.query<ClaimedEvent>({
      name: 'inbox-claim',
      // statement_timestamp() is stable, so the index ends the scan at what is not due yet.
      text: `WITH due AS (
          SELECT id FROM inbox_events
          WHERE handled_at IS NULL AND COALESCE(next_retry_at, received_at) <= statement_timestamp()
            AND (lease_until IS NULL OR lease_until < statement_timestamp())
          ORDER BY COALESCE(next_retry_at, received_at) LIMIT $2 FOR UPDATE SKIP LOCKED)
        UPDATE inbox_events e SET status = 'processing', lease_owner = $1,
          lease_until = statement_timestamp() + $3 * interval '1 ms'
        FROM due WHERE e.id = due.id
        RETURNING e.id, e.provider, e.event_id AS "eventId", e.type, e.api_version AS "apiVersion", e.livemode,
          e.object_type AS "objectType", e.object_id AS "objectId", e.aggregate, e.occurred_at AS "occurredAt",
          COALESCE(e.raw_body, (SELECT b.raw_body FROM kassa_archive.inbox_bodies b
            WHERE b.received_at = e.received_at AND b.id = e.id), '') AS "rawBody", e.retry_count AS "retryCount",
          COALESCE(e.error_context ->> 'stage' = 'applying', false) AS suspect`,
      values: [owner, limit, this.config.workLeaseMs],
    });
    return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** In the transaction of the effects. Fails the transaction where a lease was lost meanwhile to another worker. */
  async settle(tx: Tx, owner: string, rows: readonly SettledEvent[]): Promise<void> {
    if (rows.length === 0) return;
    const settled = await tx.$executeRaw`
      UPDATE inbox_events e SET status = s.status, ignored_for = s."ignoredFor", handled_at = statement_timestamp(),
        aggregate = COALESCE(e.aggregate, s.aggregate), lease_owner = NULL, lease_until = NULL, next_retry_at = NULL
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS s (id text, status text, "ignoredFor" text, aggregate text)
      WHERE e.id = s.id AND e.lease_owner = ${owner} AND e.handled_at IS NULL`;
    if (settled !== rows.length) throw new LeaseLostError();
  }

  /** A longer lease for a row whose handling asks the provider. @returns false where the lease is lost. */
  async renew(tx: Tx, owner: string, id: string): Promise<boolean> {
    const renewed = await tx.$executeRaw`
      UPDATE inbox_events SET lease_until = statement_timestamp() + ${ASKING_LEASE_MS} * interval '1 ms'
      WHERE id = ${id} AND lease_owner = ${owner} AND handled_at IS NULL`;
    return renewed === 1;
  }

  /** Puts rows back untouched: another worker holds their aggregate. */
  async release(tx: Tx, owner: string, ids: readonly string[], delayMs: number): Promise<void> {
    await tx.$executeRaw`
      UPDATE inbox_events SET status = CASE WHEN retry_count > 0 THEN 'retrying' ELSE 'received' END,
        lease_owner = NULL, lease_until = NULL, next_retry_at = statement_timestamp() + ${delayMs} * interval '1 ms'
      WHERE id = ANY (${ids}) AND lease_owner = ${owner} AND handled_at IS NULL`;
  }

  async retryLater(
    tx: Tx,
    owner: string,
    rows: readonly { id: string; delayMs: number; context: ErrorContext }[],
  ): Promise<void> {
    if (rows.length === 0) return;
    await tx.$executeRaw`
      UPDATE inbox_events e SET status = 'retrying', retry_count = e.retry_count + 1, lease_owner = NULL, lease_until = NULL,
        next_retry_at = statement_timestamp() + f."delayMs" * interval '1 ms', error_context = ${WITH_EARLIER}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS f (id text, "delayMs" float8, context jsonb)
      WHERE e.id = f.id AND e.lease_owner = ${owner} AND e.handled_at IS NULL`;
  }

  /** The dead letters. @returns ids of those that became one; somebody else has settled the others meanwhile. */
  async fail(tx: Tx, owner: string, rows: readonly { id: string; context: ErrorContext }[]): Promise<Set<string>> {
    if (rows.length === 0) return new Set();
    const told = rows.map(({ id, context }) => ({ id, context }));
    const failed = await tx.$queryRaw<{ id: string }[]>`
      UPDATE inbox_events e SET status = 'failed', retry_count = e.retry_count + 1, lease_owner = NULL, lease_until = NULL,
        next_retry_at = NULL, handled_at = statement_timestamp(), error_context = ${WITH_EARLIER}
      FROM jsonb_to_recordset(${JSON.stringify(told)}::jsonb) AS f (id text, context jsonb)
      WHERE e.id = f.id AND e.lease_owner = ${owner} AND e.handled_at IS NULL
      RETURNING e.id`;
    return new Set(failed.map(({ id }) => id));
  }

  /** Asks for one more look at each object. `reason` makes a request unique: the same cause asks once. */
  async requestReads(tx: Tx, requests: readonly ReadRequest[]): Promise<void> {
    if (requests.length === 0) return;
    const at = this.clock.wall().getTime();
    const rows = requests.map(({ key, aggregate, reason }) => ({
      id: newId('evt', at),
      eventId: `read:${key.objectType}:${key.objectId}:${reason}`,
      ...key,
      aggregate,
    }));
    await tx.$executeRaw`
      INSERT INTO inbox_events (id, provider, event_id, type, livemode, object_type, object_id, aggregate, occurred_at,
        received_at, raw_body, headers, status)
      SELECT r.id, r.provider, r."eventId", ${READ_REQUEST}, false, r."objectType", r."objectId", r.aggregate,
        date_trunc('milliseconds', statement_timestamp()), date_trunc('milliseconds', statement_timestamp()), '', '{}', 'received'
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id text, provider text, "eventId" text, "objectType" text,
        "objectId" text, aggregate text)
      ON CONFLICT (provider, event_id) DO NOTHING`;
  }

  /**
   * Takes up again what was ignored because nobody of ours was known behind its aggregate. Under the aggregate's lock, so
   * that no worker is just deciding the same of one more.
   */
  async reviveForeign(tx: Tx, aggregate: string): Promise<number> {
    return tx.$executeRaw`
      UPDATE inbox_events SET status = 'received', ignored_for = NULL, handled_at = NULL, next_retry_at = NULL
      WHERE aggregate = ${aggregate} AND ignored_for = ${FOREIGN}`;
  }

  /** How many seconds ago the oldest row that waits was due; null where none waits. */
  async oldestUnhandledAgeSeconds(): Promise<number | null> {
    const result = await this.pool.query<{ age: number | null }>(
      `SELECT extract(epoch FROM statement_timestamp() - min(COALESCE(next_retry_at, received_at)))::float8 AS age FROM inbox_events WHERE handled_at IS NULL`,
    );
    const age = result.rows[0]?.age ?? null;
    return age === null ? null : Math.max(0, age);
  }
}

/** Another worker took the rows over while we were at it: our transaction must not commit. */
export class LeaseLostError extends Error {
  constructor() {
    super('The lease on an inbox row was lost');
  }
}
