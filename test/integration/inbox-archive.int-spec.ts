import { InboxWorker } from '../../src/modules/webhooks';
import { InboxAcceptance, InboxArchive, InboxRepository, type IncomingEvent } from '../../src/platform/inbox';
import { startBench, type Bench } from '../support/bench';

let bench: Bench;
let archive: InboxArchive;

beforeAll(async () => {
  bench = await startBench({ STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRETS: 'whsec_x' });
  archive = bench.get(InboxArchive);
});
afterAll(() => bench.close());

function eventOf(eventId: string, body: string): IncomingEvent {
  return {
    provider: 'stripe',
    eventId,
    type: 'product.created',
    apiVersion: null,
    livemode: false,
    objectType: null,
    objectId: null,
    aggregate: null,
    occurredAt: new Date(1_780_000_000_000),
    rawBody: Buffer.from(body),
    headers: {},
  };
}

/** Accepts and handles events, so many days ago. */
async function handled(days: number, ...ids: string[]): Promise<void> {
  for (const id of ids) {
    await bench.get(InboxAcceptance).accept(eventOf(id, JSON.stringify({ id, type: 'product.created' })));
  }
  await bench.get(InboxWorker).drain();
  await bench.rows('UPDATE inbox_events SET handled_at = now() - make_interval(days => $1) WHERE event_id = ANY ($2)', [
    days,
    ids,
  ]);
}

interface Row {
  raw_body: Buffer | null;
  archived_at: Date | null;
  body: Buffer | null;
}
async function rowOf(eventId: string): Promise<Row> {
  const [row] = await bench.rows<Row>(
    `SELECT e.raw_body, e.archived_at, b.raw_body AS body FROM inbox_events e
     LEFT JOIN kassa_archive.inbox_bodies b USING (id, received_at) WHERE e.event_id = $1`,
    [eventId],
  );
  if (!row) throw new Error(`${eventId} is gone`);
  return row;
}

describe('the archive of the inbox', () => {
  it('takes the bodies of what was handled long enough ago, byte for byte, and leaves the keys', async () => {
    await handled(8, 'evt_old_1', 'evt_old_2');
    await handled(6, 'evt_young');
    await bench.get(InboxAcceptance).accept(eventOf('evt_open', '{"still":"to do"}'));
    expect(await archive.sweep()).toBe(2);
    expect(await archive.sweep()).toBe(0);
    const moved = await rowOf('evt_old_1');
    expect(moved).toMatchObject({ raw_body: null, archived_at: expect.any(Date) as Date });
    expect(moved.body?.toString()).toBe('{"id":"evt_old_1","type":"product.created"}');
    for (const id of ['evt_young', 'evt_open'])
      expect(await rowOf(id)).toMatchObject({ archived_at: null, body: null });
  });

  it('still knows a redelivery of what it has archived', async () => {
    const again = await bench.get(InboxAcceptance).accept(eventOf('evt_old_1', '{"id":"evt_old_1","again":true}'));
    expect(again.outcome).toBe('already_processed');
    expect((await rowOf('evt_old_1')).body?.toString()).toBe('{"id":"evt_old_1","type":"product.created"}');
  });

  it('gives an archived body back to whoever works the row again', async () => {
    await bench.rows(
      "UPDATE inbox_events SET status = 'received', handled_at = NULL, ignored_for = NULL WHERE event_id IN ('evt_old_2')",
    );
    await bench.rows("UPDATE inbox_events SET next_retry_at = now() + interval '1 hour' WHERE event_id = 'evt_open'");
    const [claimed] = await bench.get(InboxRepository).claim('me', 10);
    expect(claimed?.rawBody.toString()).toBe('{"id":"evt_old_2","type":"product.created"}');
  });

  it('leaves what failed where it is', async () => {
    await handled(30, 'evt_failed');
    await bench.rows("UPDATE inbox_events SET status = 'failed', ignored_for = NULL WHERE event_id = 'evt_failed'");
    expect(await archive.sweep()).toBe(0);
    expect((await rowOf('evt_failed')).raw_body).not.toBeNull();
  });

  it('moves each body once, whoever sweeps at once', async () => {
    const ids = Array.from({ length: 700 }, (_, i) => `evt_many_${i}`);
    await Promise.all(ids.map((id) => bench.get(InboxAcceptance).accept(eventOf(id, `{"id":"${id}"}`))));
    await bench.rows(
      `UPDATE inbox_events SET status = 'ignored', handled_at = now() - interval '9 days' WHERE event_id = ANY ($1)`,
      [ids],
    );
    const moved = await Promise.all([archive.sweep(), archive.sweep(), archive.sweep()]);
    expect(moved.reduce((sum, n) => sum + n, 0)).toBe(700);
    const [kept] = await bench.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM inbox_events e JOIN kassa_archive.inbox_bodies b USING (id, received_at)
       WHERE e.event_id = ANY ($1) AND e.raw_body IS NULL AND convert_from(b.raw_body, 'UTF8') = '{"id":"' || e.event_id || '"}'`,
      [ids],
    );
    expect(kept?.n).toBe(700);
  });

  it('lets go of the months beyond the retention, and of no other', async () => {
    for (const at of ['2020-03-31T23:59:59Z', '2020-04-01T00:00:00Z']) {
      await bench.rows('SELECT kassa_archive.prepare($1)', [at]);
      await bench.rows(
        "INSERT INTO kassa_archive.inbox_bodies (id, received_at, raw_body) SELECT to_char(at, 'YYYY'), at, 'x' FROM (SELECT $1::timestamptz AS at) a",
        [at],
      );
    }
    const before = await months();
    expect(before).toEqual(expect.arrayContaining(['202003', '202004']));
    await archive.sweep();
    expect(await months()).toEqual(before.filter((month) => month > '202004'));
    expect((await rowOf('evt_old_1')).body).not.toBeNull();
  });

  it('fails for good what is worked again after its body was let go', async () => {
    await bench.rows(
      `INSERT INTO inbox_events (id, provider, event_id, type, livemode, occurred_at, received_at, raw_body, archived_at, headers, status)
       VALUES ('evt_gone', 'stripe', 'evt_gone', 'product.created', false, '2020-01-01', '2020-01-01', NULL, '2020-02-01', '{}', 'received')`,
    );
    await bench.get(InboxWorker).drain();
    const rows = await bench.rows(
      "SELECT status, error_context ->> 'code' AS code FROM inbox_events WHERE id = 'evt_gone'",
    );
    expect(rows).toEqual([{ status: 'failed', code: 'EVENT_BODY_EXPIRED' }]);
  });

  it('never lets go of the month that is, whoever asks', async () => {
    const before = await months();
    expect(await bench.rows("SELECT kassa_archive.forget_before(now() + interval '10 years')")).toEqual([]);
    expect(await months()).toEqual(before);
  });

  it.each([
    ['to be forgotten', "UPDATE inbox_events SET raw_body = NULL, archived_at = now() WHERE event_id = 'evt_young'"],
    ['to be another', "UPDATE inbox_events SET raw_body = 'x' WHERE event_id = 'evt_young'"],
    ['to change in the archive', "UPDATE kassa_archive.inbox_bodies SET raw_body = 'x'"],
  ])('does not allow a body %s', async (_title, sql) => {
    const refused = await bench.rows(sql).catch((error: unknown) => error);
    expect(['23001', '42501']).toContain((refused as { code?: string }).code);
  });

  async function months(): Promise<string[]> {
    const rows = await bench.rows<{ month: string }>(
      "SELECT right(relname, 6) AS month FROM pg_class WHERE relnamespace = 'kassa_archive'::regnamespace AND relispartition AND relkind = 'r' ORDER BY 1",
    );
    return rows.map(({ month }) => month);
  }
});
