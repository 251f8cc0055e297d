import { Injectable } from '@nestjs/common';
import { ACCOUNTS } from '../domain/accounts';
import { POSTINGS } from '../domain/posting-table';
import type { CheckContext, Finding, LedgerCheck } from './ledger-check';

const PREREQUISITES = `
  SELECT t.idempotency_key AS subject, 'stands on ' || a.needs || ', which was never posted' AS message
  FROM jsonb_to_recordset($1::jsonb) AS a (type text, needs text) JOIN journal_transactions t ON t.type = a.type
  WHERE NOT EXISTS (SELECT FROM journal_transactions n WHERE n.ref_id = t.ref_id AND n.type = a.needs)`;

const MIRRORS = `
  SELECT r.idempotency_key AS subject, COALESCE('does not mirror ' || o.idempotency_key, 'reverses what is not there') AS message
  FROM journal_transactions r LEFT JOIN journal_transactions o ON o.id = r.reverses_id
  WHERE r.reverses_id IS NOT NULL AND (o.id IS NULL
    OR (r.type, r.idempotency_key, r.ref_id, r.provider) IS DISTINCT FROM
       (o.type || '.reversed', o.idempotency_key || ':reversal', o.ref_id, o.provider)
    OR EXISTS (
      SELECT FROM (SELECT position, account_code, currency, amount FROM journal_entries WHERE transaction_id = o.id) x
      FULL JOIN (SELECT position, account_code, currency, -amount AS amount FROM journal_entries WHERE transaction_id = r.id) y
        USING (position)
      WHERE (x.account_code, x.currency, x.amount) IS DISTINCT FROM (y.account_code, y.currency, y.amount)))`;

const ORPHANS = `
  SELECT e.transaction_id AS subject, 'an entry of ' || e.amount || ' ' || e.currency || ' on ' || e.account_code || ' belongs to nothing' AS message
  FROM journal_entries e WHERE NOT EXISTS (SELECT FROM journal_transactions t WHERE t.id = e.transaction_id)`;

const CHART = `
  SELECT COALESCE(a.code, c.code) AS subject, CASE WHEN a.code IS NULL THEN 'is not in the chart of accounts'
    ELSE 'is of the type ' || COALESCE(c.type, 'nothing') || ', and is to be ' || a.type END AS message
  FROM jsonb_to_recordset($1::jsonb) AS a (code text, type text) FULL JOIN ledger_accounts c ON c.code = a.code
  WHERE a.type IS DISTINCT FROM c.type`;

/** What postings owe to each other; the database finds them, so that nothing of what is sound comes here. */
@Injectable()
export class PostingsCheck implements LedgerCheck {
  readonly kinds = ['prerequisite', 'reversal', 'orphan', 'account'] as const;

  async run(context: CheckContext): Promise<Readonly<Record<string, number>>> {
    const needs = Object.entries(POSTINGS).flatMap(([type, { after }]) => after.map((one) => ({ type, needs: one })));
    const accounts = Object.entries(ACCOUNTS).map(([code, { type }]) => ({ code, type }));
    await this.find(context, 'prerequisite', PREREQUISITES, [JSON.stringify(needs)]);
    await this.find(context, 'reversal', MIRRORS);
    await this.find(context, 'orphan', ORPHANS);
    await this.find(context, 'account', CHART, [JSON.stringify(accounts)]);
    return { accounts: accounts.length };
  }

  private async find(
    { snapshot, report, signal }: CheckContext,
    kind: (typeof this.kinds)[number],
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<void> {
    signal?.throwIfAborted();
    for await (const batch of snapshot.stream<Omit<Finding, 'kind'>>(sql, values)) {
      signal?.throwIfAborted();
      for (const found of batch) report({ kind, ...found });
    }
  }
}
