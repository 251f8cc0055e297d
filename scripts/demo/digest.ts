import type { Database } from './database';

/** Says when Kassa last looked, not what it knows. */
const LOOKED = "'{verified_at,updated_at}'::text[]";
/** What Kassa has asked for by itself meanwhile came of no old event. */
const told = (column: string): string => `CASE WHEN t.${column} NOT LIKE 'read:%' THEN to_jsonb(t) END`;

/** What must not move when old events come again. The inbox counts because an event that is known must not become a second row. */
const STATE: Readonly<Record<string, string>> = {
  subscriptions: `to_jsonb(t) - ${LOOKED}`,
  subscription_changes: 'to_jsonb(t)',
  invoices: `to_jsonb(t) - ${LOOKED}`,
  payments: `to_jsonb(t) - ${LOOKED}`,
  entitlement_grants: "to_jsonb(t) - '{updated_at}'::text[]",
  customers: "to_jsonb(t) - '{updated_at}'::text[]",
  journal_transactions: 'to_jsonb(t)',
  journal_entries: 'to_jsonb(t)',
  facts: told('source_id'),
  inbox_events: told('event_id'),
  outbox_events: 'to_jsonb(t)',
  outbox_deliveries: 'to_jsonb(t)',
  google_acknowledgements: 'to_jsonb(t)',
  payouts: "to_jsonb(t) - '{poll_at,updated_at}'::text[]",
  payout_history: 'to_jsonb(t)',
  transfers: "to_jsonb(t) - '{verified_at,updated_at,last_fact_id,fact_count}'::text[]",
};

/** Tables whose rows are not the same as before, with how many there were and are. */
export async function digest(database: Database): Promise<ReadonlyMap<string, string>> {
  const query = Object.entries(STATE)
    .map(
      ([table, row]) =>
        `SELECT '${table}' AS name, count(${row})::int AS rows,
                coalesce(md5(string_agg((${row})::text, E'\\n' ORDER BY (${row})::text)), '') AS hash FROM ${table} t`,
    )
    .join(' UNION ALL ');
  const rows = await database.rows<{ name: string; rows: number; hash: string }>(query);
  return new Map(rows.map(({ name, rows: n, hash }) => [name, `${n} rows ${hash}`]));
}

/** The names of what differs. */
export function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before].filter(([name, content]) => after.get(name) !== content).map(([name]) => name);
}
