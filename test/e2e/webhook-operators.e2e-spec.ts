import { Client } from 'pg';
import type Stripe from 'stripe';
import { databaseDigest } from '../support/database-digest';
import { RETURN_ORIGIN, startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { postWebhook, stripeEvent, stripeSignature } from '../support/stripe-events';
import { asUser } from '../support/tokens';

interface EventBody {
  id: string;
  providerId: string;
  type: string;
  status: string;
  receivedAt: string;
  replayCount: number;
}
interface ChangeBody {
  table: string;
  key: Record<string, unknown>;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}
interface DryRunBody {
  outcome: string;
  ignoredFor: string | null;
  error: { code: string } | null;
  changes: ChangeBody[];
}

const REFUSES = `
  CREATE FUNCTION spec_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'a mistake of this release' USING ERRCODE = 'data_exception';
  END $$;
  CREATE TRIGGER spec_refuses BEFORE INSERT OR UPDATE ON subscriptions FOR EACH ROW EXECUTE FUNCTION spec_refuses()`;
const MENDED = 'DROP TRIGGER spec_refuses ON subscriptions; DROP FUNCTION spec_refuses()';

describe("operators' work on the inbox", () => {
  let house: House;
  // Nothing runs by itself: the spec says when the workers work.
  beforeAll(async () => {
    house = await startHouse({ settings: { ROLE: 'api' } });
  }, 30_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  const support = asUser('sue', 'support');
  const admin = asUser('ada', 'admin');
  const get = (path: string, headers: Record<string, string> = support): Promise<Answer> =>
    fetchAnswer(`${house.app.url}/v1/admin/webhooks/${path}`, { headers });
  const post = (path: string, body: unknown = {}, headers: Record<string, string> = admin): Promise<Answer> =>
    fetchAnswer(`${house.app.url}/v1/admin/webhooks/${path}`, jsonPost(body, headers));
  const list = async (query: string): Promise<EventBody[]> =>
    (await get(`events?${query}`)).body['data'] as EventBody[];
  const detail = async (id: string) => (await get(`events/${id}`)).body;
  const dryRun = async (id: string): Promise<DryRunBody> => {
    const answer = await post(`events/${id}/replay?dryRun=true`, {}, support);
    expect(answer.status).toBe(200);
    return answer.body as unknown as DryRunBody;
  };
  const send = async (event: object): Promise<string> => {
    const body = JSON.stringify(event);
    const signature = stripeSignature(body, WEBHOOK_SECRET);
    return (await postWebhook(`${house.app.url}/v1/webhooks/stripe`, body, signature)).body['id'] as string;
  };
  const asOwner = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: house.database.ownerUrl });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  /** But for the audit log: that somebody has looked stands there. */
  const digest = async (...without: string[]) => {
    const { 'public.audit_log': _looks, ...tables } = await databaseDigest(house.rows, without);
    return tables;
  };
  const audit = (action: string) =>
    house.rows<{ actor_id: string; object_id: string; before: object; after: object }>(
      'SELECT actor_id, object_id, before, after FROM audit_log WHERE action = $1 ORDER BY seq',
      [action],
    );
  const subscribe = async (user: string): Promise<Stripe.Subscription> => {
    const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
    const opened = await house.as(user, 'POST', '/billing/checkout', { plan: 'BASIC', ...urls });
    await house.box.submit(new URL(opened.body['url'] as string).pathname, { card: '4242424242424242' });
    const session = await house.box.stripe.checkout.sessions.retrieve(opened.body['sessionId'] as string);
    await house.settle();
    return house.box.stripe.subscriptions.retrieve(session.subscription as string);
  };
  const mine = async (user: string) => (await house.as(user, 'GET', '/billing/subscriptions/me')).body;
  /** An event that failed for good because of a mistake of ours: his subscription was set to end. */
  const failedUpdate = async (user: string): Promise<{ id: string; subscription: Stripe.Subscription }> => {
    const subscription = await subscribe(user);
    await asOwner(REFUSES);
    await house.box.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    await house.settle();
    const [event] = await list(`objectId=${subscription.id}&status=failed`);
    return { id: event!.id, subscription };
  };

  it('lists what came, newest first, page by page', async () => {
    await subscribe('lister');
    const seen: EventBody[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Answer = await get(`events?limit=4${cursor && `&cursor=${cursor}`}`);
      expect(page.status).toBe(200);
      seen.push(...(page.body['data'] as EventBody[]));
      cursor = page.body['nextCursor'] as string | null;
    }
    const all = await house.rows<{ id: string }>('SELECT id FROM inbox_events ORDER BY received_at DESC, id DESC');
    expect(seen.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    expect(seen.length).toBeGreaterThan(8);
  });

  it('finds by what events have in common', async () => {
    const { id, customer } = await subscribe('finder');
    const aggregate = `stripe:${customer as string}`;
    expect(await list(`objectId=${id}&type=customer.subscription.created`)).toMatchObject([
      {
        type: 'customer.subscription.created',
        status: 'processed',
        provider: 'stripe',
        objectId: id,
        aggregate,
        archived: false,
      },
    ]);
    const [first] = await list(`aggregate=${aggregate}`);
    const received = first!.receivedAt;
    expect((await list(`aggregate=${aggregate}&receivedFrom=${received}`)).length).toBeGreaterThan(0);
    for (const event of await list(`aggregate=${aggregate}&receivedTo=${received}`)) {
      expect(event.receivedAt < received).toBe(true);
    }
    expect(await list(`aggregate=${aggregate}&status=failed`)).toEqual([]);
    expect(await list('provider=wise')).toEqual([]);
  });

  it('shows an event with what it told', async () => {
    const { id } = await subscribe('reader');
    const [event] = await list(`objectId=${id}&type=customer.subscription.created`);
    expect(await detail(event!.id)).toMatchObject({
      id: event!.id,
      status: 'processed',
      retryCount: 0,
      replayCount: 0,
      nextRetryAt: null,
      error: null,
      earlierErrors: [],
      ignoredFor: null,
      archived: false,
      bodyExpired: false,
      payloadEncoding: 'json',
      payload: { id: event!.providerId, object: 'event', data: { object: { id } } },
      headers: { 'content-type': expect.stringContaining('application/json') as string },
      facts: [{ kind: 'subscription.created', objectType: 'subscription', objectId: id, payload: { currency: 'USD' } }],
    });
  });

  it('shows what the provider was asked because of an event', async () => {
    const { id } = await subscribe('asked');
    const fault = { fault: 'old_api_version', types: ['customer.subscription.updated'] };
    await house.box.control('PUT', 'chaos', { webhooks: [fault] });
    await house.box.stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await house.settle();
    const [event] = await list(`objectId=${id}&type=customer.subscription.updated`);
    expect((await detail(event!.id))['facts']).toMatchObject([{ kind: 'subscription.snapshot', objectId: id }]);
    expect(await dryRun(event!.id)).toEqual({ outcome: 'processed', ignoredFor: null, error: null, changes: [] });
  });

  it('replays what failed once the cause is mended, after showing what that would change', async () => {
    const { id, subscription } = await failedUpdate('mended');
    expect(await detail(id)).toMatchObject({ status: 'failed', error: { code: 'UNEXPECTED' }, facts: [] });
    const broken = await digest();
    expect(await dryRun(id)).toMatchObject({ outcome: 'failed', error: { code: 'UNEXPECTED' }, changes: [] });
    expect(await digest()).toEqual(broken);
    await asOwner(MENDED);

    const before = await digest();
    const tried = await dryRun(id);
    expect(await digest()).toEqual(before);
    expect(tried).toMatchObject({ outcome: 'processed', error: null });
    const changeOf = (table: string) => tried.changes.filter((change) => change.table === table);
    expect(changeOf('facts')).toMatchObject([
      { before: null, after: { kind: 'subscription.changed', object_id: subscription.id } },
    ]);
    expect(changeOf('subscriptions')).toMatchObject([
      { before: { cancel_at_period_end: false }, after: { cancel_at_period_end: true } },
    ]);
    expect(changeOf('subscription_changes')).toMatchObject([
      { before: null, after: { type: 'cancellation_scheduled' } },
    ]);
    expect(changeOf('outbox_events')).toMatchObject([
      { before: null, after: { type: 'subscription.updated' } },
      { before: null, after: { type: 'entitlements.updated' } },
    ]);
    expect(await mine('mended')).toMatchObject({ cancelAtPeriodEnd: false });

    const answer = await post(`events/${id}/replay`, {}, support);
    expect(answer).toMatchObject({ status: 202, body: { id, status: 'received', retryCount: 0, replayCount: 1 } });
    await house.settle();
    expect(await detail(id)).toMatchObject({ status: 'processed', facts: [{ kind: 'subscription.changed' }] });
    expect(await mine('mended')).toMatchObject({ cancelAtPeriodEnd: true });
    expect(await audit('webhook_event.replay')).toMatchObject([
      { actor_id: 'sue', object_id: id, before: { status: 'failed', retryCount: 1, replayCount: 0 } },
    ]);
  });

  it('shows the link that an event would mend', async () => {
    const { id, subscription } = await failedUpdate('unlinked');
    await asOwner(MENDED);
    await house.rows('DELETE FROM customer_accounts WHERE provider_id = $1', [subscription.customer]);
    const before = await digest();
    const { outcome, changes } = await dryRun(id);
    expect(await digest()).toEqual(before);
    expect(outcome).toBe('processed');
    expect(changes.map(({ table }) => table)).toContain('customer_accounts');
    expect(changes.filter(({ table }) => table === 'subscriptions')).toMatchObject([
      { before: { id: expect.anything() as string } },
    ]);
    await post(`events/${id}/replay`);
    await house.settle();
    expect(await mine('unlinked')).toMatchObject({ cancelAtPeriodEnd: true });
  });

  it('asks the provider, as a worker would, whose a stranger is', async () => {
    const { id, customer } = await subscribe('stranger');
    await house.rows('DELETE FROM customer_accounts WHERE provider_id = $1', [customer]);
    const metadata = { kassaCustomerId: '', kassaIntentId: '' };
    await house.box.stripe.subscriptions.update(id, { metadata, cancel_at_period_end: true });
    await house.box.control('POST', 'deliveries/flush', { hurry: true });
    const [event] = await list(`objectId=${id}&status=received`);
    const before = await digest();
    const { outcome, changes } = await dryRun(event!.id);
    expect(await digest()).toEqual(before);
    expect(outcome).toBe('processed');
    const tables = changes.map(({ table }) => table);
    expect(tables).toEqual(expect.arrayContaining(['customer_accounts', 'subscriptions', 'facts']));
    await house.settle();
    expect(await mine('stranger')).toMatchObject({ cancelAtPeriodEnd: true });
    expect(await detail(event!.id)).toMatchObject({ status: 'processed' });
  });

  it('does not try an event while its customer is worked on', async () => {
    const { id, customer } = await subscribe('busy');
    const [event] = await list(`objectId=${id}&type=customer.subscription.created`);
    const worker = new Client({ connectionString: house.database.appUrl });
    await worker.connect();
    await worker.query('BEGIN');
    await worker.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`stripe:${customer as string}`]);
    expectRefusal(await post(`events/${event!.id}/replay?dryRun=true`), 503, 'TRY_AGAIN');
    await worker.query('ROLLBACK');
    await worker.end();
    expect(await dryRun(event!.id)).toMatchObject({ outcome: 'processed' });
  });

  it('changes nothing by replaying what was processed', async () => {
    const { customer } = await subscribe('again');
    const events = await list(`aggregate=stripe:${customer as string}&limit=100`);
    expect(events.filter(({ status }) => status === 'processed').length).toBeGreaterThan(3);
    const before = await digest('updated_at');
    for (const { id, status } of events) expect(await dryRun(id)).toMatchObject({ outcome: status, changes: [] });
    expect(await digest('updated_at')).toEqual(before);
    for (const { id } of events) expect((await post(`events/${id}/replay`)).status).toBe(202);
    await house.settle();
    const after = await digest('updated_at');
    const touched = ['public.inbox_events', 'public.audit_log'];
    for (const table of Object.keys(before)) {
      if (!touched.includes(table)) expect([table, after[table]]).toEqual([table, before[table]]);
    }
    const again = await list(`aggregate=stripe:${customer as string}&limit=100`);
    expect(again.map(({ id, status, replayCount }) => ({ id, status, replayCount }))).toEqual(
      events.map(({ id, status }) => ({ id, status, replayCount: 1 })),
    );
  });

  it('tells beforehand that an event would be ignored, would fail, or would come too late to matter', async () => {
    const unknown = await send(stripeEvent('a.type.of.tomorrow', { object: 'x', id: 'x_1' }));
    const live = await send(stripeEvent('invoice.paid', { object: 'invoice', id: 'in_l' }, { livemode: true }));
    const absurd = await send(stripeEvent('invoice.paid', { object: 'invoice', id: 'in_absurd' }));
    const subscription = await subscribe('late');
    const created = subscription.created - 60;
    const late = await send(stripeEvent('customer.subscription.updated', subscription, { created }));
    const before = await digest();
    expect(await dryRun(late)).toMatchObject({ outcome: 'stale', changes: expect.any(Array) as unknown[] });
    expect(await dryRun(unknown)).toMatchObject({
      outcome: 'ignored',
      ignoredFor: expect.any(String) as string,
      changes: [],
    });
    expect(await dryRun(live)).toMatchObject({
      outcome: 'ignored',
      ignoredFor: expect.stringContaining('live') as string,
    });
    expect(await dryRun(absurd)).toMatchObject({
      outcome: 'failed',
      error: { code: 'SCHEMA_VALIDATION' },
      changes: [],
    });
    expect(await digest()).toEqual(before);
  });

  it('replays once under one key', async () => {
    const id = await send(stripeEvent('a.type.of.tomorrow', { object: 'x', id: 'x_1' }));
    await house.settle();
    const keyed = { ...admin, 'idempotency-key': 'replay-1' };
    const first = await post(`events/${id}/replay`, {}, keyed);
    await house.settle();
    const second = await post(`events/${id}/replay`, {}, keyed);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    await house.settle();
    expect(await detail(id)).toMatchObject({ status: 'ignored', replayCount: 1 });
  });

  it('hurries what waits for its retry, and leaves alone what a worker has in hand', async () => {
    const id = await send(stripeEvent('a.type.of.tomorrow', { object: 'x', id: 'x_1' }));
    await house.rows(
      `UPDATE inbox_events SET status = 'processing', lease_owner = 'w', lease_until = clock_timestamp() + interval '1 h'
       WHERE id = $1`,
      [id],
    );
    expectRefusal(await post(`events/${id}/replay`), 409, 'TRY_AGAIN');
    expect((await post('replay', { objectId: 'x_1', receivedFrom: '2020-01-01' })).body).toEqual({ requeued: 0 });
    await house.rows(
      `UPDATE inbox_events SET status = 'retrying', retry_count = 3, lease_owner = NULL, lease_until = NULL,
         next_retry_at = clock_timestamp() + interval '1 h' WHERE id = $1`,
      [id],
    );
    const answer = await post(`events/${id}/replay`);
    expect(answer).toMatchObject({ status: 202, body: { status: 'retrying', retryCount: 3, replayCount: 0 } });
    await house.settle();
    expect(await detail(id)).toMatchObject({ status: 'ignored' });
  });

  it('reads and replays from the archive, and tells when the body is gone', async () => {
    const { id } = await subscribe('archived');
    const [event] = await list(`objectId=${id}&type=customer.subscription.created`);
    await house.rows('SELECT kassa_archive.prepare(received_at) FROM inbox_events WHERE id = $1', [event!.id]);
    await house.rows(
      `INSERT INTO kassa_archive.inbox_bodies (id, received_at, raw_body)
       SELECT id, received_at, raw_body FROM inbox_events WHERE id = $1`,
      [event!.id],
    );
    await house.rows('UPDATE inbox_events SET raw_body = NULL, archived_at = clock_timestamp() WHERE id = $1', [
      event!.id,
    ]);
    expect(await detail(event!.id)).toMatchObject({
      archived: true,
      bodyExpired: false,
      payload: { id: event!.providerId },
    });
    expect(await dryRun(event!.id)).toMatchObject({ outcome: 'processed', changes: [] });
    expect((await post(`events/${event!.id}/replay`)).status).toBe(202);
    await house.settle();
    expect(await detail(event!.id)).toMatchObject({ status: 'processed', replayCount: 1 });

    await asOwner('TRUNCATE kassa_archive.inbox_bodies');
    expect(await detail(event!.id)).toMatchObject({
      archived: true,
      bodyExpired: true,
      payload: null,
      payloadEncoding: null,
    });
    expectRefusal(await post(`events/${event!.id}/replay`), 422, 'EVENT_BODY_EXPIRED');
    expectRefusal(await post(`events/${event!.id}/replay?dryRun=true`), 422, 'EVENT_BODY_EXPIRED');
    expect((await post('replay', { objectId: id, type: event!.type, status: ['processed'] })).body).toEqual({
      requeued: 0,
    });
  });

  it('replays all that match', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      ids.push(await send(stripeEvent('invoice.voided', { object: 'invoice', id: 'in_bulk' })));
    }
    await house.settle();
    const filter = { type: 'invoice.voided', objectId: 'in_bulk' };
    expect((await post('replay?dryRun=true', { ...filter, limit: 1 })).body).toEqual({ matching: 3 });
    expect((await post('replay', { ...filter, limit: 2 })).body).toEqual({ requeued: 2 });
    await house.settle();
    const replayed = await Promise.all(ids.map(async (id) => (await detail(id))['replayCount']));
    // The oldest first; what cannot be handled fails again.
    expect(replayed).toEqual([1, 1, 0]);
    expect(await list('objectId=in_bulk&status=failed')).toHaveLength(3);
    expect((await audit('webhook_event.replay_matching')).at(-1)).toMatchObject({
      actor_id: 'ada',
      after: { filter: { ...filter, statuses: ['failed'] }, limit: 2, requeued: 2 },
    });
    const metrics = await fetchAnswer(`${house.app.url}/metrics`, {
      headers: { 'x-internal-api-key': house.app.config.auth.internalApiKey ?? '' },
    });
    expect(metrics.text).toMatch(/^kassa_inbox_rows\{status="failed"\} [1-9]/m);
    expect(metrics.text).toMatch(/^kassa_inbox_rows\{status="received"\} 0$/m);
  });
});
