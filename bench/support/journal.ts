import { Client } from 'pg';

/** Of one invoice: finalized with three entries, paid with two. */
const ENTRIES_PER_INVOICE = 5;

/** What a template would have posted, and under its content's hash. */
const TRANSACTIONS = `
  INSERT INTO journal_transactions (id, seq, type, ts, recorded_at, provider, ref_id, idempotency_key, content_hash, meta)
  SELECT 'jtx_' || kind || lpad(n::text, 12, '0'), nextval(pg_get_serial_sequence('journal_transactions', 'seq')), 'invoice.' || kind,
    timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second', 'stripe',
    'inv_' || n, 'stripe:in_' || n || ':' || kind,
    sha256(convert_to(array_to_string(ARRAY['invoice.' || kind, 'inv_' || n] || lines, E'\\n'), 'UTF8')), '{}'
  FROM generate_series($1::int, $2::int) n CROSS JOIN (VALUES
    ('finalized', ARRAY['customer.receivable USD 2380', 'revenue.deferred USD -2000', 'tax.payable USD -380']),
    ('paid', ARRAY['customer.receivable USD -2380', 'stripe.clearing USD 2380'])) AS k (kind, lines)
  ORDER BY n, kind`;
const ENTRIES = `
  INSERT INTO journal_entries (transaction_id, position, account_code, amount, currency)
  SELECT 'jtx_' || kind || lpad(n::text, 12, '0'), position, account, amount, 'USD'
  FROM generate_series($1::int, $2::int) n CROSS JOIN (VALUES
    ('finalized', 0, 'customer.receivable', 2380), ('finalized', 1, 'revenue.deferred', -2000), ('finalized', 2, 'tax.payable', -380),
    ('paid', 0, 'stripe.clearing', 2380), ('paid', 1, 'customer.receivable', -2380)) AS k (kind, position, account, amount)
  ORDER BY n, kind, position`;
const BATCH = 50_000;

/**
 * Writes journal entries as fast as the database takes them, past the triggers. The chart of accounts must be there.
 * @param ownerUrl of a migrated database, as its owner.
 * @returns how many.
 */
export async function writeJournal(ownerUrl: string, entries: number): Promise<number> {
  const invoices = Math.ceil(entries / ENTRIES_PER_INVOICE);
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const triggers = async (state: 'DISABLE' | 'ENABLE'): Promise<void> => {
    await client.query('RESET ROLE');
    for (const table of ['journal_transactions', 'journal_entries'])
      await client.query(`ALTER TABLE ${table} ${state} TRIGGER USER`);
    await client.query('SET ROLE kassa_service');
  };
  try {
    await triggers('DISABLE');
    for (let first = 1; first <= invoices; first += BATCH) {
      const bounds = [first, Math.min(first + BATCH - 1, invoices)];
      await client.query(TRANSACTIONS, bounds);
      await client.query(ENTRIES, bounds);
    }
    await triggers('ENABLE');
    await client.query('RESET ROLE');
    await client.query('VACUUM ANALYZE journal_transactions, journal_entries');
  } finally {
    await client.end();
  }
  return invoices * ENTRIES_PER_INVOICE;
}
