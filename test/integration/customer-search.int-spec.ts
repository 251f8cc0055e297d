import { Client } from 'pg';
import type { Prisma } from '../../src/generated/prisma/client';
import { CustomerSearchRepository, findCustomers } from '../../src/modules/admin/customers/customer-search.repository';
import { UnitOfWork } from '../../src/platform/database';
import { startBench, type Bench } from '../support/bench';
import { scansOf, type Scan } from '../support/explain';
import { CATALOG_ROWS, insertOf } from '../support/rows';

const CUSTOMERS = 30_000;

/** As many as make a scan of a whole table dearer than a look into an index; one made per minute. */
const CROWD = [
  `INSERT INTO customers (id, user_id, email, created_at, updated_at)
   SELECT 'cust_' || n, 'user-' || n, CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN 'Person' || n || '@Mail.example' ELSE 'someone' || n || '@mail.example' END,
     timestamptz '2026-01-01Z' + n * interval '1 minute', timestamptz '2026-01-01Z' FROM generate_series(1, ${CUSTOMERS}) n`,
  `INSERT INTO customer_accounts (provider, provider_id, customer_id, created_at)
   SELECT 'stripe', 'cus_' || n, 'cust_' || n, '2026-01-01Z' FROM generate_series(1, ${CUSTOMERS}) n`,
  `INSERT INTO subscriptions (id, customer_id, provider, provider_id, plan_id, price_id, status, provider_status, billing_cycle,
     quantity, amount, currency, current_period_start, current_period_end, cancel_at_period_end, created_at, last_fact_id, fact_count, updated_at)
   SELECT 'sub_' || n, 'cust_' || n, 'stripe', 'sub_S' || n, 'plan_1', 'prc_1', 'active', 'active', 'monthly', 1, 1, 'USD',
     '2026-01-01Z', '2026-01-01Z', false, '2026-01-01Z', 'f', 1, '2026-01-01Z' FROM generate_series(1, ${CUSTOMERS}) n`,
  `INSERT INTO invoices (id, customer_id, provider, provider_id, number, status, currency, total, tax, amount_due, amount_paid,
     amount_remaining, period_start, period_end, attempt_count, lines, created_at, last_fact_id, fact_count, updated_at)
   SELECT 'inv_' || n, 'cust_' || n, 'stripe', 'in_' || n, 'NO-' || n, 'paid', 'USD', 1, 0, 1, 1, 0, '2026-01-01Z', '2026-01-01Z',
     0, '[]', '2026-01-01Z', 'f', 1, '2026-01-01Z' FROM generate_series(1, ${CUSTOMERS}) n`,
  `INSERT INTO payments (id, customer_id, provider, provider_id, amount, currency, status, created_at, last_fact_id, fact_count, updated_at)
   SELECT 'pay_' || n, 'cust_' || n, 'stripe', 'pi_' || n, 1, 'USD', 'succeeded', '2026-01-01Z', 'f', 1, '2026-01-01Z'
   FROM generate_series(1, ${CUSTOMERS}) n`,
];

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  for (const [table, row] of CATALOG_ROWS.filter(([table]) => table === 'plans' || table === 'prices')) {
    const { text, values } = insertOf(table, row);
    await bench.rows(text, values);
  }
  for (const sql of CROWD) await bench.rows(sql);
  const owner = new Client({ connectionString: bench.database.ownerUrl });
  await owner.connect();
  await owner.query('ANALYZE');
  await owner.end();
}, 60_000);
afterAll(() => bench.close());

const find = (query: string, limit = 5, after?: { createdAt: Date; id: string }) =>
  bench.get(UnitOfWork).service((tx) => bench.get(CustomerSearchRepository).find(tx, query, limit, after));
const idsOf = async (query: string): Promise<string[]> => (await find(query)).map(({ id }) => id);
const scans = (sql: Prisma.Sql): Promise<Scan[]> => scansOf(bench, sql);

/** Every way in which somebody may be looked for, and the customer meant. */
const KINDS: [string, string, string][] = [
  ['our id', 'cust_7000', 'cust_7000'],
  ['the user id', 'user-7000', 'cust_7000'],
  ['an e-mail', 'someone7001@mail.example', 'cust_7001'],
  ['an e-mail in another case', 'pERSON7000@MAIL.example', 'cust_7000'],
  ['the beginning of an e-mail', 'person7000@', 'cust_7000'],
  ["a provider's customer", 'cus_7000', 'cust_7000'],
  ['a subscription', 'sub_7000', 'cust_7000'],
  ["a provider's subscription", 'sub_S7000', 'cust_7000'],
  ['an invoice', 'inv_7000', 'cust_7000'],
  ["a provider's invoice", 'in_7000', 'cust_7000'],
  ["an invoice's number", 'NO-7000', 'cust_7000'],
  ['a payment', 'pay_7000', 'cust_7000'],
  ["a provider's payment", 'pi_7000', 'cust_7000'],
];

describe('finding a customer', () => {
  it.each(KINDS)('is done by %s', async (_what, query, id) => {
    expect(await idsOf(query)).toEqual([id]);
  });

  it.each(["x' OR '1'='1", '%', '_', 'someone%', '\\', '$1', '\u{10FFFF}', 'user-', 'cust_', 'x'.repeat(255)])(
    'finds nobody by %j',
    async (query) => {
      expect(await idsOf(query)).toEqual([]);
    },
  );

  it('shows the newest where nothing is asked for', async () => {
    expect(await idsOf('')).toEqual([0, 1, 2, 3, 4].map((n) => `cust_${CUSTOMERS - n}`));
  });

  it('goes through all whose e-mail begins so, page by page, newest first', async () => {
    const shown: number[] = [];
    let after: { createdAt: Date; id: string } | undefined;
    for (;;) {
      const page = await find('PERSON29', 37, after);
      shown.push(...page.map(({ id }) => Number(id.slice('cust_'.length))));
      after = page.at(-1);
      if (page.length < 37) break;
    }
    const meant = Array.from({ length: CUSTOMERS + 1 }, (_, n) => n)
      .filter((n) => n % 3 === 1 && `${n}`.startsWith('29'))
      .reverse();
    expect(shown).toEqual(meant);
  });

  it.each<readonly [string, string]>([
    ['nothing', ''],
    ['a beginning that thousands share', 'p'],
    ['nobody', 'nobody@x.example'],
    ...KINDS.map(([what, query]) => [what, query] as const),
  ])('by %s reads no table from end to end', async (_what, query) => {
    for (const after of [undefined, { createdAt: new Date('2026-01-15T00:00:00Z'), id: 'cust_1' }]) {
      for (const { node, table, rows } of await scans(findCustomers(query, 21, after))) {
        expect({ table, node }).not.toEqual({ table, node: 'Seq Scan' });
        expect({ table, many: rows > 100 }).toEqual({ table, many: false });
      }
    }
  });
});
