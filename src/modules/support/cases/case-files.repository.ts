import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import type { CaseFact, CaseInvoice, CaseSubscription } from './case-file';

/** No more facts are shown; a renewal that is told of so often is told of elsewhere. */
const MOST = 500;

/** One invoice and all that is kept about it, whoever keeps it. Each is one statement by an index. */
@Injectable()
export class CaseFilesRepository {
  async invoice(tx: Tx, id: string): Promise<CaseInvoice | null> {
    const [row] = await tx.$queryRaw<CaseInvoice[]>`
      SELECT id, customer_id AS "customerId", provider, provider_id AS "providerId", number, status,
        billing_reason AS "billingReason", currency, amount_due AS "amountDue", amount_paid AS "amountPaid",
        amount_remaining AS "amountRemaining", amount_refunded AS "amountRefunded", attempt_count AS "attemptCount",
        created_at AS "createdAt", finalized_at AS "finalizedAt", first_failed_at AS "firstFailedAt", paid_at AS "paidAt"
      FROM invoices WHERE id = ${id}`;
    return row ?? null;
  }

  /** Null for an invoice without one, or one that was not told of. */
  async subscription(tx: Tx, invoiceId: string): Promise<CaseSubscription | null> {
    const [row] = await tx.$queryRaw<CaseSubscription[]>`
      SELECT s.id, s.provider_id AS "providerId", s.status, p.id AS "planId", p.code AS "planCode", p.name AS "planName",
        p.grace_days AS "graceDays", s.grace_until AS "graceUntil", p.dunning
      FROM invoices i JOIN subscriptions s ON s.provider = i.provider AND s.provider_id = i.provider_subscription_id
        JOIN plans p ON p.id = s.plan_id
      WHERE i.id = ${invoiceId}`;
    return row ?? null;
  }

  /** Of the invoice, of its payments, and of its subscription since the invoice was made; oldest first. */
  async facts(tx: Tx, invoice: CaseInvoice, subscriptionRef: string | null): Promise<CaseFact[]> {
    const { provider, providerId, createdAt } = invoice;
    return tx.$queryRaw<CaseFact[]>`
      WITH objects (object_type, object_id, since) AS (
        SELECT 'invoice', ${providerId}::text, '-infinity'::timestamptz
        UNION ALL
        SELECT 'payment', provider_id, '-infinity' FROM payments
        WHERE provider = ${provider} AND provider_invoice_id = ${providerId}
        UNION ALL
        SELECT 'subscription', ${subscriptionRef}::text, ${createdAt}::timestamptz)
      SELECT f.id, f.occurred_at AS at, f.kind, f.object_type AS "objectType", f.object_id AS "objectId",
        f.payload ->> 'status' AS status, f.payload ->> 'declineCode' AS "declineCode", f.source_id AS "sourceId"
      FROM objects o JOIN facts f ON f.provider = ${provider} AND f.object_type = o.object_type AND f.object_id = o.object_id
        AND f.occurred_at >= o.since
      ORDER BY f.occurred_at, f.seq LIMIT ${MOST}`;
  }

  /** Ids of tickets about it: by the invoice itself, or by a payment of it. Oldest first. */
  async ticketIds(tx: Tx, { id, provider, providerId }: CaseInvoice): Promise<string[]> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM payment_support_tickets WHERE id IN (
        SELECT id FROM payment_support_tickets WHERE invoice_id = ${id}
        UNION ALL
        SELECT k.id FROM payments p JOIN payment_support_tickets k ON k.customer_id = p.customer_id AND k.payment_id = p.id
        WHERE p.provider = ${provider} AND p.provider_invoice_id = ${providerId})
      ORDER BY created_at, id`;
    return rows.map((row) => row.id);
  }

  async planCodes(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await tx.$queryRaw<{ id: string; code: string }[]>`
      SELECT id, code FROM plans WHERE id = ANY (${[...ids]}::text[])`;
    return new Map(rows.map(({ id, code }) => [id, code]));
  }
}
