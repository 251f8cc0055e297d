import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import type { Tx } from '../../../platform/database';
import type { StoredDomainEvent } from '../../../platform/outbox';
import { messageBody, type PublicEvent } from './domain/message-body';

export interface ObjectKey {
  objectType: string;
  objectId: string;
}

export interface NewMessage {
  /** The outbox's; null for a test. */
  eventId: string | null;
  event: PublicEvent;
}

export interface MadeMessage {
  id: string;
  type: string;
}

/** What is told: each message with its number among those about the same object. */
@Injectable()
export class MessagesRepository {
  constructor(private readonly clock: Clock) {}

  /**
   * Nobody else numbers messages about this object until the transaction ends; and a number is only kept with its message,
   * so there is never a gap. @returns the last number given.
   */
  async lockSequence(tx: Tx, { objectType, objectId }: ObjectKey): Promise<number> {
    const [row] = await tx.$queryRaw<{ last: bigint }[]>`
      INSERT INTO webhook_sequences AS s (object_type, object_id, last) VALUES (${objectType}, ${objectId}, 0)
      ON CONFLICT (object_type, object_id) DO UPDATE SET last = s.last RETURNING last`;
    return Number(row?.last ?? 0n);
  }

  /**
   * The events about the object of this one that have no message yet, up to this one, in the order in which they were
   * written: two workers may be told of them in another.
   */
  async untold(tx: Tx, consumer: string, event: StoredDomainEvent): Promise<StoredDomainEvent[]> {
    return tx.$queryRaw<StoredDomainEvent[]>`
      SELECT e.id, e.type, e.object_type AS "objectType", e.object_id AS "objectId", e.customer_id AS "customerId", e.payload,
        e.occurred_at AS "occurredAt", e.recorded_at AS "recordedAt"
      FROM outbox_events e
      WHERE e.object_type = ${event.objectType} AND e.object_id = ${event.objectId}
        AND e.seq <= (SELECT seq FROM outbox_events WHERE id = ${event.id})
        AND (e.id = ${event.id} OR EXISTS (
          SELECT FROM outbox_deliveries d WHERE d.event_id = e.id AND d.consumer = ${consumer} AND d.handled_at IS NULL))
        AND NOT EXISTS (SELECT FROM webhook_messages m WHERE m.event_id = e.id)
      ORDER BY e.seq`;
  }

  /** Numbers the messages on from `last`, in their order. The caller holds the lock of their object. */
  async insert(
    tx: Tx,
    { objectType, objectId }: ObjectKey,
    last: number,
    messages: readonly NewMessage[],
  ): Promise<MadeMessage[]> {
    const at = this.clock.wall().getTime();
    const rows = messages.map(({ eventId, event }, index) => {
      const id = newId('msg', at);
      const sequence = last + index + 1;
      return { id, eventId, type: event.type, sequence, body: messageBody(id, event, sequence), at: event.occurredAt };
    });
    await tx.$executeRaw`
      INSERT INTO webhook_messages (id, event_id, type, object_type, object_id, sequence, body, occurred_at, created_at)
      SELECT id, "eventId", type, ${objectType}, ${objectId}, sequence, body, at,
        date_trunc('milliseconds', statement_timestamp())
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS m (id text, "eventId" text, type text, sequence bigint, body text,
        at timestamptz)`;
    await tx.$executeRaw`
      UPDATE webhook_sequences SET last = ${last + rows.length} WHERE object_type = ${objectType} AND object_id = ${objectId}`;
    return rows.map(({ id, type }) => ({ id, type }));
  }

  /** With all that hangs on them. @returns how many were let go. */
  async forget(tx: Tx, afterDays: number, limit: number): Promise<number> {
    return tx.$executeRaw`
      DELETE FROM webhook_messages WHERE id IN (
        SELECT m.id FROM webhook_messages m
        WHERE m.created_at < statement_timestamp() - ${afterDays} * interval '1 day'
          AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.message_id = m.id AND d.status = 'pending')
        ORDER BY m.created_at, m.id LIMIT ${limit})`;
  }
}
