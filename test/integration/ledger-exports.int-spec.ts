import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { Client } from 'pg';
import { LedgerService, type JournalDraft } from '../../src/modules/ledger';
import { beancountAccount } from '../../src/modules/ledger/exports/domain/beancount';
import type { AccountType } from '../../src/modules/ledger/domain/accounts';
import { ledgerStream } from '../../src/modules/ledger/reads/ledger-stream.repository';
import { UnitOfWork } from '../../src/platform/database';
import { startBench, type Bench } from '../support/bench';
import { scansOf } from '../support/explain';
import { expectRefusal, fetchAnswer, type Answer } from '../support/http-client';
import { beancountSums, minorUnits, recordsOf, sorted } from '../support/ledger-files';
import { insertOf, ROW_FACTORIES } from '../support/rows';
import { asUser } from '../support/tokens';

const DAY = Date.parse('2026-03-01T00:00:00Z');
const MINUTE_MS = 60_000;
const CURRENCIES = ['USD', 'JPY', 'KWD'] as const;
const ACCOUNTS = ['stripe.clearing', 'customer.receivable', 'revenue.deferred', 'tax.payable', 'fees.stripe'] as const;
const FINANCE = asUser('money', 'finance');

let bench: Bench;
let posted = 0;

/** Odd characters of every kind, but NUL, which PostgreSQL knows none of. */
const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\u0000', ''));
const drafts = fc.array(
  fc.record({
    minutes: fc.integer({ min: 0, max: 100 }),
    currency: fc.constantFrom(...CURRENCIES),
    amount: fc.bigInt({ min: 1n, max: 2n ** 40n }),
    from: fc.constantFrom(...ACCOUNTS),
    to: fc.constantFrom(...ACCOUNTS),
    note: text,
  }),
  { minLength: 1, maxLength: 20 },
);
type Drawn = typeof drafts extends fc.Arbitrary<(infer T)[]> ? T : never;

function draftOf({ minutes, currency, amount, from, to, note }: Drawn): JournalDraft {
  posted += 1;
  return {
    ...{
      type: 'invoice.paid',
      provider: 'stripe',
      refId: `inv_${posted}`,
      customerId: posted % 2 === 0 ? 'cust_1' : null,
    },
    idempotencyKey: `stripe:in_${posted}:paid`,
    occurredAt: new Date(DAY + minutes * MINUTE_MS),
    meta: { note },
    entries: [
      { account: to, amount, currency },
      { account: from, amount: -amount, currency },
    ],
  };
}

const post = (all: readonly JournalDraft[]): Promise<void> =>
  bench.get(UnitOfWork).service((tx) => bench.get(LedgerService).post(tx, all));
const get = (route: string, headers = FINANCE): Promise<Answer> =>
  fetchAnswer(`${bench.url}/v1/ledger/${route}`, { headers });
const file = async (query: string): Promise<string> =>
  (await fetch(`${bench.url}/v1/ledger/export?${query}`, { headers: FINANCE })).text();

/** `account currency` -> minor units, as the database adds them up. */
async function sums(to = '2100-01-01', from = '1970-01-01'): Promise<Record<string, string>> {
  const rows = await bench.rows<{ key: string; sum: string }>(
    `SELECT e.account_code || ' ' || e.currency AS key, sum(e.amount)::text AS sum FROM journal_entries e
     JOIN journal_transactions t ON t.id = e.transaction_id WHERE t.ts < $1 AND t.ts >= $2 GROUP BY 1 ORDER BY 1`,
    [to, from],
  );
  return Object.fromEntries(rows.map(({ key, sum }) => [key, sum]));
}

beforeAll(async () => {
  bench = await startBench();
  const customer = ROW_FACTORIES['customers']?.({ customerId: 'cust_1' }) ?? {};
  const { text: sql, values } = insertOf('customers', customer);
  await bench.rows(sql, values);
  const account = insertOf('customer_accounts', {
    ...{ provider: 'stripe', provider_id: 'cus_1', customer_id: 'cust_1', created_at: new Date(DAY) },
  });
  await bench.rows(account.text, account.values);
  for (const drawn of fc.sample(drafts, 40)) await post(drawn.map(draftOf));
}, 60_000);
afterAll(() => bench.close());

async function inBeancountWords(all: Record<string, string>): Promise<Record<string, string>> {
  const types = await bench.rows<{ code: string; type: AccountType }>('SELECT code, type FROM ledger_accounts');
  const nameOf = new Map(types.map(({ code, type }) => [code, beancountAccount(code, type)]));
  const named = Object.entries(all).map(([key, sum]): [string, string] => {
    const [code = '', currency = ''] = key.split(' ');
    return [`${nameOf.get(code) ?? ''} ${currency}`, sum];
  });
  return sorted(named);
}

/** Beancount's own checker where the machine has it: it reads the file, and checks every sum and every balance. */
function beanCheck(beancount: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kassa-bean-'));
  try {
    const name = path.join(folder, 'journal.beancount');
    writeFileSync(name, beancount);
    const { error, status, stdout, stderr } = spawnSync('bean-check', [name], { encoding: 'utf8' });
    return error ? '' : status === 0 ? '' : `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the journal as a file', () => {
  it('adds up to the books, as CSV', async () => {
    const records = recordsOf(await file('format=csv'));
    const found = new Map<string, bigint>();
    for (const { account, currency, amount, amount_minor: minor } of records) {
      expect(minorUnits(amount ?? '')).toBe(BigInt(minor ?? ''));
      const key = `${account ?? ''} ${currency ?? ''}`;
      found.set(key, (found.get(key) ?? 0n) + BigInt(minor ?? ''));
    }
    const added = sorted([...found].map(([key, sum]) => [key, sum.toString()]));
    expect(added).toEqual(await sums());
    const notes = await bench.rows<{ id: string; note: string }>(
      `SELECT id, meta ->> 'note' AS note FROM journal_transactions`,
    );
    const exported = new Map(
      records.map((one) => [one['transaction_id'], (JSON.parse(one['meta'] ?? '') as { note: string }).note]),
    );
    expect(exported.size).toBe(notes.length);
    expect(notes.filter(({ id, note }) => exported.get(id) !== note)).toEqual([]);
  });

  it('adds up to the books, as beancount', async () => {
    const whole = await file('format=beancount');
    expect(beancountSums(whole)).toEqual(await inBeancountWords(await sums()));
    expect(beanCheck(whole)).toBe('');
    const part = await file('format=beancount&from=2026-03-01T00:30:00Z&to=2026-03-01T01:00:00Z');
    const nonZero = Object.entries(beancountSums(part)).filter(([, sum]) => sum !== '0');
    const expected = await inBeancountWords(await sums('2026-03-01T01:00:00Z'));
    expect(Object.fromEntries(nonZero)).toEqual(
      Object.fromEntries(Object.entries(expected).filter(([, sum]) => sum !== '0')),
    );
    expect(beanCheck(part)).toBe('');
  });

  it('tells a trial balance that is zero in every currency', async () => {
    const records = recordsOf(await file('report=trial_balance'));
    expect(
      Object.fromEntries(
        records.map((one) => [`${one['account'] ?? ''} ${one['currency'] ?? ''}`, one['balance_minor']]),
      ),
    ).toEqual(await sums());
    for (const currency of CURRENCIES) {
      const ours = records.filter((one) => one['currency'] === currency);
      const side = (name: string): bigint => ours.reduce((sum, one) => sum + minorUnits(one[name] || '0'), 0n);
      expect(side('debit')).toBe(side('credit'));
    }
  });

  it('tells a statement from its opening to its closing balance', async () => {
    const records = recordsOf(
      await file('report=statement&account=stripe.clearing&currency=usd&from=2026-03-01T00:30:00Z'),
    );
    const opening = (await sums('2026-03-01T00:30:00Z'))['stripe.clearing USD'] ?? '0';
    expect(minorUnits(records[0]?.['balance'] ?? '').toString()).toBe(opening);
    expect(minorUnits(records.at(-1)?.['balance'] ?? '').toString()).toBe((await sums())['stripe.clearing USD']);
  });

  it('refuses what cannot be had, and is for finance only', async () => {
    expectRefusal(await get('export?report=statement'), 400, 'REPORT_NOT_POSSIBLE');
    expectRefusal(await get('export?report=trial_balance&format=beancount'), 400, 'REPORT_NOT_POSSIBLE');
    expectRefusal(await get('export?format=pdf'), 400, 'INVALID_INPUT');
    expectRefusal(await get('export?from=yesterday'), 400, 'INVALID_INPUT');
    expectRefusal(await get('export', asUser('nobody', 'support')), 403, 'INSUFFICIENT_PERMISSIONS');
    const [{ n } = { n: '' }] = await bench.rows<{ n: string }>(
      `SELECT count(*) AS n FROM audit_log WHERE action = 'ledger.export'`,
    );
    expect(Number(n)).toBeGreaterThan(0);
  });

  it('closes what it reads from, also where the reader goes away', async () => {
    for (let i = 0; i < 6; i += 1) {
      const stop = new AbortController();
      await fetch(`${bench.url}/v1/ledger/export`, { headers: FINANCE, signal: stop.signal });
      stop.abort();
    }
    const one = await fetch(`${bench.url}/v1/ledger/export`, { headers: FINANCE });
    expect([200, 503]).toContain(one.status);
    await one.text();
  });
});

describe('balances and statements', () => {
  it('are as of any past moment, and as they were known at one', async () => {
    const at = async (query: string): Promise<Record<string, string>> => {
      const { data } = (await get(`balances?${query}`)).body as {
        data: { account: string; currency: string; amount: number }[];
      };
      return Object.fromEntries(
        data.map(({ account, currency, amount }) => [`${account} ${currency}`, String(amount)]),
      );
    };
    expect(await at('at=2026-03-01T00:59:59.999Z')).toEqual(await sums('2026-03-01T01:00:00Z'));
    expect(await at('asKnownAt=2020-01-01')).toEqual({});
    expectRefusal(await get('balances?at=never'), 400, 'INVALID_INPUT');
  });

  it('lead from the opening to the closing balance, page by page', async () => {
    let balance: number | null = null;
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = `currency=usd&from=2026-03-01T00:30:00Z&limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await get(`accounts/stripe.clearing/statement?${query}`);
      const page = body as unknown as {
        openingBalance: number;
        closingBalance: number;
        data: { amount: number; balance: number }[];
        nextCursor: string | null;
      };
      balance ??= page.openingBalance;
      for (const line of page.data) {
        balance += line.amount;
        expect(line.balance).toBe(balance);
      }
      cursor = page.nextCursor;
      if (cursor === null) expect(balance).toBe(page.closingBalance);
    }
    expectRefusal(await get('accounts/no.such/statement?currency=USD'), 404, 'ACCOUNT_NOT_FOUND');
    expectRefusal(await get('accounts/stripe.clearing/statement'), 400, 'INVALID_INPUT');
    expectRefusal(await get('accounts/stripe.clearing/statement?currency=XXQ'), 400, 'INVALID_INPUT');
  });
});

describe('the stream', () => {
  const pages = async (query: string): Promise<Record<string, unknown>[]> => {
    const all: Record<string, unknown>[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { status, body }: Answer = await get(`entries?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      all.push(...(body['data'] as Record<string, unknown>[]));
      cursor = body['nextCursor'] as string | null;
    }
    return all;
  };

  beforeAll(async () => {
    await bench.rows(
      `INSERT INTO facts (id, provider, kind, object_type, object_id, aggregate, occurred_at, source_id, payload, recorded_at)
       SELECT 'fact_' || n, 'stripe', 'payment.succeeded', 'payment', 'pi_' || n, 'stripe:cus_' || n % 400,
         to_timestamp($1::float8 / 1000) + n * interval '1 second', 'evt_' || n,
         '{"amount": 500, "currency": "USD", "hostedUrl": "https://secret"}', to_timestamp($1::float8 / 1000)
       FROM generate_series(1, 4000) n`,
      [DAY],
    );
    const owner = new Client({ connectionString: bench.database.ownerUrl });
    await owner.connect();
    await owner.query('ANALYZE');
    await owner.end();
  });

  it('has every fact and every journal transaction once, newest first', async () => {
    const all = await pages('limit=100');
    const [{ n } = { n: '' }] = await bench.rows<{ n: string }>(
      'SELECT (SELECT count(*) FROM facts) + (SELECT count(*) FROM journal_transactions) AS n',
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(Number(n));
    expect(all).toHaveLength(Number(n));
    expect(all.map(({ ts }) => ts)).toEqual(
      all
        .map(({ ts }) => ts as string)
        .sort()
        .reverse(),
    );
    const fact = all.find(({ id }) => id === 'fact_401');
    expect(fact).toEqual({
      ...{
        id: 'fact_401',
        ts: '2026-03-01T00:06:41.000Z',
        type: 'payment.succeeded',
        refId: 'pi_401',
        provider: 'stripe',
      },
      ...{ amount: 500, currency: 'USD', uid: 'cust_1', meta: { amount: 500, currency: 'USD' }, entries: [] },
    });
  });

  it('is narrowed by account, customer, object, type and time', async () => {
    const accounts = await pages('limit=100&account=tax.payable');
    expect(accounts.every(({ entries }) => JSON.stringify(entries).includes('tax.payable'))).toBe(true);
    const theirs = await pages('limit=100&customerId=cust_1');
    expect(new Set(theirs.map(({ uid }) => uid))).toEqual(new Set(['cust_1']));
    expect(theirs.some(({ id }) => (id as string).startsWith('fact_'))).toBe(true);
    expect(await pages('refId=pi_7')).toMatchObject([{ id: 'fact_7' }]);
    expect(await pages('refId=inv_7')).toMatchObject([{ refId: 'inv_7', type: 'invoice.paid' }]);
    expect((await pages('limit=100&type=invoice.paid')).every(({ type }) => type === 'invoice.paid')).toBe(true);
    const hour = await pages('limit=100&from=2026-03-01T01:06:00Z&to=2026-03-01T01:07:00Z');
    expect(hour.length).toBeGreaterThanOrEqual(40);
    for (const query of ['account=no.such', 'limit=0', 'cursor=x', 'customerId=%00', `refId=${'x'.repeat(9999)}`]) {
      expectRefusal(await get(`entries?${query}`), 400, 'INVALID_INPUT');
    }
  });

  it('reads a page from the ends of its indexes', async () => {
    for (const filter of [{}, { refId: 'pi_7' }, { customerId: 'cust_1' }]) {
      const scans = await scansOf(bench, ledgerStream(filter, 21, { createdAt: new Date(DAY + 3_000_000), id: 'x' }));
      const facts = scans.filter(({ table }) => table === 'facts');
      expect({ filter, facts: facts.filter(({ node, rows }) => node === 'Seq Scan' || rows > 60) }).toEqual({
        filter,
        facts: [],
      });
    }
  });
});
