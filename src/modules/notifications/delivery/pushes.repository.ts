import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';

/** What Expo said when it took a message for a device, or did not. */
export interface PushResult {
  deviceId: string;
  /** To ask for the receipt by; null where it was refused for good. */
  ticketId: string | null;
  errorCode: string | null;
}

export interface OpenPush {
  ticketId: string;
  deviceId: string;
}

@Injectable()
export class PushesRepository {
  constructor(private readonly clock: Clock) {}

  /** Devices that have this message already, or have refused it: another try is not for them. */
  async told(tx: Tx, notificationId: string): Promise<Set<string>> {
    const rows = await tx.$queryRaw<{ deviceId: string }[]>`
      SELECT device_id AS "deviceId" FROM notification_pushes WHERE notification_id = ${notificationId}`;
    return new Set(rows.map(({ deviceId }) => deviceId));
  }

  /** A device or a message that is gone by now is left out. */
  async add(tx: Tx, notificationId: string, results: readonly PushResult[]): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO notification_pushes (notification_id, device_id, ticket_id, status, error_code, sent_at, settled_at)
      SELECT n.id, d.id, r."ticketId", CASE WHEN r."errorCode" IS NULL THEN 'sent' ELSE 'failed' END, r."errorCode",
        ${this.clock.now()}, CASE WHEN r."errorCode" IS NOT NULL THEN statement_timestamp() END
      FROM jsonb_to_recordset(${JSON.stringify(results)}::jsonb) AS r ("deviceId" text, "ticketId" text, "errorCode" text)
      JOIN notification_devices d ON d.id = r."deviceId" JOIN notifications n ON n.id = ${notificationId}
      ON CONFLICT DO NOTHING`;
  }

  /** Messages without a receipt that were sent before then (business time), the oldest first. */
  open(tx: Tx, before: Date, limit: number): Promise<OpenPush[]> {
    return tx.$queryRaw<OpenPush[]>`
      SELECT ticket_id AS "ticketId", device_id AS "deviceId" FROM notification_pushes
      WHERE status = 'sent' AND sent_at <= ${before} ORDER BY sent_at LIMIT ${limit}`;
  }

  /** @param receipts by ticket; null for delivered. */
  async settle(tx: Tx, receipts: ReadonlyMap<string, string | null>): Promise<void> {
    const rows = [...receipts].map(([ticketId, errorCode]) => ({ ticketId, errorCode }));
    await tx.$executeRaw`
      UPDATE notification_pushes p SET status = CASE WHEN r."errorCode" IS NULL THEN 'delivered' ELSE 'failed' END,
        error_code = r."errorCode", settled_at = statement_timestamp()
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r ("ticketId" text, "errorCode" text)
      WHERE p.ticket_id = r."ticketId" AND p.status = 'sent'`;
  }

  /** Expo keeps receipts for a day; what has none by then is not asked for any more. */
  async giveUp(tx: Tx, before: Date): Promise<void> {
    await tx.$executeRaw`
      UPDATE notification_pushes SET status = 'failed', error_code = 'NO_RECEIPT', settled_at = statement_timestamp()
      WHERE status = 'sent' AND sent_at <= ${before}`;
  }

  /** These take no more messages until somebody signs in on them again. */
  async disable(tx: Tx, deviceIds: readonly string[], reason: string): Promise<void> {
    if (deviceIds.length === 0) return;
    const at = this.clock.wall();
    await tx.$executeRaw`
      UPDATE notification_devices SET disabled_at = ${at}, disabled_reason = ${reason}, updated_at = ${at}
      WHERE id = ANY (${deviceIds}) AND disabled_at IS NULL`;
  }
}
