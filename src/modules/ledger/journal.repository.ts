import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import { ACCOUNTS } from './domain/accounts';
import { contentOf, type JournalDraft } from './domain/journal';

/** What the books owe a customer. */
export interface CreditBalance {
  currency: string;
  /** In his favour, minor units. */
  amount: bigint;
}

@Injectable()
export class JournalRepository {
  constructor(private readonly clock: Clock) {}

  /** The chart of accounts, so that entries can refer to it. Idempotent. */
  async ensureAccounts(tx: Tx): Promise<void> {
    const rows = Object.entries(ACCOUNTS).map(([code, { type, description }]) => ({ code, type, description }));
    await tx.$executeRaw`
      INSERT INTO ledger_accounts (code, type, description)
      SELECT code, type, description FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS a (code text, type text, description text)
      ON CONFLICT (code) DO UPDATE SET description = EXCLUDED.description WHERE ledger_accounts.description <> EXCLUDED.description`;
  }

  /**
   * Transactions with their entries, each once under its key, in one statement. The journal is looked into only for what is met
   * again or reversed: joined to all that is posted it would be read whole, as the planner knows nothing of what stands in JSON.
   * @returns keys that were posted before with other content: breaks
   */
  async post(tx: Tx, drafts: readonly JournalDraft[]): Promise<string[]> {
    if (drafts.length === 0) return [];
    const at = this.clock.wall();
    const rows = drafts.map((draft) => toRow(draft, newId('jtx', at.getTime())));
    const breaks = await tx.$queryRaw<{ key: string }[]>`
      /* prepared ledger.post */
      WITH d AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS d (id text, type text, ts timestamptz, provider text,
          ref_id text, customer_id text, key text, hash text, reverses text, meta jsonb, entries jsonb)),
      t AS (
        INSERT INTO journal_transactions (id, type, ts, recorded_at, provider, ref_id, customer_id, idempotency_key, content_hash, reverses_id, meta)
        SELECT d.id, d.type, d.ts, ${at}, d.provider, d.ref_id, d.customer_id, d.key, decode(d.hash, 'hex'),
          CASE WHEN d.reverses IS NOT NULL THEN COALESCE(
            (SELECT o.id FROM journal_transactions o WHERE o.idempotency_key = d.reverses),
            (SELECT o.id FROM d o WHERE o.key = d.reverses)) END, d.meta
        FROM d
        ON CONFLICT (idempotency_key) DO NOTHING RETURNING id, idempotency_key),
      e AS (
        INSERT INTO journal_entries (transaction_id, position, account_code, amount, currency)
        SELECT t.id, x.position, x.account, x.amount, x.currency
        FROM t JOIN d ON d.id = t.id
        CROSS JOIN LATERAL jsonb_to_recordset(d.entries) AS x (position int, account text, amount bigint, currency text))
      SELECT d.key FROM d WHERE CASE WHEN d.id IN (SELECT id FROM t) THEN false ELSE
        decode(d.hash, 'hex') <> (SELECT k.content_hash FROM journal_transactions k WHERE k.idempotency_key = d.key) END`;
    return breaks.map(({ key }) => key);
  }

  /** A customer's credit, per currency, where it is not zero. */
  async creditOf(tx: Tx, customerId: string): Promise<CreditBalance[]> {
    return tx.$queryRaw<CreditBalance[]>`
      SELECT e.currency, (-sum(e.amount))::bigint AS amount
      FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
      WHERE t.customer_id = ${customerId} AND e.account_code = 'customer.credit'
      GROUP BY e.currency HAVING sum(e.amount) <> 0 ORDER BY e.currency`;
  }
}

interface DraftRow {
  id: string;
  key: string;
  hash: string;
  [column: string]: unknown;
}

function toRow(draft: JournalDraft, id: string): DraftRow {
  return {
    id,
    type: draft.type,
    ts: draft.occurredAt,
    provider: draft.provider,
    ref_id: draft.refId,
    customer_id: draft.customerId,
    key: draft.idempotencyKey,
    hash: createHash('sha256').update(contentOf(draft)).digest('hex'),
    reverses: draft.meta['reverses'] ?? null,
    meta: draft.meta,
    // Text, because a JSON number would round beyond 2^53.
    entries: draft.entries.map((entry, position) => ({ ...entry, position, amount: entry.amount.toString() })),
  };
}
