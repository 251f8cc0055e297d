import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import type { FailureClass } from '../../../shared/retry-policy';
import type { Tx } from '../../../platform/database';
import type { ShortMessage } from '../domain/render';
import type { Channel } from '../domain/topics';
import type { Cause } from '../messages/message';

/** A message on its way. */
export interface ClaimedNotification {
  id: string;
  customerId: string;
  /** Key of its template. */
  template: string;
  channel: Channel;
  invoiceId: string | null;
  figures: Cause['figures'];
  /** How often it was tried before. */
  attempts: number;
}

export interface NewNotification extends Cause {
  template: string;
  channel: Channel;
}

export interface SentMail {
  customerId: string;
  template: string;
  /** As it stands at the customer; null where he has another one. */
  address: string | null;
}

/** A worker that is killed leaves its messages to others after this long; no channel takes longer than half of it. */
const LEASE_MS = 60_000;

@Injectable()
export class NotificationsRepository {
  constructor(private readonly clock: Clock) {}

  /** Those whose cause was told of before are left out. One statement. @returns how many are new. */
  add(
    tx: Tx,
    to: { customerId: string; occurredAt: Date },
    notifications: readonly NewNotification[],
  ): Promise<number> {
    const at = this.clock.wall().getTime();
    const rows = notifications.map((one) => ({ ...one, id: newId('ntf', at) }));
    return tx.$executeRaw`
      INSERT INTO notifications (id, customer_id, template, cause_key, channel, invoice_id, figures, occurred_at, created_at,
        status, next_try_at)
      SELECT n.id, ${to.customerId}, n.template, n.key, n.channel, n."invoiceId", n.figures, ${to.occurredAt}, ${this.clock.now()},
        'pending', statement_timestamp()
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n (id text, template text, key text, channel text,
        "invoiceId" text, figures jsonb)
      ON CONFLICT (customer_id, cause_key, channel) DO NOTHING`;
  }

  /** What is due, the longest first. Tries and leases are in the database's own time, quiet hours in business time. */
  claim(tx: Tx, owner: string, limit: number): Promise<ClaimedNotification[]> {
    return tx.$queryRaw<ClaimedNotification[]>`
      WITH due AS (
        SELECT id FROM notifications
        WHERE settled_at IS NULL AND next_try_at <= statement_timestamp()
          AND (not_before IS NULL OR not_before <= ${this.clock.now()})
          AND (lease_until IS NULL OR lease_until < statement_timestamp())
        ORDER BY next_try_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      UPDATE notifications n SET lease_owner = ${owner},
        lease_until = statement_timestamp() + ${LEASE_MS} * interval '1 ms'
      FROM due WHERE n.id = due.id
      RETURNING n.id, n.customer_id AS "customerId", n.template, n.channel, n.invoice_id AS "invoiceId", n.figures, n.attempts`;
  }

  /** @param words as they stand in the list from now on. @returns false where it is not this worker's any more. */
  async sent(tx: Tx, owner: string, id: string, words: ShortMessage | null): Promise<boolean> {
    const changed = await tx.$executeRaw`
      UPDATE notifications SET status = 'sent', attempts = attempts + 1, settled_at = statement_timestamp(), title = ${words?.title},
        body = ${words?.body}, error_class = NULL, error_code = NULL, lease_owner = NULL, lease_until = NULL
      WHERE id = ${id} AND lease_owner = ${owner} AND settled_at IS NULL`;
    return changed > 0;
  }

  /** Nobody has to be told any more, or nobody can be. */
  async skipped(tx: Tx, owner: string, id: string, code: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE notifications SET status = 'skipped', settled_at = statement_timestamp(), error_code = ${code},
        lease_owner = NULL, lease_until = NULL
      WHERE id = ${id} AND lease_owner = ${owner} AND settled_at IS NULL`;
  }

  /** @param notBefore business time. */
  async postponed(tx: Tx, owner: string, id: string, notBefore: Date): Promise<void> {
    await tx.$executeRaw`
      UPDATE notifications SET not_before = ${notBefore}, lease_owner = NULL, lease_until = NULL
      WHERE id = ${id} AND lease_owner = ${owner} AND settled_at IS NULL`;
  }

  /** @param failure `delayMs` null: it is not tried again. @returns as `sent`. */
  async failed(
    tx: Tx,
    owner: string,
    id: string,
    failure: { class: FailureClass; code: string; delayMs: number | null },
  ): Promise<boolean> {
    const gaveUp = failure.delayMs === null;
    const changed = await tx.$executeRaw`
      UPDATE notifications SET status = ${gaveUp ? 'failed' : 'pending'}, attempts = attempts + 1,
        settled_at = CASE WHEN ${gaveUp} THEN statement_timestamp() END,
        next_try_at = statement_timestamp() + ${failure.delayMs ?? 0} * interval '1 ms',
        error_class = ${failure.class}, error_code = ${failure.code}, lease_owner = NULL, lease_until = NULL
      WHERE id = ${id} AND lease_owner = ${owner} AND settled_at IS NULL`;
    return changed > 0;
  }

  /** The mail's template, and whether the address is still the customer's; null where there is no such mail. */
  async mailTo(tx: Tx, id: string, address: string): Promise<SentMail | null> {
    const rows = await tx.$queryRaw<SentMail[]>`
      SELECT n.customer_id AS "customerId", n.template, CASE WHEN lower(c.email) = lower(${address}) THEN c.email END AS address
      FROM notifications n JOIN customers c ON c.id = n.customer_id
      WHERE n.id = ${id} AND n.channel = 'email' AND n.status = 'sent'`;
    return rows[0] ?? null;
  }

  /** The address gets no more mail as long as it is the customer's. @param code never the server's words: they may name him. */
  async bounced(tx: Tx, customerId: string, address: string, code: string): Promise<void> {
    const at = this.clock.wall();
    await tx.$executeRaw`
      INSERT INTO notification_settings AS s (customer_id, bounced_address, bounced_at, bounced_reason, updated_at)
      VALUES (${customerId}, ${address}, ${at}, ${code}, ${at})
      ON CONFLICT (customer_id) DO UPDATE SET bounced_address = EXCLUDED.bounced_address, bounced_at = EXCLUDED.bounced_at,
        bounced_reason = EXCLUDED.bounced_reason, updated_at = EXCLUDED.updated_at`;
  }

  /** Settled ones from before that, and mail that lay for operators to see. @returns how many messages are gone. */
  async forget(tx: Tx, before: { messages: Date; mail: Date }, limit: number): Promise<number> {
    await tx.$executeRaw`
      DELETE FROM mail_outbox WHERE id IN (
        SELECT id FROM mail_outbox WHERE created_at < ${before.mail} ORDER BY created_at, id LIMIT ${limit})`;
    return tx.$executeRaw`
      DELETE FROM notifications WHERE id IN (
        SELECT id FROM notifications WHERE settled_at IS NOT NULL AND created_at < ${before.messages}
        ORDER BY created_at LIMIT ${limit})`;
  }

  /** Messages on their way, by channel. */
  backlog(tx: Tx): Promise<{ channel: string; n: number }[]> {
    return tx.$queryRaw<{ channel: string; n: number }[]>`
      SELECT channel, count(*)::int4 AS n FROM notifications WHERE settled_at IS NULL GROUP BY 1`;
  }
}
