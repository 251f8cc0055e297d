import { Injectable } from '@nestjs/common';
import type { CheckContext, Finding, LedgerCheck } from '../integrity/ledger-check';

/** Every folded day against the entries that are in it. */
const DAYS = `
  WITH mark AS (SELECT COALESCE(max(xact_id), 0) AS xact_id, COALESCE(max(seq), 0) AS seq FROM balance_marks),
  entered AS (
    SELECT e.account_code, e.currency, (t.ts AT TIME ZONE 'UTC')::date AS day, COALESCE(sum(e.amount) FILTER (WHERE e.amount > 0), 0) AS debits,
      COALESCE(-sum(e.amount) FILTER (WHERE e.amount < 0), 0) AS credits, count(*) AS entries
    FROM mark m, journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
    WHERE (t.xact_id, t.seq) <= (m.xact_id, m.seq) GROUP BY 1, 2, 3)
  SELECT account_code || ' ' || currency || ' ' || day AS subject,
    'has ' || COALESCE(f.entries, 0) || ' entries folded, ' || COALESCE(f.debits, 0) || ' to debit and ' || COALESCE(f.credits, 0) ||
    ' to credit; the journal has ' || COALESCE(j.entries, 0) || ', ' || COALESCE(j.debits, 0) || ' and ' || COALESCE(j.credits, 0) AS message
  FROM account_day_balances f FULL JOIN entered j USING (account_code, currency, day)
  WHERE (f.debits, f.credits, f.entries) IS DISTINCT FROM (j.debits, j.credits, j.entries)`;

/** That balances are read from sums that are the journal's. */
@Injectable()
export class BalancesCheck implements LedgerCheck {
  readonly kinds = ['day_balance'] as const;

  async run({ snapshot, report, signal }: CheckContext): Promise<Readonly<Record<string, number>>> {
    const [count] = await snapshot.query<{ days: number }>('SELECT count(*)::int AS days FROM account_day_balances');
    for await (const batch of snapshot.stream<Omit<Finding, 'kind'>>(DAYS)) {
      signal?.throwIfAborted();
      for (const found of batch) report({ kind: 'day_balance', ...found });
    }
    return { days: count?.days ?? 0 };
  }
}
