import { Injectable } from '@nestjs/common';
import type { Provider } from '../../shared/facts';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import { CLEARING_ACCOUNT } from '../ledger';
import { bookLines, type BookLine, type BookTransaction } from './domain/book-lines';

interface SumText {
  currency: string;
  amount: string;
}
interface TransactionRow extends Omit<BookTransaction, 'clearing' | 'fees' | 'payments'> {
  clearing: SumText[];
  fees: SumText[];
  payments: { ref: string; amount: string }[] | null;
}

/** Journal transactions with what they move on the clearing account, and the payments of the invoices among them. */
function selectFrom(provider: Provider): Prisma.Sql {
  return Prisma.sql`
  SELECT t.id, t.type, t.idempotency_key AS key, t.ref_id AS "refId", t.ts AS at,
    t.type <> 'transfer.funded' OR EXISTS (SELECT FROM facts f
      WHERE f.provider = t.provider AND f.object_type = 'transfer' AND f.object_id = split_part(t.idempotency_key, ':', 2)
        AND f.kind <> 'transfer.snapshot' AND date_trunc('second', f.occurred_at) = date_trunc('second', t.ts)) AS "isDated",
    COALESCE((SELECT jsonb_agg(jsonb_build_object('currency', s.currency, 'amount', s.amount)) FROM (
      SELECT e.currency, sum(e.amount)::text AS amount FROM journal_entries e
      WHERE e.transaction_id = t.id AND e.account_code = ANY (${heldBy(provider)}) GROUP BY e.currency) s), '[]') AS clearing,
    COALESCE((SELECT jsonb_agg(jsonb_build_object('currency', s.currency, 'amount', s.amount)) FROM (
      SELECT e.currency, sum(e.amount)::text AS amount FROM journal_entries e
      WHERE e.transaction_id = t.id AND e.account_code LIKE 'fees.%' GROUP BY e.currency) s), '[]') AS fees,
    CASE WHEN t.type LIKE 'invoice.%' THEN (
      SELECT jsonb_agg(jsonb_build_object('ref', p.provider_id, 'amount', p.amount::text)) FROM payments p
      WHERE p.provider = ${provider} AND p.provider_invoice_id = split_part(t.idempotency_key, ':', 2)
        AND p.status = 'succeeded') END AS payments
  FROM journal_transactions t`;
}

/** The accounts that together are what the provider holds for us: what is only set aside has not left it. */
function heldBy(provider: Provider): string[] {
  return provider === 'wise' ? [CLEARING_ACCOUNT.wise, 'payouts.wise.reserved'] : [CLEARING_ACCOUNT[provider]];
}

/**
 * What a statement cannot have: a store's the estimated commission, and refunds that were taken back, of which a store shows nothing
 * any more; Wise's what we only set aside.
 */
const STATED = Prisma.sql`(t.type NOT LIKE 'store_commission.%' AND t.type NOT LIKE 'payout.reserved%' AND t.type <> 'transfer.unfunded' AND (t.provider NOT IN ('apple', 'google')
  OR t.type NOT IN ('refund.created', 'refund.created.reversed')
  OR (t.reverses_id IS NULL AND NOT EXISTS (SELECT FROM journal_transactions r WHERE r.reverses_id = t.id))))`;

/** Of whom nothing was heard for so long, nothing more is expected by himself. */
const ENDED_DAYS = 180;

/** A place in the order of time of journal transactions. */
export interface BookPlace {
  at: string;
  id: string;
}

@Injectable()
export class BooksRepository {
  /** What the books have of these movements: keys as of `keyOfLine`. */
  async ofMovements(tx: Tx, provider: Provider, keys: readonly string[]): Promise<BookLine[]> {
    if (keys.length === 0) return [];
    const refs = (kind: string): string[] =>
      keys.flatMap((key) => (key.startsWith(`${kind}:`) ? key.slice(kind.length + 1) : []));
    const charges = refs('charge');
    const postings = [
      ...[...refs('refund'), ...refs('refund_failure')].map((ref) => `${provider}:${ref}:refunded`),
      ...[...refs('payout'), ...refs('payout_failure')].map((ref) => `${provider}:${ref}:sent`),
      ...refs('payout').map((ref) => `${provider}:${ref}:funded`),
      ...refs('payout_failure').map((ref) => `${provider}:${ref}:returned`),
      ...refs('deposit').map((ref) => `${provider}:${ref}:deposited`),
    ].flatMap((key) => [key, `${key}:reversal`]);
    postings.push(
      ...refs('other'),
      ...refs('refund').map((ref) => `${provider}:${ref}:exchanged`),
      ...refs('refund_failure').map((ref) => `${provider}:${ref}:exchanged:returned`),
    );
    const rows = await tx.$queryRaw<TransactionRow[]>`
      WITH invoices AS (
        SELECT provider_invoice_id AS ref FROM payments
        WHERE provider = ${provider} AND provider_id = ANY (${charges}::text[]) AND provider_invoice_id IS NOT NULL
        UNION SELECT unnest(${charges}::text[])),
      paid AS (
        SELECT p.provider_id AS ref FROM invoices i JOIN payments p ON p.provider_invoice_id = i.ref AND p.provider = ${provider}
        UNION SELECT unnest(${charges}::text[])),
      found AS (
        SELECT id FROM journal_transactions WHERE idempotency_key = ANY (${postings}::text[])
        UNION SELECT j.id FROM refunds r JOIN journal_transactions j ON j.ref_id = r.id
          AND j.type IN ('refund.created', 'refund.created.reversed')
          WHERE r.provider = ${provider} AND r.provider_id = ANY (${[...refs('refund'), ...refs('refund_failure')]}::text[])
        UNION SELECT j.id FROM invoices i CROSS JOIN unnest(ARRAY['paid', 'paid_elsewhere']) AS k
          JOIN journal_transactions j ON j.idempotency_key = ${provider} || ':' || i.ref || ':' || k
        UNION SELECT j.id FROM paid p JOIN journal_transactions j ON j.ref_id = p.ref AND j.type = 'charge.settled'
        UNION SELECT j.id FROM disputes d JOIN journal_transactions j ON j.ref_id = d.id
          AND j.type IN ('dispute.withdrawn', 'dispute.reinstated')
          WHERE d.provider = ${provider} AND d.provider_id = ANY (${refs('dispute')}::text[]))
      ${selectFrom(provider)}
      WHERE t.id IN (SELECT id FROM found) AND ${STATED}`;
    const wanted = new Set(keys);
    return bookLines(rows.map(transactionOf)).filter(({ key }) => wanted.has(key));
  }

  /** The movements of the next journal transactions on the clearing account in the order of time, and where it goes on. */
  async inTime(
    tx: Tx,
    provider: Provider,
    { from, to }: { from: Date; to: Date },
    after: BookPlace | null,
    limit: number,
  ): Promise<{ keys: string[]; next: BookPlace | null }> {
    const rows = await tx.$queryRaw<TransactionRow[]>`
      ${selectFrom(provider)}
      WHERE t.provider = ${provider} AND t.ts >= ${from} AND t.ts < ${to} AND ${STATED}
        AND (${after?.at ?? null}::timestamptz IS NULL OR (t.ts, t.id) > (${after?.at ?? null}::timestamptz, ${after?.id ?? null}))
        AND EXISTS (SELECT FROM journal_entries e WHERE e.transaction_id = t.id AND e.account_code = ANY (${heldBy(provider)}))
      ORDER BY t.ts, t.id LIMIT ${limit}`;
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      keys: [...new Set(bookLines(rows.map(transactionOf)).map(({ key }) => key))],
      next: last ? { at: last.at.toISOString(), id: last.id } : null,
    };
  }

  /**
   * The provider's next customers, by its ids, but for those of whom the run has lines, and those whose subscription had ended long
   * before its window.
   */
  async customers(
    tx: Tx,
    { id, provider, from }: { id: string; provider: Provider; from: Date },
    after: string,
    limit: number,
  ): Promise<string[]> {
    const ended = new Date(from.getTime() - ENDED_DAYS * 86_400_000);
    const rows = await tx.$queryRaw<{ ref: string }[]>`
      SELECT a.provider_id AS ref FROM customer_accounts a
      WHERE a.provider = ${provider} AND a.provider_id > ${after}
        AND a.provider || ':' || a.provider_id NOT IN (
          SELECT l.line ->> 'aggregate' FROM reconciliation_lines l
          WHERE l.run_id = ${id} AND l.side = 'provider' AND l.line ->> 'aggregate' IS NOT NULL)
        AND NOT EXISTS (
        SELECT FROM subscriptions s
        WHERE s.provider = a.provider AND s.provider_id = a.provider_id AND s.ended_at < ${ended})
      ORDER BY a.provider_id LIMIT ${limit}`;
    return rows.map(({ ref }) => ref);
  }

  /** How the objects of movements stand here, by the provider's id. */
  async statuses(tx: Tx, provider: Provider, objectRefs: readonly string[]): Promise<Map<string, string>> {
    const refs = [...objectRefs];
    const rows = await tx.$queryRaw<{ ref: string; status: string }[]>`
      SELECT provider_id AS ref, status FROM refunds WHERE provider = ${provider} AND provider_id = ANY (${refs}::text[])
      UNION ALL SELECT provider_id, status FROM disputes WHERE provider = ${provider} AND provider_id = ANY (${refs}::text[])
      UNION ALL SELECT provider_id, status FROM provider_payouts
        WHERE provider = ${provider} AND provider_id = ANY (${refs}::text[])
      UNION ALL SELECT provider_id, state FROM transfers
        WHERE provider = ${provider} AND provider_id = ANY (${refs}::text[]) AND state IS NOT NULL`;
    return new Map(rows.map(({ ref, status }) => [ref, status]));
  }
}

function transactionOf(row: TransactionRow): BookTransaction {
  const sum = ({ currency, amount }: SumText) => ({ currency, amount: BigInt(amount) });
  return {
    ...row,
    clearing: row.clearing.map(sum),
    fees: row.fees.map(sum),
    payments: (row.payments ?? []).map(({ ref, amount }) => ({ ref, amount: BigInt(amount) })),
  };
}
