import { Injectable } from '@nestjs/common';
import { customerRefOf } from '../../shared/aggregate';
import { Prisma } from '../../generated/prisma/client';
import type { Provider } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import type { TableRow } from './domain/row-changes';

/** Where an event's effects can be: the rows of a customer, and what is appended from now on. */
export interface PictureFrame {
  customerIds: string[];
  provider: Provider;
  /** The customer's id at the provider. */
  providerId: string;
  /** Events of the aggregate that wait for somebody to know its customer. */
  foreignIds: string[];
  /** The last recorded place of what is only ever appended to. */
  lastFact: bigint;
  lastPosting: bigint;
  lastOutboxEvent: bigint;
}

/** Tables of rows that change, with the customer's column: all of his are in the picture. */
const OF_CUSTOMER = [
  ['customers', 'id'],
  ['subscriptions', 'customer_id'],
  ['subscription_changes', 'customer_id'],
  ['invoices', 'customer_id'],
  ['payments', 'customer_id'],
  ['entitlement_grants', 'customer_id'],
] as const;
/** Numbers of the database's own, that mean nothing to anybody outside. */
const INTERNAL = ['xact_id', 'content_hash', 'raw_body'];

/** Pictures of the rows around one customer. Two of one transaction show what happened in between. */
@Injectable()
export class RowPicturesRepository {
  /** From now on every statement of the transaction sees what it sees now, and its own doing. Before any other statement. */
  async freeze(tx: Tx): Promise<void> {
    await tx.$executeRaw`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`;
  }

  /** @param ownerIds customers of ours named by the event's objects, who may not be linked yet. */
  async frame(tx: Tx, provider: Provider, aggregate: string, ownerIds: readonly string[]): Promise<PictureFrame> {
    const providerId = customerRefOf(aggregate);
    const rows = await tx.$queryRaw<Omit<PictureFrame, 'provider' | 'providerId'>[]>`
      SELECT
        ARRAY(SELECT customer_id FROM customer_accounts WHERE provider = ${provider} AND provider_id = ${providerId}
          UNION SELECT id FROM customers WHERE id = ANY (${ownerIds})) AS "customerIds",
        ARRAY(SELECT id FROM inbox_events WHERE aggregate = ${aggregate} AND ignored_for = 'foreign') AS "foreignIds",
        COALESCE((SELECT max(seq) FROM facts), 0) AS "lastFact",
        COALESCE((SELECT max(seq) FROM journal_transactions), 0) AS "lastPosting",
        COALESCE((SELECT max(seq) FROM outbox_events), 0) AS "lastOutboxEvent"`;
    const [row] = rows;
    if (!row) throw new Error('A SELECT without FROM returns one row');
    return { ...row, provider, providerId };
  }

  async take(tx: Tx, frame: PictureFrame): Promise<TableRow[]> {
    const ofCustomer = OF_CUSTOMER.map(([table, column]) => {
      const condition = Prisma.sql`${Prisma.raw(column)} = ANY (${frame.customerIds})`;
      return picture(table, ['id'], condition);
    });
    const account = Prisma.sql`(provider = ${frame.provider} AND provider_id = ${frame.providerId})
      OR customer_id = ANY (${frame.customerIds})`;
    const posting = Prisma.sql`transaction_id IN (SELECT id FROM journal_transactions WHERE seq > ${frame.lastPosting})`;
    // Of the inbox what may be taken up again, and what was asked of the provider meanwhile.
    const inbox = Prisma.sql`id = ANY (${frame.foreignIds}) OR received_at >= date_trunc('milliseconds', transaction_timestamp())`;
    return tx.$queryRaw<TableRow[]>(
      Prisma.join(
        [
          picture('facts', ['id'], Prisma.sql`seq > ${frame.lastFact}`),
          ...ofCustomer,
          picture('customer_accounts', ['provider', 'provider_id'], account),
          picture('journal_transactions', ['id'], Prisma.sql`seq > ${frame.lastPosting}`),
          picture('journal_entries', ['transaction_id', 'position'], posting),
          picture('outbox_events', ['id'], Prisma.sql`seq > ${frame.lastOutboxEvent}`),
          picture('inbox_events', ['id'], inbox),
          picture('alerts', ['id'], Prisma.sql`resolved_at IS NULL`),
        ],
        ' UNION ALL ',
      ),
    );
  }

  /** What is else checked at the commit only is checked now. */
  async checkNow(tx: Tx): Promise<void> {
    await tx.$executeRaw`SET CONSTRAINTS ALL IMMEDIATE`;
  }
}

/** @param table @param key names from this file: they stand in the statement as they are. */
function picture(table: string, key: readonly string[], condition: Prisma.Sql): Prisma.Sql {
  const pairs = key.map((column) => `'${column}', t.${column}`).join(', ');
  return Prisma.sql`(SELECT ${table} AS "table", jsonb_build_object(${Prisma.raw(pairs)}) AS "key",
    to_jsonb(t) - ${INTERNAL}::text[] AS "row" FROM ${Prisma.raw(table)} t WHERE ${condition} ORDER BY ${Prisma.raw(key.join(', '))})`;
}
