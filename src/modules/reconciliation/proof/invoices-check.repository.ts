import { Injectable } from '@nestjs/common';
import type { CheckContext, Finding, LedgerCheck } from '../../ledger';

/**
 * What is still receivable of each invoice by the books, its credit notes included, and what by its mirror. What was paid of one is
 * booked when all of it is: of one that was made void or given up before that, it stays receivable, as the invariant of the books has it.
 */
const INVOICES = `
  WITH about AS (
    SELECT id AS ref_id, id AS invoice_id FROM invoices
    UNION ALL
    SELECT n.id, i.id FROM credit_notes n
    JOIN invoices i ON i.provider = n.provider AND i.provider_id = n.provider_invoice_id),
  booked AS (
    SELECT a.invoice_id, sum(e.amount) AS receivable FROM about a JOIN journal_transactions t ON t.ref_id = a.ref_id
    JOIN journal_entries e ON e.transaction_id = t.id AND e.account_code = 'customer.receivable' GROUP BY a.invoice_id),
  owed AS (
    SELECT i.id, i.provider || ' ' || i.provider_id AS subject, i.status, i.currency, COALESCE(b.receivable, 0) AS booked,
      CASE i.status WHEN 'open' THEN i.amount_paid + i.amount_remaining WHEN 'paid' THEN 0 ELSE i.amount_paid END AS owed
    FROM invoices i LEFT JOIN booked b ON b.invoice_id = i.id)
  SELECT subject, 'is ' || status || ', so ' || owed || ' ' || currency || ' are receivable; booked are ' || booked AS message
  FROM owed WHERE booked <> owed
  UNION ALL
  SELECT i.provider || ' ' || i.provider_id, 'is paid, and its payment is not booked' FROM invoices i
  WHERE i.status = 'paid' AND i.amount_paid > 0
    AND NOT EXISTS (SELECT FROM journal_transactions t WHERE t.ref_id = i.id AND t.type = 'invoice.paid')`;

/** The state of each invoice against its journal. */
@Injectable()
export class InvoicesCheck implements LedgerCheck {
  readonly kinds = ['invoice'] as const;

  async run({ snapshot, report, signal }: CheckContext): Promise<Readonly<Record<string, number>>> {
    const [count] = await snapshot.query<{ invoices: number }>('SELECT count(*)::int AS invoices FROM invoices');
    for await (const batch of snapshot.stream<Omit<Finding, 'kind'>>(INVOICES)) {
      signal?.throwIfAborted();
      for (const found of batch) report({ kind: 'invoice', ...found });
    }
    return { invoices: count?.invoices ?? 0 };
  }
}
