import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client } from 'pg';
import { CatalogSeedService } from '../../src/modules/billing';
import { DunningWorker } from '../../src/modules/retry';
import { NotificationDelivery } from '../../src/modules/notifications/delivery/notification-delivery.flow';
import { PayoutWorker } from '../../src/modules/payouts';
import { InboxWorker } from '../../src/modules/webhooks';
import { OutboxRelay } from '../../src/platform/outbox';
import type { Environment } from '../../src/platform/config';
import { startApp, type RunningApp } from './app';
import { createTestDatabase, type TestDatabase } from './database';
import { fetchAnswer, jsonPost, type Answer } from './http-client';
import { redisDb, type TestRedis } from './redis';
import { startTestSandbox, type TestSandbox } from './stripe-sandbox';
import { asUser, tokenFor } from './tokens';
import { until } from './until';

export const WEBHOOK_SECRET = 'whsec_house_of_the_tests';
export const RETURN_ORIGIN = 'https://app.test.example';

/** The whole of Kassa on real services, with the sandbox as Stripe. */
export interface House {
  readonly app: RunningApp;
  readonly box: TestSandbox;
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  /** As a user of this id; GET without a body, POST and PATCH with one. */
  as(
    userId: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Rows of a query as the owner of the tables' superuser-free login sees them: all. */
  rows<T>(sql: string, values?: unknown[]): Promise<T[]>;
  /** Until every event is delivered, every inbox row handled, every outbox delivery made, every message tried and every due step of a case taken, by whichever worker. */
  settle(): Promise<void>;
  /** Moves the sandbox's clock and Kassa's with it, and settles. */
  advance(to: Date): Promise<void>;
  close(): Promise<void>;
}

export interface HouseOptions {
  /** Those that only the running sandbox can tell are asked of it. */
  readonly settings?: Environment | ((box: TestSandbox) => Promise<Environment>);
  /** The moment the sandbox's clock stands at. */
  readonly start?: Date;
}

/** Boots everything with the catalog seeded and mirrored. `close` in `afterAll`. */
export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const start = options.start ?? new Date('2026-01-15T10:00:00Z');
  const database = await createTestDatabase();
  const redis = await redisDb();
  const box = await startTestSandbox({ start: start.getTime() / 1000 });
  const app = await startApp({
    databaseUrl: database.appUrl,
    redisUrl: redis.url,
    // TEST_LOG=1 shows what the service says while a test is being looked into.
    ...(process.env['TEST_LOG'] && { log: (line: string) => process.stderr.write(line) }),
    settings: {
      STRIPE_SECRET_KEY: 'sk_test_house',
      STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET,
      STRIPE_API_BASE: box.sandbox.url,
      REDIRECT_ALLOW_LIST: RETURN_ORIGIN,
      // Stripe's own retries, unless a test is about ours.
      RETRY_OWNER: 'stripe',
      // Nothing runs behind a story's back: `settle` does what workers would. Stories about workers ask for ROLE 'all'.
      ROLE: 'api',
      RATE_LIMIT_PER_MINUTE: '100000',
      RATE_LIMIT_PAYMENTS_PER_MINUTE: '100000',
      ...(typeof options.settings === 'function' ? await options.settings(box) : options.settings),
    },
  });
  await box.control('POST', 'webhook_endpoints', { url: `${app.url}/v1/webhooks/stripe`, secret: WEBHOOK_SECRET });
  const house = furnish(app, box, database, redis);
  await house.advance(start);
  await app.app.get(CatalogSeedService, { strict: false }).seed();
  await house.settle();
  return house;
}

function furnish(app: RunningApp, box: TestSandbox, database: TestDatabase, redis: TestRedis): House {
  const reader = connectReader(database);
  const rows = async <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await (await reader).query(sql, values)).rows as T[];
  const settle = (): Promise<void> => settleAll(app.app, box, rows);
  let offsetSeconds = -Infinity;
  const moveTo = async (offset: number): Promise<void> => {
    const body = jsonPost({ offsetSeconds: offset }, asUser('operator', 'admin'));
    const moved = await fetchAnswer(`${app.url}/v1/admin/clock`, body);
    if (moved.status !== 200) throw new Error(`The clock did not move: ${moved.text}`);
  };
  const as: House['as'] = (userId, method, path, body, headers = {}) => {
    const identity = { authorization: `Bearer ${tokenFor({ userId, email: `${userId}@test.example` })}`, ...headers };
    const init = body === undefined ? { method, headers: identity } : { ...jsonPost(body, identity), method };
    return fetchAnswer(`${app.url}/v1${path}`, init);
  };
  return {
    app,
    box,
    database,
    redis,
    as,
    rows,
    settle,
    advance: async (to) => {
      const now = new Date((await box.control<{ now: number }>('GET', 'clock')).now * 1000);
      if (to > now) await box.control('POST', 'clock', { to: to.getTime() / 1000 });
      // Never behind the provider, by whose clock what it did just now has happened.
      const offset = Math.ceil((to.getTime() - Date.now()) / 1000);
      // Never back, not by the seconds that a story takes: another process of it may not have noticed yet.
      if (offset > offsetSeconds) await moveTo(offset);
      offsetSeconds = Math.max(offset, offsetSeconds);
      await settle();
    },
    close: async () => {
      await app.close();
      await box.sandbox.close();
      await (await reader).end();
      await redis.release();
      await database.drop();
    },
  };
}

/** The service's role sees all rows; row-level security binds even the owner. */
async function connectReader(database: TestDatabase): Promise<Client> {
  const client = new Client({ connectionString: database.appUrl, options: '-c role=kassa_service' });
  await client.connect();
  return client;
}

async function settleAll(
  app: NestFastifyApplication,
  box: TestSandbox,
  rows: <T>(sql: string) => Promise<T[]>,
): Promise<void> {
  const worker = app.get(InboxWorker, { strict: false });
  const relay = app.get(OutboxRelay, { strict: false });
  const delivery = app.get(NotificationDelivery, { strict: false });
  const dunning = app.get(DunningWorker, { strict: false });
  const payouts = app.get(PayoutWorker, { strict: false });
  await until('everything is delivered and handled', async () => {
    const { pending } = await box.control<{ pending: number }>('POST', 'deliveries/flush', { hurry: true });
    await worker.drain();
    await relay.drain();
    await delivery.drain();
    await dunning.drain();
    await dunning.chargeDue();
    await payouts.drain();
    const [left] = await rows<{ n: string }>(
      `SELECT (SELECT count(*) FROM inbox_events WHERE handled_at IS NULL)
            + (SELECT count(*) FROM outbox_deliveries WHERE handled_at IS NULL)
            + (SELECT count(*) FROM notifications WHERE settled_at IS NULL
                AND (lease_until > statement_timestamp() OR (attempts = 0 AND not_before IS NULL)))
            + (SELECT count(*) FROM payouts WHERE step_at <= statement_timestamp())
            + (SELECT count(*) FROM payment_recovery_attempts, business_clock b
                WHERE (status = 'charging' AND lease_until > statement_timestamp())
                  OR (status = 'scheduled' AND due_at <= statement_timestamp() + b.offset_seconds * interval '1 s'))
            + (SELECT count(*) FROM dunning_cases, business_clock b WHERE status = 'open'
                AND (lease_until > statement_timestamp()
                  OR next_action_at <= statement_timestamp() + b.offset_seconds * interval '1 s')) AS n`,
    );
    return pending === 0 && left?.n === '0';
  });
}
