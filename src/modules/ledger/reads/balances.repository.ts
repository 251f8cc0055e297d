import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { Keyset } from '../../../platform/http';

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

/** Balances as of past moments, and what they came from. */
@Injectable()
export class BalancesRepository {
  /**
   * Sums per account and currency of what had happened by `at`, as far as it was in the books by `asKnownAt`. Both inclusive,
   * in business time and wall time; null is now.
   */
  async asOf(tx: Tx, at: Date | null, asKnownAt: Date | null): Promise<AccountBalance[]> {
    return tx.$queryRaw<AccountBalance[]>`
      SELECT e.account_code AS account, a.type, e.currency, sum(e.amount)::bigint AS balance
      FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
      JOIN ledger_accounts a ON a.code = e.account_code
      WHERE (${at}::timestamptz IS NULL OR t.ts <= ${at}) AND (${asKnownAt}::timestamptz IS NULL OR t.recorded_at <= ${asKnownAt})
      GROUP BY e.account_code, a.type, e.currency ORDER BY e.account_code, e.currency`;
  }

  /** What an account stood at before a moment; null is its end. Minor units, debit positive. */
  async before(tx: Tx, { account, currency }: AccountOf, moment: Date | null): Promise<bigint> {
    const rows = await tx.$queryRaw<{ balance: bigint }[]>`
      SELECT COALESCE(sum(e.amount), 0)::bigint AS balance
      FROM journal_entries e JOIN journal_transactions t ON t.id = e.transaction_id
      WHERE e.account_code = ${account} AND e.currency = ${currency} AND (${moment}::timestamptz IS NULL OR t.ts < ${moment})`;
    return rows[0]?.balance ?? 0n;
  }

  /** What moved it from the beginning of the period up to and with a place. */
  async upTo(tx: Tx, { account, currency }: AccountOf, { from }: Period, place: Keyset): Promise<bigint> {
    const rows = await tx.$queryRaw<{ moved: bigint }[]>`
      SELECT COALESCE(sum(e.amount), 0)::bigint AS moved
      FROM journal_entries e JOIN journal_transactions t ON t.id = e.transaction_id
      WHERE e.account_code = ${account} AND e.currency = ${currency} AND (t.ts, t.id) <= (${place.createdAt}, ${place.id})
        ${from === undefined ? Prisma.empty : Prisma.sql`AND t.ts >= ${from}`}`;
    return rows[0]?.moved ?? 0n;
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
