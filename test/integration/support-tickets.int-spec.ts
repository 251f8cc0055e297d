import { InboxWorker, ReplayService } from '../../src/modules/webhooks';
import { SYSTEM } from '../../src/platform/audit';
import { UnitOfWork } from '../../src/platform/database';
import { InboxAcceptance } from '../../src/platform/inbox';
import { OutboxRelay } from '../../src/platform/outbox';
import { startBench, type Bench } from '../support/bench';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRETS: 'whsec_x' });
});
afterAll(() => bench.close());

/** A row at its dead end, of which nobody has been told yet. @returns our id of it. */
async function failedEvent(eventId: string): Promise<string> {
  const { id } = await bench.get(InboxAcceptance).accept({
    provider: 'stripe',
    eventId,
    type: 'invoice.paid',
    apiVersion: '2026-01-01',
    livemode: false,
    objectType: 'invoice',
    objectId: 'in_1',
    aggregate: null,
    occurredAt: new Date('2026-01-01T00:00:00Z'),
    rawBody: Buffer.from('{}'),
    headers: {},
  });
  await bench.get(InboxWorker).drain();
  expect(await bench.rows('SELECT status FROM inbox_events WHERE id = $1', [id])).toEqual([{ status: 'failed' }]);
  return id;
}
const tell = (): Promise<number> => bench.get(OutboxRelay).drain();
const ticketsOf = (eventId: string): Promise<{ status: string; count: number }[]> =>
  bench.rows("SELECT status, (details ->> 'count')::int AS count FROM payment_support_tickets WHERE event_id = $1", [
    eventId,
  ]);
const requeue = (eventId: string): Promise<void> =>
  bench.get(UnitOfWork).service((tx) => bench.get(ReplayService).requeue(tx, eventId, SYSTEM));

describe('a failure that is told late', () => {
  it('opens no ticket where the event was put back meanwhile, and one where it failed again', async () => {
    const id = await failedEvent('evt_late');
    await requeue(id);
    await tell();
    expect(await ticketsOf(id)).toEqual([]);
    await bench.get(InboxWorker).drain();
    await tell();
    expect(await ticketsOf(id)).toEqual([{ status: 'open', count: 1 }]);
  });

  it('is one ticket where both failures are told after the second', async () => {
    const id = await failedEvent('evt_twice');
    await requeue(id);
    await bench.get(InboxWorker).drain();
    await tell();
    expect(await ticketsOf(id)).toEqual([{ status: 'open', count: 2 }]);
  });

  it('is answered under the name that the first release stored', async () => {
    const id = await failedEvent('evt_upgrade');
    await bench.rows(
      `UPDATE outbox_deliveries SET consumer = 'dead-letter-alert'
       WHERE handled_at IS NULL AND event_id IN (SELECT id FROM outbox_events WHERE object_id = $1)`,
      [id],
    );
    await tell();
    expect(await ticketsOf(id)).toEqual([{ status: 'open', count: 1 }]);
    expect(await bench.rows("SELECT kind FROM alerts WHERE kind = 'outbox.dead_letter'")).toEqual([]);
  });
});

describe('a ticket', () => {
  it('is nothing that a user may see', async () => {
    const id = await failedEvent('evt_secret');
    await tell();
    expect(await ticketsOf(id)).toHaveLength(1);
    const asUser = bench.get(UnitOfWork).user('anybody', (tx) => tx.$queryRaw`SELECT id FROM payment_support_tickets`);
    await expect(asUser).rejects.toThrow(/permission denied/);
  });
});

describe('a note', () => {
  /** @returns the SQLSTATE, or null where it went through; leaves nothing behind. */
  const refusalOf = (change: string): Promise<string | null> =>
    bench
      .get(UnitOfWork)
      .service(async (tx) => {
        await tx.$executeRaw`INSERT INTO customers (id, user_id, created_at, updated_at) VALUES ('cust_n', 'nora', now(), now())`;
        await tx.$executeRaw`
          INSERT INTO payment_support_tickets (id, type, priority, status, cause_key, summary, details, customer_id, due_at, created_at, updated_at)
          VALUES ('tkt_n', 'other', 'low', 'open', 'n', 'x', '{}', 'cust_n', now(), now(), now())`;
        await tx.$executeRaw`
          INSERT INTO support_ticket_notes (id, ticket_id, at, author_type, author_id, text) VALUES ('tkn_n', 'tkt_n', now(), 'user', 'nora', 'x')`;
        for (const sql of change.split(';')) await tx.$executeRawUnsafe(sql);
        throw new Error('no refusal');
      })
      .catch(
        (error: unknown) => /23001|42501|no refusal/.exec(`${String(error)} ${JSON.stringify(error)}`)?.[0] ?? null,
      );
  const ERASED = `UPDATE customers SET email = NULL, user_id = 'erased:' || id, erased_at = now() WHERE id = 'cust_n'`;

  it.each([
    ["UPDATE support_ticket_notes SET text = 'y'", '23001'],
    ['UPDATE support_ticket_notes SET text = NULL', '23001'],
    ["UPDATE support_ticket_notes SET author_id = 'other'", '23001'],
    ['UPDATE support_ticket_notes SET at = now()', '42501'],
    ['DELETE FROM support_ticket_notes', '42501'],
    [`${ERASED};UPDATE support_ticket_notes SET text = 'y'`, '23001'],
    [`${ERASED};UPDATE support_ticket_notes SET text = NULL, author_id = 'erased:cust_n'`, 'no refusal'],
  ])('is evidence, but for what an erasure takes: %s', async (change, refusal) => {
    expect(await refusalOf(change)).toBe(refusal);
  });
});
