import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import { AppConfig } from '../config';
import type { Tx } from '../database';
import type { DomainEvent, StoredDomainEvent } from './outbox.types';

export interface ClaimedDelivery {
  id: string;
  consumer: string;
  attempts: number;
  event: StoredDomainEvent;
}

interface DeliveryRow {
  id: string;
  consumer: string;
  attempts: number;
  event_id: string;
  type: string;
  object_type: string;
  object_id: string;
  customer_id: string | null;
  payload: Record<string, unknown>;
  occurred_at: Date;
  recorded_at: Date;
}

/**
 * What was told within the house, and who is still to hear it. Due times and leases are the database's own time: processes
 * whose clocks disagree must not take over each other's deliveries, or leave deliveries to lie.
 */
@Injectable()
export class OutboxRepository {
  constructor(
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** Events and one delivery row for each consumer, in one statement of the caller's transaction. */
  async append(
    tx: Tx,
    events: readonly DomainEvent[],
    consumersOf: (type: string) => readonly string[],
  ): Promise<void> {
    if (events.length === 0) return;
    const at = this.clock.wall().getTime();
    const rows = events.map((event) => ({ ...event, id: newId('out', at) }));
    const deliveries = rows.flatMap((event) =>
      consumersOf(event.type).map((consumer) => ({ id: newId('dlv', at), eventId: event.id, consumer })),
    );
    await tx.$executeRaw`
      WITH event AS (
        INSERT INTO outbox_events (id, type, object_type, object_id, customer_id, payload, occurred_at, recorded_at)
        SELECT id, type, "objectType", "objectId", "customerId", payload, "occurredAt", statement_timestamp()
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS e (id text, type text, "objectType" text,
          "objectId" text, "customerId" text, payload jsonb, "occurredAt" timestamptz))
      INSERT INTO outbox_deliveries (id, event_id, consumer, status, next_retry_at)
      SELECT id, "eventId", consumer, 'pending', statement_timestamp()
      FROM jsonb_to_recordset(${JSON.stringify(deliveries)}::jsonb) AS d (id text, "eventId" text, consumer text)`;
  }

  async claim(tx: Tx, owner: string, limit: number): Promise<ClaimedDelivery[]> {
    // statement_timestamp() is stable, so the index ends the scan at what is not due yet.
    const rows = await tx.$queryRaw<DeliveryRow[]>`
      WITH due AS (
        SELECT id FROM outbox_deliveries
        WHERE handled_at IS NULL AND next_retry_at <= statement_timestamp()
          AND (lease_until IS NULL OR lease_until < statement_timestamp())
        ORDER BY next_retry_at LIMIT ${limit} FOR UPDATE SKIP LOCKED),
      taken AS (
        UPDATE outbox_deliveries d SET lease_owner = ${owner},
          lease_until = statement_timestamp() + ${this.config.workLeaseMs} * interval '1 ms'
        FROM due WHERE d.id = due.id RETURNING d.id, d.consumer, d.attempts, d.event_id)
      SELECT taken.id, taken.consumer, taken.attempts, e.id AS event_id, e.type, e.object_type, e.object_id, e.customer_id,
        e.payload, e.occurred_at, e.recorded_at
      FROM taken JOIN outbox_events e ON e.id = taken.event_id ORDER BY e.seq`;
    return rows.map((row) => ({
      id: row.id,
      consumer: row.consumer,
      attempts: row.attempts,
      event: {
        id: row.event_id,
        type: row.type,
        objectType: row.object_type,
        objectId: row.object_id,
        customerId: row.customer_id,
        payload: row.payload,
        occurredAt: row.occurred_at,
        recordedAt: row.recorded_at,
      },
    }));
  }

  async delivered(tx: Tx, owner: string, id: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE outbox_deliveries SET status = 'delivered', attempts = attempts + 1, handled_at = statement_timestamp(),
        lease_owner = NULL, lease_until = NULL
      WHERE id = ${id} AND lease_owner = ${owner} AND handled_at IS NULL`;
  }

  /** @param delayMs null: the attempts are used up. */
  async failed(tx: Tx, owner: string, id: string, delayMs: number | null, context: object): Promise<void> {
    const gaveUp = delayMs === null;
    await tx.$executeRaw`
      UPDATE outbox_deliveries SET status = ${gaveUp ? 'failed' : 'pending'}, attempts = attempts + 1,
        handled_at = CASE WHEN ${gaveUp} THEN statement_timestamp() END,
        next_retry_at = statement_timestamp() + ${delayMs ?? 0} * interval '1 ms',
        error_context = ${JSON.stringify(context)}::jsonb, lease_owner = NULL, lease_until = NULL
      WHERE id = ${id} AND lease_owner = ${owner} AND handled_at IS NULL`;
  }
}
