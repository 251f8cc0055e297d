import { Client } from 'pg';
import { LedgerService, SealChain, Sealing, type JournalDraft } from '../../src/modules/ledger';
import { parseSealLine } from '../../src/modules/ledger/integrity/domain/seal-file';
import { sealHash, type Seal } from '../../src/modules/ledger/integrity/domain/seal';
import { UnitOfWork } from '../../src/platform/database';
import { dice, shuffled } from '../../src/verify/dice';
import { startBench, type Bench } from '../support/bench';
import { allSealable } from '../support/horizon';
import { ROW_FACTORIES, insertOf } from '../support/rows';
import { testServers, withDatabase } from '../support/services';
import { until } from '../support/until';

const AT = Date.parse('2026-03-01T00:00:00Z');
const ACCOUNTS = ['stripe.clearing', 'customer.receivable'] as const;
const WRITERS = 16;
const ROUNDS = 4;

let bench: Bench;
/** Past every grant and policy. */
let admin: Client;
let posted = 0;

function draft(amount = 100n): JournalDraft<'invoice.paid'> {
  posted += 1;
  return {
    ...{ type: 'invoice.paid', provider: 'stripe', refId: `inv_${posted}`, customerId: null, meta: {} },
    idempotencyKey: `stripe:in_${posted}:paid`,
    occurredAt: new Date(AT + posted),
    entries: [
      { account: 'stripe.clearing', amount, currency: 'USD' },
      { account: 'customer.receivable', amount: -amount, currency: 'USD' },
    ],
  };
}

const post = (...all: JournalDraft[]): Promise<void> =>
  bench.get(UnitOfWork).service((tx) => bench.get(LedgerService).post(tx, all));

async function seals(): Promise<Seal[]> {
  const read: Seal[] = [];
  for await (const line of bench.get(SealChain).lines()) {
    const parsed = parseSealLine(line);
    if (parsed && 'number' in parsed) read.push(parsed);
  }
  return read;
}

/** How many seals each journal transaction lies in. */
function coverage(): Promise<{ id: string; seals: number }[]> {
  return bench.rows(
    `WITH s AS (SELECT *, lag(last_xact_id, 1, 0) OVER w AS from_xact, lag(last_seq, 1, 0) OVER w AS from_seq
       FROM ledger_seals WINDOW w AS (ORDER BY number))
     SELECT t.id, count(s.number)::int AS seals FROM journal_transactions t
     LEFT JOIN s ON (t.xact_id, t.seq) > (s.from_xact, s.from_seq) AND (t.xact_id, t.seq) <= (s.last_xact_id, s.last_seq)
     GROUP BY t.id HAVING count(s.number) <> 1`,
  );
}

async function writer(): Promise<Client> {
  const client = new Client({ connectionString: bench.database.appUrl, options: '-c role=kassa_service' });
  await client.connect();
  return client;
}

/** Leaves the transaction open. */
async function write(client: Client): Promise<void> {
  await client.query('BEGIN');
  const row = { ...ROW_FACTORIES['journal_transactions']?.({ customerId: 'x' }), customer_id: null };
  await client.query(insertOf('journal_transactions', row));
  for (const [position, account] of ACCOUNTS.entries()) {
    const entry = { transaction_id: (row as { id?: string }).id, position, account_code: account, currency: 'USD' };
    await client.query(insertOf('journal_entries', { ...entry, amount: position === 0 ? 7 : -7 }));
  }
}

beforeAll(async () => {
  bench = await startBench();
  const name = new URL(bench.database.appUrl).pathname.slice(1);
  admin = new Client({ connectionString: withDatabase(testServers().adminUrl, name) });
  await admin.connect();
}, 60_000);
afterAll(async () => {
  await admin.end();
  await bench.close();
});

describe('sealing', () => {
  it('covers what was posted once, in batches, each chained to the one before', async () => {
    await post(draft(), draft(), draft());
    await post(draft(), draft());
    await allSealable((text) => bench.rows(text));
    expect(await bench.get(Sealing).run(2)).toMatchObject({ seals: 3, transactions: 5, entries: 10 });
    expect(await bench.get(Sealing).run()).toMatchObject({ seals: 0, transactions: 0, head: { number: 3n } });
    const chain = await seals();
    expect(chain.map(({ number, transactions }) => [number, transactions])).toEqual([
      [1n, 2],
      [2n, 2],
      [3n, 1],
    ]);
    expect(chain.map(({ previousHash }) => previousHash)).toEqual([null, chain[0]?.hash, chain[1]?.hash]);
    for (const seal of chain) expect(sealHash(seal)).toBe(seal.hash);
    expect(await coverage()).toEqual([]);
  });

  it('is changed by nobody', async () => {
    for (const sql of ['UPDATE ledger_seals SET entries = 9', 'DELETE FROM ledger_seals', 'TRUNCATE ledger_seals']) {
      await expect(bench.rows(sql)).rejects.toMatchObject({ code: '42501' });
      await expect(admin.query(sql)).rejects.toMatchObject({ code: '23001' });
    }
  });

  it('leaves out whatever a transaction under way might still come before, and forgets none of it', async () => {
    const writers = await Promise.all(Array.from({ length: WRITERS }, writer));
    const next = dice(5);
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        // Numbers are drawn in one order, and commits come in another, with sealing in between.
        for (const client of shuffled(writers, next)) await write(client);
        for (const client of shuffled(writers, next)) {
          await client.query(next() < 0.1 ? 'ROLLBACK' : 'COMMIT');
          if (next() < 0.5) await Promise.all([bench.get(Sealing).run(3), bench.get(Sealing).run(3)]);
        }
      }
    } finally {
      await Promise.all(writers.map((client) => client.end()));
    }
    await allSealable((text) => bench.rows(text));
    await bench.get(Sealing).run();
    expect(await coverage()).toEqual([]);
    const [count] = await bench.rows<{ all: number; sealed: number }>(
      'SELECT (SELECT count(*)::int FROM journal_transactions) AS all, (SELECT sum(transactions)::int FROM ledger_seals) AS sealed',
    );
    expect(count?.sealed).toBe(count?.all);
  });

  it('waits for a transaction that wrote first and commits last', async () => {
    await allSealable((text) => bench.rows(text));
    const slow = await writer();
    await write(slow);
    await post(draft());
    expect(await bench.get(Sealing).run()).toMatchObject({ transactions: 0 });
    await slow.query('COMMIT');
    await slow.end();
    await allSealable((text) => bench.rows(text));
    expect(await bench.get(Sealing).run()).toMatchObject({ transactions: 2, seals: 1 });
    expect(await coverage()).toEqual([]);
  });

  it('goes on where it stood after its session was killed in the middle', async () => {
    await post(...Array.from({ length: 6 }, () => draft()));
    const before = (await seals()).length;
    await allSealable((text) => bench.rows(text));
    await admin.query('BEGIN');
    await admin.query('LOCK TABLE ledger_seals IN SHARE MODE');
    const killed = bench.get(Sealing).run(2);
    killed.catch(() => undefined);
    await until('the sealer waits', async () => {
      await admin.query('SELECT pg_stat_clear_snapshot()');
      const { rows } = await admin.query<{ ended: boolean }>(
        `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO ledger_seals%'`,
      );
      return rows.some(({ ended }) => ended);
    });
    await expect(killed).rejects.toThrow();
    await admin.query('ROLLBACK');
    expect(await seals()).toHaveLength(before);
    await allSealable((text) => bench.rows(text));
    expect(await bench.get(Sealing).run(4)).toMatchObject({ seals: 2, transactions: 6 });
    expect(await coverage()).toEqual([]);
  });
});
