import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';

export const ENDPOINT_STATUSES = ['enabled', 'disabled'] as const;
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];
export const DISABLED_REASONS = ['operator', 'gone', 'failing'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

export interface Endpoint {
  id: string;
  url: string;
  description: string;
  /** `*` alone: all of them. */
  eventTypes: string[];
  status: EndpointStatus;
  disabledAt: Date | null;
  disabledReason: DisabledReason | null;
  /** The first failure since the last success. */
  failingSince: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export type EndpointTerms = Pick<Endpoint, 'url' | 'description' | 'eventTypes'>;

const COLUMNS = Prisma.sql`id, url, description, event_types AS "eventTypes", status, disabled_at AS "disabledAt",
  disabled_reason AS "disabledReason", failing_since AS "failingSince", created_at AS "createdAt", updated_at AS "updatedAt"`;

/**
 * Where messages go. All times are the database's own, which all processes share (lists go by milliseconds). Whoever locks an endpoint and its
 * deliveries takes the endpoint first.
 */
@Injectable()
export class EndpointsRepository {
  constructor(private readonly clock: Clock) {}

  async insert(tx: Tx, { url, description, eventTypes }: EndpointTerms): Promise<Endpoint> {
    const id = newId('whe', this.clock.wall().getTime());
    const [made] = await tx.$queryRaw<Endpoint[]>`
      INSERT INTO webhook_endpoints (id, url, description, event_types, status, created_at, updated_at)
      VALUES (${id}, ${url}, ${description}, ${eventTypes}::text[], 'enabled', date_trunc('milliseconds', statement_timestamp()),
        statement_timestamp())
      RETURNING ${COLUMNS}`;
    if (!made) throw new Error('PostgreSQL returned no row');
    return made;
  }

  /** Null for one that was deleted, too. */
  async byId(tx: Tx, id: string): Promise<Endpoint | null> {
    const [endpoint] = await tx.$queryRaw<Endpoint[]>`
      SELECT ${COLUMNS} FROM webhook_endpoints WHERE id = ${id} AND status <> 'deleted'`;
    return endpoint ?? null;
  }

  /** As `byId`; nobody changes it until the transaction ends. */
  async lock(tx: Tx, id: string): Promise<Endpoint | null> {
    const [endpoint] = await tx.$queryRaw<Endpoint[]>`
      SELECT ${COLUMNS} FROM webhook_endpoints WHERE id = ${id} AND status <> 'deleted' FOR NO KEY UPDATE`;
    return endpoint ?? null;
  }

  /** Those that are not deleted. */
  async count(tx: Tx): Promise<number> {
    const [row] = await tx.$queryRaw<{ n: number }[]>`
      SELECT count(*)::int AS n FROM webhook_endpoints WHERE status <> 'deleted'`;
    return row?.n ?? 0;
  }

  /** Newest first. */
  async list(tx: Tx, limit: number, after: { createdAt: Date; id: string } | null): Promise<Endpoint[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<Endpoint[]>`
      SELECT ${COLUMNS} FROM webhook_endpoints
      WHERE status <> 'deleted' AND (${at}::timestamptz IS NULL OR (created_at, id) < (${at}, ${after?.id ?? null}))
      ORDER BY created_at DESC, id DESC LIMIT ${limit}`;
  }

  async change(tx: Tx, id: string, { url, description, eventTypes }: EndpointTerms): Promise<Endpoint | null> {
    const [changed] = await tx.$queryRaw<Endpoint[]>`
      UPDATE webhook_endpoints SET url = ${url}, description = ${description}, event_types = ${eventTypes}::text[],
        failing_since = CASE WHEN url = ${url} THEN failing_since END,
        paused_until = CASE WHEN url = ${url} THEN paused_until END, updated_at = statement_timestamp()
      WHERE id = ${id} AND status <> 'deleted' RETURNING ${COLUMNS}`;
    return changed ?? null;
  }

  /** With a clean slate. @returns null where it is not disabled. */
  async enable(tx: Tx, id: string): Promise<Endpoint | null> {
    const [enabled] = await tx.$queryRaw<Endpoint[]>`
      UPDATE webhook_endpoints SET status = 'enabled', disabled_at = NULL, disabled_reason = NULL, failing_since = NULL,
        paused_until = NULL, updated_at = statement_timestamp()
      WHERE id = ${id} AND status = 'disabled' RETURNING ${COLUMNS}`;
    return enabled ?? null;
  }

  /** @returns null where it is not enabled. */
  async disable(tx: Tx, id: string, reason: DisabledReason): Promise<Endpoint | null> {
    const [disabled] = await tx.$queryRaw<Endpoint[]>`
      UPDATE webhook_endpoints SET status = 'disabled', disabled_at = statement_timestamp(), disabled_reason = ${reason},
        updated_at = statement_timestamp()
      WHERE id = ${id} AND status = 'enabled' RETURNING ${COLUMNS}`;
    return disabled ?? null;
  }

  /** Its deliveries stay, until the log of them is let go. */
  async remove(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE webhook_endpoints SET status = 'deleted', deleted_at = statement_timestamp(), disabled_at = NULL,
        disabled_reason = NULL, updated_at = statement_timestamp()
      WHERE id = ${id}`;
    await tx.$executeRaw`DELETE FROM webhook_secrets WHERE endpoint_id = ${id}`;
  }

  /** It has taken a message. Writes only where it was failing, so that good endpoints are not locked. */
  async succeeded(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`UPDATE webhook_endpoints SET failing_since = NULL WHERE id = ${id} AND failing_since IS NOT NULL`;
  }

  /** @returns for how long it has failed, in milliseconds; null where it is deleted. */
  async failed(tx: Tx, id: string, pauseMs: number): Promise<number | null> {
    const [row] = await tx.$queryRaw<{ failingForMs: number }[]>`
      UPDATE webhook_endpoints SET failing_since = COALESCE(failing_since, statement_timestamp()),
        paused_until = CASE WHEN ${pauseMs} > 0 THEN statement_timestamp() + ${pauseMs} * interval '1 ms' ELSE paused_until END
      WHERE id = ${id} AND status <> 'deleted'
      RETURNING (extract(epoch FROM statement_timestamp() - failing_since) * 1000)::float8 AS "failingForMs"`;
    return row?.failingForMs ?? null;
  }
}
