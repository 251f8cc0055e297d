import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { InvoiceLine, InvoiceStatus, InvoiceTax, Provider } from '../../shared/facts';
import { newId } from '../../shared/ids';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { InvoiceState } from './domain/fold-invoice';

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
  attemptCount: number;
  nextRetryAt: Date | null;
  lines: InvoiceLine[];
  createdAt: Date;
  paidAt: Date | null;
}

/** A folded invoice and whose it is. */
export interface InvoiceMirror {
  provider: Provider;
  providerId: string;
  customerId: string;
  state: InvoiceState;
}

export interface MirroredInvoice {
  id: string;
  formerStatus: InvoiceStatus | null;
}

const COLUMNS = Prisma.sql`i.id, i.customer_id AS "customerId", i.provider, i.provider_id AS "providerId", i.number, i.status,
  i.amount_due AS "amountDue", i.amount_paid AS "amountPaid", i.amount_refunded AS "amountRefunded", i.tax, i.taxes, i.discount, i.currency,
  i.period_start AS "periodStart", i.period_end AS "periodEnd", i.hosted_url AS "hostedUrl", i.pdf_url AS "pdfUrl",
  i.attempt_count AS "attemptCount", i.next_retry_at AS "nextRetryAt", i.lines, i.created_at AS "createdAt", i.paid_at AS "paidAt"`;

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

  /** First declined attempt of each named invoice that is still unpaid, by the provider's id; others are left out. */
  async firstFailuresOf(tx: Tx, provider: Provider, invoiceRefs: readonly string[]): Promise<Map<string, Date>> {
    if (invoiceRefs.length === 0) return new Map();
    const rows = await tx.$queryRaw<{ ref: string; first: Date }[]>`
      SELECT provider_id AS ref, first_failed_at AS first FROM invoices
      WHERE provider = ${provider} AND provider_id = ANY (${invoiceRefs}) AND status IN ('open', 'uncollectible')
        AND first_failed_at IS NOT NULL`;
    return new Map(rows.map(({ ref, first }) => [ref, first]));
  }

  /** Writes the mirror rows as the facts say them. One statement. @returns them by provider and id there, `stripe:in_1`. */
  async mirror(tx: Tx, mirrors: readonly InvoiceMirror[]): Promise<Map<string, MirroredInvoice>> {
    if (mirrors.length === 0) return new Map();
    const at = this.clock.wall();
    const rows = mirrors.map((mirror) => ({ id: newId('inv', at.getTime()), ...invoiceRow(mirror) }));
    const written = await tx.$queryRaw<{ ref: string; id: string; former: InvoiceStatus | null }[]>`
      WITH given AS (
        SELECT * FROM jsonb_populate_recordset(NULL::invoices, ${JSON.stringify(rows)}::jsonb)),
      former AS (
        SELECT i.provider, i.provider_id, i.status FROM invoices i JOIN given USING (provider, provider_id))
      INSERT INTO invoices AS m (id, customer_id, provider, provider_id, provider_subscription_id, number, status, billing_reason, currency,
        total, tax, taxes, amount_due, amount_paid, amount_remaining, period_start, period_end, hosted_url, pdf_url, attempt_count,
        next_retry_at, first_failed_at, finalized_at, paid_at, lines, created_at, last_fact_id, fact_count, verified_at, updated_at)
      SELECT id, customer_id, provider, provider_id, provider_subscription_id, number, status, billing_reason, currency,
        total, tax, taxes, amount_due, amount_paid, amount_remaining, period_start, period_end, hosted_url, pdf_url, attempt_count,
        next_retry_at, first_failed_at, finalized_at, paid_at, lines, created_at, last_fact_id, fact_count, verified_at, ${at}
      FROM given
      ON CONFLICT (provider, provider_id) DO UPDATE SET provider_subscription_id = EXCLUDED.provider_subscription_id,
        number = EXCLUDED.number, status = EXCLUDED.status, billing_reason = EXCLUDED.billing_reason, total = EXCLUDED.total,
        tax = EXCLUDED.tax, taxes = EXCLUDED.taxes, amount_due = EXCLUDED.amount_due, amount_paid = EXCLUDED.amount_paid,
        amount_remaining = EXCLUDED.amount_remaining, period_start = EXCLUDED.period_start, period_end = EXCLUDED.period_end,
        hosted_url = EXCLUDED.hosted_url, pdf_url = EXCLUDED.pdf_url, attempt_count = EXCLUDED.attempt_count,
        next_retry_at = EXCLUDED.next_retry_at, first_failed_at = EXCLUDED.first_failed_at, finalized_at = EXCLUDED.finalized_at,
        paid_at = EXCLUDED.paid_at, lines = EXCLUDED.lines, created_at = EXCLUDED.created_at, last_fact_id = EXCLUDED.last_fact_id,
        fact_count = EXCLUDED.fact_count, verified_at = GREATEST(m.verified_at, EXCLUDED.verified_at), updated_at = EXCLUDED.updated_at
      RETURNING m.provider || ':' || m.provider_id AS ref, m.id,
        (SELECT f.status FROM former f WHERE f.provider = m.provider AND f.provider_id = m.provider_id) AS former`;
    return new Map(written.map(({ ref, id, former }) => [ref, { id, formerStatus: former }]));
  }
}

/** The columns that are a function of the invoice's facts and of whose it is. */
export function invoiceRow({ provider, providerId, customerId, state }: InvoiceMirror): Record<string, unknown> {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider,
    provider_id: providerId,
    provider_subscription_id: p.subscriptionRef,
    number: p.number,
    status: p.status,
    billing_reason: p.billingReason,
    currency: p.currency,
    total: p.total,
    tax: p.tax,
    taxes: p.taxes ?? [],
    discount: p.discount ?? 0,
    amount_due: p.amountDue,
    amount_paid: p.amountPaid,
    amount_remaining: p.amountRemaining,
    period_start: p.periodStart,
    period_end: p.periodEnd,
    hosted_url: p.hostedUrl,
    pdf_url: p.pdfUrl,
    attempt_count: p.attemptCount,
    next_retry_at: p.nextAttemptAt,
    first_failed_at: state.firstFailedAt,
    finalized_at: state.finalized?.at ?? null,
    paid_at: state.paid?.at ?? null,
    lines: p.lines,
    created_at: p.createdAt,
    last_fact_id: state.lastFactId,
    fact_count: state.factCount,
    verified_at: state.verifiedAt,
  };
}
