import { startPostgres, startRedis, type Postgres, type Redis } from '../../scripts/services';
import { migrate } from '../../src/platform/database/migrate';
import { ORPHANS_MS, startFaultBed, SWEPT_MS, type FaultBed } from '../support/fault-bed';
import { fetchAnswer } from '../support/http-client';
import type { ServiceProcess } from '../support/service-process';
import { administer } from '../support/services';
import { until } from '../support/until';

/** `query_timeout` (4 s) once for the statement and once for what ends its transaction, and a new connection (2 s). */
const BOUNDED_MS = 12_000;

describe('servers that die, freeze and forget', () => {
  let postgres: Postgres;
  let redis: Redis;
  let bed: FaultBed;
  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres({ ephemeral: true }), startRedis({ ephemeral: true })]);
    await migrate({ url: postgres.ownerUrl, appUser: 'kassa_app' });
    bed = await startFaultBed({ databaseUrl: postgres.appUrl, ownerUrl: postgres.ownerUrl, redisUrl: redis.url });
  }, 120_000);
  afterEach(() => bed.killAll());
  afterAll(() => Promise.all([postgres.stop(), redis.stop()]));

  const plans = async (service: ServiceProcess): Promise<number> =>
    (await fetchAnswer(`${service.url}/v1/billing/plans`)).status;

  it('PostgreSQL killed under load: 503 meanwhile, and back without a restart of ours', async () => {
    const service = await bed.start('all');
    const sent = bed.load(service);
    await bed.ackedMore(sent, 50);
    await postgres.kill();
    await until('it is noticed', () => (sent.statuses.get(503) ?? 0) > 0);
    expect((await fetchAnswer(`${service.url}/health/live`)).status).toBe(200);
    expect((await fetchAnswer(`${service.url}/health/ready`)).status).toBe(503);
    await postgres.restart();

    await bed.ackedMore(sent, 50);
    await sent.stop();
    expect([...sent.statuses.keys()].sort()).toEqual([200, 503]);
    expect(service.process.running).toBe(true);
    await bed.expectAllOnce(sent, ORPHANS_MS);
  }, 90_000);

  it('every backend frozen: bounded failure, and the pool recovers while they are still frozen', async () => {
    const service = await bed.start('all');
    const before = bed.load(service, 40);
    await before.done;
    await bed.expectAllOnce(before, SWEPT_MS);
    // Idle ones hold no locks of the server's own, which would freeze all of it.
    const idle: number[] = [];
    await administer(postgres.adminUrl, async (admin) => {
      const { rows } = await admin.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'kassa-all' AND state = 'idle'",
      );
      idle.push(...rows.map(({ pid }) => pid));
    });
    expect(idle.length).toBeGreaterThan(0);
    try {
      for (const pid of idle) process.kill(pid, 'SIGSTOP');
      const sent = bed.load(service);
      await bed.ackedMore(sent, 50);
      await until('other routes live', async () => (await plans(service)) === 200, BOUNDED_MS);
      await sent.stop();
      for (const status of sent.statuses.keys()) expect([200, 503]).toContain(status);
      expect(sent.slowest).toBeLessThan(BOUNDED_MS);
      expect(service.process.running).toBe(true);
      await bed.expectAllOnce(sent, ORPHANS_MS);
    } finally {
      for (const pid of idle) process.kill(pid, 'SIGCONT');
    }
  }, 90_000);

  it('the inbox locked: 503 within bounds, other routes live, and all is well after', async () => {
    const service = await bed.start('all');
    const owner = await bed.owner();
    let sent;
    try {
      await owner.query('BEGIN');
      await owner.query('LOCK TABLE inbox_events IN ACCESS EXCLUSIVE MODE');
      sent = bed.load(service);
      const { statuses } = sent;
      await until('three rounds are refused', () => (statuses.get(503) ?? 0) >= 12, 60_000);
      expect(await plans(service)).toBe(200);
      expect([...statuses.keys()]).toEqual([503]);
      expect(sent.slowest).toBeLessThan(BOUNDED_MS);
    } finally {
      await owner.end();
    }
    await bed.ackedMore(sent, 50);
    await sent.stop();
    expect([...sent.statuses.keys()].sort()).toEqual([200, 503]);
    await bed.expectAllOnce(sent, SWEPT_MS);
  }, 90_000);

  it('Redis flushed and killed: webhooks are taken in time and nothing is lost', async () => {
    const service = await bed.start('all');
    const sent = bed.load(service);
    await bed.ackedMore(sent, 30);
    await redis.flush();
    await bed.ackedMore(sent, 30);
    await redis.kill();
    await bed.ackedMore(sent, 100);
    await sent.stop();
    expect([...sent.statuses.keys()]).toEqual([200]);
    expect(sent.slowest).toBeLessThan(2_000);
    await bed.expectAllOnce(sent, SWEPT_MS);
    await redis.restart();
    const later = bed.load(service, 20);
    await later.done;
    await bed.expectAllOnce(later, SWEPT_MS);
  }, 90_000);
});
