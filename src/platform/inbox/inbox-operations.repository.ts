import { Injectable } from '@nestjs/common';
import { Prisma } from '../../generated/prisma/client';
import type { Provider } from '../../shared/facts';
import type { Tx } from '../database';
import type { ClaimedEvent, ErrorContext } from './inbox.types';

export const INBOX_STATUSES = [
  'received',
  'processing',
  'processed',
  'ignored',
  'stale',
  'retrying',
  'failed',
] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

/** What operators look for; all that is given must fit. */
export interface InboxFilter {
  provider?: Provider | undefined;
  type?: string | undefined;
  /** Any of them. */
  statuses?: readonly InboxStatus[] | undefined;
  objectId?: string | undefined;
  aggregate?: string | undefined;
  /** Inclusive. */
  receivedFrom?: Date | undefined;
  /** Exclusive. */
  receivedTo?: Date | undefined;
  /** The last failure's code, and what its details say. */
  failedFor?: { code: string; details: Record<string, string> } | undefined;
}

/** An inbox row without its body. */
export interface InboxEntry extends Omit<ClaimedEvent, 'rawBody'> {
  receivedAt: Date;
  status: InboxStatus;
  ignoredFor: string | null;
  nextRetryAt: Date | null;
  replayCount: number;
  handledAt: Date | null;
  /** When the body left the row for the archive; null while it is here. */
  archivedAt: Date | null;
  /** The last failure, with those before it under `earlier`, newest first. */
  errorContext: ErrorContext | null;
}

export interface InboxEntryWithBody extends InboxEntry {
  headers: Record<string, string>;
  /** Null where its month has been let go. */
  rawBody: Buffer | null;
}

/** What decides whether a row may be put back. */
export interface ReplayState {
  status: InboxStatus;
  retryCount: number;
  replayCount: number;
  /** A worker's lease on it is running. */
  underWay: boolean;
  /** Nothing is left to read. */
  bodyExpired: boolean;
}

const COLUMNS = Prisma.sql`e.id, e.provider, e.event_id AS "eventId", e.type, e.api_version AS "apiVersion", e.livemode,
  e.object_type AS "objectType", e.object_id AS "objectId", e.aggregate, e.occurred_at AS "occurredAt",
  e.received_at AS "receivedAt", e.status, e.ignored_for AS "ignoredFor", e.retry_count AS "retryCount",
  e.next_retry_at AS "nextRetryAt", e.replay_count AS "replayCount", e.handled_at AS "handledAt",
  e.archived_at AS "archivedAt", e.error_context AS "errorContext"`;
const ARCHIVED_BODY = Prisma.sql`kassa_archive.inbox_bodies b WHERE b.received_at = e.received_at AND b.id = e.id`;
const UNDER_WAY = Prisma.sql`(e.handled_at IS NULL AND e.lease_until IS NOT NULL AND e.lease_until >= statement_timestamp())`;
const BODY_EXPIRED = Prisma.sql`(e.raw_body IS NULL AND NOT EXISTS (SELECT FROM ${ARCHIVED_BODY}))`;
/**
 * Handled rows start over; one that waits for its retry is due now. Due from now on, not from when they were received: what
 * is put back in bulk waits behind what has come in meanwhile.
 */
const PUT_BACK = Prisma.sql`UPDATE inbox_events e SET
  status = CASE WHEN e.handled_at IS NULL THEN e.status ELSE 'received' END,
  retry_count = CASE WHEN e.handled_at IS NULL THEN e.retry_count ELSE 0 END,
  replay_count = e.replay_count + CASE WHEN e.handled_at IS NULL THEN 0 ELSE 1 END,
  handled_at = NULL, ignored_for = NULL, lease_owner = NULL, lease_until = NULL, next_retry_at = statement_timestamp()`;

/** The inbox as operators see it and put it back to work. */
@Injectable()
export class InboxOperationsRepository {
  /** Newest first. @param before keyset: rows older than (receivedAt, id). */
  async list(
    tx: Tx,
    filter: InboxFilter,
    limit: number,
    before: { receivedAt: Date; id: string } | null,
  ): Promise<InboxEntry[]> {
    const conditions = conditionsOf(filter);
    if (before) conditions.push(Prisma.sql`(e.received_at, e.id) < (${before.receivedAt}, ${before.id})`);
    return tx.$queryRaw<InboxEntry[]>`
      SELECT ${COLUMNS} FROM inbox_events e ${where(conditions)} ORDER BY e.received_at DESC, e.id DESC LIMIT ${limit}`;
  }

  /** With its body, from wherever it lies. */
  async byId(tx: Tx, id: string): Promise<InboxEntryWithBody | null> {
    const rows = await tx.$queryRaw<(InboxEntryWithBody & { rawBody: Uint8Array | null })[]>`
      SELECT ${COLUMNS}, e.headers, COALESCE(e.raw_body, (SELECT b.raw_body FROM ${ARCHIVED_BODY})) AS "rawBody"
      FROM inbox_events e WHERE e.id = ${id}`;
    const row = rows[0];
    return row ? { ...row, rawBody: row.rawBody && Buffer.from(row.rawBody) } : null;
  }

  /** Holds the row to the end of the transaction, so that no worker takes it up meanwhile. */
  async lock(tx: Tx, id: string): Promise<ReplayState | null> {
    const rows = await tx.$queryRaw<ReplayState[]>`
      SELECT e.status, e.retry_count AS "retryCount", e.replay_count AS "replayCount", ${UNDER_WAY} AS "underWay",
        ${BODY_EXPIRED} AS "bodyExpired"
      FROM inbox_events e WHERE e.id = ${id} FOR NO KEY UPDATE`;
    return rows[0] ?? null;
  }

  /** The caller holds the row, and has seen that nobody works on it and that there is something to read. */
  async requeue(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`${PUT_BACK} WHERE e.id = ${id}`;
  }

  /**
   * The oldest that match, up to `limit`, in one statement; passes over what a worker has in hand and what has no body left.
   * @returns how many were put back.
   */
  async requeueMatching(tx: Tx, filter: InboxFilter, limit: number): Promise<number> {
    return tx.$executeRaw`
      WITH matching AS MATERIALIZED (
        SELECT e.id FROM inbox_events e ${where(replayableOf(filter))}
        ORDER BY e.received_at, e.id LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED)
      ${PUT_BACK} FROM matching WHERE e.id = matching.id`;
  }

  /** How many `requeueMatching` would find, without its limit. */
  async countMatching(tx: Tx, filter: InboxFilter): Promise<number> {
    const rows = await tx.$queryRaw<{ n: bigint }[]>`
      SELECT count(*) AS n FROM inbox_events e ${where(replayableOf(filter))}`;
    return Number(rows[0]?.n ?? 0);
  }

  /** Rows that somebody has to do something about, by status: all that is not handled, and the dead letters. */
  async openByStatus(tx: Tx): Promise<{ status: InboxStatus; rows: number }[]> {
    return tx.$queryRaw<{ status: InboxStatus; rows: number }[]>`
      SELECT status, count(*)::int4 AS rows FROM inbox_events WHERE handled_at IS NULL GROUP BY status
      UNION ALL SELECT status, count(*)::int4 FROM inbox_events WHERE status = 'failed' GROUP BY status`;
  }
}

function replayableOf(filter: InboxFilter): Prisma.Sql[] {
  return [...conditionsOf(filter), Prisma.sql`NOT ${UNDER_WAY}`, Prisma.sql`NOT ${BODY_EXPIRED}`];
}

function conditionsOf(filter: InboxFilter): Prisma.Sql[] {
  const { provider, type, statuses, objectId, aggregate, receivedFrom, receivedTo, failedFor } = filter;
  return [
    ...(provider === undefined ? [] : [Prisma.sql`e.provider = ${provider}`]),
    ...(type === undefined ? [] : [Prisma.sql`e.type = ${type}`]),
    // One status by equality: only so does a partial index of it fit.
    ...(statuses === undefined ? [] : [Prisma.sql`(${Prisma.join(statuses.map(isStatus), ' OR ')})`]),
    ...(objectId === undefined ? [] : [Prisma.sql`e.object_id = ${objectId}`]),
    ...(aggregate === undefined ? [] : [Prisma.sql`e.aggregate = ${aggregate}`]),
    ...(receivedFrom === undefined ? [] : [Prisma.sql`e.received_at >= ${receivedFrom}`]),
    ...(receivedTo === undefined ? [] : [Prisma.sql`e.received_at < ${receivedTo}`]),
    ...(failedFor === undefined ? [] : [Prisma.sql`e.error_context @> ${JSON.stringify(failedFor)}::jsonb`]),
  ];
}

function isStatus(status: InboxStatus): Prisma.Sql {
  return Prisma.sql`e.status = ${status}`;
}

function where(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join([...conditions], ' AND ')}`;
}
