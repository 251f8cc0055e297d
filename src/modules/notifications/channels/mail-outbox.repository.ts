import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import type { Tx } from '../../../platform/database';
import type { OutgoingMail } from './mail.port';

export interface KeptMail {
  id: string;
  notificationId: string;
  customerId: string;
  recipient: string;
  subject: string;
  text: string;
  html: string;
  createdAt: Date;
}

@Injectable()
export class MailOutboxRepository {
  constructor(private readonly clock: Clock) {}

  /** Once for each message, and not for one that was erased meanwhile. */
  async add(tx: Tx, { notificationId, to, subject, text, html }: OutgoingMail): Promise<void> {
    const at = this.clock.now();
    await tx.$executeRaw`
      INSERT INTO mail_outbox (id, notification_id, customer_id, recipient, subject, text, html, created_at)
      SELECT ${newId('mob', this.clock.wall().getTime())}, n.id, n.customer_id, ${to}, ${subject}, ${text}, ${html}, ${at}
      FROM notifications n WHERE n.id = ${notificationId}
      ON CONFLICT (notification_id) DO NOTHING`;
  }

  /** Newest first. */
  list(tx: Tx, limit: number, after: { createdAt: Date; id: string } | null): Promise<KeptMail[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<KeptMail[]>`
      SELECT id, notification_id AS "notificationId", customer_id AS "customerId", recipient, subject, text, html,
        created_at AS "createdAt"
      FROM mail_outbox WHERE ${at}::timestamptz IS NULL OR (created_at, id) < (${at}, ${after?.id ?? null})
      ORDER BY created_at DESC, id DESC LIMIT ${limit}`;
  }
}
