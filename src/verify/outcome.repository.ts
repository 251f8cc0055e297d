import type { Client } from 'pg';
import { FOREIGN, READ_REQUEST } from '../platform/inbox';

/** A row as it is compared: without our own ids and the time of writing. */
export interface OutcomeRow {
  /** Whose it is: our customer's id, the aggregate, or neither. */
  customerId: string | null;
  aggregate: string | null;
  row: Readonly<Record<string, unknown>>;
}

/** All that events come to, by table and by the provider's ids and keys. */
export type Outcome = ReadonlyMap<string, ReadonlyMap<string, OutcomeRow>>;

export interface OutcomeScope {
  /** Readings that the recording holds. Others were asked for in the replay only, and say what is known. */
  readings: readonly string[];
  /** Only theirs; null for everybody's. */
  customerIds: readonly string[] | null;
}

const MIRROR = "'{id,last_fact_id,fact_count,verified_at,updated_at}'::text[]";
const OURS = '($2::text[] IS NULL OR customer_id = ANY ($2))';

/** Released by a job as days pass: no event tells it, and a replay has no days. */
const BY_TIME = 'revenue.released';

/** No object says when these happened: they are dated by the event or the reading that told first. */
const DATED_BY_TELLER = `'{refund.created.reversed,store_commission.returned.reversed,dispute.lost,dispute.lost.reversed,provider_payout.sent.reversed,provider_payout.arrived.reversed,transfer.funded,transfer.paid,transfer.paid.reversed,transfer.returned,transfer.unfunded}'::text[]`;

/**
 * Google is asked about every event, Wise whose a transfer is, and only what their answers came to is recorded: not why another came to
 * nothing.
 */
const CAME_TO_NOTHING = `e.provider IN ('google', 'wise') AND (e.status = 'failed' OR e.ignored_for = '${FOREIGN}')`;

/**
 * Who pays at a time stands in the books for good, whom support has given the purchase to since: it is compared by whose what it
 * is about is now.
 */
const TRANSFERRED = `EXISTS (SELECT FROM purchase_transfers x WHERE x.provider = t.provider
  AND t.customer_id IN (x.from_customer_id, x.to_customer_id))`;

/**
 * Each is `key, customer_id, aggregate, row`. $1: the readings, $2: the customers. What was taken away from a customer
 * keeps traces of how he had it, and those depend on what was heard first: only what he has is compared.
 */
const TABLES: Readonly<Record<string, string>> = {
  subscriptions: `SELECT provider || ':' || provider_id AS key, customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM subscriptions t WHERE ${OURS}`,
  invoices: `SELECT provider || ':' || provider_id AS key, customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM invoices t WHERE ${OURS}`,
  payments: `SELECT provider || ':' || provider_id AS key, customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM payments t WHERE ${OURS}`,
  refunds: `SELECT provider || ':' || provider_id AS key, customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM refunds t WHERE ${OURS}`,
  disputes: `SELECT provider || ':' || provider_id AS key, customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM disputes t WHERE ${OURS}`,
  credit_notes: `SELECT provider || ':' || provider_id AS key, customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM credit_notes t WHERE ${OURS}`,
  provider_payouts: `SELECT provider || ':' || provider_id AS key, NULL AS customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM provider_payouts t WHERE $2::text[] IS NULL`,
  transfers: `SELECT provider || ':' || provider_id AS key, NULL AS customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM transfers t WHERE $2::text[] IS NULL`,
  payment_methods: `SELECT provider || ':' || provider_id AS key, customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM payment_methods t WHERE ${OURS}`,
  provider_customers: `SELECT provider || ':' || provider_id AS key, customer_id, NULL AS aggregate, to_jsonb(t) - ${MIRROR} AS row
    FROM provider_customers t WHERE ${OURS}`,
  // What is followed up; how it was, and what was done about it, depends on when it was heard.
  dunning_cases: `SELECT s.provider || ':' || s.provider_id AS key, t.customer_id, NULL AS aggregate, jsonb_build_object(
      'invoice', i.provider_id, 'opened_at', t.opened_at, 'grace_until', t.grace_until) AS row
    FROM dunning_cases t JOIN subscriptions s ON s.id = t.subscription_id JOIN invoices i ON i.id = t.invoice_id
    WHERE (t.status = 'open' OR (t.status = 'exhausted' AND t.end_action = 'mark_unpaid' AND i.status = 'open'
      AND s.status IN ('trialing', 'active', 'past_due'))) AND ($2::text[] IS NULL OR t.customer_id = ANY ($2))`,
  entitlement_grants: `SELECT concat_ws(':', t.source, COALESCE(s.provider_id, v.provider_id, t.source_id), t.feature_id) AS key, t.customer_id,
      NULL AS aggregate, to_jsonb(t) - '{id,source_id,created_at,updated_at,revoked_at}'::text[] AS row
    FROM entitlement_grants t LEFT JOIN subscriptions s ON s.id = t.source_id LEFT JOIN invoices v ON v.id = t.source_id
    WHERE t.revoked_at IS NULL AND ($2::text[] IS NULL OR t.customer_id = ANY ($2))`,
  subscription_changes: `SELECT s.provider || ':' || s.provider_id || ' #' || h.position AS key, h.customer_id, NULL AS aggregate,
      to_jsonb(h) - '{id,subscription_id,fact_id,source}'::text[] AS row
    FROM subscription_changes h JOIN subscriptions s ON s.id = h.subscription_id
    WHERE ($2::text[] IS NULL OR h.customer_id = ANY ($2))`,
  journal_transactions: `SELECT t.idempotency_key AS key, t.customer_id, NULL AS aggregate, jsonb_build_object('type', t.type,
      'ts', CASE WHEN t.type <> ALL (${DATED_BY_TELLER}) THEN t.ts END,
      'provider', t.provider, 'meta', t.meta,
      'customer_id', CASE WHEN ${TRANSFERRED} THEN COALESCE(i.customer_id, r.customer_id, p.customer_id) ELSE t.customer_id END,
      'ref', COALESCE(i.provider_id, r.provider_id, d.provider_id, n.provider_id, o.provider_id, p.provider_id, t.ref_id),
      'reverses', (SELECT o.idempotency_key FROM journal_transactions o WHERE o.id = t.reverses_id),
      'entries', (SELECT jsonb_agg(to_jsonb(e) - '{transaction_id}'::text[] ORDER BY e.position) FROM journal_entries e
        WHERE e.transaction_id = t.id)) AS row
    FROM journal_transactions t LEFT JOIN invoices i ON i.id = t.ref_id LEFT JOIN refunds r ON r.id = t.ref_id
      LEFT JOIN disputes d ON d.id = t.ref_id LEFT JOIN credit_notes n ON n.id = t.ref_id
      LEFT JOIN provider_payouts o ON o.id = t.ref_id LEFT JOIN payments p ON p.id = t.ref_id
    WHERE t.type <> '${BY_TIME}' AND ($2::text[] IS NULL OR t.customer_id = ANY ($2))`,
  balances: `SELECT e.account_code || ' ' || e.currency AS key, NULL AS customer_id, NULL AS aggregate,
      jsonb_build_object('balance', sum(e.amount)::text) AS row
    FROM journal_entries e JOIN journal_transactions t ON t.id = e.transaction_id
    WHERE t.type <> '${BY_TIME}' AND ($2::text[] IS NULL OR t.customer_id = ANY ($2)) GROUP BY e.account_code, e.currency`,
  customers: `SELECT id AS key, id AS customer_id, NULL AS aggregate, jsonb_build_object('trial_used_at',
      CASE WHEN NOT EXISTS (SELECT FROM purchase_transfers x WHERE x.from_customer_id = c.id) THEN c.trial_used_at END) AS row
    FROM customers c WHERE ($2::text[] IS NULL OR id = ANY ($2))`,
  facts: `SELECT concat_ws(' ', f.source_id, f.object_type, f.object_id) AS key, NULL AS customer_id, f.aggregate,
      jsonb_build_object('kind', f.kind, 'occurred_at', f.occurred_at, 'aggregate', f.aggregate, 'payload', f.payload,
        'before', f.before) AS row
    FROM facts f
    WHERE (f.source_id NOT LIKE 'read:%' OR f.source_id = ANY ($1)) AND ($2::text[] IS NULL OR EXISTS (
      SELECT FROM customer_accounts a WHERE a.customer_id = ANY ($2) AND f.aggregate = a.provider || ':' || a.provider_id))`,
  inbox_events: `SELECT e.provider || ':' || e.event_id AS key, NULL AS customer_id, e.aggregate, jsonb_build_object('outcome',
      CASE WHEN e.handled_at IS NULL THEN 'open' WHEN ${CAME_TO_NOTHING} THEN 'nothing' WHEN e.status = 'failed' THEN 'failed: ' || (e.error_context ->> 'code')
        WHEN e.status = 'ignored' THEN 'ignored: ' || COALESCE(e.ignored_for, '') ELSE 'handled' END) AS row
    FROM inbox_events e
    WHERE e.type <> '${READ_REQUEST}' AND ($2::text[] IS NULL OR EXISTS (
      SELECT FROM customer_accounts a WHERE a.customer_id = ANY ($2) AND e.aggregate = a.provider || ':' || a.provider_id))`,
  alerts: `SELECT cause_key AS key, NULL AS customer_id, NULL AS aggregate, jsonb_build_object('kind', kind) AS row
    FROM alerts WHERE kind LIKE 'ledger%' AND $2::text[] IS NULL`,
};

/** What is rebuilt from facts alone: all that money and access hang on. */
const REBUILT = [
  ...['journal_transactions', 'subscriptions', 'invoices', 'payments', 'refunds', 'disputes', 'credit_notes'],
  ...['provider_payouts', 'transfers', 'entitlement_grants'],
] as const;

export type KeyedRow = OutcomeRow & { key: string };

/** Everybody's rows in the order of their keys' bytes, each table with a cursor's statement. */
export function rebuiltStatements(): readonly { table: string; sql: string; values: readonly unknown[] }[] {
  return REBUILT.map((table) => ({
    table,
    sql: `SELECT key, customer_id AS "customerId", aggregate, row FROM (${TABLES[table] ?? ''}) t
      WHERE $1::text[] IS NOT NULL AND ($2::text[] IS NULL OR TRUE) ORDER BY key COLLATE "C"`,
    values: [[], null],
  }));
}

/**
 * What has been released of each invoice's revenue, and whether the next release is due: how often is a matter of when the job
 * ran, and how much is not. $1: business time.
 */
export const RELEASED = `
  SELECT i.provider || ':' || i.provider_id AS key, s.customer_id AS "customerId", NULL AS aggregate,
    COALESCE(s.next_at <= $1, false) AS due, jsonb_build_object('released', COALESCE((
      SELECT sum(e.amount)::text FROM journal_transactions t
      JOIN journal_entries e ON e.transaction_id = t.id AND e.account_code = 'revenue.deferred'
      WHERE t.ref_id = i.id AND t.type = '${BY_TIME}'), '0')) AS row
  FROM invoices i LEFT JOIN revenue_schedules s ON s.invoice_id = i.id ORDER BY (i.provider || ':' || i.provider_id) COLLATE "C"`;

/** @param client as the service sees it. */
export async function outcomeOf(client: Client, scope: OutcomeScope): Promise<Outcome> {
  const outcome = new Map<string, Map<string, OutcomeRow>>();
  for (const [table, sql] of Object.entries(TABLES)) {
    const { rows } = await client.query<{ key: string } & OutcomeRow>(
      `SELECT key, customer_id AS "customerId", aggregate, row FROM (${sql}) t
       WHERE $1::text[] IS NOT NULL AND ($2::text[] IS NULL OR TRUE) ORDER BY key`,
      [scope.readings, scope.customerIds],
    );
    outcome.set(table, new Map(rows.map(({ key, ...row }) => [key, row])));
  }
  return outcome;
}
