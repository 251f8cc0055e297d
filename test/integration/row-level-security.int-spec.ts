import { Client, type Pool } from 'pg';
import { createPool, PrismaService, UnitOfWork, type Tx } from '../../src/platform/database';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { CATALOG_ROWS, insertOf, PARENTS, ROW_FACTORIES, type RowValues } from '../support/rows';

const TENANTS = [
  { customerId: 'cus_a', userId: 'user-a' },
  { customerId: 'cus_b', userId: 'user-b' },
] as const;
/** What a user reads of his own through row-level security; he writes nothing but his own customer. */
const READABLE = [
  'credit_notes',
  'customers',
  'entitlement_grants',
  'invoice_retry_schedules',
  'invoices',
  'notification_preferences',
  'notification_settings',
  'notifications',
  'payment_methods',
  'payments',
  'refunds',
  'subscription_changes',
  'subscriptions',
];
const CATALOG = ['plans', 'prices', 'features', 'plan_features'];

let database: TestDatabase;
let service: Client;
let pool: Pool;
let prisma: PrismaService;
let unitOfWork: UnitOfWork;

async function tablesWhere(condition: string): Promise<string[]> {
  const { rows } = await service.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND c.relname <> '_prisma_migrations' AND ${condition} ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Tables that say whose their rows are. */
function ownedTables(): Promise<string[]> {
  return tablesWhere(
    `(c.relname = 'customers' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'customer_id'))`,
  );
}

/** With the rows it hangs on, and those they hang on. */
async function insertWithParents(table: string, customerId: string): Promise<RowValues> {
  const ids: [string, unknown][] = [];
  for (const { table: parent, column, key = 'id' } of [PARENTS[table] ?? []].flat()) {
    ids.push([column, (await insertWithParents(parent, customerId))[key]]);
  }
  const row = { ...ROW_FACTORIES[table]?.({ customerId }), ...Object.fromEntries(ids) };
  await service.query(insertOf(table, row));
  return row;
}

/** A row of the table for this customer, with the rows it hangs on. */
async function insertFor(table: string, customerId: string): Promise<void> {
  if (table === 'customers') return;
  if (table === 'subscription_changes') {
    const { rows } = await service.query<{ id: string }>('SELECT id FROM subscriptions WHERE customer_id = $1', [
      customerId,
    ]);
    const of = {
      id: `chg_${customerId}`,
      subscription_id: rows[0]?.id,
      customer_id: customerId,
      fact_id: 'f',
      at: 'now',
    };
    const change = { ...of, position: 0, type: 'created', to_plan_id: 'plan_1', to_status: 'active', source: 'read' };
    await service.query(insertOf(table, change));
    return;
  }
  if (PARENTS[table]) {
    await insertWithParents(table, customerId);
    return;
  }
  const factory = ROW_FACTORIES[table];
  if (!factory) throw new Error(`${table} has a customer: give it a row in test/support/rows.ts`);
  const row = factory({ customerId });
  await service.query('BEGIN');
  await service.query(insertOf(table, row));
  if (table === 'journal_transactions') {
    for (const [position, amount] of [5, -5].entries()) {
      const entry = { transaction_id: row['id'], position, account_code: 'stripe.clearing', amount, currency: 'USD' };
      await service.query(insertOf('journal_entries', entry));
    }
  }
  await service.query('COMMIT');
}

/** Another customer's row as A would write it himself. */
function forged(table: string): RowValues {
  const row = ROW_FACTORIES[table]?.({ customerId: 'cus_b' });
  return row ?? { id: 'chg_x', subscription_id: 'x', customer_id: 'cus_b', fact_id: 'x', at: 'now', position: 1 };
}

const asA = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => unitOfWork.user('user-a', work);
const refused = expect.objectContaining({
  message: expect.stringMatching(/permission denied|row-level security/) as string,
}) as Error;

beforeAll(async () => {
  database = await createTestDatabase();
  service = new Client({ connectionString: database.appUrl, options: '-c role=kassa_service' });
  await service.connect();
  pool = createPool({ url: database.appUrl, size: 2, applicationName: 'rls' }, () => undefined);
  prisma = new PrismaService(pool);
  unitOfWork = new UnitOfWork(prisma);
  for (const [table, row] of CATALOG_ROWS) await service.query(insertOf(table, row));
  for (const { customerId, userId } of TENANTS) {
    const row = ROW_FACTORIES['customers']?.({ customerId }) ?? {};
    await service.query(insertOf('customers', row, { user_id: userId }));
  }
  // Subscriptions before what hangs on them.
  const tables = (await ownedTables()).sort((a, b) => Number(b === 'subscriptions') - Number(a === 'subscriptions'));
  for (const table of tables) for (const { customerId } of TENANTS) await insertFor(table, customerId);
});
afterAll(async () => {
  await prisma.$disconnect();
  await pool.end();
  await service.end();
  await database.drop();
});

describe('row-level security', () => {
  it('is enabled and forced on every table', async () => {
    expect(await tablesWhere('NOT (c.relrowsecurity AND c.relforcerowsecurity)')).toEqual([]);
  });

  it('lets a user read these tables and no others', async () => {
    const readable = await tablesWhere(`has_table_privilege('kassa_user', c.oid, 'SELECT')`);
    expect(readable).toEqual([...READABLE, ...CATALOG].sort());
  });

  it('lets a user write nothing but his own customer', async () => {
    for (const right of ['DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) {
      expect(await tablesWhere(`has_table_privilege('kassa_user', c.oid, '${right}')`)).toEqual([]);
    }
    expect(await tablesWhere(`has_table_privilege('kassa_user', c.oid, 'INSERT')`)).toEqual(['customers']);
    expect(await tablesWhere(`has_any_column_privilege('kassa_user', c.oid, 'UPDATE')`)).toEqual(['customers']);
    expect(await tablesWhere(`has_any_column_privilege('kassa_user', c.oid, 'INSERT')`)).toEqual(['customers']);
  });

  it('shows each user his own rows of every table that names a customer, and hides the rest', async () => {
    for (const table of await ownedTables()) {
      const column = table === 'customers' ? 'id' : 'customer_id';
      const { rows } = await service.query<{ n: string }>(`SELECT count(DISTINCT ${column}) AS n FROM ${table}`);
      expect({ table, customers: Number(rows[0]?.n) }).toEqual({ table, customers: 2 });
      for (const { customerId, userId } of TENANTS) {
        const seen = unitOfWork.user(userId, (tx) =>
          tx.$queryRawUnsafe<{ owner: string }[]>(`SELECT DISTINCT ${column} AS owner FROM ${table}`),
        );
        if (READABLE.includes(table)) expect(await seen).toEqual([{ owner: customerId }]);
        else await expect(seen).rejects.toEqual(refused);
      }
    }
  });

  it("refuses to insert, change or delete another's row", async () => {
    for (const table of await ownedTables()) {
      const column = table === 'customers' ? 'id' : 'customer_id';
      const insert = insertOf(table, forged(table));
      await expect(asA((tx) => tx.$executeRawUnsafe(insert.text, ...insert.values))).rejects.toEqual(refused);
      await expect(asA((tx) => tx.$executeRawUnsafe(`DELETE FROM ${table}`))).rejects.toEqual(refused);
      const steal = `UPDATE ${table} SET ${column} = 'cus_a' WHERE ${column} = 'cus_b'`;
      await expect(asA((tx) => tx.$executeRawUnsafe(steal))).rejects.toEqual(refused);
    }
  });

  it('lets a user change his own address and not that of another', async () => {
    const change = (id: string): Promise<number> =>
      asA((tx) => tx.$executeRaw`UPDATE customers SET email = 'a@test.example', updated_at = now() WHERE id = ${id}`);
    expect(await change('cus_a')).toBe(1);
    expect(await change('cus_b')).toBe(0);
    for (const column of ["user_id = 'user-b'", 'trial_used_at = NULL', "id = 'x'"]) {
      await expect(asA((tx) => tx.$executeRawUnsafe(`UPDATE customers SET ${column}`))).rejects.toEqual(refused);
    }
  });

  it('shows nothing to a user without a customer, nor to one without a name', async () => {
    for (const userId of ['stranger', '']) {
      for (const table of READABLE) {
        const rows = unitOfWork.user(userId, (tx) => tx.$queryRawUnsafe(`SELECT * FROM ${table}`));
        expect(await rows).toEqual([]);
      }
    }
  });

  it('leaves nothing behind in the connection that the next unit of work gets', async () => {
    await asA(() => Promise.resolve());
    const [after] = await unitOfWork.service(
      (tx) => tx.$queryRaw<{ role: string; user: string | null }[]>`
        SELECT current_user AS role, NULLIF(current_setting('app.user_id', true), '') AS "user"`,
    );
    expect(after).toEqual({ role: 'kassa_service', user: null });
    await expect(asA(() => Promise.reject(new Error('half way')))).rejects.toThrow('half way');
    const [again] = await unitOfWork.service(
      (tx) => tx.$queryRaw<{ n: bigint }[]>`SELECT count(*) AS n FROM customers`,
    );
    expect(again?.n).toBe(2n);
  });

  it.each([
    'facts',
    'inbox_events',
    'outbox_events',
    'outbox_deliveries',
    'provider_intents',
    'journal_transactions',
    'journal_entries',
    'ledger_accounts',
    'account_day_balances',
    'balance_marks',
    'audit_log',
    'alerts',
    'idempotency_keys',
    'catalog_mirrors',
    'iap_products',
    'google_acknowledgements',
    'purchase_transfers',
    'business_clock',
    '_prisma_migrations',
  ])('keeps users out of %s', async (table) => {
    await expect(asA((tx) => tx.$queryRawUnsafe(`SELECT 1 FROM ${table}`))).rejects.toEqual(refused);
  });
});
