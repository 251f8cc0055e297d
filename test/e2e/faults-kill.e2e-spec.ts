import { createTestDatabase, type TestDatabase } from '../support/database';
import { BED_SECRET, ORPHANS_MS, startFaultBed, SWEPT_MS, type FaultBed } from '../support/fault-bed';
import { redisDb, type TestRedis } from '../support/redis';
import { startTcpProxy } from '../support/tcp-proxy';
import { until } from '../support/until';
import { paidInvoices, sendEvent } from '../support/webhook-load';

describe('processes that die', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let bed: FaultBed;
  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), redisDb()]);
    bed = await startFaultBed({ databaseUrl: database.appUrl, ownerUrl: database.ownerUrl, redisUrl: redis.url });
  }, 120_000);
  afterEach(() => bed.killAll());
  afterAll(async () => {
    await redis.release();
    await database.drop();
  });

  const leased = async (): Promise<number> =>
    (await bed.ask<{ n: number }>('SELECT count(*)::int AS n FROM inbox_events WHERE lease_owner IS NOT NULL'))[0]!.n;

  it('kill -9 under load: after a restart every acked event is processed once', async () => {
    const service = await bed.start('all');
    const sent = bed.load(service);
    await bed.ackedMore(sent, 200);
    await service.process.kill();
    await sent.stop();
    await bed.start('all');
    await bed.expectAllOnce(sent, ORPHANS_MS);
  }, 90_000);

  it('kill -9 of a worker in the middle of a batch: another one does it, once', async () => {
    const sent = bed.load(await bed.start('api'), 60);
    await sent.done;
    const owner = await bed.owner();
    try {
      await owner.query('BEGIN');
      // Whoever posts to the journal now waits, in the middle of his transaction. Locked before the worker is there:
      // one that has started may have done everything before the lock is taken.
      await owner.query('LOCK TABLE journal_entries IN SHARE MODE');
      const victim = await bed.start('worker');
      const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'journal_entries'::regclass";
      await until('the worker is in the middle', async () => (await bed.ask(waiting)).length > 0, SWEPT_MS);
      expect(await leased()).toBeGreaterThan(0);
      await victim.process.kill();
      expect(await leased()).toBeGreaterThan(0);
    } finally {
      await owner.end();
    }
    await bed.start('worker');
    await bed.expectAllOnce(sent, ORPHANS_MS);
  }, 90_000);

  it('kill -9 of the API between commit and answer: the redelivery is a duplicate', async () => {
    const wire = await startTcpProxy(database.appUrl);
    try {
      const victim = await bed.start('api', { databaseUrl: wire.url });
      const [first, second] = [paidInvoices(bed.customers)(), paidInvoices(bed.customers)()];
      expect((await sendEvent(victim.url, first!.body, BED_SECRET)).status).toBe(200);
      wire.holdReplies();
      const answer = sendEvent(victim.url, second!.body, BED_SECRET).then(
        ({ status }) => status,
        () => 'none',
      );
      const rowsOf = (): Promise<unknown[]> => bed.ask('SELECT 1 FROM inbox_events WHERE event_id = $1', [second!.id]);
      await until('the row is committed', async () => (await rowsOf()).length === 1);
      await victim.process.kill();
      expect(await answer).toBe('none');
      const heir = await bed.start('api');
      const redelivery = { received: true, status: 'already_received' };
      expect((await sendEvent(heir.url, second!.body, BED_SECRET)).body).toMatchObject(redelivery);
      const sent = bed.loadOf(heir, [first!, second!], 2);
      await sent.done;
      await bed.start('worker');
      await bed.expectAllOnce(sent, SWEPT_MS);
      const late = await sendEvent(heir.url, second!.body, BED_SECRET);
      expect(late.body).toMatchObject({ received: true, status: 'already_processed' });
      await bed.expectAllOnce(sent, 0);
      expect(await rowsOf()).toHaveLength(1);
    } finally {
      await wire.close();
    }
  }, 90_000);

  it('SIGTERM under load: what was begun is finished, and the exit is clean', async () => {
    const service = await bed.start('all');
    const sent = bed.load(service);
    await bed.ackedMore(sent, 100);
    const told = Date.now();
    await service.process.stop();
    expect(await service.process.ended).toBe(0);
    // Requests that hang are cut after ten seconds; nothing here hangs.
    expect(Date.now() - told).toBeLessThan(9_000);
    await sent.stop();
    for (const status of sent.statuses.keys()) expect([0, 200, 503]).toContain(status);
    expect(await leased()).toBe(0);
    await bed.start('worker');
    await bed.expectAllOnce(sent, SWEPT_MS);
  }, 90_000);
});
