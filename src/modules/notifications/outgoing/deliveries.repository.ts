import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { AttemptError, Outcome } from './domain/outcome';
import { ALL_TYPES } from './public-events';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'canceled'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface Delivery {
  id: string;
  endpointId: string;
  messageId: string;
  type: string;
  objectType: string;
  objectId: string;
  sequence: bigint;
  status: DeliveryStatus;
  attempts: number;
  /** Null: none is to come. */
  nextAttemptAt: Date | null;
  createdAt: Date;
  settledAt: Date | null;
  lastStatusCode: number | null;
  lastError: AttemptError | null;
}

export interface Attempt extends Omit<Outcome, 'retryAfterMs'> {
  number: number;
  at: Date;
  durationMs: number;
}

export interface ClaimedDelivery {
  id: string;
  messageId: string;
  endpointId: string;
  url: string;
  body: string;
  /** In this round of attempts, so far. */
  failures: number;
  /** Since this round began. */
  elapsedMs: number;
}

export interface DeliveryFilter {
  status?: DeliveryStatus | undefined;
  type?: string | undefined;
  objectId?: string | undefined;
}

/** A message and, where there is one, its delivery to the endpoint in question. */
export interface ToldMessage {
  messageId: string;
  createdAt: Date;
}

/** What becomes of a delivery after an attempt; `inMs` is the wait for the next one. */
export type Verdict = { status: 'delivered' | 'failed' } | { status: 'pending'; inMs: number };

const FREE = Prisma.sql`(d.lease_until IS NULL OR d.lease_until < statement_timestamp())`;
const DELIVERY = Prisma.sql`d.id, d.endpoint_id AS "endpointId", d.message_id AS "messageId", m.type, m.object_type AS "objectType",
  m.object_id AS "objectId", m.sequence, d.status, d.attempts, CASE WHEN d.status = 'pending' THEN d.next_attempt_at END
  AS "nextAttemptAt", d.created_at AS "createdAt", d.settled_at AS "settledAt", a.status_code AS "lastStatusCode",
  a.error AS "lastError"`;
const SOURCES = Prisma.sql`webhook_deliveries d JOIN webhook_messages m ON m.id = d.message_id
  LEFT JOIN webhook_attempts a ON a.delivery_id = d.id AND a.number = d.attempts`;
/** How many messages one call takes up. */
export const REDELIVERY_PAGE = 1_000;
const STRANDED_PAGE = 5_000;

/** Messages on their way. Due times and leases are the database's own time, as the inbox's are. */
@Injectable()
export class DeliveriesRepository {
  constructor(private readonly clock: Clock) {}

  /** One for each endpoint that takes the message's type. */
  async fanOut(tx: Tx, messages: readonly { id: string; type: string }[]): Promise<number> {
    const endpoints = await tx.$queryRaw<{ id: string; types: string[] }[]>`
      SELECT id, event_types AS types FROM webhook_endpoints WHERE status = 'enabled'`;
    const pairs = messages.flatMap(({ id: messageId, type }) =>
      endpoints
        .filter(({ types }) => types.includes(type) || types.includes(ALL_TYPES))
        .map(({ id: endpointId }) => ({ messageId, endpointId })),
    );
    return this.put(tx, pairs);
  }

  /** Due at once; one that is settled begins anew, under the same `webhook-id`. @returns how many are now to be made. */
  async put(tx: Tx, pairs: readonly { messageId: string; endpointId: string }[]): Promise<number> {
    if (pairs.length === 0) return 0;
    const at = this.clock.wall().getTime();
    const rows = pairs.map((pair) => ({ id: newId('whd', at), ...pair }));
    return tx.$executeRaw`
      INSERT INTO webhook_deliveries AS d (id, message_id, endpoint_id, status, begun_at, next_attempt_at, created_at)
      SELECT id, "messageId", "endpointId", 'pending', statement_timestamp(), statement_timestamp(),
        date_trunc('milliseconds', statement_timestamp())
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id text, "messageId" text, "endpointId" text)
      ON CONFLICT (message_id, endpoint_id) DO UPDATE SET status = 'pending', failures = 0, settled_at = NULL,
        begun_at = statement_timestamp(), next_attempt_at = statement_timestamp()
      WHERE d.status <> 'pending'`;
  }

  /**
   * Due deliveries, oldest first, under a lease. So many of each endpoint are under way at once, over all processes: one that
   * hangs takes nobody else's place, and one that has been failing gets a single place until it succeeds.
   */
  async claim(
    tx: Tx,
    { owner, leaseMs, perEndpoint, limit }: { owner: string; leaseMs: number; perEndpoint: number; limit: number },
  ): Promise<ClaimedDelivery[]> {
    // First the lock, then a look of its own: a count taken before it would not see what another has just claimed.
    const endpoints = await tx.$queryRaw<{ id: string }[]>`
      SELECT e.id FROM webhook_endpoints e
      WHERE e.status = 'enabled' AND (e.paused_until IS NULL OR e.paused_until <= statement_timestamp())
        AND EXISTS (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status = 'pending'
          AND d.next_attempt_at <= statement_timestamp() AND ${FREE})
      ORDER BY e.id FOR NO KEY UPDATE SKIP LOCKED`;
    if (endpoints.length === 0) return [];
    return tx.$queryRaw<ClaimedDelivery[]>`
      WITH due AS (
        SELECT d.id FROM webhook_endpoints e
        CROSS JOIN LATERAL (
          SELECT CASE WHEN e.failing_since IS NULL THEN ${perEndpoint}::int ELSE 1 END - count(*) AS places
          FROM webhook_deliveries b WHERE b.endpoint_id = e.id AND b.status = 'pending' AND b.lease_until >= statement_timestamp()) free
        CROSS JOIN LATERAL (
          SELECT d.id, d.next_attempt_at, row_number() OVER (ORDER BY d.next_attempt_at, d.id) AS place
          FROM webhook_deliveries d
          WHERE d.endpoint_id = e.id AND d.status = 'pending' AND d.next_attempt_at <= statement_timestamp() AND ${FREE}
          ORDER BY d.next_attempt_at, d.id LIMIT GREATEST(0, free.places)) d
        WHERE e.id = ANY (${endpoints.map(({ id }) => id)}) ORDER BY d.place, d.next_attempt_at LIMIT ${limit}),
      taken AS (
        UPDATE webhook_deliveries d SET lease_owner = ${owner}, lease_until = statement_timestamp() + ${leaseMs} * interval '1 ms'
        FROM due WHERE d.id = due.id AND d.status = 'pending' AND ${FREE}
        RETURNING d.id, d.message_id, d.endpoint_id, d.failures, d.begun_at)
      SELECT t.id, t.message_id AS "messageId", t.endpoint_id AS "endpointId", e.url, m.body, t.failures,
        (extract(epoch FROM statement_timestamp() - t.begun_at) * 1000)::float8 AS "elapsedMs"
      FROM taken t JOIN webhook_messages m ON m.id = t.message_id JOIN webhook_endpoints e ON e.id = t.endpoint_id
      ORDER BY m.created_at, m.sequence`;
  }

  /** @returns false where the lease was lost: whoever has it now says how it went. */
  async settle(
    tx: Tx,
    owner: string,
    id: string,
    verdict: Verdict,
    { durationMs, ...outcome }: Outcome & { durationMs: number },
  ): Promise<boolean> {
    const isPending = verdict.status === 'pending';
    const [row] = await tx.$queryRaw<{ attempts: number }[]>`
      UPDATE webhook_deliveries SET status = ${verdict.status}, attempts = attempts + 1, lease_owner = NULL, lease_until = NULL,
        failures = failures + ${outcome.error === null ? 0 : 1},
        next_attempt_at = statement_timestamp() + ${isPending ? verdict.inMs : 0} * interval '1 ms',
        settled_at = CASE WHEN ${isPending} THEN NULL ELSE statement_timestamp() END
      WHERE id = ${id} AND lease_owner = ${owner} AND status = 'pending' RETURNING attempts`;
    if (!row) return false;
    const { statusCode, error, detail, response } = outcome;
    await tx.$executeRaw`
      INSERT INTO webhook_attempts (delivery_id, number, at, duration_ms, status_code, error, detail, response)
      VALUES (${id}, ${row.attempts}, statement_timestamp() - ${durationMs} * interval '1 ms', ${durationMs}, ${statusCode}, ${error},
        ${detail}, ${response})`;
    return true;
  }

  async byId(tx: Tx, id: string): Promise<Delivery | null> {
    const [delivery] = await tx.$queryRaw<Delivery[]>`SELECT ${DELIVERY} FROM ${SOURCES} WHERE d.id = ${id}`;
    return delivery ?? null;
  }

  async ofMessage(tx: Tx, endpointId: string, messageId: string): Promise<Delivery | null> {
    const [delivery] = await tx.$queryRaw<Delivery[]>`
      SELECT ${DELIVERY} FROM ${SOURCES} WHERE d.endpoint_id = ${endpointId} AND d.message_id = ${messageId}`;
    return delivery ?? null;
  }

  /** The body too: what was told. */
  async bodyOf(tx: Tx, messageId: string): Promise<string | null> {
    const [message] = await tx.$queryRaw<{ body: string }[]>`SELECT body FROM webhook_messages WHERE id = ${messageId}`;
    return message?.body ?? null;
  }

  /** The newest hundred, newest first. */
  async attemptsOf(tx: Tx, id: string): Promise<Attempt[]> {
    return tx.$queryRaw<Attempt[]>`
      SELECT number, at, duration_ms AS "durationMs", status_code AS "statusCode", error, detail, response
      FROM webhook_attempts WHERE delivery_id = ${id} ORDER BY number DESC LIMIT 100`;
  }

  /** Newest first. */
  async list(
    tx: Tx,
    endpointId: string,
    { status, type, objectId }: DeliveryFilter,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Delivery[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<Delivery[]>`
      SELECT ${DELIVERY} FROM ${SOURCES}
      WHERE d.endpoint_id = ${endpointId} AND (${status ?? null}::text IS NULL OR d.status = ${status ?? null})
        AND (${type ?? null}::text IS NULL OR m.type = ${type ?? null})
        AND (${objectId ?? null}::text IS NULL OR m.object_id = ${objectId ?? null})
        AND (${at}::timestamptz IS NULL OR (d.created_at, d.id) < (${at}, ${after?.id ?? null}))
      ORDER BY d.created_at DESC, d.id DESC LIMIT ${limit}`;
  }

  /**
   * What this endpoint should have been told of since then, and was not: its delivery failed or was canceled, or there never
   * was one, because it was disabled. With `delivered` also what it was told of. Oldest first, one page.
   */
  async missed(
    tx: Tx,
    { id, eventTypes }: { id: string; eventTypes: readonly string[] },
    since: Date,
    delivered: boolean,
  ): Promise<ToldMessage[]> {
    const settled = delivered ? ['failed', 'canceled', 'delivered'] : ['failed', 'canceled'];
    return tx.$queryRaw<ToldMessage[]>`
      SELECT m.id AS "messageId", m.created_at AS "createdAt"
      FROM webhook_messages m LEFT JOIN webhook_deliveries d ON d.message_id = m.id AND d.endpoint_id = ${id}
      WHERE m.created_at >= ${since} AND m.event_id IS NOT NULL
        AND (${eventTypes.includes(ALL_TYPES)} OR m.type = ANY (${[...eventTypes]}))
        AND (d.id IS NULL OR d.status = ANY (${settled}))
      ORDER BY m.created_at, m.id LIMIT ${REDELIVERY_PAGE}`;
  }

  /** Due now, where it waits for its next attempt. What is under way is left alone. */
  async hurry(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE webhook_deliveries d SET next_attempt_at = statement_timestamp()
      WHERE id = ${id} AND status = 'pending' AND ${FREE}`;
  }

  /** What waits for an endpoint that is told of nothing any more. @returns how many of them. */
  async cancelStranded(tx: Tx): Promise<number> {
    return tx.$executeRaw`
      UPDATE webhook_deliveries SET status = 'canceled', settled_at = statement_timestamp(), lease_owner = NULL, lease_until = NULL
      WHERE id IN (
        SELECT d.id FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id
        WHERE e.status <> 'enabled' AND d.status = 'pending' AND ${FREE} LIMIT ${STRANDED_PAGE} FOR UPDATE OF d SKIP LOCKED)`;
  }
}
