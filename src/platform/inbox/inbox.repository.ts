import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import { PG_POOL, type Tx } from '../database';
import type { ObjectKey } from '../facts';
import type { ClaimedEvent, ErrorContext, SettledStatus } from './inbox.types';

/** A claim older than this belongs to nobody: its worker is dead or blocked. */
const LEASE_MS = 15_000;
/** One call to a provider with its retries, and the transaction after it. */
const ASKING_LEASE_MS = 45_000;
/** Type of the rows by which we ask ourselves to read an object again. */
export const READ_REQUEST = 'kassa.read';

/** The inbox: what providers told us, and what is left to do about it. Retry times and leases are wall time. */
@Injectable()
export class InboxRepository {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  /** Takes due rows under a lease, oldest first, passing over what others hold. One statement, committed at once. */
  async claim(tx: Tx, owner: string, limit: number): Promise<ClaimedEvent[]> {
    const now = this.clock.wall();
    const rows = await tx.$queryRaw<(Omit<ClaimedEvent, 'rawBody'> & { rawBody: Uint8Array })[]>`
      WITH due AS (
        SELECT id FROM inbox_events
        WHERE handled_at IS NULL AND COALESCE(next_retry_at, received_at) <= ${now}
          AND (lease_until IS NULL OR lease_until < ${now})
        ORDER BY COALESCE(next_retry_at, received_at) LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      UPDATE inbox_events e SET status = 'processing', lease_owner = ${owner}, lease_until = ${new Date(now.getTime() + LEASE_MS)}
      FROM due WHERE e.id = due.id
      RETURNING e.id, e.provider, e.event_id AS "eventId", e.type, e.api_version AS "apiVersion", e.livemode,
        e.object_type AS "objectType", e.object_id AS "objectId", e.aggregate, e.occurred_at AS "occurredAt",
        e.raw_body AS "rawBody", e.retry_count AS "retryCount"`;
    return rows.map((row) => ({ ...row, rawBody: Buffer.from(row.rawBody) })).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** In the transaction of the effects. Fails the transaction where the lease was lost meanwhile to another worker. */
  async settle(
    tx: Tx,
    owner: string,
    ids: readonly string[],
    status: SettledStatus,
    aggregate: string | null,
  ): Promise<void> {
    const now = this.clock.wall();
    const settled = await tx.$executeRaw`
      UPDATE inbox_events SET status = ${status}, handled_at = ${now}, aggregate = COALESCE(aggregate, ${aggregate}),
        lease_owner = NULL, lease_until = NULL, next_retry_at = NULL
      WHERE id = ANY (${ids}) AND lease_owner = ${owner} AND handled_at IS NULL`;
    if (settled !== ids.length) throw new LeaseLostError();
  }

  /** A longer lease for a row whose handling asks the provider. @returns false where the lease is lost. */
  async renew(tx: Tx, owner: string, id: string): Promise<boolean> {
    const renewed = await tx.$executeRaw`
      UPDATE inbox_events SET lease_until = ${new Date(this.clock.wall().getTime() + ASKING_LEASE_MS)}
      WHERE id = ${id} AND lease_owner = ${owner} AND handled_at IS NULL`;
    return renewed === 1;
  }

  /** Puts rows back untouched: another worker holds their aggregate. */
  async release(tx: Tx, owner: string, ids: readonly string[], delayMs: number): Promise<void> {
    await tx.$executeRaw`
      UPDATE inbox_events SET status = 'received', lease_owner = NULL, lease_until = NULL,
        next_retry_at = ${new Date(this.clock.wall().getTime() + delayMs)}
      WHERE id = ANY (${ids}) AND lease_owner = ${owner} AND handled_at IS NULL`;
  }

  async retryLater(tx: Tx, owner: string, id: string, delayMs: number, context: ErrorContext): Promise<void> {
    await tx.$executeRaw`
      UPDATE inbox_events SET status = 'retrying', retry_count = retry_count + 1, lease_owner = NULL, lease_until = NULL,
        next_retry_at = ${new Date(this.clock.wall().getTime() + delayMs)}, error_context = ${JSON.stringify(context)}::jsonb
      WHERE id = ${id} AND lease_owner = ${owner} AND handled_at IS NULL`;
  }

  /** The dead letter. @returns false where somebody else has settled the row meanwhile. */
  async fail(tx: Tx, owner: string, id: string, context: ErrorContext): Promise<boolean> {
    const failed = await tx.$executeRaw`
      UPDATE inbox_events SET status = 'failed', retry_count = retry_count + 1, lease_owner = NULL, lease_until = NULL,
        next_retry_at = NULL, handled_at = ${this.clock.wall()}, error_context = ${JSON.stringify(context)}::jsonb
      WHERE id = ${id} AND lease_owner = ${owner} AND handled_at IS NULL`;
    return failed === 1;
  }

  /** Asks for one more look at an object. `reason` makes the request unique: the same cause asks once. */
  async requestRead(tx: Tx, key: ObjectKey, aggregate: string, reason: string): Promise<void> {
    const at = this.clock.wall();
    await tx.$executeRaw`
      INSERT INTO inbox_events (id, provider, event_id, type, livemode, object_type, object_id, aggregate, occurred_at,
        received_at, raw_body, headers, status)
      VALUES (${newId('evt', at.getTime())}, ${key.provider}, ${`read:${key.objectType}:${key.objectId}:${reason}`}, ${READ_REQUEST},
        false, ${key.objectType}, ${key.objectId}, ${aggregate}, ${at}, ${at}, ${Buffer.alloc(0)}, '{}'::jsonb, 'received')
      ON CONFLICT (provider, event_id) DO NOTHING`;
  }

  /** Age in seconds of the oldest row nobody has handled; null where there is none. */
  async oldestUnhandledAgeSeconds(): Promise<number | null> {
    const result = await this.pool.query<{ oldest: Date | null }>(
      'SELECT min(received_at) AS oldest FROM inbox_events WHERE handled_at IS NULL',
    );
    const oldest = result.rows[0]?.oldest;
    return oldest ? Math.max(0, (this.clock.wall().getTime() - oldest.getTime()) / 1000) : null;
  }
}

/** Another worker took the rows over while we were at it: our transaction must not commit. */
export class LeaseLostError extends Error {
  constructor() {
    super('The lease on an inbox row was lost');
  }
}
