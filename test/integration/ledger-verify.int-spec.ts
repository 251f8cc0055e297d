import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import {
  invoiceFinalized,
  invoicePaid,
  invoiceUncollectible,
  invoiceVoided,
  LedgerService,
  reversalOf,
  SealChain,
  Sealing,
  type JournalDraft,
  type Sealed,
} from '../../src/modules/ledger';
import { contentOf } from '../../src/modules/ledger/domain/journal';
import { LedgerVerification, type Verification } from '../../src/modules/reconciliation';
import { UnitOfWork } from '../../src/platform/database';
import { parseCurrency } from '../../src/shared/currency';
import { rebuild, type Rebuilt } from '../../src/verify';
import { writeJournal } from '../../bench/support/journal';
import { startBench, type Bench } from '../support/bench';
import { expectRefusal, fetchAnswer } from '../support/http-client';
import { allSealable } from '../support/horizon';
import { insertOf, ROW_FACTORIES } from '../support/rows';
import { mostRowsAtOnce } from '../support/rows-held';
import { testServers, withDatabase } from '../support/services';
import { asUser, TEST_AUTH } from '../support/tokens';

const AT = Date.parse('2026-03-01T00:00:00Z');
const INVOICES = 12;
const TABLES = ['ledger_accounts', 'journal_transactions', 'journal_entries', 'ledger_seals'] as const;

let bench: Bench;
/** Its triggers and foreign keys are off: what an owner can do who means harm. */
let owner: Client;
let folder: string;
let kept: string;

/** One invoice's postings: every third is given up first, which its payment undoes. */
function postingsOf(n: number): JournalDraft[] {
  const ref = {
    ...{ provider: 'stripe' as const, providerRef: `in_${n}`, invoiceId: `inv_${n}`, customerId: null },
    ...{ currency: parseCurrency('USD'), occurredAt: new Date(AT + n) },
  };
  const figures = { total: 2380n, tax: 380n, amountDue: 2380n, startingBalance: 0n, endingBalance: 0n };
  const givenUp = n % 3 === 0 ? invoiceUncollectible({ ...ref, amountRemaining: 2380n }) : null;
  const drafts = [
    invoiceFinalized({ ...ref, ...figures }),
    ...(givenUp ? [givenUp, reversalOf(givenUp, ref.occurredAt)] : []),
    invoicePaid({ ...ref, amountPaid: 2380n, amountPaidOutOfBand: 0n }),
  ];
  return drafts.filter((draft) => draft !== null);
}

const seal = async (batch: number): Promise<Sealed | null> => {
  await allSealable((text) => bench.rows(text));
  return bench.get(Sealing).run(batch);
};
const sql = (text: string): Promise<unknown> => owner.query(text);
const verify = (against?: string): Promise<Verification> => bench.get(LedgerVerification).run({ against });
const kinds = async (against?: string): Promise<string[]> => Object.keys((await verify(against)).byKind).sort();

/** With the hash that its entries have now. */
async function forgeContent(key: string): Promise<void> {
  const { rows } = await owner.query<{ type: string; ref: string; entries: [string, string, string][] }>(
    `SELECT type, ref_id AS ref, (SELECT json_agg(json_build_array(account_code, amount::text, currency)) FROM journal_entries
       WHERE transaction_id = t.id) AS entries FROM journal_transactions t WHERE idempotency_key = $1`,
    [key],
  );
  const [{ type, ref: refId, entries } = { type: '', ref: '', entries: [] }] = rows;
  const lines = entries.map(([account, amount, currency]) => ({ account, amount: BigInt(amount), currency }));
  const content = contentOf({ type, refId, entries: lines } as unknown as JournalDraft);
  await owner.query('UPDATE journal_transactions SET content_hash = $2 WHERE idempotency_key = $1', [
    key,
    createHash('sha256').update(content).digest(),
  ]);
}

const entriesOf = (key: string): string =>
  `transaction_id = (SELECT id FROM journal_transactions WHERE idempotency_key = '${key}')`;
const PAID = 'stripe:in_4:paid';
const scale = async (key: string): Promise<void> => {
  await sql(`UPDATE journal_entries SET amount = amount * 2 WHERE ${entriesOf(key)}`);
  await forgeContent(key);
};

beforeAll(async () => {
  bench = await startBench();
  const name = new URL(bench.database.appUrl).pathname.slice(1);
  owner = new Client({ connectionString: withDatabase(testServers().adminUrl, name) });
  await owner.connect();
  await sql('SET session_replication_role = replica');
  for (let n = 1; n <= INVOICES; n += 1) {
    await bench.get(UnitOfWork).service((tx) => bench.get(LedgerService).post(tx, postingsOf(n)));
  }
  await seal(5);
  await sql('CREATE SCHEMA keep');
  for (const table of TABLES) await sql(`CREATE TABLE keep.${table} AS TABLE ${table}`);
  folder = mkdtempSync(path.join(tmpdir(), 'kassa-seals-'));
  kept = path.join(folder, 'seals.jsonl');
  writeFileSync(kept, await chainText());
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await owner.end();
  await bench.close();
});

async function chainText(): Promise<string> {
  const lines: string[] = [];
  for await (const line of bench.get(SealChain).lines()) lines.push(line);
  return lines.join('');
}

describe('sound books', () => {
  it('hold, and tell how much was looked at', async () => {
    const result = await verify(kept);
    expect(result).toMatchObject({ complete: true, differences: 0, findings: [] });
    const looked = Object.assign({}, ...result.checks.map((check) => check.looked)) as Record<string, number>;
    expect(looked).toMatchObject({ transactions: 32, entries: 76, seals: 7, unsealed: 0, kept: 7 });
  });

  it('are told over HTTP to those who keep them', async () => {
    const answer = await fetchAnswer(`${bench.url}/v1/ledger/verify`, { headers: asUser('money', 'finance') });
    expect(answer).toMatchObject({ status: 200, body: { ok: true, complete: true, differences: 0, findings: [] } });
    expectRefusal(
      await fetchAnswer(`${bench.url}/v1/ledger/verify`, { headers: asUser('someone') }),
      403,
      'INSUFFICIENT_PERMISSIONS',
    );
  });
});

describe('books that somebody has changed', () => {
  afterEach(async () => {
    for (const table of TABLES) await sql(`DELETE FROM ${table}`);
    for (const table of TABLES) await sql(`INSERT INTO ${table} SELECT * FROM keep.${table}`);
  });

  it.each<[string, string[], () => Promise<unknown>]>([
    [
      'an amount',
      ['balance', 'content', 'seal'],
      () => sql(`UPDATE journal_entries SET amount = 1 WHERE ${entriesOf(PAID)} AND position = 0`),
    ],
    [
      'both amounts',
      ['content', 'seal'],
      () => sql(`UPDATE journal_entries SET amount = amount * 2 WHERE ${entriesOf(PAID)}`),
    ],
    ['both amounts and their hash', ['seal'], () => scale(PAID)],
    [
      'an entry that is gone',
      ['balance', 'content', 'seal'],
      () => sql(`DELETE FROM journal_entries WHERE ${entriesOf(PAID)} AND position = 1`),
    ],
    [
      'a moment, by a microsecond',
      ['seal'],
      () => sql(`UPDATE journal_transactions SET ts = ts + interval '1 microsecond' WHERE idempotency_key = '${PAID}'`),
    ],
    [
      'a posting that is gone',
      ['seal'],
      async () => {
        await sql(`DELETE FROM journal_entries WHERE ${entriesOf(PAID)}`);
        await sql(`DELETE FROM journal_transactions WHERE idempotency_key = '${PAID}'`);
      },
    ],
    [
      'a finalization that is gone',
      ['prerequisite', 'seal'],
      async () => {
        await sql(`DELETE FROM journal_entries WHERE ${entriesOf('stripe:in_4:finalized')}`);
        await sql(`DELETE FROM journal_transactions WHERE idempotency_key = 'stripe:in_4:finalized'`);
      },
    ],
    [
      'a posting slipped into a sealed range',
      ['seal'],
      async () => {
        await sql(`INSERT INTO journal_transactions SELECT 'jtx_x', 1000, xact_id, type, ts, recorded_at, provider, 'inv_5', customer_id,
        'stripe:in_5:paid:2', content_hash, reverses_id, meta FROM journal_transactions WHERE idempotency_key = '${PAID}'`);
        await sql(
          `INSERT INTO journal_entries SELECT 'jtx_x', position, account_code, amount, currency FROM journal_entries WHERE ${entriesOf(PAID)}`,
        );
        await forgeContent('stripe:in_5:paid:2');
      },
    ],
    [
      'two postings that changed places',
      ['seal'],
      async () => {
        await sql(
          `UPDATE journal_transactions SET seq = -seq WHERE idempotency_key IN ('${PAID}', 'stripe:in_5:paid')`,
        );
        await sql(`UPDATE journal_transactions t SET seq = -o.seq FROM journal_transactions o
        WHERE t.idempotency_key IN ('${PAID}', 'stripe:in_5:paid') AND o.idempotency_key IN ('${PAID}', 'stripe:in_5:paid') AND t.id <> o.id`);
      },
    ],
    ['a reversal that is none', ['reversal', 'seal'], () => scale('stripe:in_6:uncollectible:reversal')],
    [
      'money on another account',
      ['seal', 'template'],
      async () => {
        await sql(`UPDATE journal_entries SET account_code = 'fees.stripe' WHERE ${entriesOf(PAID)} AND position = 0`);
        await forgeContent(PAID);
      },
    ],
    [
      'a key of another form',
      ['seal', 'template'],
      () => sql(`UPDATE journal_transactions SET idempotency_key = 'stripe:paid' WHERE idempotency_key = '${PAID}'`),
    ],
    [
      'an entry of nothing',
      ['orphan'],
      () => sql(`INSERT INTO journal_entries VALUES ('jtx_none', 0, 'tax.payable', 5, 'USD')`),
    ],
    [
      'an account of another type',
      ['account'],
      () => sql(`UPDATE ledger_accounts SET type = 'income' WHERE code = 'tax.payable'`),
    ],
    [
      'a seal',
      ['chain'],
      () => sql('UPDATE ledger_seals SET last_seq = last_seq - 1, entries = entries + 1 WHERE number = 3'),
    ],
    ['a seal that is gone', ['chain'], () => sql('DELETE FROM ledger_seals WHERE number = 3')],
  ])('%s', async (_name, expected, tamper) => {
    await tamper();
    expect(await kinds()).toEqual(expected);
  });

  it('as far as seals are missing at the end, only by those that were kept', async () => {
    await sql('DELETE FROM ledger_seals WHERE number > 5');
    expect(await kinds()).toEqual([]);
    expect(await verify(kept)).toMatchObject({ differences: 2, byKind: { against: 2 } });
    await seal(3);
    expect(await kinds()).toEqual([]);
    expect(await verify(kept)).toMatchObject({ byKind: { against: 2 } });
  });

  it('with all their seals written anew, only by those that were kept', async () => {
    await scale(PAID);
    await sql('DELETE FROM ledger_seals');
    await seal(5);
    expect(await kinds()).toEqual([]);
    expect(await kinds(kept)).toEqual(['against']);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['was cut off', (text) => text.split('\n').slice(0, 3).join('\n'), /was cut off/],
    [
      'lacks a seal',
      (text) =>
        text
          .split('\n')
          .filter((_, i) => i !== 2)
          .join('\n'),
      /seal 4 does not follow/,
    ],
    [
      'lacks the last',
      (text) =>
        text
          .split('\n')
          .filter((_, i) => i !== 6)
          .join('\n'),
      /does not end where it says/,
    ],
    ['was changed', (text) => text.replace('"entries":', '"entries":1'), /was changed/],
    ['is none', () => 'hello', /is no seal/],
  ])('not by a file that %s', async (_name, change, message) => {
    const file = path.join(folder, 'bad.jsonl');
    writeFileSync(file, change(await chainText()));
    await expect(verify(file)).rejects.toThrow(message);
  });

  it('however many there are, of which it keeps the first', async () => {
    await sql('UPDATE journal_entries SET amount = amount + 1');
    const { differences, findings, byKind } = await verify();
    expect(byKind).toMatchObject({ balance: 32, content: 32, seal: 7 });
    expect(differences).toBeGreaterThan(findings.length - 1);
  });
});

describe('a database that was restored into another cluster', () => {
  it('goes on sealing, its old rows first, and holds', async () => {
    // As if they had been written by transactions that this cluster has not come to yet.
    await sql('DELETE FROM ledger_seals WHERE number > 5');
    await sql('UPDATE journal_transactions SET xact_id = xact_id + 1000000000');
    await sql('DELETE FROM ledger_seals');
    expect(await seal(20)).toMatchObject({ seals: 2, transactions: 32 });
    await bench.get(UnitOfWork).service((tx) => bench.get(LedgerService).post(tx, postingsOf(INVOICES + 1)));
    expect(await seal(20)).toMatchObject({ seals: 1, transactions: 2 });
    const rows = await bench.rows('SELECT number::int, (after_seq > 0) AS moved FROM ledger_seals ORDER BY number');
    expect(rows).toEqual([
      { number: 1, moved: false },
      { number: 2, moved: false },
      { number: 3, moved: true },
    ]);
    expect(await verify()).toMatchObject({ complete: true, differences: 0 });
    await sql(
      `UPDATE journal_transactions SET ts = ts + interval '1 second' WHERE idempotency_key = 'stripe:in_13:paid'`,
    );
    expect(await verify()).toMatchObject({ byKind: { seal: 1 } });
  });
});

describe('books of more rows than fit a batch', () => {
  const ENTRIES = 1_500;
  /** As many as any of them may have here at once: seals come by pages, all else by less. */
  const HELD = 500;

  beforeAll(async () => {
    for (const table of ['ledger_seals', 'journal_entries', 'journal_transactions']) await sql(`DELETE FROM ${table}`);
    await writeJournal(bench.database.ownerUrl, ENTRIES);
  }, 30_000);

  it('are sealed and proved with a batch of them in hand', async () => {
    let sealed: Sealed | null = null;
    expect(await mostRowsAtOnce(async () => (sealed = await seal(1_000)))).toBe(100);
    expect(sealed).toMatchObject({ seals: 1, transactions: 600, entries: ENTRIES });
    expect(
      await mostRowsAtOnce(async () => {
        expect(await verify()).toMatchObject({ complete: true, differences: 0 });
      }),
    ).toBe(100);
  });

  it('are made anew and compared with a batch of them in hand', async () => {
    await bench.rows(`INSERT INTO customers (id, user_id, created_at, updated_at)
      SELECT 'cust_' || n, 'user-' || n, now(), now() FROM generate_series(1, 600) n`);
    const { ownerUrl, appUrl } = testServers();
    let rebuilt: Rebuilt | null = null;
    const most = await mostRowsAtOnce(async () => {
      rebuilt = await rebuild({
        environment: {
          ...{ NODE_ENV: 'test', REDIS_URL: testServers().redisUrl },
          ...{ AUTH_JWT_SECRET: TEST_AUTH.secret, AUTH_ISSUER: TEST_AUTH.issuer, AUTH_AUDIENCE: TEST_AUTH.audience },
          ...{ STRIPE_SECRET_KEY: 'sk_test_bench', STRIPE_WEBHOOK_SECRETS: 'whsec_of_the_bench_of_rebuilding' },
        },
        databaseUrl: bench.database.appUrl,
        logins: { ownerUrl: withDatabase(ownerUrl, 'kassa'), appUrl: withDatabase(appUrl, 'kassa') },
      });
    });
    // No fact has told of them.
    expect(rebuilt).toMatchObject({ facts: 0, compared: { journal_transactions: 600 }, differences: 600 });
    expect(most).toBeLessThanOrEqual(HELD);
  }, 60_000);
});

describe('invoices of which a part was paid', () => {
  const PART = 500n;

  it('keep that part receivable, void or given up', async () => {
    for (const [name, status] of [
      ['half_void', 'void'],
      ['half_given_up', 'uncollectible'],
    ] as const) {
      const row = ROW_FACTORIES['invoices']?.({ customerId: 'cust_1' }) ?? {};
      const figures = { total: 2380, tax: 380, amount_due: 2380, amount_paid: Number(PART), amount_remaining: 1880 };
      const { text, values } = insertOf('invoices', row, { id: `inv_${name}`, provider_id: name, status, ...figures });
      await bench.rows(text, values);
      const ref = {
        ...{ provider: 'stripe' as const, providerRef: name, invoiceId: `inv_${name}`, customerId: 'cust_1' },
        ...{ currency: parseCurrency('USD'), occurredAt: new Date(AT) },
      };
      const told = { total: 2380n, tax: 380n, amountDue: 2380n, startingBalance: 0n, endingBalance: 0n };
      const end =
        status === 'void'
          ? invoiceVoided({ ...ref, ...told, amountPaid: PART })
          : invoiceUncollectible({ ...ref, amountRemaining: 2380n - PART });
      const drafts = [invoiceFinalized({ ...ref, ...told }), end].filter((draft) => draft !== null);
      await bench.get(UnitOfWork).service((tx) => bench.get(LedgerService).post(tx, drafts));
    }
    expect(await kinds()).toEqual([]);
    await sql("UPDATE invoices SET amount_paid = 400 WHERE id LIKE 'inv_half%'");
    const { findings } = await verify();
    expect([...findings].sort((a, b) => (a.subject < b.subject ? -1 : 1))).toEqual([
      expect.objectContaining({ kind: 'invoice', subject: 'stripe half_given_up' }),
      expect.objectContaining({ kind: 'invoice', subject: 'stripe half_void' }),
    ]);
  });
});
