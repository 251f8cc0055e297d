import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { BED_SECRET, ORPHANS_MS, startFaultBed, SWEPT_MS, type FaultBed } from '../support/fault-bed';
import { redisDb, type TestRedis } from '../support/redis';
import { stripeEvent } from '../support/stripe-events';
import { until } from '../support/until';
import { finalizedAndPaid, paidInvoices, sendEvent, type LoadEvent } from '../support/webhook-load';

const TEN_MINUTES_MS = 600_000;

describe('several workers on one queue', () => {
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

  const skewed = (milliseconds: number) => ({
    preload: 'skewed-clock.cjs',
    settings: { TEST_CLOCK_SKEW_MS: String(milliseconds) },
  });

  it('share what an api takes in, before they came and after', async () => {
    const api = await bed.start('api');
    const sent = bed.load(api, 60);
    await sent.done;
    expect(await bed.processed(sent)).toBe(0);
    await Promise.all([bed.start('worker'), bed.start('worker')]);
    await bed.expectAllOnce(sent, SWEPT_MS);
    const more = bed.load(api, 300);
    await more.done;
    await bed.expectAllOnce(more, SWEPT_MS);
    expect([...more.statuses.keys()]).toEqual([200]);
  }, 90_000);

  it('the same event a hundred times at once at two of them is one row and one effect', async () => {
    const services = await Promise.all([bed.start('all'), bed.start('all')]);
    const event = paidInvoices(bed.customers)()!;
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => sendEvent(services[i % 2]!.url, event.body, BED_SECRET)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.filter(({ body }) => body['status'] === undefined)).toHaveLength(1);
    expect(await bed.ask('SELECT 1 FROM inbox_events WHERE event_id = $1', [event.id])).toHaveLength(1);
    const sent = bed.loadOf(services[0], [event], 1);
    await sent.done;
    await bed.expectAllOnce(sent, SWEPT_MS);
  }, 90_000);

  it('whose clocks are ten minutes fast and slow do all of it once, and nobody waits for the clocks to agree', async () => {
    const [api, fast] = await Promise.all([bed.start('api'), bed.start('worker', skewed(TEN_MINUTES_MS))]);
    const invoice = paidInvoices(bed.customers)()!;
    const early = linkTo(invoice);
    const absurd = stripeEvent('invoice.paid', { object: 'invoice', id: 'in_absurd' });
    for (const event of [early, absurd]) await sendEvent(api.url, JSON.stringify(event), BED_SECRET);
    const statusOf = async ({ id }: { id: string }): Promise<string> =>
      (await bed.ask<{ status: string }>('SELECT status FROM inbox_events WHERE event_id = $1', [id]))[0]!.status;
    // The fast one alone: it finds what came "ten minutes ago", and puts off what names an invoice nobody knows.
    await until('it is put off', async () => (await statusOf(early)) === 'retrying', SWEPT_MS);
    const first = bed.load(api, 50);
    await first.done;
    await bed.expectAllOnce(first, SWEPT_MS);
    await fast.process.kill();
    // The slow one alone: it finds what will come "in ten minutes", and what the fast one has put off.
    await bed.start('worker', skewed(-TEN_MINUTES_MS));
    const second = bed.loadOf(api, [invoice, ...more(paidInvoices(bed.customers), 50)], 4);
    await second.done;
    await bed.expectAllOnce(second, SWEPT_MS);
    await until('what was put off is done', async () => (await statusOf(early)) === 'processed', SWEPT_MS);
    await Promise.all([bed.start('worker', skewed(TEN_MINUTES_MS)), bed.start('worker')]);
    const third = bed.load(api, 300);
    await third.done;
    await bed.expectAllOnce(third, SWEPT_MS);
    const deliveries = 'SELECT 1 FROM outbox_deliveries WHERE handled_at IS NULL';
    await until('all is told', async () => (await bed.ask(deliveries)).length === 0, SWEPT_MS);
    expect(await statusOf(absurd)).toBe('failed');
  }, 90_000);

  it('one whose event loop is blocked past its lease and lock finds its work done, and does it no second time', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kassa-blocked-'));
    const [gate, log] = [path.join(folder, 'gate'), path.join(folder, 'log')];
    try {
      const api = await bed.start('api');
      const blocked = await bed.start('worker', {
        preload: 'blocking-parse.cjs',
        settings: { TEST_BLOCK_UNTIL: gate },
        log,
      });
      // What the worker has claimed it reads before it begins the transaction, the middle one for as long as we say.
      const events = more(paidInvoices(bed.customers), 10).map((event, i) =>
        i === 5 ? { ...event, body: withNote(event.body, gate) } : event,
      );
      const sent = bed.loadOf(api, events, 1);
      await sent.done;
      const held = 'SELECT 1 FROM inbox_events WHERE lease_owner IS NOT NULL';
      await until('it holds the work', async () => (await bed.ask(held)).length > 0);
      await bed.start('worker');
      await bed.expectAllOnce(sent, ORPHANS_MS);
      writeFileSync(gate, '');
      await until('it has tried', () => readFileSync(log, 'utf8').includes('taken over'), SWEPT_MS);
      expect(blocked.process.running).toBe(true);
      await bed.expectAllOnce(sent, 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 90_000);

  it('5,000 events in random order, 15 % of them twice, over 50 connections come to what they come to in order', async () => {
    const service = await bed.start('all');
    const events = finalizedAndPaid(bed.customers, 2_500);
    const deliveries = shuffled([...events, ...events.filter((_, i) => i % 20 < 3)]);
    expect(deliveries).toHaveLength((events.length * 23) / 20);
    const sent = bed.loadOf(service, deliveries, 50);
    await sent.done;
    expect([...sent.statuses]).toEqual([[200, deliveries.length]]);
    const books = await bed.expectAllOnce(sent, ORPHANS_MS);
    expect(sent.acked.size).toBe(events.length);
    expect(books.paidInvoices).toBe(books.invoices);
  }, 120_000);
});

function more(next: () => LoadEvent | undefined, count: number): LoadEvent[] {
  return Array.from({ length: count }, () => next()!);
}

/** That this invoice was paid by a payment: an event that names no customer, and so has to wait for the invoice's own. */
function linkTo({ invoice }: LoadEvent): ReturnType<typeof stripeEvent> {
  const payment = { type: 'payment_intent', payment_intent: `pi_of_${invoice}` };
  return stripeEvent('invoice_payment.paid', { object: 'invoice_payment', id: `inpay_${invoice}`, invoice, payment });
}

/** The same event with a note in its metadata. */
function withNote(body: string, note: string): string {
  const event = JSON.parse(body) as { data: { object: { metadata: object } } };
  event.data.object.metadata = { note };
  return JSON.stringify(event);
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
