import { gzipSync } from 'node:zlib';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { BED_SECRET, startFaultBed, SWEPT_MS, type FaultBed } from '../support/fault-bed';
import { fetchAnswer } from '../support/http-client';
import { redisDb, type TestRedis } from '../support/redis';
import type { ServiceProcess } from '../support/service-process';
import { stripeEvent, stripeSignature } from '../support/stripe-events';
import { asInternal } from '../support/tokens';
import { until } from '../support/until';
import { paidInvoices, type LoadEvent } from '../support/webhook-load';

const MIB = 1024 * 1024;
/** 200 MiB in a fifth of one. */
const BOMB = gzipSync(Buffer.alloc(200 * MIB, '['));

describe('events and bodies that do harm', () => {
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

  it('poison in a batch fails alone, ends in a ticket each when its attempts are used up, and holds up nobody', async () => {
    const api = await bed.start('api');
    const next = paidInvoices(bed.customers);
    const events = Array.from({ length: 60 }, () => next()!);
    const poison = [0, 1, 2].map(() => poisoned(next()!));
    const mixed = [
      ...events.slice(0, 20),
      poison[0]!,
      ...events.slice(20, 40),
      ...poison.slice(1),
      ...events.slice(40),
    ];
    const sent = bed.loadOf(api, mixed, 1);
    await sent.done;
    expect([...sent.statuses.keys()]).toEqual([200]);
    await bed.start('worker');
    const ids = [poison.map(({ id }) => id)];
    const neighbours = bed.loadOf(api, events, 4);
    await neighbours.done;
    await bed.expectAllOnce(neighbours, SWEPT_MS);
    const gaveUp = async (): Promise<boolean> => {
      const sql = "SELECT 1 FROM inbox_events WHERE event_id = ANY ($1) AND status = 'failed'";
      if ((await bed.ask(sql, ids)).length === poison.length) return true;
      // The time of the next try has come; whoever delivers anything wakes the worker.
      const due = `UPDATE inbox_events SET next_retry_at = now() WHERE event_id = ANY ($1) AND status = 'retrying'
        AND next_retry_at > now() RETURNING 1`;
      if ((await bed.ask(due, ids)).length > 0) await bed.load(api, 1).done;
      return false;
    };
    await until('their attempts are used up', gaveUp, 60_000);
    const outcome = 'SELECT DISTINCT status, retry_count, lease_owner FROM inbox_events WHERE event_id = ANY ($1)';
    expect(await bed.ask(outcome, ids)).toEqual([{ status: 'failed', retry_count: 8, lease_owner: null }]);
    const tickets = `SELECT t.status FROM payment_support_tickets t JOIN inbox_events e ON e.id = t.event_id
      WHERE e.event_id = ANY ($1) AND t.type = 'webhook_failure'`;
    await until('there are tickets', async () => (await bed.ask(tickets, ids)).length === poison.length, SWEPT_MS);
    expect(await bed.ask('SELECT 1 FROM facts WHERE source_id = ANY ($1)', ids)).toEqual([]);
    const later = bed.load(api, 20);
    await later.done;
    await bed.expectAllOnce(later, SWEPT_MS);
  }, 120_000);

  it('bodies made to exhaust or confuse are refused or kept, by a process that lives and does not grow', async () => {
    const service = await bed.start('all');
    const warm = bed.load(service, 200);
    await warm.done;
    await bed.expectAllOnce(warm, SWEPT_MS);
    const before = await residentBytes(service);
    const next = paidInvoices(bed.customers);
    const rounds = 13;
    const statuses = new Map<string, Set<number>>();
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, body, encoding } of hostileBodies(next()!)) {
        const headers = {
          'content-type': 'application/json',
          'stripe-signature': stripeSignature(body.toString('latin1'), BED_SECRET),
          ...(encoding && { 'content-encoding': encoding }),
        };
        const init = { method: 'POST', headers, body: new Uint8Array(body) };
        const { status } = await fetchAnswer(`${service.url}/v1/webhooks/stripe`, init);
        statuses.set(name, (statuses.get(name) ?? new Set<number>()).add(status));
      }
    }
    for (const [name, seen] of statuses) {
      expect({ name, refusedOrKept: [...seen].every((status) => [200, 400, 413, 415].includes(status)) }).toEqual({
        name,
        refusedOrKept: true,
      });
    }
    const waiting = 'SELECT 1 FROM inbox_events WHERE handled_at IS NULL';
    await until('what was kept is dealt with', async () => (await bed.ask(waiting)).length === 0, SWEPT_MS);
    // A parsed body takes some twenty times its bytes: kept, 200 of them would be gigabytes.
    expect((await residentBytes(service)) - before).toBeLessThan(512 * MIB);
    expect(service.process.running).toBe(true);
    const after = bed.load(service, 50);
    await after.done;
    expect([...after.statuses.keys()]).toEqual([200]);
    await bed.expectAllOnce(after, SWEPT_MS);
  }, 120_000);
});

/** An invoice that reads well and cannot be booked: what is due is not what is to be paid. */
function poisoned(event: LoadEvent): LoadEvent {
  const body = JSON.parse(event.body) as { data: { object: { id: string; amount_due: number } } };
  body.data.object.id = `in_poison_${event.id}`;
  body.data.object.amount_due += 1;
  return { ...event, body: JSON.stringify(body) };
}

async function residentBytes({ url }: ServiceProcess): Promise<number> {
  const { text } = await fetchAnswer(`${url}/metrics`, { headers: asInternal() });
  return Number(/^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1]);
}

interface HostileBody {
  name: string;
  body: Buffer;
  encoding?: string;
}

/** Around an invoice that is good otherwise, so that workers get to read all of it. */
function hostileBodies({ body: good }: LoadEvent): HostileBody[] {
  const text = (changes: object): string => JSON.stringify({ ...stripeEvent('invoice.updated', {}), ...changes });
  const invoice = (JSON.parse(good) as { data: { object: { id: string } } }).data.object;
  const object = { ...invoice, id: `in_hostile_${invoice.id}`, deep: 'HERE' };
  const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const lists = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const around = (value: string): string => text({ data: { object } }).replace('"HERE"', value);
  const formerly = (levels: number): string =>
    text({ data: { object, previous_attributes: object } }).replaceAll('"HERE"', nested(levels));
  const plain: Record<string, string> = {
    'over the limit': text({ data: { object: { ...object, deep: 'x'.repeat(2 * MIB) } } }),
    'objects 5,000 deep': around(nested(5_000)),
    'objects 100,000 deep': around(nested(100_000)),
    'lists 400,000 deep': around(lists(400_000)),
    'nothing but brackets': '['.repeat(1_000_000),
    'deep now and before': formerly(60_000),
    'a poisoned prototype': around('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'),
    'keys that come twice': text({ data: { object } }).replace('{', '{"id":"evt_first","livemode":true,'),
    'a hundred thousand keys': around(`{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`),
    'lone surrogates': around('"\\ud800"').replace(object.id, '\\udfff'),
    NUL: around('"\\u0000"').replace(object.id, '\\u0000'),
    'a number beyond all': around(`1${'0'.repeat(500_000)}`),
  };
  const zipped = { encoding: 'gzip' };
  return [
    ...Object.entries(plain).map(([name, body]) => ({ name, body: Buffer.from(body) })),
    { name: 'bytes that are no UTF-8', body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc0, 0x22, 0x3a, 0x31, 0x7d]) },
    { name: 'a gzip bomb', body: BOMB, ...zipped },
    { name: 'a small event, zipped', body: gzipSync(text({ data: { object } })), ...zipped },
    { name: 'an encoding nobody knows', body: Buffer.from(text({ data: { object } })), encoding: 'br, zstd' },
  ];
}
