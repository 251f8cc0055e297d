import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import { startPostgres, startRedis } from '../../scripts/services';
import { migrate } from '../../src/platform/database/migrate';

/** What test files learn about the servers, through the environment. */
export interface TestServers {
  /** May make databases and owns whatever it likes. */
  adminUrl: string;
  ownerUrl: string;
  appUrl: string;
  redisUrl: string;
  /** The migrated database that test databases are copied from. */
  template: string;
}

const VARIABLE = 'KASSA_TEST_SERVERS';

/** What was started here and is stopped at the end; kept between Jest's set-up and tear-down, which run in one process. */
const cleanUps: (() => Promise<void>)[] = [];

export function testServers(): TestServers {
  const value = process.env[VARIABLE];
  if (value === undefined)
    throw new Error('This spec needs PostgreSQL and Redis: run it in the project integration or e2e.');
  return JSON.parse(value) as TestServers;
}

/**
 * Starts a PostgreSQL and a Redis that go with the test run, and migrates a template database. `DATABASE_URL` and
 * `REDIS_URL` name servers to use instead: PostgreSQL's user must be allowed to make databases and roles there, and gets
 * databases of its own beside the one named.
 */
export async function startTestServices(): Promise<void> {
  const database = process.env['DATABASE_URL'];
  const redisUrl = process.env['REDIS_URL'] ?? (await ownRedis());
  const urls =
    database === undefined ? await ownPostgres() : { adminUrl: database, ownerUrl: database, appUrl: database };
  const template = `kassa_template_${randomBytes(6).toString('hex')}`;
  await administer(urls.adminUrl, async (admin) => {
    const owner = decodeURIComponent(new URL(urls.ownerUrl).username);
    await admin.query(`CREATE DATABASE ${template} OWNER ${escapeIdentifier(owner)}`);
  });
  await migrate({
    url: withDatabase(urls.ownerUrl, template),
    appUser: decodeURIComponent(new URL(urls.appUrl).username),
  });
  if (database !== undefined) cleanUps.unshift(() => dropDatabase(urls.adminUrl, template));
  process.env[VARIABLE] = JSON.stringify({ ...urls, redisUrl, template } satisfies TestServers);
}

export async function stopTestServices(): Promise<void> {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
}

async function ownPostgres(): Promise<Pick<TestServers, 'adminUrl' | 'ownerUrl' | 'appUrl'>> {
  const { adminUrl, ownerUrl, appUrl, stop } = await startPostgres({ ephemeral: true });
  cleanUps.push(stop);
  return { adminUrl, ownerUrl, appUrl };
}

async function ownRedis(): Promise<string> {
  const { url, stop } = await startRedis({ ephemeral: true });
  cleanUps.push(stop);
  return url;
}

/** The same server, login and options, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

export async function dropDatabase(adminUrl: string, database: string): Promise<void> {
  await administer(adminUrl, async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(database)} WITH (FORCE)`);
  });
}

/** A short session as the administrator. */
export async function administer(adminUrl: string, work: (admin: Client) => Promise<void>): Promise<void> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
