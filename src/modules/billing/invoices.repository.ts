import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { InvoiceLine, InvoiceStatus, Provider } from '../../shared/facts';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import type { InvoiceState } from './domain/fold-invoice';

export interface Invoice {
  id: string;
  provider: Provider;
  providerId: string;
  number: string | null;
  status: InvoiceStatus;
  amountDue: bigint;
  amountPaid: bigint;
  amountRefunded: bigint;
  tax: bigint;
  currency: string;
  periodStart: Date;
  periodEnd: Date;
  hostedUrl: string | null;
  pdfUrl: string | null;
  attemptCount: number;
  nextRetryAt: Date | null;
  lines: InvoiceLine[];
  createdAt: Date;
  paidAt: Date | null;
}

export interface MirroredInvoice {
  id: string;
  formerStatus: InvoiceStatus | null;
}

@Injectable()
export class InvoicesRepository {
  constructor(private readonly clock: Clock) {}

  /** A user's invoices, newest first; drafts are not his yet. */
  async ofUser(
    tx: Tx,
    userId: string,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Invoice[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<Invoice[]>`
      SELECT i.id, i.provider, i.provider_id AS "providerId", i.number, i.status, i.amount_due AS "amountDue", i.amount_paid AS "amountPaid",
        i.amount_refunded AS "amountRefunded", i.tax, i.currency, i.period_start AS "periodStart", i.period_end AS "periodEnd",
        i.hosted_url AS "hostedUrl", i.pdf_url AS "pdfUrl", i.attempt_count AS "attemptCount", i.next_retry_at AS "nextRetryAt",
        i.lines, i.created_at AS "createdAt", i.paid_at AS "paidAt"
      FROM invoices i JOIN customers c ON c.id = i.customer_id
      WHERE c.user_id = ${userId} AND i.status <> 'draft'
        AND (${at}::timestamptz IS NULL OR (i.created_at, i.id) < (${at}, ${after?.id ?? null}))
      ORDER BY i.created_at DESC, i.id DESC LIMIT ${limit}`;
  }

  /** First declined attempt of an invoice that is still unpaid; null where none is known. */
  async firstFailureOf(tx: Tx, provider: Provider, invoiceRef: string): Promise<Date | null> {
    const rows = await tx.$queryRaw<{ first: Date | null }[]>`
      SELECT first_failed_at AS first FROM invoices
      WHERE provider = ${provider} AND provider_id = ${invoiceRef} AND status IN ('open', 'uncollectible')`;
    return rows[0]?.first ?? null;
  }

  async mirror(
    tx: Tx,
    provider: Provider,
    providerId: string,
    customerId: string,
    state: InvoiceState,
  ): Promise<MirroredInvoice> {
    const p = state.payload;
    const at = this.clock.wall();
    const rows = await tx.$queryRaw<{ id: string; status: InvoiceStatus | null }[]>`
      WITH former AS (SELECT status FROM invoices WHERE provider = ${provider} AND provider_id = ${providerId})
      INSERT INTO invoices (id, customer_id, provider, provider_id, provider_subscription_id, number, status, billing_reason, currency,
        total, tax, amount_due, amount_paid, amount_remaining, period_start, period_end, hosted_url, pdf_url, attempt_count,
        next_retry_at, first_failed_at, finalized_at, paid_at, lines, created_at, last_fact_id, fact_count, verified_at, updated_at)
      VALUES (${newId('inv', at.getTime())}, ${customerId}, ${provider}, ${providerId}, ${p.subscriptionRef}, ${p.number}, ${p.status},
        ${p.billingReason}, ${p.currency}, ${BigInt(p.total)}, ${BigInt(p.tax)}, ${BigInt(p.amountDue)}, ${BigInt(p.amountPaid)},
        ${BigInt(p.amountRemaining)}, ${new Date(p.periodStart)}, ${new Date(p.periodEnd)}, ${p.hostedUrl}, ${p.pdfUrl},
        ${p.attemptCount}, ${p.nextAttemptAt === null ? null : new Date(p.nextAttemptAt)}, ${state.firstFailedAt},
        ${state.finalized?.at ?? null}, ${state.paid?.at ?? null}, ${JSON.stringify(p.lines)}::jsonb, ${new Date(p.createdAt)},
        ${state.lastFactId}, ${state.factCount}, ${state.verifiedAt}, ${at})
      ON CONFLICT (provider, provider_id) DO UPDATE SET provider_subscription_id = EXCLUDED.provider_subscription_id,
        number = EXCLUDED.number, status = EXCLUDED.status, billing_reason = EXCLUDED.billing_reason, total = EXCLUDED.total,
        tax = EXCLUDED.tax, amount_due = EXCLUDED.amount_due, amount_paid = EXCLUDED.amount_paid,
        amount_remaining = EXCLUDED.amount_remaining, period_start = EXCLUDED.period_start, period_end = EXCLUDED.period_end,
        hosted_url = EXCLUDED.hosted_url, pdf_url = EXCLUDED.pdf_url, attempt_count = EXCLUDED.attempt_count,
        next_retry_at = EXCLUDED.next_retry_at, first_failed_at = EXCLUDED.first_failed_at, finalized_at = EXCLUDED.finalized_at,
        paid_at = EXCLUDED.paid_at, lines = EXCLUDED.lines, last_fact_id = EXCLUDED.last_fact_id,
        fact_count = EXCLUDED.fact_count, verified_at = EXCLUDED.verified_at, updated_at = EXCLUDED.updated_at
      RETURNING id, (SELECT status FROM former) AS status`;
    const row = rows[0];
    if (!row) throw new Error('An upsert returned no row');
    return { id: row.id, formerStatus: row.status };
  }
}
