import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import type { Violation } from './domain/violation';

/** What the books say against what the mirrors say; each statement looks at both at one moment. */
@Injectable()
export class InvariantsRepository {
  /**
   * Receivable is what open invoices are for. What was paid on an invoice that is void or given up is booked with no invoice's
   * payment, and stays.
   */
  async receivable(tx: Tx): Promise<Violation[]> {
    const rows = await tx.$queryRaw<{ currency: string; booked: bigint; owed: bigint }[]>`
      WITH booked AS (
        SELECT currency, sum(debits - credits) AS amount FROM account_day_balances
        WHERE account_code = 'customer.receivable' GROUP BY currency
        UNION ALL
        SELECT currency, sum(amount) FROM kassa_entries_unfolded() WHERE account_code = 'customer.receivable' GROUP BY currency),
      owed AS (
        SELECT currency, sum(amount_paid + CASE status WHEN 'open' THEN amount_remaining ELSE 0 END) AS amount FROM invoices
        WHERE status = 'open' OR (status IN ('void', 'uncollectible') AND amount_paid > 0) GROUP BY currency)
      SELECT currency, sum(booked)::bigint AS booked, sum(owed)::bigint AS owed
      FROM (SELECT currency, amount AS booked, 0 AS owed FROM booked UNION ALL SELECT currency, 0, amount FROM owed) AS b
      GROUP BY currency HAVING sum(booked) <> sum(owed)`;
    return rows.map(({ currency, booked, owed }) => ({
      invariant: 'receivable',
      subject: currency,
      message: `customer.receivable stands at ${booked} ${currency}, and open invoices are for ${owed}`,
    }));
  }

  /** What is on its way to our bank is what payouts say that are on their way. */
  async transit(tx: Tx): Promise<Violation[]> {
    const rows = await tx.$queryRaw<{ currency: string; booked: bigint; sent: bigint }[]>`
      WITH booked AS (
        SELECT currency, sum(debits - credits) AS amount FROM account_day_balances
        WHERE account_code = 'payouts.transit' GROUP BY currency
        UNION ALL
        SELECT currency, sum(amount) FROM kassa_entries_unfolded() WHERE account_code = 'payouts.transit' GROUP BY currency),
      sent AS (SELECT currency, sum(amount) AS amount FROM provider_payouts WHERE status IN ('pending', 'in_transit') GROUP BY currency)
      SELECT currency, sum(booked)::bigint AS booked, sum(sent)::bigint AS sent
      FROM (SELECT currency, amount AS booked, 0 AS sent FROM booked UNION ALL SELECT currency, 0, amount FROM sent) AS b
      GROUP BY currency HAVING sum(booked) <> sum(sent)`;
    return rows.map(({ currency, booked, sent }) => ({
      invariant: 'transit',
      subject: currency,
      message: `payouts.transit stands at ${booked} ${currency}, and payouts on their way are for ${sent}`,
    }));
  }

  /** Banks hold nothing where no dispute is open. */
  async held(tx: Tx): Promise<Violation[]> {
    const rows = await tx.$queryRaw<{ currency: string; booked: bigint }[]>`
      WITH booked AS (
        SELECT currency, sum(debits - credits) AS amount FROM account_day_balances
        WHERE account_code = 'disputes.held' GROUP BY currency
        UNION ALL
        SELECT currency, sum(amount) FROM kassa_entries_unfolded() WHERE account_code = 'disputes.held' GROUP BY currency)
      SELECT currency, sum(amount)::bigint AS booked FROM booked
      WHERE NOT EXISTS (SELECT FROM disputes WHERE status IN ('needs_response', 'under_review'))
      GROUP BY currency HAVING sum(amount) <> 0`;
    return rows.map(({ currency, booked }) => ({
      invariant: 'held',
      subject: currency,
      message: `disputes.held stands at ${booked} ${currency}, and no dispute is open`,
    }));
  }

  /** The next invoices by id. @param after '' is the beginning. */
  async nextInvoices(tx: Tx, after: string, limit: number): Promise<string[]> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM invoices WHERE id > ${after} ORDER BY id LIMIT ${limit}`;
    return rows.map(({ id }) => id);
  }

  /**
   * Of these invoices, those that are paid and not posted as paid exactly once, and those of which another sum was released in
   * the books than their schedule says.
   */
  async invoices(tx: Tx, ids: readonly string[]): Promise<Violation[]> {
    if (ids.length === 0) return [];
    const rows = await tx.$queryRaw<{ id: string; status: string; paid: number; posted: bigint; released: bigint }[]>`
      SELECT * FROM (
        SELECT i.id, i.status, i.amount_paid, COALESCE(s.released, 0)::bigint AS released,
          (SELECT count(*) FROM journal_transactions t WHERE t.ref_id = i.id AND t.type = 'invoice.paid')::int AS paid,
          (SELECT COALESCE(-sum(e.amount), 0) FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
            WHERE t.ref_id = i.id AND t.type = 'revenue.released' AND e.account_code = 'revenue.subscription')::bigint AS posted
        FROM unnest(${ids}::text[]) AS x (id) JOIN invoices i ON i.id = x.id LEFT JOIN revenue_schedules s ON s.invoice_id = i.id) AS i
      WHERE released <> posted OR (paid > 1 OR (status = 'paid' AND amount_paid > 0 AND paid = 0))
      ORDER BY id`;
    return rows.map(({ id, status, paid, released, posted }): Violation =>
      released !== posted
        ? {
            invariant: 'released',
            subject: id,
            message: `Of invoice ${id} ${released} were released, and ${posted} booked`,
          }
        : {
            invariant: 'paid_once',
            subject: id,
            message: `Invoice ${id} is ${status}, and its payment is booked ${paid} times`,
          },
    );
  }

  /** Invoices of which an alert is open. */
  async alerted(tx: Tx, kind: string, limit: number): Promise<string[]> {
    const rows = await tx.$queryRaw<{ id: string | null }[]>`
      SELECT DISTINCT details ->> 'subject' AS id FROM alerts WHERE kind = ${kind} AND resolved_at IS NULL LIMIT ${limit}`;
    return rows.flatMap(({ id }) => id ?? []);
  }
}
