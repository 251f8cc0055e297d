import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database';

/** A retry that is over. */
export interface EndedRetry {
  ticketId: string;
  ref: string;
  kind: 'event' | 'comparison' | 'payment';
  succeeded: boolean;
  /** What went wrong, or what became of it. */
  code: string | null;
}

@Injectable()
export class TicketRetriesRepository {
  /** Tickets about events that failed for want of a store's product and are being worked again, or have been since. */
  async ofProduct(tx: Tx, provider: string, productId: string): Promise<{ ticketId: string; eventId: string }[]> {
    const failedFor = JSON.stringify({ code: 'PRICE_UNKNOWN', details: { priceRef: productId } });
    return tx.$queryRaw<{ ticketId: string; eventId: string }[]>`
      SELECT k.id AS "ticketId", e.id AS "eventId" FROM payment_support_tickets k JOIN inbox_events e ON e.id = k.event_id
      WHERE k.status IN ('open', 'investigating') AND e.provider = ${provider} AND e.status <> 'failed'
        AND e.error_context @> ${failedFor}::jsonb ORDER BY k.id`;
  }

  /** Of the tickets being retried those whose retry has come to its end, whoever brought it there. */
  async ended(tx: Tx, limit: number): Promise<EndedRetry[]> {
    return tx.$queryRaw<EndedRetry[]>`
      SELECT k.id AS "ticketId", k.retry_ref AS ref, o.kind, o.succeeded, o.code
      FROM payment_support_tickets k CROSS JOIN LATERAL (
        SELECT 'event' AS kind, e.status <> 'failed' AS succeeded,
          CASE e.status WHEN 'failed' THEN e.error_context ->> 'code' ELSE e.status END AS code
        FROM inbox_events e WHERE e.id = k.retry_ref AND e.handled_at IS NOT NULL
        UNION ALL
        SELECT 'comparison', r.status = 'finished' AND b.status IN ('resolved', 'ignored'),
          CASE WHEN r.status = 'finished' THEN b.type ELSE r.error_context ->> 'code' END
        FROM reconciliation_runs r JOIN reconciliation_breaks b ON b.id = k.details ->> 'breakId'
        WHERE r.id = k.retry_ref AND r.finished_at IS NOT NULL
        UNION ALL
        -- Skipped and paid is paid: somebody was quicker.
        SELECT 'payment', a.status = 'succeeded' OR i.status = 'paid', COALESCE(a.decline_code, a.last_error_type, a.status)
        FROM payment_recovery_attempts a JOIN invoices i ON i.id = a.invoice_id
        WHERE a.id = k.retry_ref AND a.finished_at IS NOT NULL) o
      WHERE k.status = 'retrying' ORDER BY k.id LIMIT ${limit}`;
  }
}
