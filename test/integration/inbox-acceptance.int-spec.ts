import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { InboxAcceptance, type IncomingEvent } from '../../src/platform/inbox';
import { startBench, type Bench } from '../support/bench';

let bench: Bench;
let acceptance: InboxAcceptance;

beforeAll(async () => {
  bench = await startBench();
  acceptance = bench.get(InboxAcceptance);
});
afterAll(() => bench.close());

function eventOf(changes: Partial<IncomingEvent> = {}): IncomingEvent {
  return {
    provider: 'stripe',
    eventId: `evt_${randomBytes(8).toString('hex')}`,
    type: 'balance.available',
    apiVersion: null,
    livemode: false,
    objectType: 'balance',
    objectId: null,
    aggregate: null,
    occurredAt: new Date(1_780_000_000_123),
    rawBody: randomBytes(300),
    headers: { 'user-agent': 'a "quoted", {braced} agent' },
    ...changes,
  };
}

const stored = async (events: readonly IncomingEvent[]): Promise<Map<string, { id: string; raw_body: Buffer }>> => {
  const rows = await bench.rows<{ id: string; event_id: string; raw_body: Buffer }>(
    'SELECT id, event_id, raw_body FROM inbox_events WHERE event_id = ANY ($1)',
    [events.map(({ eventId }) => eventId)],
  );
  expect(new Set(rows.map(({ event_id }) => event_id)).size).toBe(rows.length);
  return new Map(rows.map((row) => [row.event_id, row]));
};

const fates = (promises: Promise<unknown>[]): Promise<string[]> =>
  Promise.all(
    promises.map((promise) =>
      promise.then(
        () => 'stored',
        (error: unknown) => (error as { code?: string }).code ?? 'no code',
      ),
    ),
  );

describe('accepting many at once', () => {
  it('stores each once and tells each delivery the truth', async () => {
    const events = Array.from({ length: 200 }, () => eventOf());
    const deliveries = [...events, ...events.slice(0, 60), ...events.slice(40, 100)];
    const answers = await Promise.all(deliveries.map((event) => acceptance.accept(event)));
    const rows = await stored(events);
    for (const [i, event] of deliveries.entries()) {
      expect(answers[i]).toEqual({
        id: rows.get(event.eventId)?.id,
        outcome: i < events.length ? 'received' : 'already_received',
      });
      expect(rows.get(event.eventId)?.raw_body.equals(event.rawBody)).toBe(true);
    }
  });

  it('keeps every column as it came, nulls and empty bodies too', async () => {
    const full = eventOf({ objectId: 'o"\\,{}', apiVersion: '2026-10-28.endive', aggregate: 'stripe:cus_1' });
    const bare = eventOf({ objectType: null, rawBody: Buffer.alloc(0), headers: {}, livemode: true });
    await Promise.all([full, bare].map((event) => acceptance.accept(event)));
    const rows = await bench.rows<Record<string, unknown>>(
      `SELECT event_id AS "eventId", provider, type, api_version AS "apiVersion", livemode, object_type AS "objectType",
         object_id AS "objectId", aggregate, occurred_at AS "occurredAt", raw_body AS "rawBody", headers
       FROM inbox_events WHERE event_id IN ($1, $2) ORDER BY event_id = $2`,
      [full.eventId, bare.eventId],
    );
    expect(rows).toEqual([full, bare]);
  });

  it('lets what no row can hold fail alone', async () => {
    const events = Array.from({ length: 40 }, () => eventOf());
    const poison = [
      eventOf({ type: 'a\u0000b' }),
      // Random text does not compress: no index entry is that long.
      eventOf({ eventId: `evt_${randomBytes(9_000).toString('base64')}` }),
    ];
    const all = [...events.slice(0, 20), ...poison, ...events.slice(20)];
    const answers = await fates(all.map((event) => acceptance.accept(event)));
    expect(answers.filter((fate) => fate !== 'stored').sort()).toEqual(['22021', '54000']);
    expect((await stored(all)).size).toBe(events.length);
  });

  it('takes two texts that are one to PostgreSQL for one event', async () => {
    const eventId = `evt_${randomBytes(8).toString('hex')}`;
    const answers = await Promise.all(
      ['\ud800', '\udfff', '\ufffd'].map((end) => acceptance.accept(eventOf({ eventId: eventId + end }))),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['already_received', 'already_received', 'received']);
  });
});

describe('accepting where it cannot be done', () => {
  it('gives up on a locked inbox after a moment, refuses what is too much, and goes on afterwards', async () => {
    const lock = new Client({ connectionString: bench.database.ownerUrl });
    await lock.connect();
    await lock.query('BEGIN; LOCK TABLE inbox_events IN ACCESS EXCLUSIVE MODE');
    const waiting = Array.from({ length: 10_000 }, () => eventOf({ rawBody: Buffer.alloc(1) }));
    const accepted = waiting.map((event) => acceptance.accept(event));
    await expect(acceptance.accept(eventOf())).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'INBOX_BUSY',
      retryAfterSeconds: 1,
    });
    // All of them, and not one batch after the other: that would be 80 seconds of waiting for locks.
    expect(new Set(await fates(accepted))).toEqual(new Set(['55P03']));
    await lock.query('ROLLBACK');
    await lock.end();
    expect((await stored(waiting)).size).toBe(0);
    const retried = await fates(waiting.map((event) => acceptance.accept(event)));
    expect(new Set(retried)).toEqual(new Set(['stored']));
    expect((await stored(waiting)).size).toBe(waiting.length);
  });

  it('never lets two processes wait for each other over the same events', async () => {
    const other = await startBench({}, bench.database);
    const events = Array.from({ length: 300 }, () => eventOf());
    const outcomes = await Promise.all([
      ...events.map((event) => acceptance.accept(event)),
      ...[...events].reverse().map((event) => other.get(InboxAcceptance).accept(event)),
    ]);
    await other.close();
    expect(outcomes.filter(({ outcome }) => outcome === 'received')).toHaveLength(events.length);
    expect((await stored(events)).size).toBe(events.length);
  });

  it('answers whom it has let in before the process ends', async () => {
    const other = await startBench({}, bench.database);
    const events = Array.from({ length: 1_000 }, () => eventOf());
    const accepted = fates(events.map((event) => other.get(InboxAcceptance).accept(event)));
    await other.close();
    expect(new Set(await accepted)).toEqual(new Set(['stored']));
    expect((await stored(events)).size).toBe(events.length);
  });
});
