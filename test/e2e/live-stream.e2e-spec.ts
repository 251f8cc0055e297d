import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { UnitOfWork } from '../../src/platform/database';
import { Outbox, OutboxRelay, type DomainEvent } from '../../src/platform/outbox';
import { LiveStreams } from '../../src/modules/notifications/live-streams.service';
import { startBench, type Bench } from '../support/bench';
import { openStream, type EventStream } from '../support/event-stream';
import { fetchAnswer } from '../support/http-client';
import { redisDb, type TestRedis } from '../support/redis';
import { insertOf, ROW_FACTORIES } from '../support/rows';
import { ensureBuilt, startService, type ServiceProcess } from '../support/service-process';
import { tokenFor } from '../support/tokens';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';
import { until } from '../support/until';

const PATH = '/v1/billing/subscriptions/me/stream';

/** Nothing runs by itself in it: it stands for the worker. */
let worker: Bench;
let redis: TestRedis;
let proxy: TcpProxy;
/** Two API processes; the second one reaches Redis through a wire that can be cut. */
let first: ServiceProcess;
let second: ServiceProcess;
const opened: EventStream[] = [];

beforeAll(async () => {
  ensureBuilt();
  redis = await redisDb();
  proxy = await startTcpProxy(redis.url);
  worker = await startBench({ REDIS_URL: redis.url, RATE_LIMIT_PER_MINUTE: '100000' });
  const common = {
    role: 'api',
    databaseUrl: worker.database.appUrl,
    settings: { RATE_LIMIT_PER_MINUTE: '100000' },
  } as const;
  first = await startService({ ...common, redisUrl: redis.url });
  second = await startService({ ...common, redisUrl: proxy.url });
});

afterEach(() => {
  for (const stream of opened.splice(0)) stream.leave();
});

afterAll(async () => {
  await first.process.stop();
  await second.process.stop();
  await worker.close();
  await proxy.close();
  await redis.release();
});

async function customer(): Promise<{ userId: string; customerId: string }> {
  const name = randomUUID();
  const { text, values } = insertOf('customers', ROW_FACTORIES['customers']?.({ customerId: `cust_${name}` }) ?? {}, {
    user_id: name,
  });
  await worker.rows(text, values);
  return { userId: name, customerId: `cust_${name}` };
}

function event(customerId: string, status: string, type = 'subscription.updated'): DomainEvent {
  const payload = { subscriptionId: 'sub_1', status, amount: 2900 };
  return { type, objectType: 'subscription', objectId: 'sub_1', customerId, payload, occurredAt: new Date() };
}

/** Committed together; the hints go out with the relay. */
async function append(...events: DomainEvent[]): Promise<void> {
  await worker.get(UnitOfWork).service((tx) => worker.get(Outbox).append(tx, events));
}

async function tell(...events: DomainEvent[]): Promise<void> {
  await append(...events);
  await worker.get(OutboxRelay).drain();
}

async function open(
  at: ServiceProcess | string,
  userId: string,
  lastEventId?: string,
  expiresIn = 300,
): Promise<EventStream> {
  const url = typeof at === 'string' ? at : at.url;
  const stream = await openStream(`${url}${PATH}`, {
    authorization: `Bearer ${tokenFor({ userId, expiresIn })}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  });
  opened.push(stream);
  return stream;
}

const statuses = (stream: EventStream): unknown[] => stream.messages.map(({ data }) => data['status']);

describe('GET /billing/subscriptions/me/stream', () => {
  it('reaches a customer at whichever process serves him, and nobody else', async () => {
    const [ada, bob] = [await customer(), await customer()];
    const [atFirst, atSecond, other] = [
      await open(first, ada.userId),
      await open(second, ada.userId),
      await open(second, bob.userId),
    ];
    expect(atFirst.status).toBe(200);
    expect(atFirst.headers.get('content-type')).toBe('text/event-stream');
    expect(atFirst.headers.get('cache-control')).toContain('no-store');
    expect(atFirst.headers.get('x-accel-buffering')).toBe('no');
    await tell(event(ada.customerId, 'active'), event(ada.customerId, 'x', 'invoice.paid'));
    await tell(event(ada.customerId, 'open', 'payment.failed'), event(bob.customerId, 'trialing'));
    for (const stream of [atFirst, atSecond]) {
      const [one, two] = await stream.expect(2);
      expect(one).toMatchObject({ type: 'subscription.updated', data: { subscriptionId: 'sub_1', status: 'active' } });
      expect(one?.data).not.toHaveProperty('amount');
      expect(two?.type).toBe('payment.failed');
    }
    await other.expect(1);
    expect(statuses(other)).toEqual(['trialing']);
    expect(atFirst.comments[0]).toBe('connected');
  });

  it('begins with what was missed since the last event, elsewhere, without a gap or a repetition', async () => {
    const { userId, customerId } = await customer();
    const before = await open(first, userId);
    await tell(event(customerId, 'one'));
    const [last] = await before.expect(1);
    before.leave();
    await tell(event(customerId, 'two'), event(customerId, 'three'));
    const after = await open(second, userId, last?.id);
    await tell(event(customerId, 'four'));
    await after.expect(3);
    expect(statuses(after)).toEqual(['two', 'three', 'four']);
  });

  it('tells what is committed late in its place', async () => {
    const { userId, customerId } = await customer();
    const stream = await open(first, userId);
    let commit!: () => void;
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let written!: () => void;
    const isWritten = new Promise<void>((resolve) => {
      written = resolve;
    });
    const late = worker.get(UnitOfWork).service(async (tx) => {
      await worker.get(Outbox).append(tx, [event(customerId, 'late')]);
      written();
      await held;
    });
    await isWritten;
    await tell(event(customerId, 'early'));
    commit();
    await late;
    await worker.get(OutboxRelay).drain();
    const [one] = await stream.expect(2);
    expect(statuses(stream)).toEqual(['late', 'early']);
    const resumed = await open(second, userId, one?.id);
    await resumed.expect(1);
    expect(statuses(resumed)).toEqual(['early']);
  });

  it('replays a hundred events at most, the latest', async () => {
    const { userId, customerId } = await customer();
    const stream = await open(first, userId);
    await tell(event(customerId, '0'));
    const [last] = await stream.expect(1);
    stream.leave();
    await append(...Array.from({ length: 130 }, (_, i) => event(customerId, String(i + 1))));
    const resumed = await open(second, userId, last?.id);
    await resumed.expect(100);
    await tell(event(customerId, 'news'));
    await resumed.expect(101);
    expect(statuses(resumed)).toEqual([...Array.from({ length: 100 }, (_, i) => String(i + 31)), 'news']);
    await worker.get(OutboxRelay).drain();
  });

  it.each([
    ['of somebody else', (foreign: string) => foreign],
    ['that never was', () => 'out_01kb2x7m0e8v6q3yt1z5c9r4aw'],
    ['that is none', () => `x'; DROP TABLE outbox_events; ${'y'.repeat(2_000)}`],
  ])('goes on from now after an id %s', async (_name, idOf) => {
    const [ada, bob] = [await customer(), await customer()];
    const foreign = await open(first, bob.userId);
    await tell(event(bob.customerId, 'his'), event(ada.customerId, 'past'));
    const [his] = await foreign.expect(1);
    const stream = await open(second, ada.userId, idOf(his?.id ?? ''));
    expect(stream.status).toBe(200);
    await tell(event(ada.customerId, 'now'));
    await stream.expect(1);
    expect(statuses(stream)).toEqual(['now']);
  });

  it('begins for a user who is no customer yet', async () => {
    const userId = randomUUID();
    const stream = await open(first, userId);
    const row = ROW_FACTORIES['customers']?.({ customerId: `cust_${userId}` }) ?? {};
    const { text, values } = insertOf('customers', row, { user_id: userId });
    await worker.rows(text, values);
    await tell(event(`cust_${userId}`, 'active'));
    await stream.expect(1);
  });

  it('finds the news by itself while Redis is away, and tells nothing twice when it is back', async () => {
    const { userId, customerId } = await customer();
    const stream = await open(second, userId);
    proxy.holdReplies();
    const client = new Redis(redis.url);
    // As an operator's restart would: connections end, and new ones are not served.
    await client.client('KILL', 'TYPE', 'pubsub');
    client.disconnect();
    await tell(event(customerId, 'away'));
    await stream.expect(1);
    proxy.releaseReplies();
    await tell(event(customerId, 'back'));
    await stream.expect(2);
    expect(statuses(stream)).toEqual(['away', 'back']);
  });

  it('ends properly with the token', async () => {
    const { userId } = await customer();
    const stream = await open(first, userId, undefined, 2);
    await until('it has ended', () => stream.ended !== undefined);
    expect(stream.ended).toBe(true);
    const expired = await open(first, userId, undefined, -1);
    expect(expired.status).toBe(401);
  });

  it('takes ten streams of one user, and refuses the next as a refusal', async () => {
    const { userId } = await customer();
    const streams = [];
    for (let i = 0; i < 10; i += 1) streams.push(await open(first, userId));
    expect(streams.every(({ status }) => status === 200)).toBe(true);
    const answer = await fetchAnswer(`${first.url}${PATH}`, {
      headers: { authorization: `Bearer ${tokenFor({ userId })}` },
    });
    expect(answer.status).toBe(429);
    expect(answer.body.error?.code).toBe('RATE_LIMITED');
    expect(answer.headers.get('retry-after')).toBe('15');
    streams[0]?.leave();
    await until('there is room again', async () => (await open(first, userId)).status === 200);
  });

  it('refuses strangers', async () => {
    expect((await fetchAnswer(`${first.url}${PATH}`)).status).toBe(401);
  });

  it('leaves nothing behind when apps come and go', async () => {
    const { userId } = await customer();
    const live = worker.get(LiveStreams);
    for (let round = 0; round < 20; round += 1) {
      const streams = await Promise.all(Array.from({ length: 10 }, () => open(worker.url, userId)));
      expect(streams.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
      for (const stream of streams) stream.leave();
      await until('all are gone', () => live.size === 0);
    }
  });

  it('ends properly when its process stops', async () => {
    const { userId } = await customer();
    const stream = await open(first, userId);
    await first.process.stop();
    await until('it has ended', () => stream.ended !== undefined);
    expect(stream.ended).toBe(true);
  });
});
