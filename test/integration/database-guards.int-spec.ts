import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client, type ClientConfig } from 'pg';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database';
import { CATALOG_ROWS, insertOf, ROW_FACTORIES, type RowValues } from '../support/rows';
import { testServers, withDatabase } from '../support/services';

const ROOT = path.resolve(__dirname, '../..');
const RESTRICT = '23001';
const CHECK = '23514';
const DENIED = '42501';

let database: TestDatabase;
/** The service, as the application connects. */
let app: Client;
/** A superuser: past every grant and every policy, so that only triggers and checks stand in the way. */
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

/** SQLSTATE of the refusal, or 'accepted'. Leaves nothing behind. */
async function stateOf(client: Client, work: () => Promise<unknown>): Promise<string> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('SET CONSTRAINTS ALL IMMEDIATE');
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await client.query('ROLLBACK');
  }
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
  database = await createTestDatabase();
  app = await connect({ connectionString: database.appUrl, options: '-c role=kassa_service' });
  const name = new URL(database.appUrl).pathname.slice(1);
  admin = await connect({ connectionString: withDatabase(testServers().adminUrl, name) });
  for (const [table, row] of CATALOG_ROWS) await app.query(insertOf(table, row));
  await insert(app, 'customers', { id: 'cus_1' });
});
afterAll(async () => {
  await app.end();
  await admin.end();
  await database.drop();
});

describe('what is written once stays', () => {
  const tables = ['facts', 'journal_transactions', 'journal_entries', 'audit_log', 'outbox_events', 'fraud_decisions'];
  beforeAll(async () => {
    for (const table of ['facts', 'audit_log', 'outbox_events', 'fraud_decisions']) await insert(app, table);
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
  /** One bad row for each constraint. */
  const bad: Readonly<Record<string, [string, RowValues]>> = {
    inbox_events_status: ['inbox_events', { status: 'lost' }],
    inbox_events_provider: ['inbox_events', { provider: 'paypal' }],
    inbox_events_handled: ['inbox_events', { status: 'processed' }],
    inbox_events_lease: ['inbox_events', { lease_owner: 'me' }],
    inbox_events_retry_count: ['inbox_events', { retry_count: -1 }],
    inbox_events_body: ['inbox_events', { raw_body: null }],
    inbox_events_ignored: ['inbox_events', { ignored_for: 'type' }],
    inbox_events_replays: ['inbox_events', { replay_count: -1 }],
    payment_support_tickets_type: ['payment_support_tickets', { type: 'gossip' }],
    payment_support_tickets_priority: ['payment_support_tickets', { priority: 'loud' }],
    payment_support_tickets_status: ['payment_support_tickets', { status: 'lost' }],
    payment_support_tickets_resolution: [
      'payment_support_tickets',
      { status: 'resolved', resolved_at: 'now', resolution: 'prayer' },
    ],
    payment_support_tickets_resolved: ['payment_support_tickets', { status: 'resolved' }],
    facts_provider: ['facts', { provider: 'paypal' }],
    facts_payload: ['facts', { payload: '[]' }],
    facts_before: ['facts', { before: '7' }],
    outbox_deliveries_status: ['outbox_deliveries', { status: 'lost', handled_at: 'now' }],
    outbox_deliveries_handled: ['outbox_deliveries', { status: 'delivered' }],
    outbox_deliveries_lease: ['outbox_deliveries', { lease_until: 'now' }],
    provider_intents_provider: ['provider_intents', { provider: 'paypal' }],
    provider_intents_state: ['provider_intents', { state: 'lost' }],
    provider_intents_settled: ['provider_intents', { state: 'succeeded' }],
    idempotency_keys_status: ['idempotency_keys', { status: 'lost', lease_until: null }],
    idempotency_keys_completed: ['idempotency_keys', { response_status: 200 }],
    idempotency_keys_lease: ['idempotency_keys', { lease_until: null }],
    idempotency_keys_key: ['idempotency_keys', { key: '' }],
    audit_log_actor: ['audit_log', { actor_type: 'ghost' }],
    alerts_severity: ['alerts', { severity: 'loud' }],
    alerts_count: ['alerts', { count: 0 }],
    business_clock_single: ['business_clock', { id: 2 }],
    customers_user_id: ['customers', { id: 'cus_2', user_id: '' }],
    customer_accounts_provider: ['customer_accounts', { provider: 'paypal' }],
    plans_code: ['plans', { id: 'plan_2', code: 'pro' }],
    plans_days: ['plans', { id: 'plan_2', code: 'X', grace_days: 91 }],
    prices_cycle: ['prices', { id: 'prc_2', lookup_key: 'x', billing_cycle: 'daily' }],
    prices_amount: ['prices', { id: 'prc_2', lookup_key: 'x', amount: -1, currency: 'EUR' }],
    prices_currency: ['prices', { id: 'prc_2', lookup_key: 'x', currency: 'usd' }],
    features_type: ['features', { id: 'feat_2', key: 'x', type: 'colour' }],
    features_key: ['features', { id: 'feat_2', key: 'Seats' }],
    plan_features_limit: ['plan_features', { limit: -1 }],
    catalog_rollouts_barrier: ['catalog_rollouts', { barrier: 0 }],
    catalog_rollouts_last: ['catalog_rollouts', { is_last: true }],
    catalog_mirrors_type: ['catalog_mirrors', { object_type: 'coupon' }],
    subscriptions_provider: ['subscriptions', { provider: 'wise' }],
    subscriptions_status: ['subscriptions', { status: 'dormant' }],
    subscriptions_cycle: ['subscriptions', { billing_cycle: 'weekly' }],
    subscriptions_quantity: ['subscriptions', { quantity: -1 }],
    subscriptions_amount: ['subscriptions', { amount: -1 }],
    subscriptions_currency: ['subscriptions', { currency: 'usd' }],
    subscriptions_period: ['subscriptions', { current_period_end: '2025-12-31T00:00:00Z' }],
    subscriptions_facts: ['subscriptions', { fact_count: 0 }],
    subscription_changes_type: ['subscription_changes', { type: 'forgotten' }],
    invoices_status: ['invoices', { status: 'lost' }],
    invoices_currency: ['invoices', { currency: 'usd' }],
    invoices_amounts: ['invoices', { amount_due: -1 }],
    invoices_attempts: ['invoices', { attempt_count: -1 }],
    invoices_taxes: ['invoices', { taxes: '{}' }],
    invoices_facts: ['invoices', { fact_count: 0 }],
    payments_status: ['payments', { status: 'lost' }],
    payments_currency: ['payments', { currency: 'usd' }],
    payments_amounts: ['payments', { amount_refunded: 2 }],
    payments_facts: ['payments', { fact_count: 0 }],
    plans_refund_access: ['plans', { id: 'plan_2', code: 'X', refund_access: 'perhaps' }],
    plans_dispute_access: ['plans', { id: 'plan_2', code: 'X', dispute_access: 'perhaps' }],
    payment_methods_provider: ['payment_methods', { provider: 'paypal' }],
    payment_methods_status: ['payment_methods', { status: 'lost' }],
    payment_methods_last4: ['payment_methods', { last4: '4242424242424242' }],
    payment_methods_expiry: ['payment_methods', { exp_month: 13 }],
    payment_methods_facts: ['payment_methods', { fact_count: 0 }],
    provider_customers_provider: ['provider_customers', { provider: 'paypal' }],
    provider_customers_status: ['provider_customers', { status: 'gone', provider_method_id: null }],
    provider_customers_method: ['provider_customers', { status: 'deleted' }],
    provider_customers_facts: ['provider_customers', { fact_count: 0 }],
    card_expiry_notices_expiry: ['card_expiry_notices', { exp_month: 0 }],
    refunds_provider: ['refunds', { provider: 'paypal' }],
    refunds_status: ['refunds', { status: 'lost' }],
    refunds_currency: ['refunds', { currency: 'usd' }],
    refunds_amount: ['refunds', { amount: 0 }],
    refunds_facts: ['refunds', { fact_count: 0 }],
    disputes_provider: ['disputes', { provider: 'paypal' }],
    disputes_status: ['disputes', { status: 'maybe' }],
    disputes_currency: ['disputes', { currency: 'usd' }],
    disputes_amount: ['disputes', { amount: -1 }],
    disputes_evidence: ['disputes', { evidence_count: -1 }],
    disputes_facts: ['disputes', { fact_count: 0 }],
    credit_notes_provider: ['credit_notes', { provider: 'paypal' }],
    credit_notes_status: ['credit_notes', { status: 'lost' }],
    credit_notes_currency: ['credit_notes', { currency: 'usd' }],
    credit_notes_amounts: ['credit_notes', { credited: 3 }],
    credit_notes_facts: ['credit_notes', { fact_count: 0 }],
    revenue_schedules_postings: ['revenue_schedules', { postings: -1 }],
    provider_payouts_provider: ['provider_payouts', { provider: 'paypal' }],
    provider_payouts_status: ['provider_payouts', { status: 'lost' }],
    provider_payouts_currency: ['provider_payouts', { currency: 'usd' }],
    provider_payouts_amount: ['provider_payouts', { amount: 0 }],
    provider_payouts_facts: ['provider_payouts', { fact_count: 0 }],
    fraud_rules_key: ['fraud_rules', { key: 'No Key' }],
    fraud_rules_description: ['fraud_rules', { description: '' }],
    fraud_rules_signal: ['fraud_rules', { signal: 'astrology' }],
    fraud_rules_window: ['fraud_rules', { window_seconds: null }],
    fraud_rules_threshold: ['fraud_rules', { threshold: 0 }],
    fraud_rules_currency: ['fraud_rules', { signal: 'amount', window_seconds: null, currency: 'usd' }],
    fraud_rules_max_amount: ['fraud_rules', { max_amount: 1 }],
    fraud_rules_outcome: ['fraud_rules', { outcome: 'allow' }],
    fraud_rules_priority: ['fraud_rules', { priority: -1 }],
    fraud_decisions_outcome: ['fraud_decisions', { outcome: 'perhaps', reasons: '[{}]' }],
    fraud_decisions_reasons: ['fraud_decisions', { outcome: 'block' }],
    fraud_decisions_amount: ['fraud_decisions', { amount: 1 }],
    fraud_decisions_hashes: ['fraud_decisions', { ip_hash: '203.0.113.7' }],
    payment_attempts_outcome: ['payment_attempts', { outcome: 'lost', settled_at: 'now' }],
    payment_attempts_settled: ['payment_attempts', { outcome: 'succeeded' }],
    payment_attempts_decline: ['payment_attempts', { decline_code: 'lost_card' }],
    payment_attempts_amount: ['payment_attempts', { amount: -1, currency: 'USD' }],
    payment_attempts_hashes: ['payment_attempts', { card_hash: 'fp4242424242424242' }],
    trial_fingerprints_hash: ['trial_fingerprints', { card_hash: 'fp4242424242424242' }],
    entitlement_grants_source: ['entitlement_grants', { source: 'paypal' }],
    entitlement_grants_limit: ['entitlement_grants', { limit: -1 }],
    invoices_discount: ['invoices', { discount: -1 }],
    discounts_code: ['discounts', { id: 'disc_2', code: 'welcome' }],
    discounts_name: ['discounts', { id: 'disc_2', code: 'X', name: '' }],
    discounts_off: ['discounts', { id: 'disc_2', code: 'X', percent_off: null }],
    discounts_percent: ['discounts', { id: 'disc_2', code: 'X', percent_off: 100.01 }],
    discounts_amount: ['discounts', { id: 'disc_2', code: 'X', percent_off: null, amount_off: 0, currency: 'USD' }],
    discounts_currency: ['discounts', { id: 'disc_2', code: 'X', currency: 'USD' }],
    discounts_duration: ['discounts', { id: 'disc_2', code: 'X', duration: 'twice' }],
    discounts_months: ['discounts', { id: 'disc_2', code: 'X', duration: 'repeating' }],
    discounts_limit: ['discounts', { id: 'disc_2', code: 'X', max_redemptions: 0 }],
    discounts_revision: ['discounts', { id: 'disc_2', code: 'X', mirrored_revision: 2 }],
    discount_redemptions_state: ['discount_redemptions', { state: 'lost', settled_at: 'now' }],
    discount_redemptions_settled: ['discount_redemptions', { state: 'redeemed' }],
    ledger_accounts_type: ['ledger_accounts', { code: 'x', type: 'secret' }],
    ledger_accounts_code: ['ledger_accounts', { code: 'No Code' }],
    journal_entries_amount: ['journal_entries', { amount: 0 }],
    journal_entries_currency: ['journal_entries', { currency: 'usd' }],
    journal_entries_position: ['journal_entries', { position: -1 }],
    journal_transactions_not_itself: ['journal_transactions', { id: 'jtx_1', reverses_id: 'jtx_1' }],
  };

  it('are all in the table of this test', async () => {
    const { rows } = await admin.query<{ conname: string }>(
      "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1",
    );
    expect(rows.map(({ conname }) => conname)).toEqual(Object.keys(bad).sort());
  });

  it.each(Object.entries(bad))('%s', async (constraint, [table, changes]) => {
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
    ['owner of an account at a provider', 'customer_accounts', { provider_id: 'same' }],
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
