import fc from 'fast-check';
import { Client } from 'pg';
import { LedgerService, type Finding, type JournalDraft } from '../../src/modules/ledger';
import { BalancesCheck } from '../../src/modules/ledger/balances/balances-check.repository';
import { BalanceFold } from '../../src/modules/ledger/balances/balance-fold.service';
import { BalancesRepository } from '../../src/modules/ledger/reads/balances.repository';
import { Snapshots, UnitOfWork } from '../../src/platform/database';
import { startBench, type Bench } from '../support/bench';
import { allSealable } from '../support/horizon';
import { runs, within } from '../support/deep';
import { insertOf, ROW_FACTORIES } from '../support/rows';
import { until } from '../support/until';

const DAY_MS = 86_400_000;
/** Four days around a midnight, to the millisecond. */
const BEGIN = Date.parse('2026-03-01T00:00:00Z');
const MOMENTS = fc.oneof(
  fc.integer({ min: 0, max: 4 * DAY_MS }),
  // Around midnight, where sums of days meet what is added to them.
  fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -2, max: 2 })).map(([day, ms]) => day * DAY_MS + ms),
);
const ACCOUNTS = ['stripe.clearing', 'customer.receivable', 'revenue.deferred'] as const;
const CURRENCIES = ['USD', 'KWD'] as const;

let bench: Bench;
let posted = 0;

const movement = fc.record({
  at: MOMENTS,
  amount: fc.bigInt({ min: 1n, max: 2n ** 40n }),
  from: fc.constantFrom(...ACCOUNTS),
  to: fc.constantFrom(...ACCOUNTS),
  currency: fc.constantFrom(...CURRENCIES),
});
type Movement = typeof movement extends fc.Arbitrary<infer T> ? T : never;

/** What may happen, in any order: the transaction that stays open commits later than those that began after it. */
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('post' as const), all: fc.array(movement, { maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const), all: fc.array(movement, { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), commit: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fold' as const), batch: fc.integer({ min: 1, max: 7 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('look' as const), at: MOMENTS }) },
);

function draftOf({ at, amount, from, to, currency }: Movement): JournalDraft {
  posted += 1;
  return {
    ...{ type: 'invoice.paid', provider: 'stripe', refId: `inv_${posted}`, customerId: null, meta: {} },
    idempotencyKey: `stripe:in_${posted}:paid`,
    occurredAt: new Date(BEGIN + at),
    entries: [
      { account: to, amount, currency },
      { account: from, amount: -amount, currency },
    ],
  };
}

const post = (drafts: readonly JournalDraft[]): Promise<void> =>
  bench.get(UnitOfWork).service((tx) => bench.get(LedgerService).post(tx, drafts));

/** Written by hand, in a transaction that others overtake. */
async function insert(client: Client, { occurredAt, entries, idempotencyKey }: JournalDraft): Promise<void> {
  const row = ROW_FACTORIES['journal_transactions']?.({ customerId: 'cust_1' }) ?? {};
  await client.query(insertOf('journal_transactions', { ...row, ts: occurredAt, idempotency_key: idempotencyKey }));
  for (const [position, { account, amount, currency }] of entries.entries()) {
    const entry = { transaction_id: row['id'], position, account_code: account, amount: String(amount), currency };
    await client.query(insertOf('journal_entries', entry));
  }
}

/** `account currency` -> minor units, entry by entry; those that nothing moved are left out. */
async function plainSums(condition: string, at: Date | null): Promise<Record<string, string>> {
  const rows = await bench.rows<{ key: string; sum: string }>(
    `SELECT e.account_code || ' ' || e.currency AS key, sum(e.amount)::text AS sum
     FROM journal_entries e JOIN journal_transactions t ON t.id = e.transaction_id
     WHERE $1::timestamptz IS NULL OR ${condition} GROUP BY 1 ORDER BY 1`,
    [at],
  );
  return Object.fromEntries(rows.map(({ key, sum }) => [key, sum]));
}

/** By what is folded and what is not; at a moment and right before it. */
async function expectBalances(at: Date | null): Promise<void> {
  const balances = bench.get(BalancesRepository);
  const { all, before } = await bench.get(UnitOfWork).service(async (tx) => {
    const one = (account: string, currency: string): Promise<bigint> => balances.before(tx, { account, currency }, at);
    const keys = ACCOUNTS.flatMap((account) => CURRENCIES.map((currency) => [account, currency] as const));
    return {
      all: await balances.asOf(tx, at, null),
      before: await Promise.all(keys.map(async ([a, c]) => [`${a} ${c}`, String(await one(a, c))] as const)),
    };
  });
  const rows = all.map(({ account, currency, balance }) => [`${account} ${currency}`, String(balance)] as const);
  expect(Object.fromEntries(rows)).toEqual(await plainSums('t.ts <= $1', at));
  expect(await plainSums('t.ts < $1', at)).toEqual(
    Object.fromEntries([...(await nonEmpty(before, at))].sort(([a], [b]) => (a < b ? -1 : 1))),
  );
}

/** `before` answers 0 also where nothing ever moved. */
async function nonEmpty(
  all: readonly (readonly [string, string])[],
  at: Date | null,
): Promise<(readonly [string, string])[]> {
  const known = await plainSums('t.ts < $1', at);
  for (const [key, sum] of all) if (!(key in known)) expect(sum).toBe('0');
  return all.filter(([key]) => key in known);
}

beforeAll(async () => {
  bench = await startBench();
  await bench.get(LedgerService).ensureAccounts();
  const customer = ROW_FACTORIES['customers']?.({ customerId: 'cust_1' }) ?? {};
  await bench.rows(insertOf('customers', customer).text, insertOf('customers', customer).values);
});
afterAll(() => bench.close());

describe('balances that are folded', () => {
  it(
    'are the plain sums at any moment, however folding, posting and slow transactions interleave',
    async () => {
      const fold = bench.get(BalanceFold);
      await fc.assert(
        fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40 }), async (story) => {
          const open: Client[] = [];
          try {
            for (const event of story) {
              if (event.do === 'post') await post(event.all.map(draftOf));
              if (event.do === 'fold') await fold.run(event.batch);
              if (event.do === 'look') await expectBalances(new Date(BEGIN + event.at));
              if (event.do === 'close') await end(open.shift(), event.commit ? 'COMMIT' : 'ROLLBACK');
              if (event.do === 'open') open.push(await opened(event.all.map(draftOf)));
            }
          } finally {
            for (const client of open) await end(client, 'COMMIT');
          }
          await expectBalances(null);
        }),
        runs(25),
      );
      // At last all is folded: the days alone are the books.
      await foldAll();
      const [days] = await bench.rows<{ entries: string; folded: string }>(
        `SELECT (SELECT count(*) FROM journal_entries) AS entries, (SELECT sum(entries) FROM account_day_balances) AS folded`,
      );
      expect(days?.folded).toBe(days?.entries);
      expect(await findings()).toEqual([]);
    },
    within(60_000),
  );

  it('are folded once, however many do it at once', async () => {
    const drafts = Array.from({ length: 60 }, (_, at) =>
      draftOf({ at, amount: 1n, from: 'revenue.deferred', to: 'stripe.clearing', currency: 'USD' }),
    );
    await post(drafts);
    const folds = Array.from({ length: 6 }, () => bench.get(BalanceFold).run(3));
    const folded = (await Promise.all(folds)).reduce((sum, each) => sum + each, 0);
    expect(folded + (await foldAll())).toBe(60);
    await expectBalances(null);
  });

  it('are proved against the journal, and folded anew where they differ', async () => {
    const day =
      "account_code = 'stripe.clearing' AND currency = 'USD' AND day = (SELECT max(day) FROM account_day_balances)";
    await bench.rows(`UPDATE account_day_balances SET debits = debits + 1 WHERE ${day}`);
    expect(await findings()).toMatchObject([
      { kind: 'day_balance', subject: expect.stringMatching(/^stripe\.clearing USD 2026-/) as string },
    ]);
    // What verify finds is put right by folding anew; nobody else may be at it.
    await allSealable((sql) => bench.rows(sql));
    const [journal] = await bench.rows<{ n: number }>('SELECT count(*)::int AS n FROM journal_transactions');
    const reports: number[] = [];
    expect(await bench.get(BalanceFold).again((folded) => reports.push(folded))).toBe(journal?.n);
    expect(reports.at(-1)).toBe(journal?.n);
    expect(await findings()).toEqual([]);
    await expectBalances(null);
  });

  it('begin again in a database that was restored into a server with another count of transactions', async () => {
    await bench.rows('UPDATE balance_marks SET xact_id = xact_id + 1000000');
    await bench.get(BalanceFold).run();
    await expectBalances(null);
    await foldAll();
    await expectBalances(new Date(BEGIN + DAY_MS));
  });
});

describe('64 postings to the same accounts at once', () => {
  it('lose nothing and wait for nobody', async () => {
    const before = await plainSums('true', null);
    const fold = bench.get(BalanceFold);
    const postings = Array.from({ length: 64 }, (_, n) =>
      patiently([
        draftOf({ at: n, amount: 7n, from: 'customer.receivable', to: 'stripe.clearing', currency: 'USD' }),
        draftOf({ at: n, amount: 7n, from: 'stripe.clearing', to: 'customer.receivable', currency: 'KWD' }),
      ]),
    );
    await Promise.all([...postings, fold.run(5), fold.run(5)]);
    const after = await plainSums('true', null);
    const moved = (key: string): bigint => BigInt(after[key] ?? 0) - BigInt(before[key] ?? 0);
    expect(moved('stripe.clearing USD')).toBe(448n);
    expect(moved('customer.receivable USD')).toBe(-448n);
    expect(moved('customer.receivable KWD')).toBe(448n);
    await expectBalances(null);
  });
});

/** A busy machine may have no connection to spare within the time that one is waited for: then it is asked again. */
async function patiently(drafts: readonly JournalDraft[]): Promise<void> {
  try {
    await post(drafts);
  } catch (error) {
    if ((error as { code?: string }).code !== 'P2028') throw error;
    await patiently(drafts);
  }
}

/** Until nothing is left; a transaction anywhere in the server, of another test's too, holds it back as long as it runs. */
async function foldAll(): Promise<number> {
  let folded = 0;
  await until('everything is folded', async () => {
    folded += await bench.get(BalanceFold).run();
    const [{ left } = { left: '' }] = await bench.rows<{ left: string }>(
      'SELECT count(*) AS left FROM journal_transactions t, balance_marks m WHERE (t.xact_id, t.seq) > (m.xact_id, m.seq)',
    );
    return left === '0';
  });
  return folded;
}

/** What `kassa ledger verify` finds of them. */
async function findings(): Promise<Finding[]> {
  const found: Finding[] = [];
  const snapshot = await bench.get(Snapshots).take();
  await bench.get(BalancesCheck).run({ snapshot, report: (finding) => found.push(finding) });
  await snapshot.close();
  return found;
}

async function opened(drafts: readonly JournalDraft[]): Promise<Client> {
  const client = new Client({ connectionString: bench.database.appUrl, options: '-c role=kassa_service' });
  await client.connect();
  await client.query('BEGIN');
  for (const draft of drafts) await insert(client, draft);
  return client;
}

async function end(client: Client | undefined, how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
  if (!client) return;
  await client.query(how);
  await client.end();
}
