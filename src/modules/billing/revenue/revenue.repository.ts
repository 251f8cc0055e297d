import { Injectable } from '@nestjs/common';
import type { InvoiceLine, InvoiceStatus, Provider } from '../../../shared/facts';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';

/** A finalized invoice whose revenue has to be looked at, and what was released of it. */
export interface DueInvoice {
  invoiceId: string;
  customerId: string;
  provider: Provider;
  currency: string;
  status: InvoiceStatus;
  net: bigint;
  lines: readonly InvoiceLine[];
  /** On revenue.deferred because of it, releases not counted. */
  deferred: bigint;
  released: bigint;
  postings: number;
  /** All that was paid was refunded. */
  refunded: boolean;
  /** Its subscription is over. */
  ended: boolean;
}

/** A place in the order in which invoices were last written. */
export interface WrittenPosition {
  at: Date;
  id: string;
}

export interface ScheduleRow {
  invoiceId: string;
  customerId: string;
  /** Text, because a JSON number would round beyond 2^53. */
  released: string;
  postings: number;
  nextAt: Date | null;
}

@Injectable()
export class RevenueRepository {
  constructor(private readonly clock: Clock) {}

  /** Invoices of which something is to be released by then, the longest due first. */
  async due(tx: Tx, at: Date, limit: number): Promise<string[]> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT invoice_id AS id FROM revenue_schedules WHERE next_at <= ${at} ORDER BY next_at LIMIT ${limit}`;
    return rows.map(({ id }) => id);
  }

  /** Finalized invoices in the order they were last written, after a position. */
  async written(tx: Tx, after: WrittenPosition, limit: number): Promise<(WrittenPosition & { isNew: boolean })[]> {
    return tx.$queryRaw<(WrittenPosition & { isNew: boolean })[]>`
      SELECT i.id, i.updated_at AS at, s.invoice_id IS NULL OR i.updated_at > s.checked_at AS "isNew"
      FROM invoices i LEFT JOIN revenue_schedules s ON s.invoice_id = i.id
      WHERE i.finalized_at IS NOT NULL AND (i.updated_at, i.id) > (${after.at}, ${after.id})
      ORDER BY i.updated_at, i.id LIMIT ${limit}`;
  }

  /** Those of them that nobody else is at, locked to the end of the transaction. */
  async lock(tx: Tx, invoiceIds: readonly string[]): Promise<string[]> {
    if (invoiceIds.length === 0) return [];
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoices WHERE id = ANY (${invoiceIds}) ORDER BY id FOR UPDATE SKIP LOCKED`;
    return rows.map(({ id }) => id);
  }

  /** In a statement after the lock: what the last holder has committed must be seen. */
  async load(tx: Tx, invoiceIds: readonly string[]): Promise<DueInvoice[]> {
    if (invoiceIds.length === 0) return [];
    return tx.$queryRaw<DueInvoice[]>`
      SELECT i.id AS "invoiceId", i.customer_id AS "customerId", i.provider, i.currency, i.status, i.total - i.tax AS net, i.lines,
        COALESCE(s.released, 0)::bigint AS released, COALESCE(s.postings, 0) AS postings,
        i.amount_paid > 0 AND i.amount_refunded >= i.amount_paid AS refunded,
        COALESCE(sub.status IN ('canceled', 'incomplete_expired'), false) AS ended,
        COALESCE((SELECT -sum(e.amount) FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
          WHERE t.ref_id = i.id AND t.type <> 'revenue.released' AND e.account_code = 'revenue.deferred'), 0)::bigint AS deferred
      FROM invoices i
      LEFT JOIN revenue_schedules s ON s.invoice_id = i.id
      LEFT JOIN subscriptions sub ON sub.provider = i.provider AND sub.provider_id = i.provider_subscription_id
      WHERE i.id = ANY (${invoiceIds}) ORDER BY i.id`;
  }

  /** One statement. */
  async save(tx: Tx, rows: readonly ScheduleRow[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.$executeRaw`
      INSERT INTO revenue_schedules (invoice_id, customer_id, released, postings, next_at, checked_at)
      SELECT "invoiceId", "customerId", released, postings, "nextAt", ${this.clock.wall()}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r ("invoiceId" text, "customerId" text, released bigint, postings int, "nextAt" timestamptz)
      ON CONFLICT (invoice_id) DO UPDATE SET released = EXCLUDED.released, postings = EXCLUDED.postings,
        next_at = EXCLUDED.next_at, checked_at = EXCLUDED.checked_at`;
  }
}
