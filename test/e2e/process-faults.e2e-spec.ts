import { Client } from 'pg';
import { startPostgres, startRedis, type Postgres, type Redis } from '../../scripts/services';
import { migrate } from '../../src/platform/database/migrate';
import { fetchAnswer, jsonPost } from '../support/http-client';
import { RETURN_ORIGIN, WEBHOOK_SECRET } from '../support/house';
import { ensureBuilt, seedCatalog, startService, type ServiceProcess } from '../support/service-process';
import { startTestSandbox, type TestSandbox } from '../support/stripe-sandbox';
import { asUser } from '../support/tokens';
import { until } from '../support/until';
import { startLoad, type WebhookLoad } from '../support/webhook-load';

const BOOT_MS = 120_000;
/** A dead worker's lease (15 s), the sweeper's next round (5 s), and the work itself. */
const ORPHANS_MS = 30_000;
/** The sweeper's next round and the work itself. */
const SWEPT_MS = 15_000;

describe('processes and servers that die', () => {
  let postgres: Postgres;
  let redis: Redis;
  let box: TestSandbox;
  let customers: string[] = [];
  const running: ServiceProcess[] = [];

  beforeAll(async () => {
    ensureBuilt();
    [postgres, redis, box] = await Promise.all([
      startPostgres({ ephemeral: true }),
      startRedis({ ephemeral: true }),
      startTestSandbox(),
    ]);
    await migrate({ url: postgres.ownerUrl, appUser: 'kassa_app' });
    await seedCatalog(surroundings());
    const service = await start('all');
    for (const user of ['one', 'two', 'three']) {
      const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
      const made = await fetchAnswer(
        `${service.url}/v1/billing/checkout`,
        jsonPost({ plan: 'BASIC', ...urls }, asUser(user)),
      );
      expect(made.status).toBe(201);
    }
    customers = (await box.stripe.customers.list()).data.map(({ id }) => id);
    await service.process.stop();
  }, BOOT_MS);
  afterAll(async () => {
    for (const { process } of running) await process.kill();
    await Promise.all([postgres.stop(), redis.stop(), box.sandbox.close()]);
  });
  afterEach(async () => {
    for (const { process } of running.splice(0)) await process.kill();
  });

  const surroundings = () => ({
    databaseUrl: postgres.appUrl,
    redisUrl: redis.url,
    settings: {
      STRIPE_SECRET_KEY: 'sk_test_processes',
      STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET,
      STRIPE_API_BASE: box.sandbox.url,
      REDIRECT_ALLOW_LIST: RETURN_ORIGIN,
    },
  });
  const start = async (role: 'all' | 'api' | 'worker'): Promise<ServiceProcess> => {
    const service = await startService({ role, ...surroundings() });
    running.push(service);
    return service;
  };
  const load = (service: ServiceProcess, total?: number): WebhookLoad =>
    startLoad({ url: () => service.url, secret: WEBHOOK_SECRET, customers, ...(total && { total }) });
  const ask = async <T>(sql: string, values: unknown[]): Promise<T[]> => {
    const client = new Client({ connectionString: postgres.appUrl, options: '-c role=kassa_service' });
    await client.connect();
    try {
      return (await client.query(sql, values)).rows as T[];
    } finally {
      await client.end();
    }
  };
  const count = async (sql: string, ids: ReadonlySet<string>): Promise<number> => {
    const [row] = await ask<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`, [[...ids]]);
    return row!.n;
  };
  const processed = (ids: ReadonlySet<string>) =>
    count("inbox_events WHERE event_id = ANY ($1) AND status = 'processed'", ids);
  /** Until every acked event is processed; each has told one fact, of a payment of its own. */
  const expectAllOnce = async ({ acked }: WebhookLoad, timeoutMs: number) => {
    expect(acked.size).toBeGreaterThan(0);
    await until('all acked events are processed', async () => (await processed(acked)) === acked.size, timeoutMs);
    expect(await count('facts WHERE source_id = ANY ($1)', acked)).toBe(acked.size);
    const payments = 'payments p JOIN facts f ON f.object_id = p.provider_id WHERE f.source_id = ANY ($1)';
    expect(await count(payments, acked)).toBe(acked.size);
  };
  const ackedAtLeast = (sent: WebhookLoad, more: number) => {
    const goal = sent.acked.size + more;
    return until(`${more} more are acked`, () => sent.acked.size >= goal, 20_000);
  };

  it('an api and a worker share the work', async () => {
    const api = await start('api');
    const sent = load(api, 40);
    await sent.stop();
    expect(await processed(sent.acked)).toBe(0);
    await start('worker');
    await expectAllOnce(sent, SWEPT_MS);
    const more = load(api, 40);
    await more.stop();
    await expectAllOnce(more, SWEPT_MS);
    expect([...more.statuses.keys()]).toEqual([200]);
  }, 60_000);

  it('kill -9 under load: after a restart every acked event is processed once', async () => {
    const service = await start('all');
    const sent = load(service);
    await ackedAtLeast(sent, 100);
    await service.process.kill();
    await sent.stop();
    await start('all');
    await expectAllOnce(sent, ORPHANS_MS);
  }, 60_000);

  it('SIGTERM under load: what was begun is finished, and the exit is clean', async () => {
    const service = await start('all');
    const sent = load(service);
    await ackedAtLeast(sent, 100);
    const told = Date.now();
    await service.process.stop();
    expect(await service.process.ended).toBe(0);
    // Requests that hang are cut after ten seconds; nothing here hangs.
    expect(Date.now() - told).toBeLessThan(9_000);
    await sent.stop();
    for (const status of sent.statuses.keys()) expect([0, 200, 503]).toContain(status);
    const held = await ask('SELECT id FROM inbox_events WHERE lease_owner IS NOT NULL', []);
    expect(held).toEqual([]);
    await start('worker');
    await expectAllOnce(sent, SWEPT_MS);
  }, 60_000);

  it('PostgreSQL killed under load: 503 meanwhile, and back without a restart of ours', async () => {
    const service = await start('all');
    const sent = load(service);
    await ackedAtLeast(sent, 50);
    await postgres.kill();
    await until('it is noticed', () => (sent.statuses.get(503) ?? 0) > 0);
    expect((await fetchAnswer(`${service.url}/health/live`)).status).toBe(200);
    expect((await fetchAnswer(`${service.url}/health/ready`)).status).toBe(503);
    await postgres.restart();
    await ackedAtLeast(sent, 50);
    await sent.stop();
    expect([...sent.statuses.keys()].sort()).toEqual([200, 503]);
    expect(service.process.running).toBe(true);
    await expectAllOnce(sent, ORPHANS_MS);
  }, 60_000);

  it('Redis flushed and killed: webhooks are taken in time and nothing is lost', async () => {
    const service = await start('all');
    const sent = load(service);
    await ackedAtLeast(sent, 30);
    await redis.flush();
    await ackedAtLeast(sent, 30);
    await redis.kill();
    await ackedAtLeast(sent, 100);
    await sent.stop();
    expect([...sent.statuses.keys()]).toEqual([200]);
    expect(sent.slowest).toBeLessThan(2_000);
    await expectAllOnce(sent, SWEPT_MS);
    await redis.restart();
    const later = load(service, 20);
    await later.stop();
    await expectAllOnce(later, SWEPT_MS);
  }, 60_000);
});
