import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { OutboxRelay } from '../../src/platform/outbox';
import { OutgoingEvents } from '../../src/modules/notifications/outgoing/outgoing-events.consumer';
import { answer, type Reaction } from '../support/backend';
import { startBench, type Bench } from '../support/bench';
import { OutgoingStage, verified } from '../support/outgoing-stage';
import { until } from '../support/until';

const newKey = (): string => randomBytes(32).toString('base64');
const stage = new OutgoingStage({
  ENCRYPTION_KEYS: newKey(),
  WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
  WEBHOOK_TIMEOUT_SECONDS: '1',
});
const { append, call, deliveriesOf, due, endpoint, happen, newest, send, stateOf } = stage;
/** Another process on the same database. */
let other: Bench;

beforeAll(async () => {
  await stage.start();
  other = await startBench(stage.settings, stage.bench.database);
});
afterAll(async () => {
  await other.close();
  await stage.close();
});
afterEach(() => stage.clear());

describe('a message', () => {
  it('is signed as the Standard Webhooks say, and holds what is promised and no more', async () => {
    const mine = await endpoint();
    await happen('inv_a');
    await send();
    const [told] = stage.backend.at(mine.path);
    if (!told) throw new Error('Nothing was told');
    expect(verified(told, mine.secret)).toEqual({
      ...{ id: told.headers['webhook-id'], type: 'invoice.paid', version: 1, timestamp: '2026-01-01T00:00:00.000Z' },
      ...{ objectType: 'invoice', objectId: 'inv_a', sequence: 1 },
      data: { object: 'invoice', id: 'inv_a', customerId: null, amount: 1, currency: 'USD' },
    });
    expect(() => verified(told, `whsec_${newKey()}`)).toThrow('No matching signature');
    expect(() => verified({ ...told, raw: told.raw.replace('USD', 'EUR') }, mine.secret)).toThrow(
      'No matching signature',
    );
    expect(told.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Kassa-Webhooks/1' });
    const log = await newest(mine);
    expect(log).toMatchObject({
      status: 'delivered',
      attempts: 1,
      messageId: told.headers['webhook-id'],
      lastStatusCode: 204,
    });
    expect(log['payload']).toEqual(JSON.parse(told.raw));
  });

  it('is told once for an event, however often the outbox tells of it', async () => {
    const mine = await endpoint();
    await happen('inv_b');
    await stage.bench.rows(
      "UPDATE outbox_deliveries SET handled_at = NULL, status = 'pending' WHERE consumer = 'outgoing-webhooks'",
    );
    await stage.bench.get(OutboxRelay).drain();
    await send();
    expect(stage.backend.at(mine.path)).toHaveLength(1);
  });

  it('goes to those who take its type only', async () => {
    const mine = await endpoint();
    await call('PATCH', `/webhook-endpoints/${mine.id}`, { eventTypes: ['refund.updated'] });
    await happen('inv_c');
    await send();
    expect(stage.backend.at(mine.path)).toEqual([]);
  });

  it('is tried again under the same id, to the byte, until it is taken', async () => {
    const mine = await endpoint(answer(500, {}, 'not\u0000today'), answer(503), answer(200, {}, 'thanks'));
    await happen('inv_d');
    for (const failures of [1, 2]) {
      await send();
      expect(stage.backend.at(mine.path)).toHaveLength(failures);
      expect(await stateOf(mine)).toMatchObject({ status: 'enabled', failingSince: expect.any(String) as string });
      await due();
    }
    await send();
    const told = stage.backend.at(mine.path);
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(told.map(({ raw }) => raw)).size).toBe(1);
    const { status, attemptLog } = await newest(mine);
    expect(status).toBe('delivered');
    expect(attemptLog).toMatchObject([
      { number: 3, error: null, statusCode: 200, response: 'thanks' },
      { number: 2, error: 'status', statusCode: 503 },
      { number: 1, error: 'status', statusCode: 500, response: 'not\uFFFDtoday' },
    ]);
    expect((await stateOf(mine))['failingSince']).toBeNull();
  });

  it('is given up three days after its first attempt', async () => {
    const mine = await endpoint(answer(500));
    await happen('inv_e');
    await send();
    await stage.bench.rows(
      "UPDATE webhook_deliveries SET begun_at = begun_at - interval '3 days' WHERE status = 'pending'",
    );
    await due();
    await send();
    expect(await newest(mine)).toMatchObject({ status: 'failed', attempts: 2, nextAttemptAt: null });
  });
});

describe('an endpoint that does not behave', () => {
  const drip: Reaction = (response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => response.socket?.write('x'), 20);
    response.on('close', () => {
      clearInterval(timer);
    });
  };
  const toLoopback: Reaction = (response) => response.writeHead(307, { location: stage.backend.url('/inside') }).end();

  it.each<[string, Reaction, object]>([
    ['never answers', () => undefined, { error: 'timeout', statusCode: null }],
    ['drips its headers', drip, { error: 'timeout', statusCode: null }],
    ['redirects to 127.0.0.1', toLoopback, { error: 'redirect', statusCode: 307 }],
    ['hangs up', (response) => response.socket?.destroy(), { error: 'connection', statusCode: null }],
    ['speaks no HTTP', (response) => response.socket?.end('SSH-2.0\r\n'), { error: 'protocol', statusCode: null }],
    ['answers without end', (response) => response.writeHead(500).end('x'.repeat(5_000_000)), { error: 'status' }],
  ])('%s: a failed attempt, and another one is to come', async (_title, reaction, attempt) => {
    const mine = await endpoint(reaction);
    await happen('inv_f');
    await send();
    const { status, attemptLog, nextAttemptAt } = await newest(mine);
    expect({ status, attemptLog }).toMatchObject({ status: 'pending', attemptLog: [attempt] });
    expect(attemptLog[0]?.response?.length ?? 0).toBeLessThanOrEqual(1024);
    expect(nextAttemptAt).not.toBeNull();
    expect(stage.backend.at('/inside')).toEqual([]);
  });

  it('has taken a message with its status, whatever it says after it', async () => {
    const mine = await endpoint((response) => {
      response.writeHead(200).write('so far');
    });
    await happen('inv_g');
    await send();
    expect((await newest(mine)).attemptLog).toMatchObject([{ error: null, statusCode: 200, response: 'so far' }]);
  });

  it('is gone: disabled at once, with an alert, an event and an audit entry; enabled again, it gets what it missed', async () => {
    const mine = await endpoint(answer(410), answer(204));
    const witness = await endpoint();
    await happen('inv_h');
    await send();
    expect(await stateOf(mine)).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
    await happen('inv_i');
    await send();
    expect(stage.backend.at(mine.path)).toHaveLength(1);
    const told = stage.backend.at(witness.path).map(({ body }) => body);
    expect(told.find(({ type }) => type === 'webhook_endpoint.disabled')).toMatchObject({
      objectId: mine.id,
      data: { reason: 'gone' },
    });
    const alerts = 'SELECT 1 FROM alerts WHERE cause_key = $1';
    expect(await stage.bench.rows(alerts, [`webhook_endpoint.disabled:${mine.id}`])).toHaveLength(1);
    const refused = await call('POST', `/webhook-endpoints/${mine.id}/test`);
    expect(refused.body.error?.code).toBe('WEBHOOK_ENDPOINT_DISABLED');

    expect((await call('POST', `/webhook-endpoints/${mine.id}/enable`)).body['status']).toBe('enabled');
    const since = '2026-01-01T00:00:00Z';
    const redelivered = await call('POST', `/webhook-endpoints/${mine.id}/redeliver`, { since });
    expect(redelivered).toMatchObject({ status: 202, body: { nextSince: null } });
    await send();
    const objects = stage.backend.at(mine.path).map(({ body }) => body.objectId);
    expect(objects).toEqual(expect.arrayContaining(['inv_h', 'inv_i', mine.id]));
    const again = stage.backend.at(mine.path).filter(({ body }) => body.objectId === 'inv_h');
    expect(again).toHaveLength(2);
    expect(new Set(again.map(({ body }) => body.id)).size).toBe(1);
    const audited = await stage.bench.rows<{ action: string }>(
      'SELECT action FROM audit_log WHERE object_id = $1 ORDER BY seq',
      [mine.id],
    );
    expect(audited.map(({ action }) => action)).toEqual(
      ['create', 'disable', 'enable', 'redeliver'].map((verb) => `webhook_endpoint.${verb}`),
    );
  });

  it('has failed for days: it is left alone, and what waits for it is canceled', async () => {
    const mine = await endpoint(answer(500));
    await happen('inv_j', 'inv_k');
    await send();
    await stage.bench.rows("UPDATE webhook_endpoints SET failing_since = now() - interval '5 days' WHERE id = $1", [
      mine.id,
    ]);
    const [first] = await deliveriesOf(mine);
    await stage.bench.rows('UPDATE webhook_deliveries SET next_attempt_at = now() WHERE id = $1', [first?.id]);
    await send();
    expect(await stateOf(mine)).toMatchObject({ status: 'disabled', disabledReason: 'failing' });
    expect((await deliveriesOf(mine)).map(({ status }) => status)).toEqual(['canceled', 'canceled']);
  });

  it('asks us to wait: nothing is sent to it before', async () => {
    const mine = await endpoint(answer(429, { 'retry-after': '120' }), answer(204));
    await happen('inv_l');
    await send();
    const { nextAttemptAt } = await newest(mine);
    expect(new Date(String(nextAttemptAt)).getTime() - Date.now()).toBeGreaterThan(110_000);
    await happen('inv_m');
    await due();
    await send();
    expect(stage.backend.at(mine.path)).toHaveLength(1);
    await stage.bench.rows('UPDATE webhook_endpoints SET paused_until = now() WHERE id = $1', [mine.id]);
    await send();
    expect(stage.backend.at(mine.path)).toHaveLength(3);
  });

  it('is slow: others get theirs meanwhile, and it never has more than four at once', async () => {
    const held: (() => void)[] = [];
    const slow = await endpoint((response) => {
      held.push(() => response.writeHead(204).end());
    });
    const quick = await endpoint();
    await happen(...Array.from({ length: 9 }, (_, n) => `inv_slow_${n}`));
    const sending = Promise.all([send(), send(other)]);
    await until('the quick one has all', () => stage.backend.at(quick.path).length === 9);
    await until('the slow one has as many as it may', () => held.length === 4);
    expect(stage.backend.mostOpen(slow.path)).toBe(4);
    const timer = setInterval(() => {
      for (const go of held.splice(0)) go();
    }, 10);
    await sending;
    clearInterval(timer);
    await due();
    await send();
    expect(stage.backend.mostOpen(slow.path)).toBe(4);
  });
});

describe('several workers', () => {
  it('make each attempt once', async () => {
    const mine = await endpoint();
    const objects = Array.from({ length: 40 }, (_, n) => `inv_two_${n}`);
    await happen(...objects);
    // A worker leaves an endpoint that has as many under way as it may to whoever has them.
    await until('each has come', async () => {
      await Promise.all([send(), send(other), send(), send(other)]);
      return stage.backend.at(mine.path).length >= objects.length;
    });
    expect(
      stage.backend
        .at(mine.path)
        .map(({ body }) => body.objectId)
        .sort(),
    ).toEqual([...objects].sort());
  });

  it('take over from one that died while it sent, under the same id; what it says later does not count', async () => {
    let release = (): void => undefined;
    const mine = await endpoint((response) => (release = () => response.writeHead(500).end()), answer(204));
    await happen('inv_dead');
    const dying = send(other);
    await until('it has sent', () => stage.backend.at(mine.path).length === 1);
    await send();
    expect(stage.backend.at(mine.path)).toHaveLength(1);
    await stage.bench.rows(
      "UPDATE webhook_deliveries SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL",
    );
    await send();
    release();
    await dying;
    const told = stage.backend.at(mine.path);
    expect(told).toHaveLength(2);
    expect(told[0]?.headers['webhook-id']).toBe(told[1]?.headers['webhook-id']);
    expect(await newest(mine)).toMatchObject({ status: 'delivered', attempts: 1, lastStatusCode: 204 });
  });

  it('number the messages about an object without gaps, in the order its events were written', async () => {
    const mine = await endpoint();
    let life = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(2), { minLength: 1, maxLength: 25 }),
        fc.infiniteStream(fc.nat()),
        async (objects, dice) => {
          life += 1;
          const roll = (): number => Number(dice.next().value);
          await append(...objects.map((object) => `inv_seq_${life}_${object}`));
          const events = await stage.bench.rows<Parameters<OutgoingEvents['handle']>[0] & { seq: string }>(
            `SELECT id, seq, type, object_type AS "objectType", object_id AS "objectId", customer_id AS "customerId", payload,
             occurred_at AS "occurredAt", recorded_at AS "recordedAt"
           FROM outbox_events WHERE object_id LIKE $1`,
            [`inv_seq_${life}_%`],
          );
          // In any order, some of them twice, on two processes at once.
          const order = [...events, ...events.filter(() => roll() % 2 === 0)]
            .map((event) => ({ event, at: roll() }))
            .sort((a, b) => a.at - b.at);
          await Promise.all(
            order.map(({ event, at }) => (at % 2 === 0 ? stage.bench : other).get(OutgoingEvents).handle(event)),
          );
          const messages = await stage.bench.rows<{ object: string; sequences: string[]; seqs: string[] }>(
            `SELECT m.object_id AS object, array_agg(m.sequence ORDER BY m.sequence) AS sequences,
             array_agg(e.seq ORDER BY m.sequence) AS seqs
           FROM webhook_messages m JOIN outbox_events e ON e.id = m.event_id WHERE m.object_id LIKE $1 GROUP BY 1`,
            [`inv_seq_${life}_%`],
          );
          expect(messages.flatMap(({ seqs }) => seqs)).toHaveLength(objects.length);
          for (const { sequences, seqs } of messages) {
            expect(sequences.map(Number)).toEqual(sequences.map((_, index) => index + 1));
            expect(seqs.map(Number)).toEqual(seqs.map(Number).sort((a, b) => a - b));
          }
        },
      ),
      { numRuns: 8 },
    );
    await stage.bench.get(OutboxRelay).drain();
    expect(mine.id).toMatch(/^whe_/);
  });
});
