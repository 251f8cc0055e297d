import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';

/** An entry of a customer's list. */
export interface ListedNotification {
  id: string;
  kind: string;
  title: string;
  body: string;
  invoiceId: string | null;
  /** Where its invoice is paid, as long as it is open. */
  payUrl: string | null;
  createdAt: Date;
  readAt: Date | null;
}

interface ListQuery {
  userId: string;
  unread: boolean | undefined;
  limit: number;
  after: { createdAt: Date; id: string } | null;
}

@Injectable()
export class InboxRepository {
  constructor(private readonly clock: Clock) {}

  /** A user's own, newest first. */
  list(tx: Tx, { userId, unread, limit, after }: ListQuery): Promise<ListedNotification[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<ListedNotification[]>`
      SELECT n.id, n.template AS kind, n.title, n.body, n.invoice_id AS "invoiceId",
        CASE WHEN i.status = 'open' THEN i.hosted_url END AS "payUrl", n.created_at AS "createdAt", n.read_at AS "readAt"
      FROM notifications n JOIN customers c ON c.id = n.customer_id LEFT JOIN invoices i ON i.id = n.invoice_id
      WHERE c.user_id = ${userId} AND n.channel = 'in_app' AND n.status = 'sent'
        AND (${unread ?? null}::boolean IS NULL OR (n.read_at IS NULL) = ${unread ?? null})
        AND (${at}::timestamptz IS NULL OR (n.created_at, n.id) < (${at}, ${after?.id ?? null}))
      ORDER BY n.created_at DESC, n.id DESC LIMIT ${limit}`;
  }

  /** The first reading counts. @returns null where the user has no such notification. */
  async read(tx: Tx, userId: string, id: string): Promise<ListedNotification | null> {
    const rows = await tx.$queryRaw<ListedNotification[]>`
      UPDATE notifications n SET read_at = COALESCE(n.read_at, ${this.clock.now()}) FROM customers c
      WHERE n.id = ${id} AND c.id = n.customer_id AND c.user_id = ${userId} AND n.channel = 'in_app' AND n.status = 'sent'
      RETURNING n.id, n.template AS kind, n.title, n.body, n.invoice_id AS "invoiceId",
        (SELECT i.hosted_url FROM invoices i WHERE i.id = n.invoice_id AND i.status = 'open') AS "payUrl",
        n.created_at AS "createdAt", n.read_at AS "readAt"`;
    return rows[0] ?? null;
  }
}
