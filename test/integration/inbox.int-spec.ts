import { randomBytes } from 'node:crypto';
import { InboxWorker } from '../../src/modules/webhooks';
import { UnitOfWork } from '../../src/platform/database';
import {
  InboxAcceptance,
  InboxRepository,
  LeaseLostError,
  type IncomingEvent,
  type SettledEvent,
} from '../../src/platform/inbox';
import { STRIPE_API_VERSION } from '../../src/providers/stripe/stripe-version';
import { startBench, type Bench } from '../support/bench';

let bench: Bench;
let acceptance: InboxAcceptance;
let inbox: InboxRepository;
let unitOfWork: UnitOfWork;

beforeAll(async () => {
  bench = await startBench({ STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRETS: 'whsec_x' });
  acceptance = bench.get(InboxAcceptance);
  inbox = bench.get(InboxRepository);
  unitOfWork = bench.get(UnitOfWork);
  await bench.rows("INSERT INTO customers (id, user_id, created_at, updated_at) VALUES ('cus_1', 'u', now(), now())");
  await bench.rows(
    "INSERT INTO customer_accounts (provider, provider_id, customer_id, created_at) VALUES ('stripe', 'cus_s', 'cus_1', now())",
  );
});
afterAll(() => bench.close());
afterEach(async () => {
  // Evidence is kept; what a test left undone is settled.
  await bench.rows(
    "UPDATE inbox_events SET status = 'ignored', handled_at = now(), lease_owner = NULL, lease_until = NULL WHERE handled_at IS NULL",
  );
});

function eventOf(changes: Partial<IncomingEvent> = {}, object: object = {}): IncomingEvent {
  const eventId = changes.eventId ?? `evt_${randomBytes(6).toString('hex')}`;
  const type = changes.type ?? 'payment_intent.succeeded';
  const payment = { id: `pi_${eventId}`, object: 'payment_intent', customer: 'cus_s', amount: 5, currency: 'usd' };
  const body = {
    id: eventId,
    type,
    api_version: STRIPE_API_VERSION,
    created: 1_780_000_000,
    livemode: false,
    data: { object: { ...payment, status: 'succeeded', created: 1_780_000_000, ...object } },
  };
  return {
    provider: 'stripe',
    eventId,
    type,
    apiVersion: STRIPE_API_VERSION,
    livemode: false,
    objectType: 'payment_intent',
    objectId: payment.id,
    aggregate: 'stripe:cus_s',
    occurredAt: new Date(1_780_000_000_000),
    rawBody: Buffer.from(JSON.stringify(body)),
    headers: {},
    ...changes,
  };
}

function subscriptionOf(customer: string): object {
  const at = 1_780_000_000;
  const recurring = { interval: 'month', interval_count: 1 };
  const price = { id: 'price_of_nobody', unit_amount: 900, currency: 'usd', recurring, metadata: {} };
  const item = { price, quantity: 1, current_period_start: at, current_period_end: at + 86_400 };
  return {
    id: `sub_${customer}`,
    object: 'subscription',
    customer,
    status: 'active',
    currency: 'usd',
    items: { data: [item] },
    cancel_at_period_end: false,
    metadata: {},
    start_date: at,
  };
}

interface InboxRow {
  status: string;
  retry_count: number;
  lease_owner: string | null;
  ignored_for: string | null;
  error_context: { code: string; class: string } | null;
}
async function rowOf(eventId: string): Promise<InboxRow> {
  const rows = await bench.rows<InboxRow>('SELECT * FROM inbox_events WHERE event_id = $1', [eventId]);
  expect(rows).toHaveLength(1);
  return rows[0] as InboxRow;
}
const claim = (owner: string, limit = 50): Promise<{ id: string }[]> => inbox.claim(owner, limit);
const processed = (id: string): SettledEvent => ({
  id,
  status: 'processed',
  ignoredFor: null,
  aggregate: 'stripe:cus_s',
});
const settle = (owner: string, ids: string[]): Promise<void> =>
  unitOfWork.service((tx) => inbox.settle(tx, owner, ids.map(processed)));

describe('accepting', () => {
  it('keeps one row of a hundred deliveries at once, and says the truth to each', async () => {
    const event = eventOf();
    const answers = await Promise.all(Array.from({ length: 100 }, () => acceptance.accept(event)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ outcome }) => outcome === 'received')).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === 'already_received')).toHaveLength(99);
    await rowOf(event.eventId);
    await bench.get(InboxWorker).drain();
    expect((await acceptance.accept(event)).outcome).toBe('already_processed');
  });

  it('keeps the bytes as they came, and the first of two bodies under one id', async () => {
    const rawBody = Buffer.from([0, 255, 10, 13, 34]);
    const event = eventOf({ rawBody });
    await acceptance.accept(event);
    await acceptance.accept({ ...event, rawBody: Buffer.from('other') });
    const [row] = await bench.rows<{ raw_body: Buffer }>('SELECT raw_body FROM inbox_events WHERE event_id = $1', [
      event.eventId,
    ]);
    expect(row?.raw_body.equals(rawBody)).toBe(true);
  });

  it('tells events of one id at two providers apart', async () => {
    const event = eventOf();
    expect((await acceptance.accept(event)).outcome).toBe('received');
    expect((await acceptance.accept({ ...event, provider: 'wise' })).outcome).toBe('received');
  });
});

describe('claiming', () => {
  it('gives each row to one of many workers', async () => {
    await Promise.all(Array.from({ length: 40 }, () => acceptance.accept(eventOf())));
    const claims = await Promise.all(Array.from({ length: 8 }, (_, i) => claim(`worker-${i}`, 10)));
    const ids = claims.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(40);
  });

  it('takes a dead worker over, who can then no longer commit', async () => {
    await acceptance.accept(eventOf());
    const [row] = await claim('dead');
    const id = row?.id ?? '';
    expect(await claim('heir')).toEqual([]);
    await bench.rows("UPDATE inbox_events SET lease_until = now() - interval '1 second' WHERE id = $1", [id]);
    expect(await claim('heir')).toMatchObject([{ id }]);
    const late = unitOfWork.service(async (tx) => {
      await tx.$executeRaw`UPDATE customers SET email = 'late@test.example'`;
      await inbox.settle(tx, 'dead', [processed(id)]);
    });
    await expect(late).rejects.toThrow(LeaseLostError);
    expect(await bench.rows('SELECT email FROM customers')).toEqual([{ email: null }]);
    await settle('heir', [id]);
    await expect(settle('heir', [id])).rejects.toThrow(LeaseLostError);
  });

  it('does not see what is put off until its time', async () => {
    await acceptance.accept(eventOf());
    const [row] = await claim('one');
    await unitOfWork.service((tx) => inbox.release(tx, 'one', [row?.id ?? ''], 60_000));
    expect(await claim('two')).toEqual([]);
    await bench.rows("UPDATE inbox_events SET next_retry_at = now() - interval '1 second' WHERE id = $1", [row?.id]);
    expect(await claim('two')).toHaveLength(1);
  });
});

describe('working', () => {
  const drain = (): Promise<number> => bench.get(InboxWorker).drain();

  it('lets a poison row fail alone, beside others of its customer', async () => {
    const good = Array.from({ length: 5 }, () => eventOf());
    // Well formed, and yet nothing the tables can hold: it fails in the transaction, not in the translation.
    const poison = eventOf({}, { currency: 'usd', amount: -5 });
    const absurd = eventOf({}, { amount: 'five' });
    const nul = eventOf({}, { last_payment_error: { code: 'a\u0000b' }, status: 'requires_payment_method' });
    for (const event of [...good.slice(0, 2), poison, absurd, nul, ...good.slice(2)]) await acceptance.accept(event);
    await drain();
    for (const { eventId } of good)
      expect(await rowOf(eventId)).toMatchObject({ status: 'processed', lease_owner: null });
    expect(await rowOf(absurd.eventId)).toMatchObject({
      status: 'failed',
      error_context: { class: 'permanent', code: 'SCHEMA_VALIDATION' },
    });
    for (const { eventId } of [poison, nul]) {
      const row = await rowOf(eventId);
      expect(['failed', 'retrying']).toContain(row.status);
      expect(row.error_context?.code).toBe('UNEXPECTED');
      expect(JSON.stringify(row.error_context)).not.toContain('a\\u0000b');
    }
    const told = await bench.rows<{ payload: { eventId: string } }>(
      "SELECT payload FROM outbox_events WHERE type = 'inbox.failed'",
    );
    expect(told.length).toBeGreaterThan(0);
    const facts = await bench.rows<{ n: string }>('SELECT count(*) AS n FROM facts WHERE source_id = ANY ($1)', [
      [poison, absurd, nul].map(({ eventId }) => eventId),
    ]);
    expect(facts).toEqual([{ n: '0' }]);
  });

  it('does the others together where many are on prices nobody knows', async () => {
    const customers = Array.from({ length: 6 }, (_, n) => `cus_lost_${n}`);
    for (const customer of customers) {
      await bench.rows(
        "INSERT INTO customer_accounts (provider, provider_id, customer_id, created_at) VALUES ('stripe', $1, 'cus_1', now())",
        [customer],
      );
    }
    const subscription = (customer: string): IncomingEvent =>
      eventOf({ type: 'customer.subscription.created', aggregate: `stripe:${customer}` }, subscriptionOf(customer));
    const lost = customers.map(subscription);
    const payment = eventOf({ aggregate: `stripe:${customers[0]}` }, { customer: customers[0] });
    const good = Array.from({ length: 20 }, () => eventOf());
    for (const event of [...good.slice(0, 10), ...lost, payment, ...good.slice(10)]) await acceptance.accept(event);
    await drain();
    for (const { eventId } of [...good, payment]) expect((await rowOf(eventId)).status).toBe('processed');
    for (const { eventId } of lost) {
      expect(await rowOf(eventId)).toMatchObject({ status: 'failed', error_context: { code: 'PRICE_UNKNOWN' } });
    }
  });

  it('does each row once for workers at once', async () => {
    const events = Array.from({ length: 30 }, () => eventOf());
    await Promise.all(events.map((event) => acceptance.accept(event)));
    await Promise.all([drain(), drain(), drain(), drain()]);
    for (let pass = 0; pass < 50; pass += 1) {
      await bench.rows('UPDATE inbox_events SET next_retry_at = NULL WHERE handled_at IS NULL');
      if ((await drain()) === 0) break;
    }
    for (const { eventId } of events)
      expect(await rowOf(eventId)).toMatchObject({ status: 'processed', retry_count: 0 });
    const [facts] = await bench.rows<{ n: string }>('SELECT count(*) AS n FROM facts WHERE source_id = ANY ($1)', [
      events.map(({ eventId }) => eventId),
    ]);
    expect(facts).toEqual({ n: '30' });
  });

  it.each<[string, Partial<IncomingEvent>, object]>([
    ['a type that means nothing to us', { type: 'customer.updated' }, { object: 'customer' }],
    ['a live event on test keys', { livemode: true }, {}],
    ["another's payment on a shared account", { aggregate: 'stripe:cus_foreign' }, { customer: 'cus_foreign' }],
  ])('ignores %s', async (_title, changes, object) => {
    const event = eventOf(changes, object);
    await acceptance.accept(event);
    await drain();
    expect(await rowOf(event.eventId)).toMatchObject({ status: 'ignored', error_context: null });
  });

  it('takes up again what it ignored, once an object names whose it is: a second account of a customer too', async () => {
    const early = eventOf({ aggregate: 'stripe:cus_second' }, { customer: 'cus_second' });
    await acceptance.accept(early);
    await drain();
    expect(await rowOf(early.eventId)).toMatchObject({ status: 'ignored', ignored_for: 'foreign' });
    const session = {
      id: 'cs_1',
      object: 'checkout.session',
      customer: 'cus_second',
      status: 'expired',
      subscription: null,
      metadata: { kassaCustomerId: 'cus_1' },
    };
    const telling = eventOf({ aggregate: 'stripe:cus_second', type: 'checkout.session.expired' }, session);
    await acceptance.accept(telling);
    await drain();
    for (const { eventId } of [telling, early]) {
      expect(await rowOf(eventId)).toMatchObject({ status: 'processed', ignored_for: null });
    }
    const owners = await bench.rows(
      "SELECT customer_id FROM payments WHERE provider_id = $1 UNION ALL SELECT customer_id FROM customer_accounts WHERE provider_id = 'cus_second'",
      [`pi_${early.eventId}`],
    );
    expect(owners).toEqual([{ customer_id: 'cus_1' }, { customer_id: 'cus_1' }]);
  });

  it('raises one alert for many live events on test keys', async () => {
    for (let i = 0; i < 3; i += 1) await acceptance.accept(eventOf({ livemode: true }));
    await drain();
    const alerts = await bench.rows("SELECT kind FROM alerts WHERE kind = 'inbox.wrong_livemode'");
    expect(alerts).toHaveLength(1);
  });

  it('fails what came from a provider that is off, without holding up the rest', async () => {
    const apple = eventOf({ provider: 'apple' });
    const stripe = eventOf();
    await acceptance.accept(apple);
    await acceptance.accept(stripe);
    await drain();
    expect((await rowOf(stripe.eventId)).status).toBe('processed');
    expect((await rowOf(apple.eventId)).error_context).not.toBeNull();
  });
});
