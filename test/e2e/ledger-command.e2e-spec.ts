import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { RevenueRelease } from '../../src/modules/billing';
import { Buyers } from '../support/buyers';
import { allSealable } from '../support/horizon';
import { startHouse, type House } from '../support/house';
import { kassa, type CommandResult } from '../support/kassa-command';
import { ensureBuilt } from '../support/service-process';
import { testServers, withDatabase } from '../support/services';

const START = new Date('2026-01-15T10:00:00Z');

describe('kassa ledger', () => {
  let house: House;
  let folder: string;
  /** Past triggers and foreign keys, as an owner who means harm. */
  let owner: Client;

  beforeAll(async () => {
    ensureBuilt();
    house = await startHouse({ start: START, settings: { ROLE: 'all' } });
    const buyers = new Buyers(house);
    await buyers.subscribe('ada');
    await buyers.subscribe('bob');
    for (const day of ['2026-01-20', '2026-02-20']) {
      await house.advance(new Date(`${day}T10:00:00Z`));
      await house.app.app.get(RevenueRelease, { strict: false }).run();
    }
    folder = mkdtempSync(path.join(tmpdir(), 'kassa-ledger-'));
    const name = new URL(house.database.appUrl).pathname.slice(1);
    owner = new Client({ connectionString: withDatabase(testServers().adminUrl, name) });
    await owner.connect();
    await owner.query('SET session_replication_role = replica');
  }, 120_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await owner.end();
    await house.close();
  });

  const file = (): string => path.join(folder, 'seals.jsonl');
  const rebuild = (): Promise<CommandResult> =>
    kassa(house, 'ledger', 'rebuild', '--scratch-url', withDatabase(testServers().ownerUrl, 'kassa'));

  it('seals what was posted', async () => {
    await allSealable((sql) => house.rows(sql));
    const { code, stdout } = await kassa(house, 'ledger', 'seal');
    expect(stdout).toMatch(
      /^[1-9]\d* transactions with \d+ entries sealed, in 1 seals\nThe last is 1: [0-9a-f]{64}\n$/,
    );
    expect(code).toBe(0);
  });

  it('writes the chain into a new file', async () => {
    expect((await kassa(house, 'ledger', 'seals', '--out', file())).code).toBe(0);
    expect(readFileSync(file(), 'utf8')).toMatch(
      /^\{"number":"1".*\}\n\{"end":true,"seals":"1","head":"[0-9a-f]{64}"\}\n$/,
    );
  });

  it('proves books that hold', async () => {
    const { code, stdout, stderr } = await kassa(house, 'ledger', 'verify', '--against', file());
    expect(stdout).toBe('The books hold.\n');
    expect(stderr).toMatch(
      /against: 1 kept\n.*1 seals, 0 unsealed\n[\s\S]*invoice: 4 invoices\nmirror, access: \d+ objects, 2 subscriptions\n/,
    );
    expect(code).toBe(0);
  });

  it('makes them anew from the facts', async () => {
    const { code, stdout } = await rebuild();
    expect(stdout).toMatch(
      /^\d+ facts told again; compared: [1-9]\d* journal transactions, 2 subscriptions, 4 invoices, .*\nThe same\.\n$/,
    );
    expect(code).toBe(0);
  });

  it('tells what somebody has changed, in the books and beside them', async () => {
    await owner.query(
      "UPDATE invoices SET status = 'open', amount_remaining = amount_due, amount_paid = 0 WHERE id = (SELECT min(id) FROM invoices)",
    );
    await owner.query(
      'UPDATE entitlement_grants SET "until" = NULL WHERE id = (SELECT min(id) FROM entitlement_grants WHERE "until" IS NOT NULL)',
    );
    await owner.query(
      "UPDATE journal_entries SET amount = amount * 2 WHERE transaction_id = (SELECT min(id) FROM journal_transactions WHERE type = 'revenue.released')",
    );
    const verified = await kassa(house, 'ledger', 'verify', '--limit', '3');
    expect(verified.stdout).toMatch(
      /\nand [1-9]\d* more\nThe books do not hold: \d+ differences \(1 content, 1 seal, 2 day_balance, 1 invoice, 3 mirror, 1 access\)\n$/,
    );
    expect(verified.code).toBe(1);
    const refolded = await kassa(house, 'ledger', 'refold');
    expect(refolded).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^[1-9]\d* transactions folded anew\n$/) as string,
    });
    const rebuilt = await rebuild();
    expect(rebuilt.stdout).toMatch(
      /invoices stripe:in_\w+\n {2}rebuilt {2}\{.*"status":"paid"\}\n {2}here {5}\{.*"status":"open"\}\n/,
    );
    expect(rebuilt.stdout).toMatch(/entitlement_grants stripe:sub_/);
    expect(rebuilt.stdout).toMatch(/revenue\.released stripe:in_\w+\n {2}rebuilt {2}\{"released":"\d+"\}\n/);
    expect(rebuilt.stdout).toMatch(/\nNot the same: 3 differences\n$/);
    expect(rebuilt.code).toBe(1);
  });

  it('says that it could not tell where the seals that were kept, or a server, are not there', async () => {
    const { code, stderr } = await kassa(house, 'ledger', 'verify', '--against', '/nowhere/seals.jsonl');
    expect(stderr).toContain('ENOENT');
    expect(code).toBe(2);
    // Nor where a server is gone in the middle of it.
    const nowhere = await kassa(house, 'ledger', 'rebuild', '--scratch-url', 'postgresql://nobody@127.0.0.1:9/nothing');
    expect(nowhere).toMatchObject({ code: 2, stdout: '' });
    expect(nowhere.stderr).toContain('ECONNREFUSED');
  });
});
