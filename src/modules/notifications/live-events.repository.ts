import { Injectable } from '@nestjs/common';
import { idFloor } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import type { StoredLiveEvent } from './domain/live-event';

/**
 * A place in the order in which a customer's events are told: that of the transactions that wrote them (`xmin`), and within
 * one of `seq`. Ids and sequence numbers are drawn before the commit, so a later one may be seen earlier; a stream that
 * followed them would skip what comes late. A transaction's number is only passed once no older one is running.
 */
export interface Position {
  xid: string;
  seq: string;
}

/** A stream's question: what comes after `position`? */
export interface Question {
  /** The stream's place in the answer. */
  stream: number;
  userId: string;
  position: Position;
  /** Wall time before which no event of interest was written; keeps the search to the end of the table. */
  since: Date;
}

export interface PlacedEvent extends StoredLiveEvent {
  stream: number;
  position: Position;
  /** No event can come before it any more. */
  settled: boolean;
}

interface PlacedRow extends StoredLiveEvent {
  stream: number;
  xid: string;
  seq: string;
  settled: boolean;
}

export const PAGE = 100;
/** Our transactions end within 8 s, so nothing of ours can still come before an event this old, whoever else is running. */
const SETTLED_AFTER_SECONDS = 15;

@Injectable()
export class LiveEventsRepository {
  /** The end of what is settled: everything from here on is news. */
  async end(tx: Tx): Promise<Position> {
    const [row] = await tx.$queryRaw<{ xid: string }[]>`
      SELECT pg_snapshot_xmin(pg_current_snapshot())::xid::text AS xid`;
    if (!row) throw new Error('PostgreSQL gave no snapshot');
    return { xid: row.xid, seq: '0' };
  }

  /**
   * Where a stream goes on that has seen this event last; further ahead where more than a page has come since, or where the
   * event lies before `since`. Null for an event that is not this user's, or not known.
   */
  async placeOf(
    tx: Tx,
    { eventId, userId, types, since }: { eventId: string; userId: string; types: readonly string[]; since: Date },
  ): Promise<(Position & { recordedAt: Date }) | null> {
    const [row] = await tx.$queryRaw<(Position & { recordedAt: Date })[]>`
      WITH seen AS (
        SELECT e.customer_id, e.xmin::text AS xid, e.seq, e.recorded_at
        FROM outbox_events e JOIN customers c ON c.id = e.customer_id
        WHERE e.id = ${eventId} AND c.user_id = ${userId}),
      page AS (
        SELECT e.xmin::text AS xid, e.seq
        FROM seen JOIN outbox_events e ON e.customer_id = seen.customer_id
        WHERE e.id >= ${idFloor('out', since.getTime())} AND e.type = ANY (${types})
          AND (age(e.xmin) < age(seen.xid::xid) OR (e.xmin::text = seen.xid AND e.seq > seen.seq))
        ORDER BY age(e.xmin), e.seq DESC OFFSET ${PAGE} LIMIT 1)
      SELECT coalesce(page.xid, seen.xid) AS xid, coalesce(page.seq, seen.seq)::text AS seq, seen.recorded_at AS "recordedAt"
      FROM seen LEFT JOIN page ON true`;
    return row ?? null;
  }

  /** Up to a page for each stream, in order. One statement for all. */
  async after(tx: Tx, questions: readonly Question[], types: readonly string[]): Promise<PlacedEvent[]> {
    const asked = questions.map(({ stream, userId, position, since }) => ({
      stream,
      userId,
      ...position,
      floor: idFloor('out', since.getTime()),
    }));
    const rows = await tx.$queryRaw<PlacedRow[]>`
      SELECT s.stream, e.id, e.type, e.payload, e.occurred_at AS "occurredAt", e.xid, e.seq::text AS seq, e.settled
      FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS s (stream int, "userId" text, xid text, seq bigint, floor text)
      JOIN customers c ON c.user_id = s."userId"
      CROSS JOIN LATERAL (
        SELECT o.id, o.type, o.payload, o.occurred_at, o.xmin::text AS xid, o.seq, age(o.xmin) AS age,
          age(o.xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)
            OR o.recorded_at < statement_timestamp() - make_interval(secs => ${SETTLED_AFTER_SECONDS}) AS settled
        FROM outbox_events o
        WHERE o.customer_id = c.id AND o.id >= s.floor AND o.type = ANY (${types})
          AND (age(o.xmin) < age(s.xid::xid) OR (o.xmin::text = s.xid AND o.seq > s.seq))
        ORDER BY age(o.xmin) DESC, o.seq LIMIT ${PAGE}) e
      ORDER BY s.stream, e.age DESC, e.seq`;
    return rows.map(({ xid, seq, ...row }) => ({ ...row, position: { xid, seq } }));
  }

  /** Null where there is no such customer. */
  async userOf(tx: Tx, customerId: string): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ userId: string }[]>`
      SELECT user_id AS "userId" FROM customers WHERE id = ${customerId}`;
    return row?.userId ?? null;
  }
}
