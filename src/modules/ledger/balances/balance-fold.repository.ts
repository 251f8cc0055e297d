import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';

/** A place in the journal's recorded order. */
interface Mark {
  xactId: bigint;
  seq: bigint;
  /** It is not of this server's counting: the database was restored into another one. */
  isForeign: boolean;
}

/**
 * Adds journal entries to the sums of their days. Which of them are in is said by one mark, a place in the order of
 * (database transaction, seq): below the oldest running transaction nothing can be inserted into that order any more, while by
 * `seq` alone a transaction that commits late would be passed over.
 */
@Injectable()
export class BalanceFoldRepository {
  constructor(private readonly clock: Clock) {}

  /** Locks the mark to the end of the transaction. @returns null while another process has it. */
  async lockMark(tx: Tx): Promise<Mark | null> {
    await tx.$executeRaw`
      INSERT INTO balance_marks (id, xact_id, seq, folded_at) VALUES (1, 0, 0, ${this.clock.wall()}) ON CONFLICT (id) DO NOTHING`;
    const [mark] = await tx.$queryRaw<Mark[]>`
      SELECT xact_id AS "xactId", seq, xact_id >= (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint AS "isForeign"
      FROM balance_marks FOR UPDATE SKIP LOCKED`;
    return mark ?? null;
  }

  /** The next journal transactions behind the mark; in a statement after its lock. @returns how many there were. */
  async foldNext(tx: Tx, { xactId, seq }: Mark, limit: number): Promise<number> {
    const [folded] = await tx.$queryRaw<{ transactions: number }[]>`
      WITH batch AS (
        SELECT t.id, t.xact_id, t.seq, (t.ts AT TIME ZONE 'UTC')::date AS day FROM journal_transactions t
        WHERE (t.xact_id, t.seq) > (${xactId}, ${seq}) AND t.xact_id < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
        ORDER BY t.xact_id, t.seq LIMIT ${limit}),
      added AS (
        INSERT INTO account_day_balances AS b (account_code, currency, day, debits, credits, entries)
        SELECT e.account_code, e.currency, t.day, COALESCE(sum(e.amount) FILTER (WHERE e.amount > 0), 0),
          COALESCE(-sum(e.amount) FILTER (WHERE e.amount < 0), 0), count(*)
        FROM batch t JOIN journal_entries e ON e.transaction_id = t.id GROUP BY e.account_code, e.currency, t.day
        ON CONFLICT (account_code, currency, day) DO UPDATE
          SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits, entries = b.entries + EXCLUDED.entries),
      moved AS (
        UPDATE balance_marks m SET xact_id = last.xact_id, seq = last.seq, folded_at = ${this.clock.wall()}
        FROM (SELECT xact_id, seq FROM batch ORDER BY xact_id DESC, seq DESC LIMIT 1) AS last)
      SELECT count(*)::int AS transactions FROM batch`;
    return folded?.transactions ?? 0;
  }

  /** Nothing is folded any more, so that all will be again. Readers see the same sums before and after. */
  async forget(tx: Tx): Promise<void> {
    await tx.$executeRaw`DELETE FROM account_day_balances`;
    await tx.$executeRaw`UPDATE balance_marks SET xact_id = 0, seq = 0, folded_at = ${this.clock.wall()}`;
  }
}
