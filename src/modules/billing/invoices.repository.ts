import { Injectable } from '@nestjs/common';
import type { InvoiceLine, InvoiceStatus, InvoiceTax, Provider } from '../../shared/facts';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { FirstFailure } from './domain/grace';

export interface Invoice {
  id: string;
  customerId: string;
  provider: Provider;
  providerId: string;
  number: string | null;
  status: InvoiceStatus;
  amountDue: bigint;
  amountPaid: bigint;
  amountRefunded: bigint;
  tax: bigint;
  taxes: InvoiceTax[];
  /** What coupons took off. */
  discount: bigint;
  currency: string;
  periodStart: Date;
  periodEnd: Date;
  hostedUrl: string | null;
  pdfUrl: string | null;
  /** The provider's count, and ours beside it. */
  attemptCount: number;
  /** Whoever tries next. */
  nextRetryAt: Date | null;
  lines: InvoiceLine[];
  createdAt: Date;
  paidAt: Date | null;
}

const COLUMNS = Prisma.sql`i.id, i.customer_id AS "customerId", i.provider, i.provider_id AS "providerId", i.number, i.status,
  i.amount_due AS "amountDue", i.amount_paid AS "amountPaid", i.amount_refunded AS "amountRefunded", i.tax, i.taxes, i.discount, i.currency,
  i.period_start AS "periodStart", i.period_end AS "periodEnd", i.hosted_url AS "hostedUrl", i.pdf_url AS "pdfUrl",
  i.attempt_count + COALESCE((SELECT r.attempts FROM invoice_retry_schedules r WHERE r.invoice_id = i.id), 0) AS "attemptCount",
  COALESCE((SELECT r.next_attempt_at FROM invoice_retry_schedules r WHERE r.invoice_id = i.id AND i.status = 'open'),
    i.next_retry_at) AS "nextRetryAt", i.lines, i.created_at AS "createdAt", i.paid_at AS "paidAt"`;

@Injectable()
export class InvoicesRepository {
  /** A user's invoices, newest first; drafts are not his yet. */
  async ofUser(
    tx: Tx,
    userId: string,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Invoice[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<Invoice[]>`
      SELECT ${COLUMNS}
      FROM invoices i JOIN customers c ON c.id = i.customer_id
      WHERE c.user_id = ${userId} AND i.status <> 'draft'
        AND (${at}::timestamptz IS NULL OR (i.created_at, i.id) < (${at}, ${after?.id ?? null}))
      ORDER BY i.created_at DESC, i.id DESC LIMIT ${limit}`;
  }

  /** One of a user's own; drafts are not his yet. */
  async ofUserById(tx: Tx, userId: string, id: string): Promise<Invoice | null> {
    const rows = await tx.$queryRaw<Invoice[]>`
      SELECT ${COLUMNS} FROM invoices i JOIN customers c ON c.id = i.customer_id
      WHERE i.id = ${id} AND c.user_id = ${userId} AND i.status <> 'draft'`;
    return rows[0] ?? null;
  }

  /** A customer's that wait for payment, the newest first. */
  async openOf(tx: Tx, customerId: string, limit: number): Promise<Invoice[]> {
    return tx.$queryRaw<Invoice[]>`
      SELECT ${COLUMNS} FROM invoices i WHERE i.customer_id = ${customerId} AND i.status = 'open'
      ORDER BY i.created_at DESC, i.id DESC LIMIT ${limit}`;
  }

  async byId(tx: Tx, id: string): Promise<Invoice | null> {
    const rows = await tx.$queryRaw<Invoice[]>`SELECT ${COLUMNS} FROM invoices i WHERE i.id = ${id}`;
    return rows[0] ?? null;
  }

  /**
   * First declined attempt of each named invoice, by the provider's id; those that never were are left out.
   * @param which of them: those that are still unpaid, or all, whatever became of them since.
   */
  async firstFailuresOf(
    tx: Tx,
    provider: Provider,
    invoiceRefs: readonly string[],
    which: 'unpaid' | 'all',
  ): Promise<Map<string, FirstFailure>> {
    if (invoiceRefs.length === 0) return new Map();
    const rows = await tx.$queryRaw<(FirstFailure & { ref: string })[]>`
      SELECT i.provider_id AS ref, i.first_failed_at AS at, o."settledBefore", o."owedBefore" FROM invoices i
      CROSS JOIN LATERAL (
        SELECT max(o.first_failed_at) FILTER (WHERE o.status <> 'open') AS "settledBefore",
          max(o.first_failed_at) FILTER (WHERE o.status = 'open') AS "owedBefore"
        FROM invoices o
        WHERE o.provider = i.provider AND o.provider_subscription_id = i.provider_subscription_id
          AND o.first_failed_at < i.first_failed_at) o
      WHERE i.provider = ${provider} AND i.provider_id = ANY (${[...invoiceRefs]}::text[]) AND i.first_failed_at IS NOT NULL
        AND (${which} = 'all' OR i.status IN ('open', 'uncollectible'))`;
    return new Map(rows.map(({ ref, ...failure }) => [ref, failure]));
  }
}
