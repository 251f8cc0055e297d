import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Pool, type PoolConfig } from 'pg';
import { markRolledBack, migrate, pendingMigrations } from '../../../src/platform/database/migrate';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database';

const ROOT = path.resolve(__dirname, '../../..');

/** `end` is over before its sessions are, and whoever drops the database may end one that is just leaving. */
function poolOf(config: PoolConfig): Pool {
  return new Pool(config).on('error', () => undefined);
}

describe('migrate', () => {
  let database: TestDatabase;
  let pool: Pool;
  let folder: string;

  beforeEach(async () => {
    database = await createEmptyDatabase();
    pool = poolOf({ connectionString: database.ownerUrl, max: 2 });
    folder = mkdtempSync(path.join(tmpdir(), 'kassa-migrations-'));
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, sql: string) => {
    mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, name, 'migration.sql'), sql);
  };
  const run = () => migrate({ url: database.ownerUrl, folder });
  const tables = async () => {
    const { rows } = await pool.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' ORDER BY 1",
    );
    return rows.map(({ name }) => name);
  };

  it('applies in order what is pending, and nothing twice', async () => {
    write('1_one', 'CREATE TABLE one (id int); CREATE TABLE two (id int);');
    expect(await pendingMigrations(pool, folder)).toEqual(['1_one']);
    expect(await run()).toEqual({ applied: ['1_one'] });
    write('2_two', 'ALTER TABLE two ADD COLUMN name text; -- the last line needs no newline');
    expect(await pendingMigrations(pool, folder)).toEqual(['2_two']);
    expect(await run()).toEqual({ applied: ['2_two'] });
    expect(await run()).toEqual({ applied: [] });
    expect(await pendingMigrations(pool, folder)).toEqual([]);
    expect(await tables()).toEqual(['one', 'two']);
  });

  it('lets one of two runners apply and the other wait', async () => {
    write('1_one', 'CREATE TABLE one (id int);');
    write('2_two', 'CREATE TABLE two (id int);');
    const results = await Promise.all([run(), run(), run()]);
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 2]);
  });

  it('does not make CREATE INDEX CONCURRENTLY wait for a runner that waits for it', async () => {
    write('1_one', 'CREATE TABLE one (id int);');
    write('2_index', '-- migrate: no transaction\nCREATE INDEX CONCURRENTLY one_id ON one (id);');
    const results = await Promise.all([run(), run()]);
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 2]);
  });

  it('refuses when an applied file was changed', async () => {
    write('1_one', 'CREATE TABLE one (id int);');
    await run();
    write('1_one', 'CREATE TABLE one (id bigint);');
    write('2_two', 'CREATE TABLE two (id int);');
    await expect(run()).rejects.toThrow('Migration 1_one was changed after it had been applied');
    expect(await tables()).toEqual(['one']);
  });

  it('leaves nothing of a file that fails, and applies it once it is corrected', async () => {
    write('1_one', 'CREATE TABLE one (id int);\nCREATE TABLE wrong (id nonsense);');
    write('2_two', 'CREATE TABLE two (id int);');
    await expect(run()).rejects.toThrow('Migration 1_one failed: type "nonsense" does not exist (line 2).');
    expect(await tables()).toEqual([]);
    write('1_one', 'CREATE TABLE one (id int);');
    expect(await run()).toEqual({ applied: ['1_one', '2_two'] });
  });

  it('refuses after a failure that may have left a part, until somebody says it is gone', async () => {
    write('1_one', 'CREATE TABLE one (id int);');
    write('2_index', '-- migrate: no transaction\nCREATE INDEX CONCURRENTLY one_id ON one (nonsense);');
    await expect(run()).rejects.toThrow('It has no transaction, so a part of it may be left.');
    write('2_index', '-- migrate: no transaction\nCREATE INDEX CONCURRENTLY one_id ON one (id);');
    await expect(run()).rejects.toThrow('Migration 2_index was begun and never finished');
    await markRolledBack(database.ownerUrl, '2_index');
    expect(await run()).toEqual({ applied: ['2_index'] });
    await expect(markRolledBack(database.ownerUrl, '2_index')).rejects.toThrow('There is no unfinished migration');
  });

  it('says what is wrong with a file that ends its transaction itself', async () => {
    write('1_one', 'CREATE TABLE one (id int);\nCOMMIT;\nCREATE TABLE two (id int);');
    await expect(run()).rejects.toThrow('Migration 1_one begins or ends a transaction');
    expect(await tables()).toEqual([]);
  });

  it('runs an older version against a newer database', async () => {
    write('1_one', 'CREATE TABLE one (id int);');
    write('2_two', 'CREATE TABLE two (id int);');
    await run();
    rmSync(path.join(folder, '2_two'), { recursive: true });
    const lines: string[] = [];
    await migrate({ url: database.ownerUrl, folder, log: (line) => lines.push(line) });
    expect(lines).toEqual(['The database has a migration this version does not know: 2_two']);
  });
});

describe("the repository's migrations", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it("agree with Prisma's own engine: same table, same checksums, nothing left to do", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['-r', '@swc-node/register', path.join(ROOT, 'scripts/migrate-status.ts')],
      { cwd: ROOT, env: { ...process.env, MIGRATE_DATABASE_URL: database.ownerUrl } },
    );
    expect(JSON.parse(stdout)).toEqual({
      history: null,
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
    });
  });

  it('let both logins become the session roles, and the service role see what is pending', async () => {
    for (const connectionString of [database.appUrl, database.ownerUrl]) {
      const pool = poolOf({ connectionString, max: 1, options: '-c role=kassa_service' });
      try {
        expect(await pendingMigrations(pool)).toEqual([]);
        const { rows } = await pool.query('SET ROLE kassa_user; SELECT current_user AS role').then((results) =>
          // `pg` answers a list when one message holds several statements.
          (results as unknown as (typeof results)[]).at(-1)!,
        );
        expect(rows).toEqual([{ role: 'kassa_user' }]);
      } finally {
        await pool.end();
      }
    }
  });
});
