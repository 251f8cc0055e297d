import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client, type ClientConfig } from 'pg';
import { BAD_ROWS } from '../support/bad-rows';
import { createEmptyDatabase, type TestDatabase } from '../support/database';
import { CHECK, DENIED, RESTRICT, startGuarded, stateOf, type Guarded } from '../support/guards';
import { CATALOG_ROWS, insertOf, ROW_FACTORIES, type RowValues } from '../support/rows';

const ROOT = path.resolve(__dirname, '../..');

let guarded: Guarded;
let database: TestDatabase;
let app: Client;
let admin: Client;

async function connect(config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  await client.connect();
  return client;
}

function factory(table: string): RowValues {
  const row = ROW_FACTORIES[table] ?? (() => Object.fromEntries(CATALOG_ROWS)[table] as RowValues);
  return row({ customerId: 'cus_1' });
}

async function insert(client: Client, table: string, changes: RowValues = {}): Promise<RowValues> {
  const row = { ...factory(table), ...changes };
  await client.query(insertOf(table, row));
  return row;
}

/** A balanced journal transaction with its entries, committed. */
async function post(client: Client, entries: readonly [number, number, string][]): Promise<string> {
  await client.query('BEGIN');
  try {
    const { id } = await insert(client, 'journal_transactions');
    await enter(client, id as string, entries);
    await client.query('COMMIT');
    return id as string;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function enter(client: Client, id: string, entries: readonly [number, number, string][]): Promise<void> {
  for (const [position, amount, currency] of entries) {
    const entry = { transaction_id: id, position, account_code: 'stripe.clearing', amount, currency };
    await client.query(insertOf('journal_entries', entry));
  }
}

beforeAll(async () => {
  guarded = await startGuarded();
  ({ database, app, admin } = guarded);
  await insert(app, 'customers', { id: 'cus_2' });
});
afterAll(() => guarded.close());

describe('what is written once stays', () => {
  const tables = ['facts', 'journal_transactions', 'journal_entries', 'audit_log', 'outbox_events', 'fraud_decisions'];
  tables.push('purchase_transfers', 'notification_wordings');
  beforeAll(async () => {
    const alone = tables.filter((table) => !table.startsWith('journal_'));
    for (const table of alone) await insert(app, table);
    await post(app, [
      [0, 5, 'USD'],
      [1, -5, 'USD'],
    ]);
  });

  describe.each(tables)('%s', (table) => {
    const attempts = [
      `UPDATE ${table} SET ${table === 'journal_entries' ? 'amount = 7' : "id = id || 'x'"}`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table} CASCADE`,
    ];
    it.each(attempts)('the service is not even allowed: %s', async (sql) => {
      expect(await stateOf(app, () => app.query(sql))).toBe(DENIED);
    });

    it.each(attempts)('nor does a superuser succeed: %s', async (sql) => {
      expect(await stateOf(admin, () => admin.query(sql))).toBe(RESTRICT);
    });

    it.each(attempts)('nor does the owner: %s', async (sql) => {
      const owner = await connect({ connectionString: database.ownerUrl });
      try {
        expect(await stateOf(owner, () => owner.query(sql))).toBe(RESTRICT);
      } finally {
        await owner.end();
      }
    });
  });

  it.each(['amount = 1', "currency = 'EUR'", "lookup_key = 'x'", "billing_cycle = 'annual'", "id = 'x'"])(
    'a price does not change: %s',
    async (change) => {
      expect(await stateOf(app, () => app.query(`UPDATE prices SET ${change}`))).toBe(RESTRICT);
    },
  );

  it.each([
    "UPDATE trial_fingerprints SET at = 'now'",
    'DELETE FROM trial_fingerprints',
    'TRUNCATE trial_fingerprints',
  ])('a card that has given its trial stays so: %s', async (change) => {
    const work = async (client: Client): Promise<void> => {
      await insert(client, 'trial_fingerprints');
      await client.query(change);
    };
    expect(await stateOf(app, () => work(app))).toBe(DENIED);
    expect(await stateOf(admin, () => work(admin))).toBe(RESTRICT);
  });

  it.each(['fraud_rules', 'payment_attempts'])('the service lets no row of %s go', async (table) => {
    expect(await stateOf(app, () => app.query(`DELETE FROM ${table}`))).toBe(DENIED);
  });

  it('a price may be taken off the shelf', async () => {
    expect(await stateOf(app, () => app.query('UPDATE prices SET active = false'))).toBe('accepted');
  });

  it.each(["raw_body = '\\x00'", "event_id = 'x'", "provider = 'apple'", 'received_at = now()', "id = 'x'"])(
    'an inbox row keeps what was received: %s',
    async (change) => {
      const work = async (): Promise<void> => {
        await insert(app, 'inbox_events');
        await app.query(`UPDATE inbox_events SET ${change}`);
      };
      expect(await stateOf(app, work)).toBe(RESTRICT);
    },
  );
});

describe('the books', () => {
  it('take what balances in every currency', async () => {
    await expect(
      post(app, [
        [0, 5, 'USD'],
        [1, -5, 'USD'],
        [2, 7, 'EUR'],
        [3, -7, 'EUR'],
      ]),
    ).resolves.toMatch(/^jtx_/);
  });

  it.each<[string, [number, number, string][]]>([
    [
      'what is off',
      [
        [0, 5, 'USD'],
        [1, -4, 'USD'],
      ],
    ],
    [
      'what balances only across currencies',
      [
        [0, 5, 'USD'],
        [1, -5, 'EUR'],
      ],
    ],
    ['a single entry', [[0, 5, 'USD']]],
    ['no entries at all', []],
    ['an entry of nothing', [[0, 0, 'USD']]],
  ])('refuse %s at the latest at the commit', async (_title, entries) => {
    for (const client of [app, admin]) await expect(post(client, entries)).rejects.toMatchObject({ code: CHECK });
  });

  it('take no entries for a closed transaction, balanced or not', async () => {
    const id = await post(app, [
      [0, 5, 'USD'],
      [1, -5, 'USD'],
    ]);
    const work = (): Promise<void> =>
      enter(app, id, [
        [2, 9, 'USD'],
        [3, -9, 'USD'],
      ]);
    expect(await stateOf(app, work)).toBe(RESTRICT);
  });

  it('look again when more is entered behind a check that has passed', async () => {
    const work = async (): Promise<void> => {
      const { id } = await insert(app, 'journal_transactions');
      await enter(app, id as string, [
        [0, 5, 'USD'],
        [1, -5, 'USD'],
      ]);
      await app.query('SET CONSTRAINTS ALL IMMEDIATE');
      await app.query('SET CONSTRAINTS ALL DEFERRED');
      await enter(app, id as string, [[2, 9, 'USD']]);
    };
    expect(await stateOf(app, work)).toBe(CHECK);
  });

  it('do not believe a writer who says which transaction he is', async () => {
    const forged = await insertAlone('9');
    expect(forged).not.toBe('9');
  });

  async function insertAlone(xact: string): Promise<string | undefined> {
    await app.query('BEGIN');
    const { id } = await insert(app, 'journal_transactions', { xact_id: xact });
    const { rows } = await app.query<{ xact_id: string }>('SELECT xact_id FROM journal_transactions WHERE id = $1', [
      id,
    ]);
    await app.query('ROLLBACK');
    return rows[0]?.xact_id;
  }
});

describe('checks', () => {
  it('are all in the table of this test', async () => {
    const { rows } = await admin.query<{ conname: string }>(
      "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1",
    );
    expect(rows.map(({ conname }) => conname)).toEqual(Object.keys(BAD_ROWS).sort());
  });

  it.each(Object.entries(BAD_ROWS))('%s', async (constraint, [table, changes]) => {
    // Past every grant, so that the check itself is what refuses.
    await admin.query('BEGIN');
    try {
      const row = await parentOf(table);
      await expect(admin.query(insertOf(table, row, changes))).rejects.toMatchObject({ code: CHECK, constraint });
    } finally {
      await admin.query('ROLLBACK');
    }
  });

  /** The row of a table whose own factory needs a parent. */
  async function parentOf(table: string): Promise<RowValues> {
    if (table === 'outbox_deliveries') {
      const { id } = await insert(admin, 'outbox_events');
      return { id: 'dlv_1', event_id: id, consumer: 'x', status: 'pending', next_retry_at: 'now' };
    }
    if (table === 'journal_entries') {
      const { id } = await insert(admin, 'journal_transactions');
      return { transaction_id: id, position: 0, account_code: 'stripe.clearing', amount: 1, currency: 'USD' };
    }
    if (table === 'discount_redemptions') {
      const { id } = await insert(admin, 'provider_intents');
      return { ...factory(table), intent_id: id };
    }
    if (table === 'card_expiry_notices') {
      const { id } = await insert(admin, 'payment_methods');
      return { ...factory(table), payment_method_id: id };
    }
    if (table !== 'subscription_changes') return factory(table);
    const { id } = await insert(admin, 'subscriptions');
    const of = { id: 'chg_1', subscription_id: id, customer_id: 'cus_1', fact_id: 'fact_1', at: 'now', position: 0 };
    return { ...of, type: 'created', to_plan_id: 'plan_1', to_status: 'active', source: 'webhook' };
  }
});

describe('what only one may be', () => {
  it.each<[string, string, RowValues]>([
    ['event of a provider', 'inbox_events', { event_id: 'evt_same' }],
    ['fact of a source about an object', 'facts', { source_id: 'evt_same' }],
    ['posting under a key', 'journal_transactions', { idempotency_key: 'same' }],
    ['intent under a key', 'provider_intents', { dedupe_key: 'same' }],
    ['open intent to subscribe', 'provider_intents', { kind: 'subscription.create' }],
    ['open ticket of a cause', 'payment_support_tickets', { cause_key: 'same' }],
    ['decision of a request', 'fraud_decisions', { dedupe_key: 'same' }],
    ['trial of a card', 'trial_fingerprints', { card_hash: 'A'.repeat(43) }],
    ['open alert of a cause', 'alerts', { cause_key: 'same' }],
    ['subscription of an id at a provider', 'subscriptions', { provider_id: 'same' }],
    ['invoice of an id at a provider', 'invoices', { provider_id: 'same' }],
    ['payment of an id at a provider', 'payments', { provider_id: 'same' }],
    ['payment method of an id at a provider', 'payment_methods', { provider_id: 'same' }],
    ['customer of an id at a provider', 'provider_customers', { provider_id: 'same' }],
    ['refund of an id at a provider', 'refunds', { provider_id: 'same' }],
    ['dispute of an id at a provider', 'disputes', { provider_id: 'same' }],
    ['credit note of an id at a provider', 'credit_notes', { provider_id: 'same' }],
    ["provider's payout of an id there", 'provider_payouts', { provider_id: 'same' }],
    ['reconciliation of a window under way', 'reconciliation_runs', {}],
    ['unresolved break of a cause', 'reconciliation_breaks', { key: 'same' }],
    ['owner of an account at a provider', 'customer_accounts', { provider_id: 'same' }],
    ['seal of a number', 'ledger_seals', {}],
    ['erasure of an aggregate', 'erased_aggregates', { aggregate: 'stripe:cus_same' }],
  ])('%s', async (_title, table, changes) => {
    const work = async (): Promise<void> => {
      await insert(admin, table, changes);
      await insert(admin, table, changes);
    };
    expect(await stateOf(admin, work)).toBe('23505');
  });
});

describe('the Prisma schema', () => {
  it('says of columns, keys and references what the migrations made', async () => {
    const { stdout: sql } = await promisify(execFile)(
      process.execPath,
      ['-r', '@swc-node/register', path.join(ROOT, 'scripts/migrate-diff.ts'), '--from-empty'],
      { cwd: ROOT, maxBuffer: 10_000_000 },
    );
    const drawn = await createEmptyDatabase();
    const client = await connect({ connectionString: drawn.ownerUrl });
    try {
      await client.query(sql);
      expect(await shapeOf(admin)).toEqual(await shapeOf(client));
    } finally {
      await client.end();
      await drawn.drop();
    }
  });
});

/** Columns, foreign and primary keys and indexes, without what Prisma's language cannot say (partial ones, on expressions). */
async function shapeOf(client: Client): Promise<object> {
  const columns = await client.query(
    `SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' ORDER BY 1, 2`,
  );
  const keys = await client.query(
    `SELECT conrelid::regclass::text AS "table", conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p', 'u') AND conrelid <> COALESCE(to_regclass('_prisma_migrations'), 0) ORDER BY 1, 2`,
  );
  const indexes = await client.query(
    `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index JOIN pg_class c ON c.oid = indrelid
     WHERE c.relnamespace = 'public'::regnamespace AND indpred IS NULL AND indexprs IS NULL AND c.relname <> '_prisma_migrations' ORDER BY 1`,
  );
  return { columns: columns.rows, keys: keys.rows, indexes: indexes.rows };
}
