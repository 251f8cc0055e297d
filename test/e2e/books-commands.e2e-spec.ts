import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { Buyers } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { kassa, startKassa } from '../support/kassa-command';
import { beancountSums, minorUnits, recordsOf } from '../support/ledger-files';
import { ensureBuilt } from '../support/service-process';
import { until } from '../support/until';

const START = new Date('2026-01-15T10:00:00Z');
/** Where one charge stands lower there. */
const DIFFERS =
  /1 movements there, 1 here, 0 not ours; 1 breaks, 1 unresolved\n {2}2026-01-15 USD: net 2686 there, 2786 here\n$/;
const RUNS = 'SELECT count(*)::int AS n FROM reconciliation_runs';
const WINDOW = ['--from', '2026-01-15', '--to', '2026-01-17'] as const;

let house: House;
beforeAll(async () => {
  ensureBuilt();
  // Nothing here works by itself: a command is not to find that somebody was quicker.
  house = await startHouse({ start: START, settings: { ROLE: 'api' } });
  await new Buyers(house).subscribe('ada');
  await house.advance(new Date('2026-01-20T10:00:00Z'));
}, 120_000);
afterAll(() => house.close());

describe('kassa reconcile', () => {
  it('says that both sides agree', async () => {
    const { code, stdout } = await kassa(house, 'reconcile', ...WINDOW);
    expect(stdout).toMatch(/1 movements there, 1 here, 0 not ours; 0 breaks, 0 unresolved\n$/);
    expect(code).toBe(0);
  });

  it('takes the last days where it is not told which', async () => {
    const { code, stdout } = await kassa(house, 'reconcile');
    expect(stdout).toContain('stripe from 2026-01-13T00:00:00.000Z to 2026-01-20T00:00:00.000Z: rcn_');
    expect(code).toBe(0);
  });

  it('says what differs, with its exit code too, and a ticket is opened', async () => {
    const [charge] = (await house.box.stripe.balanceTransactions.list({ type: 'charge' })).data;
    await house.box.control('POST', `balance_transactions/${charge!.id}/break`, { kind: 'amount', amount: 2_800 });
    const { code, stdout } = await kassa(house, 'reconcile', ...WINDOW);
    expect(stdout).toMatch(DIFFERS);
    expect(code).toBe(1);
    await house.settle();
    expect(await house.rows("SELECT status FROM payment_support_tickets WHERE type = 'reconciliation_break'")).toEqual([
      { status: 'open' },
    ]);
  });

  it('killed in the middle and begun again goes on, and comes to the same', async () => {
    const [{ n: before } = { n: 0 }] = await house.rows<{ n: number }>(RUNS);
    expect(await killedAt('reconciliation_lines')).toBe('statement');
    expect(await killedAt('reconciliation_sightings')).toBe('movements');
    const { code, stdout } = await kassa(house, 'reconcile', ...WINDOW);
    expect(stdout).toMatch(DIFFERS);
    expect(code).toBe(1);
    // Where the last one was killed, and not from the beginning.
    expect(stdout).not.toContain('statement');
    expect(await house.rows(RUNS)).toEqual([{ n: before + 1 }]);
    expect(await house.rows('SELECT count(*)::int AS n FROM reconciliation_breaks')).toEqual([{ n: 1 }]);
    expect(await house.rows('SELECT 1 FROM reconciliation_lines')).toEqual([]);
  }, 60_000);

  /** Kills the command when it waits to write there, and lets its lease run out. @returns what the run was at. */
  async function killedAt(table: string): Promise<string | undefined> {
    const owner = new Client({ connectionString: house.database.ownerUrl });
    await owner.connect();
    try {
      await owner.query('BEGIN');
      await owner.query(`LOCK TABLE ${table} IN SHARE MODE`);
      const victim = await startKassa(house, 'reconcile', ...WINDOW);
      const waiting = 'SELECT 1 FROM pg_locks WHERE NOT granted AND relation = $1::regclass';
      await until('the command waits', async () => (await house.rows(waiting, [table])).length > 0, 20_000);
      await victim.kill();
    } finally {
      await owner.end();
    }
    const [left] = await house.rows<{ phase: string }>(
      `UPDATE reconciliation_runs SET lease_until = '2020-01-01' WHERE status = 'running' AND lease_until IS NOT NULL
       RETURNING cursor ->> 'phase' AS phase`,
    );
    return left?.phase;
  }

  it.each([
    [['--from', '2026-01-15'], '--from and --to belong together'],
    [['--from', 'soon', '--to', '2026-01-17'], '--from must be an ISO 8601 date or time'],
    [['--from', '2026-01-15', '--to', '2030-01-17'], 'INVALID_INPUT'],
  ])('refuses %j', async (args, said) => {
    const { code, stderr } = await kassa(house, 'reconcile', ...args);
    expect(stderr).toContain(said);
    expect(code).toBe(1);
  });
});

describe('kassa ledger export', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kassa-export-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('writes the journal as CSV, which adds up to nothing in every currency', async () => {
    const { code, stdout } = await kassa(house, 'ledger', 'export');
    expect(code).toBe(0);
    const records = recordsOf(stdout);
    const [{ n } = { n: 0 }] = await house.rows<{ n: number }>('SELECT count(*)::int AS n FROM journal_entries');
    expect(records).toHaveLength(n);
    expect(n).toBeGreaterThan(4);
    const sums = new Map<string, bigint>();
    for (const { currency = '', amount = '', amount_minor: minor = '' } of records) {
      expect(minorUnits(amount)).toBe(BigInt(minor));
      sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(minor));
    }
    expect([...sums]).toEqual([['USD', 0n]]);
  });

  it('writes it as beancount into a new file, and never over an old one', async () => {
    const out = path.join(folder, 'journal.beancount');
    expect(await kassa(house, 'ledger', 'export', '--format', 'beancount', '--out', out)).toMatchObject({
      code: 0,
      stdout: '',
    });
    const written = readFileSync(out, 'utf8');
    const sums = await house.rows<{ account: string; sum: string }>(
      'SELECT account_code AS account, sum(amount)::text AS sum FROM journal_entries GROUP BY 1',
    );
    const words = (name: string): string => name.toLowerCase().replaceAll('-', '_').replaceAll(':', '.');
    const read = Object.entries(beancountSums(written)).map(([key, sum]) => {
      const [name = ''] = key.split(' ');
      return { account: words(name.slice(name.indexOf(':') + 1)), sum };
    });
    const byAccount = (one: { account: string }, other: { account: string }) => (one.account < other.account ? -1 : 1);
    expect(read.sort(byAccount)).toEqual(sums.sort(byAccount));
    const again = await kassa(house, 'ledger', 'export', '--format', 'beancount', '--out', out);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('EEXIST');
    expect(readFileSync(out, 'utf8')).toBe(written);
  });
});

describe('kassa ledger check', () => {
  it('says that the books hold, and what does not', async () => {
    const sound = await kassa(house, 'ledger', 'check');
    expect(sound.stdout).toContain('All that the books promise holds.\n');
    expect(sound.code).toBe(0);
    await house.rows("UPDATE invoices SET status = 'open' WHERE amount_paid > 0");
    const { code, stdout } = await kassa(house, 'ledger', 'check');
    expect(stdout).toContain('receivable: customer.receivable stands at 0 USD, and open invoices are for 2900');
    expect(code).toBe(1);
    await house.rows("UPDATE invoices SET status = 'paid' WHERE amount_paid > 0");
  });
});
