import { randomBytes } from 'node:crypto';
import { PayoutWorker } from '../../src/modules/payouts';
import { DunningWorker } from '../../src/modules/retry';
import { QUEUES, WakeService } from '../../src/platform/queue';
import { Buyers, sumsOfBooks, type Buyer } from '../support/buyers';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { BED_SECRET, ORPHANS_MS, startFaultBed, SWEPT_MS, type FaultBed } from '../support/fault-bed';
import { startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { payoutsDesk } from '../support/payouts';
import { redisDb, type TestRedis } from '../support/redis';
import { ensureBuilt, startService, type ServiceProcess } from '../support/service-process';
import { startTcpProxy } from '../support/tcp-proxy';
import { until } from '../support/until';
import { paidInvoices, sendEvent } from '../support/webhook-load';
import { openWise, wiseSettings } from '../support/wise';
import { atWise } from '../support/wise-book';

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

describe('a worker that dies while a provider acts', () => {
  /** The renewal is finalized, and declined, an hour after the period's end. */
  const FAILED = new Date('2026-02-15T11:00:00Z');
  let house: House;
  let buyers: Buyers;
  let ada: Buyer;
  const settings: Record<string, string> = {
    ...{ RETRY_OWNER: 'kassa', ENCRYPTION_KEYS: randomBytes(32).toString('base64') },
  };
  beforeAll(async () => {
    ensureBuilt();
    // Nothing runs by itself in the house: what is charged is charged by the process that is killed, and by its heir.
    house = await startHouse({
      settings: async (box) => ({ ...Object.assign(settings, await wiseSettings(box)), ROLE: 'api' }),
    });
    await openWise(house, { USD: 1_000_000 });
    buyers = new Buyers(house);
    ada = await buyers.subscribe('ada');
    await buyers.cardIs(ada.card, 'insufficient_funds');
    await house.advance(FAILED);
    await buyers.cardIs(ada.card, 'succeeds');
  }, 120_000);
  afterAll(() => house.close());

  const chargesOf = async (): Promise<number> => {
    const { data } = await house.box.stripe.charges.list({ customer: ada.customer, limit: 100 });
    return data.filter(({ status, created }) => status === 'succeeded' && created * 1000 >= FAILED.getTime()).length;
  };
  const startVictim = (stripeBase: string): Promise<ServiceProcess> =>
    startService({
      ...{ role: 'worker', databaseUrl: house.database.appUrl, redisUrl: house.redis.url },
      settings: {
        ...settings,
        ...{ STRIPE_SECRET_KEY: 'sk_test_house', STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET, STRIPE_API_BASE: stripeBase },
      },
    });
  const attempt = async (): Promise<object | undefined> =>
    (
      await house.rows<object>(
        `SELECT a.status, a.runs, c.status AS "case", i.state AS intent, i.key_generation AS generation
         FROM payment_recovery_attempts a JOIN dunning_cases c ON c.id = a.case_id
         LEFT JOIN provider_intents i ON i.kind = 'invoice.settle' AND i.customer_id = a.customer_id`,
      )
    )[0];

  it('a retry of a declined renewal: another one learns of it by the same key, and it is charged once', async () => {
    const wire = await startTcpProxy(house.box.sandbox.url);
    wire.holdReplies();
    // What the provider would tell by itself is lost too: only who asks again can know.
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
    const victim = await startVictim(new URL(wire.url).origin);
    try {
      await house.rows(
        "UPDATE payment_recovery_attempts SET due_at = due_at - interval '2 hours' WHERE status = 'scheduled' RETURNING 1",
      );
      house.app.app.get(WakeService, { strict: false }).wake(QUEUES.paymentRetry);
      await until('the provider has charged', async () => (await chargesOf()) === 1, SWEPT_MS);
      expect(await attempt()).toMatchObject({ status: 'charging', case: 'open', intent: 'calling' });
    } finally {
      await victim.process.kill();
      await wire.close();
    }
    const heir = house.app.app.get(DunningWorker, { strict: false });
    // The dead one's leases keep others away, and then they are over.
    await heir.chargeDue();
    expect(await attempt()).toMatchObject({ status: 'charging', runs: 1 });
    await house.rows('UPDATE payment_recovery_attempts SET lease_until = NULL RETURNING 1');
    await house.rows('UPDATE provider_intents SET lease_until = NULL WHERE settled_at IS NULL RETURNING 1');
    await heir.chargeDue();
    await heir.drain();
    expect(await attempt()).toEqual({
      status: 'succeeded',
      runs: 1,
      case: 'recovered',
      intent: 'succeeded',
      generation: 0,
    });
    expect(await chargesOf()).toBe(1);
    expect(await sumsOfBooks(house)).toEqual([{ sum: '0' }]);
    const paid = await house.rows("SELECT FROM journal_transactions WHERE type = 'invoice.paid'");
    expect(paid).toHaveLength(2);
  }, 60_000);

  it.each([
    ['ordered', '/v1/transfers', { states: ['incoming_payment_waiting'], payments: 0 }],
    ['paid for', '/v3/profiles/', { states: ['processing'], payments: 1 }],
  ])(
    'a payout that is being %s: another one takes it over, and it is paid once',
    async (_name, pathPrefix, acted) => {
      const slow = { method: 'POST', pathPrefix, fault: 'late_answer', latencyMs: 60_000 };
      const desk = payoutsDesk(house);
      await house.box.control('PUT', 'chaos', {});
      const id = (await desk.prepare({ reference: pathPrefix })).body['payoutId'] as string;
      expect((await desk.approve(id)).status).toBe(200);
      await house.box.control('PUT', 'chaos', { api: [slow], webhooks: [{ fault: 'drop' }] });
      const victim = await startVictim(house.box.sandbox.url);
      try {
        const what = JSON.stringify(acted);
        await until('Wise has acted', async () => JSON.stringify(await atWise(house, id)) === what, SWEPT_MS);
      } finally {
        await victim.process.kill();
      }
      await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
      const heir = house.app.app.get(PayoutWorker, { strict: false });
      // The dead one's lease keeps others away, and then it is over.
      expect(await heir.drain()).toBe(0);
      await house.rows('UPDATE payouts SET lease_until = NULL WHERE id = $1 RETURNING 1', [id]);
      await heir.drain();
      expect(await atWise(house, id)).toEqual({ states: ['processing'], payments: 1 });
      expect(
        await house.rows('SELECT funding FROM transfers t JOIN payouts USING (transfer_key) WHERE payouts.id = $1', [
          id,
        ]),
      ).toEqual([{ funding: 'completed' }]);
      expect(await sumsOfBooks(house)).toEqual([{ sum: '0' }]);
    },
    60_000,
  );
});
