import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { FactObjectType, Provider } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import type { Keyset } from '../../../platform/http';
import type { AccountCode } from '../domain/accounts';

/** What entries of the stream have in common; all that is given must fit. */
export interface StreamFilter {
  /** Journal transactions that move it; facts move none. */
  account?: AccountCode | undefined;
  customerId?: string | undefined;
  /** Our id of what a journal transaction is about, or a provider's of what a fact is about. */
  refId?: string | undefined;
  type?: string | undefined;
  /** Inclusive. */
  from?: Date | undefined;
  /** Exclusive. */
  to?: Date | undefined;
}

/** A fact or a journal transaction. */
export interface StreamEntry {
  id: string;
  ts: Date;
  type: string;
  refId: string;
  provider: string;
  /** Our customer's id. */
  uid: string | null;
  /** A fact's payload, a journal transaction's meta. */
  meta: Record<string, unknown>;
  /** Amounts as text: minor units, debit positive. Empty for facts. */
  entries: { account: string; amount: string; currency: string }[];
}

/** The first columns of the index that an object's facts are found by: named, so that the key as a whole is searched. */
const PROVIDERS: readonly Provider[] = ['stripe', 'apple', 'google', 'wise'];
const OBJECT_TYPES = Object.keys({
  subscription: 0,
  invoice: 0,
  payment: 0,
  checkout: 0,
  purchase: 0,
  refund: 0,
  dispute: 0,
  charge: 0,
  credit_note: 0,
  credit: 0,
  payment_concern: 0,
  payment_method: 0,
  customer: 0,
  setup: 0,
  provider_payout: 0,
  fund_reservation: 0,
  transfer: 0,
  deposit: 0,
} satisfies Record<FactObjectType, 0>);

/** Facts and journal in one stream, newest first. */
@Injectable()
export class LedgerStreamRepository {
  /** @param after keyset: entries before this place. */
  async list(tx: Tx, filter: StreamFilter, limit: number, after: Keyset | undefined): Promise<StreamEntry[]> {
    return tx.$queryRaw<StreamEntry[]>(ledgerStream(filter, limit, after));
  }
}

/** Pure: the one statement of a page. Each half gives at most a page from the end of its own index. */
export function ledgerStream(filter: StreamFilter, limit: number, after: Keyset | undefined): Prisma.Sql {
  const halves =
    filter.account === undefined
      ? [journalPage(filter, limit, after), factsPage(filter, limit, after)]
      : [journalPage(filter, limit, after)];
  return Prisma.sql`
    SELECT * FROM (${Prisma.join(halves, ' UNION ALL ')}) AS entries ORDER BY ts DESC, id DESC LIMIT ${limit}`;
}

function journalPage(filter: StreamFilter, limit: number, after: Keyset | undefined): Prisma.Sql {
  const { account, customerId, refId, type } = filter;
  const narrow = [
    ...(customerId === undefined ? [] : [Prisma.sql`j.customer_id = ${customerId}`]),
    ...(refId === undefined ? [] : [Prisma.sql`j.ref_id = ${refId}`]),
  ];
  const conditions = [
    ...(account === undefined
      ? []
      : [
          Prisma.sql`EXISTS (SELECT FROM journal_entries x WHERE x.transaction_id = j.id AND x.account_code = ${account})`,
        ]),
    ...(type === undefined ? [] : [Prisma.sql`j.type = ${type}`]),
    ...between(Prisma.sql`j.ts`, filter),
    ...(after ? [Prisma.sql`(j.ts, j.id) < (${after.createdAt}, ${after.id})`] : []),
  ];
  const from = narrowed(Prisma.sql`journal_transactions j`, narrow, Prisma.sql`j`);
  return Prisma.sql`(
    SELECT j.id, j.ts, j.type, j.ref_id AS "refId", j.provider, j.customer_id AS uid, j.meta,
      (SELECT jsonb_agg(jsonb_build_object('account', e.account_code, 'amount', e.amount::text, 'currency', e.currency)
         ORDER BY e.position) FROM journal_entries e WHERE e.transaction_id = j.id) AS entries
    FROM (SELECT * FROM ${from} ${where(conditions)} ORDER BY j.ts DESC, j.id DESC LIMIT ${limit}) j)`;
}

function factsPage(filter: StreamFilter, limit: number, after: Keyset | undefined): Prisma.Sql {
  const { customerId, refId, type } = filter;
  const narrow = [
    ...(customerId === undefined
      ? []
      : [
          Prisma.sql`f.aggregate = ANY (ARRAY(
          SELECT o.provider || ':' || o.provider_id FROM customer_accounts o WHERE o.customer_id = ${customerId}))`,
        ]),
    ...(refId === undefined
      ? []
      : [
          Prisma.sql`f.provider = ANY (${PROVIDERS}) AND f.object_type = ANY (${OBJECT_TYPES}) AND f.object_id = ${refId}`,
        ]),
  ];
  const conditions = [
    ...(type === undefined ? [] : [Prisma.sql`f.kind = ${type}`]),
    ...between(Prisma.sql`f.occurred_at`, filter),
    ...(after ? [Prisma.sql`(f.occurred_at, f.id) < (${after.createdAt}, ${after.id})`] : []),
  ];
  const from = narrowed(Prisma.sql`facts f`, narrow, Prisma.sql`f`);
  return Prisma.sql`(
    SELECT f.id, f.occurred_at AS ts, f.kind AS type, f.object_id AS "refId", f.provider, o.customer_id AS uid,
      f.payload AS meta, '[]'::jsonb AS entries
    FROM (SELECT * FROM ${from} ${where(conditions)} ORDER BY f.occurred_at DESC, f.id DESC LIMIT ${limit}) f
    LEFT JOIN customer_accounts o ON o.provider = f.provider AND o.provider_id = substr(f.aggregate, length(f.provider) + 2))`;
}

/**
 * One customer's or one object's rows are few, and looked up before anything else: with a limit in sight the planner would
 * rather go through all there ever was, by time, until it has met enough of them.
 */
function narrowed(table: Prisma.Sql, conditions: readonly Prisma.Sql[], name: Prisma.Sql): Prisma.Sql {
  if (conditions.length === 0) return table;
  return Prisma.sql`(WITH few AS MATERIALIZED (SELECT * FROM ${table} ${where(conditions)}) SELECT * FROM few) ${name}`;
}

function between(column: Prisma.Sql, { from, to }: StreamFilter): Prisma.Sql[] {
  return [
    ...(from === undefined ? [] : [Prisma.sql`${column} >= ${from}`]),
    ...(to === undefined ? [] : [Prisma.sql`${column} < ${to}`]),
  ];
}

function where(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join([...conditions], ' AND ')}`;
}
