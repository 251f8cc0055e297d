import { Injectable } from '@nestjs/common';
import type { Snapshot } from '../../../platform/database';
import type { AccountOf, Period } from '../reads/balances.repository';
import type { ExportedBalance, ExportedTransaction } from './domain/exported';

const COLUMNS = `t.id, t.seq::text AS seq, t.ts, t.recorded_at AS "recordedAt", t.type, t.provider, t.ref_id AS "refId",
  t.customer_id AS "customerId", t.idempotency_key AS "idempotencyKey", t.reverses_id AS "reversesId", t.meta::text AS meta`;
const IN_PERIOD = '($1::timestamptz IS NULL OR t.ts >= $1) AND ($2::timestamptz IS NULL OR t.ts < $2)';

/** A transaction as far as it moves one account. */
export type MovedTransaction = Omit<ExportedTransaction, 'entries'> & { amount: string };

/** The books, as many as they are: by a cursor, as of one moment. Oldest first. */
@Injectable()
export class ExportRepository {
  journal(snapshot: Snapshot, { from, to }: Period): AsyncGenerator<ExportedTransaction[], void, void> {
    return snapshot.stream<ExportedTransaction>(
      `SELECT ${COLUMNS}, (
         SELECT json_agg(json_build_object('account', e.account_code, 'type', a.type, 'amount', e.amount::text,
           'currency', e.currency) ORDER BY e.position)
         FROM journal_entries e JOIN ledger_accounts a ON a.code = e.account_code WHERE e.transaction_id = t.id) AS entries
       FROM journal_transactions t WHERE ${IN_PERIOD} ORDER BY t.ts, t.id`,
      [from ?? null, to ?? null],
    );
  }

  /** Where something was ever posted. @param before exclusive; null is the end. */
  balances(snapshot: Snapshot, before: Date | null): Promise<ExportedBalance[]> {
    return snapshot.query<ExportedBalance>(
      `SELECT e.account_code AS account, a.type, e.currency, sum(e.amount)::text AS balance
       FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
       JOIN ledger_accounts a ON a.code = e.account_code
       WHERE $1::timestamptz IS NULL OR t.ts < $1
       GROUP BY e.account_code, a.type, e.currency ORDER BY e.account_code, e.currency`,
      [before],
    );
  }

  movementsOf(
    snapshot: Snapshot,
    { account, currency }: AccountOf,
    { from, to }: Period,
  ): AsyncGenerator<MovedTransaction[], void, void> {
    return snapshot.stream<MovedTransaction>(
      `SELECT ${COLUMNS}, sum(e.amount)::text AS amount
       FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
       WHERE ${IN_PERIOD} AND e.account_code = $3 AND e.currency = $4 GROUP BY t.id ORDER BY t.ts, t.id`,
      [from ?? null, to ?? null, account, currency],
    );
  }

  async balanceBefore(snapshot: Snapshot, { account, currency }: AccountOf, before: Date): Promise<bigint> {
    const [row] = await snapshot.query<{ balance: string }>(
      `SELECT COALESCE(sum(e.amount), 0)::text AS balance
       FROM journal_entries e JOIN journal_transactions t ON t.id = e.transaction_id
       WHERE e.account_code = $1 AND e.currency = $2 AND t.ts < $3`,
      [account, currency, before],
    );
    return BigInt(row?.balance ?? 0);
  }
}
