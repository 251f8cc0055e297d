import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { Keyset } from '../../../platform/http';

const DAY_MS = 86_400_000;

export interface AccountBalance {
  account: string;
  type: string;
  currency: string;
  /** Debit positive, minor units. */
  balance: bigint;
}

/** Which account, in which currency. */
export interface AccountOf {
  account: string;
  currency: string;
}

/** A period; open where nothing is said. */
export interface Period {
  /** Inclusive. */
  from?: Date | undefined;
  /** Exclusive. */
  to?: Date | undefined;
}

/** A journal transaction as far as it moves one account. */
export interface StatementLine {
  id: string;
  ts: Date;
  type: string;
  refId: string;
  provider: string;
  customerId: string | null;
  /** Minor units, debit positive. */
  amount: bigint;
}

/**
 * Balances as of past moments, and what they came from. The sums of whole days are folded (../balances); each statement adds
 * what they lack, the day the moment is in and what is behind the mark, out of the same snapshot. So a balance is exact at any
 * moment, however far folding has come.
 */
@Injectable()
export class BalancesRepository {
  /**
   * Sums per account and currency of what had happened by `at`, as far as it was in the books by `asKnownAt`. Both inclusive,
   * in business time and wall time; null is now. What was known then is added up entry by entry: folded sums have forgotten
   * when each of them was recorded.
   */
  async asOf(tx: Tx, at: Date | null, asKnownAt: Date | null): Promise<AccountBalance[]> {
    const parts = asKnownAt === null ? foldedParts(at, '<=') : everyEntry(at, asKnownAt);
    return tx.$queryRaw<AccountBalance[]>`
      SELECT p.account_code AS account, a.type, p.currency, sum(p.amount)::bigint AS balance
      FROM (${parts}) AS p JOIN ledger_accounts a ON a.code = p.account_code
      GROUP BY p.account_code, a.type, p.currency ORDER BY p.account_code, p.currency`;
  }

  /** What an account stood at before a moment; null is its end. Minor units, debit positive. */
  async before(tx: Tx, { account, currency }: AccountOf, moment: Date | null): Promise<bigint> {
    const of = Prisma.sql`AND account_code = ${account} AND currency = ${currency}`;
    const rows = await tx.$queryRaw<{ balance: bigint }[]>`
      SELECT COALESCE(sum(p.amount), 0)::bigint AS balance FROM (${foldedParts(moment, '<', of)}) AS p`;
    return rows[0]?.balance ?? 0n;
  }

  /** What an account stood at behind a place: up to and with it. */
  async behind(tx: Tx, which: AccountOf, place: Keyset): Promise<bigint> {
    const { account, currency } = which;
    const rows = await tx.$queryRaw<{ moved: bigint }[]>`
      SELECT COALESCE(sum(e.amount), 0)::bigint AS moved
      FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
      WHERE t.ts = ${place.createdAt} AND t.id <= ${place.id} AND e.account_code = ${account} AND e.currency = ${currency}`;
    return (await this.before(tx, which, place.createdAt)) + (rows[0]?.moved ?? 0n);
  }

  /** Oldest first: as statements are read. @param after keyset: lines behind this place. */
  async lines(
    tx: Tx,
    { account, currency }: AccountOf,
    { from, to }: Period,
    limit: number,
    after: Keyset | undefined,
  ): Promise<StatementLine[]> {
    return tx.$queryRaw<StatementLine[]>`
      SELECT t.id, t.ts, t.type, t.ref_id AS "refId", t.provider, t.customer_id AS "customerId", sum(e.amount)::bigint AS amount
      FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
      WHERE e.account_code = ${account} AND e.currency = ${currency}
        ${from === undefined ? Prisma.empty : Prisma.sql`AND t.ts >= ${from}`}
        ${to === undefined ? Prisma.empty : Prisma.sql`AND t.ts < ${to}`}
        ${after ? Prisma.sql`AND (t.ts, t.id) > (${after.createdAt}, ${after.id})` : Prisma.empty}
      GROUP BY t.id ORDER BY t.ts, t.id LIMIT ${limit}`;
  }
}

const ENTRIES = Prisma.sql`
  SELECT e.account_code, e.currency, sum(e.amount) AS amount
  FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id`;

function everyEntry(at: Date | null, asKnownAt: Date): Prisma.Sql {
  return Prisma.sql`${ENTRIES} WHERE (${at}::timestamptz IS NULL OR t.ts <= ${at}) AND t.recorded_at <= ${asKnownAt}
    GROUP BY e.account_code, e.currency`;
}

/**
 * Whole days that are folded, what is behind the mark of the same days, and the entries of the moment's own day, folded or not.
 * @param compare whether what happened at the very moment is in. @param of narrows by `account_code` and `currency`.
 */
function foldedParts(moment: Date | null, compare: '<' | '<=', of = Prisma.empty): Prisma.Sql {
  const day = moment && dayBegun(moment);
  const days = Prisma.sql`
    SELECT account_code, currency, sum(debits - credits) AS amount FROM account_day_balances
    WHERE ${day === null ? Prisma.sql`true` : Prisma.sql`day < (${day}::timestamptz AT TIME ZONE 'UTC')::date`} ${of}
    GROUP BY account_code, currency`;
  const unfolded = Prisma.sql`
    SELECT account_code, currency, sum(amount) AS amount FROM kassa_entries_unfolded()
    WHERE ${day === null ? Prisma.sql`true` : Prisma.sql`ts < ${day}`} ${of} GROUP BY account_code, currency`;
  if (day === null) return Prisma.sql`${days} UNION ALL ${unfolded}`;
  const until = compare === '<' ? Prisma.sql`t.ts < ${moment}` : Prisma.sql`t.ts <= ${moment}`;
  const ofTheDay = Prisma.sql`${ENTRIES} WHERE t.ts >= ${day} AND ${until} ${of} GROUP BY e.account_code, e.currency`;
  return Prisma.sql`${days} UNION ALL ${unfolded} UNION ALL ${ofTheDay}`;
}

/** Days of the books are days of UTC. */
function dayBegun(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / DAY_MS) * DAY_MS);
}
