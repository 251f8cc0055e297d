import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { startPostgres, startRedis } from '../../scripts/services';
import { migrate } from '../../src/platform/database/migrate';
import { startService, type ServiceProcess } from '../../test/support/service-process';
import { TEST_AUTH } from '../../test/support/tokens';
import { dropDatabase, withDatabase } from '../../test/support/services';

export const ROOT = path.resolve(__dirname, '../..');
export const WEBHOOK_SECRET = 'whsec_of_the_benchmarks';

/** What every benchmark stands on: a durable PostgreSQL, a Redis, and a database each for the service and for the floor. */
export interface BenchServices {
  /** Migrated, as the service's login. */
  readonly databaseUrl: string;
  /** Empty, for what the floor needs. */
  readonly floorUrl: string;
  readonly redisUrl: string;
  /** The compiled service as a production process, logging at `info` to nowhere. */
  startKassa(role: 'api' | 'worker', settings?: Readonly<Record<string, string>>): Promise<ServiceProcess>;
  /** Rows of the service's database, as the service sees them: all. */
  rows<T>(sql: string, values?: unknown[]): Promise<T[]>;
  stop(): Promise<void>;
}

/**
 * Starts servers that go with the run; `DATABASE_URL` and `REDIS_URL` name others to use instead, as in the tests.
 * Unlike the tests' PostgreSQL this one forces every commit to the disk: without that there is nothing to measure.
 */
export async function startBenchServices(): Promise<BenchServices> {
  const cleanUps: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  };
  try {
    const { adminUrl, ownerUrl, appUrl } = await postgres(cleanUps);
    const redisUrl = process.env['REDIS_URL'] ?? (await redis(cleanUps));
    const [kassa, floor] = [await database(adminUrl, ownerUrl, cleanUps), await database(adminUrl, ownerUrl, cleanUps)];
    await migrate({ url: withDatabase(ownerUrl, kassa), appUser: decodeURIComponent(new URL(appUrl).username) });
    const databaseUrl = withDatabase(appUrl, kassa);
    const client = new Client({ connectionString: databaseUrl, options: '-c role=kassa_service' });
    await client.connect();
    cleanUps.push(() => client.end());
    return {
      databaseUrl,
      floorUrl: withDatabase(ownerUrl, floor),
      redisUrl,
      startKassa: async (role, settings = {}) => {
        const service = await startService({ role, databaseUrl, redisUrl, settings: { ...PRODUCTION, ...settings } });
        cleanUps.push(() => service.process.stop());
        return service;
      },
      rows: async <T>(sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows as T[],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const PRODUCTION = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'info',
  PUBLIC_URL: 'https://kassa.bench.example',
  TRUST_PROXY: 'false',
  ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
  AUTH_JWT_SECRET: TEST_AUTH.secret,
  STRIPE_SECRET_KEY: 'sk_test_of_the_benchmarks',
  STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET,
  // Nobody listens there: what a benchmark measures asks no provider.
  STRIPE_API_BASE: 'https://stripe.bench.example',
};

async function postgres(
  cleanUps: (() => Promise<void>)[],
): Promise<{ adminUrl: string; ownerUrl: string; appUrl: string }> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined) return { adminUrl: given, ownerUrl: given, appUrl: given };
  const server = await startPostgres({ ephemeral: true, durable: true });
  cleanUps.push(() => server.stop());
  return server;
}

async function redis(cleanUps: (() => Promise<void>)[]): Promise<string> {
  const server = await startRedis({ ephemeral: true });
  cleanUps.push(() => server.stop());
  return server.url;
}

async function database(adminUrl: string, ownerUrl: string, cleanUps: (() => Promise<void>)[]): Promise<string> {
  const name = `kassa_bench_${randomBytes(6).toString('hex')}`;
  const owner = decodeURIComponent(new URL(ownerUrl).username);
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name} OWNER ${escapeIdentifier(owner)}`);
  await admin.end();
  cleanUps.push(() => dropDatabase(adminUrl, name));
  return name;
}
