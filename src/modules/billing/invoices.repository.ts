import { Injectable } from '@nestjs/common';
import type { InvoiceLine, InvoiceStatus, InvoiceTax, Provider } from '../../shared/facts';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { InvoiceState } from './domain/fold-invoice';
import { MirrorRows, type MirrorColumns, type MirroredRow } from './mirror-rows.repository';

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

export type MirroredInvoice = MirroredRow<InvoiceStatus>;

const COLUMNS = Prisma.sql`i.id, i.customer_id AS "customerId", i.provider, i.provider_id AS "providerId", i.number, i.status,
  i.amount_due AS "amountDue", i.amount_paid AS "amountPaid", i.amount_refunded AS "amountRefunded", i.tax, i.taxes, i.discount, i.currency,
  i.period_start AS "periodStart", i.period_end AS "periodEnd", i.hosted_url AS "hostedUrl", i.pdf_url AS "pdfUrl",
  i.attempt_count AS "attemptCount", i.next_retry_at AS "nextRetryAt", i.lines, i.created_at AS "createdAt", i.paid_at AS "paidAt"`;

@Injectable()
export class InvoicesRepository {
  constructor(private readonly rows: MirrorRows) {}

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
  mirror(tx: Tx, mirrors: readonly InvoiceMirror[]): Promise<Map<string, MirroredInvoice>> {
    return this.rows.write(tx, 'invoice', mirrors.map(invoiceRow));
  }
}

/** The columns that are a function of the invoice's facts and of whose it is. */
export function invoiceRow({ provider, providerId, customerId, state }: InvoiceMirror): MirrorColumns {
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
