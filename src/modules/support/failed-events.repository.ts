import { Injectable } from '@nestjs/common';
import type { Provider } from '../../shared/facts';
import type { FailureClass } from '../../shared/retry-policy';
import type { Tx } from '../../platform/database';

/** What is known of an inbox row at its dead end, and of what it is about. */
export interface FailedEvent {
  provider: Provider;
  /** False once it was replayed: whatever comes of that is told anew. */
  failed: boolean;
  failureClass: FailureClass | null;
  /** Whom its aggregate is linked to, else whose the payment or invoice is. */
  customerId: string | null;
  /** The payment of ours that the event names, or the latest one for the invoice it names. */
  paymentId: string | null;
  invoiceId: string | null;
}

@Injectable()
export class FailedEventsRepository {
  /** Null for an event that is not in the inbox. */
  async byId(tx: Tx, eventId: string): Promise<FailedEvent | null> {
    // A provider's ids of payments and of invoices are never the same, so that the object's type need not be asked.
    const rows = await tx.$queryRaw<FailedEvent[]>`
      SELECT e.provider, e.status = 'failed' AS failed, e.error_context ->> 'class' AS "failureClass",
        COALESCE(a.customer_id, p.customer_id, i.customer_id) AS "customerId", p.id AS "paymentId", i.id AS "invoiceId"
      FROM inbox_events e
      LEFT JOIN customer_accounts a ON a.provider = e.provider AND a.provider_id = substr(e.aggregate, length(e.provider) + 2)
      LEFT JOIN invoices i ON i.provider = e.provider AND i.provider_id = e.object_id
      LEFT JOIN LATERAL (
        SELECT id, customer_id FROM payments
        WHERE provider = e.provider AND (provider_id = e.object_id OR provider_invoice_id = e.object_id)
        ORDER BY created_at DESC, id DESC LIMIT 1) p ON true
      WHERE e.id = ${eventId}`;
    return rows[0] ?? null;
  }
}
