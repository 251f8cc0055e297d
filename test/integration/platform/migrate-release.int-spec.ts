import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { MirrorInvariant } from '../../../src/modules/billing';
import { InboxWorker } from '../../../src/modules/webhooks';
import { migrate } from '../../../src/platform/database/migrate';
import { InboxAcceptance } from '../../../src/platform/inbox';
import { STRIPE_API_VERSION } from '../../../src/providers/stripe/stripe-version';
import { startBench, type Bench } from '../../support/bench';
import { createEmptyDatabase, type TestDatabase } from '../../support/database';

const MIGRATIONS = path.resolve(__dirname, '../../../prisma/migrations');
/** What was released last; the migrations after it are this release's. */
const PREVIOUS_RELEASE = '20261121172500_store_products_used';

const created = 1_780_000_000;

function payment(id: string): Buffer {
  const object = { id: `pi_${id}`, object: 'payment_intent', customer: 'cus_s', amount: 5, currency: 'usd', created };
  return Buffer.from(
    JSON.stringify({
      id,
      type: 'payment_intent.succeeded',
      api_version: STRIPE_API_VERSION,
      created,
      livemode: false,
      data: { object: { ...object, status: 'succeeded' } },
    }),
  );
}

describe('a database of the previous release', () => {
  let database: TestDatabase;
  let bench: Bench;
  let folder: string;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    folder = mkdtempSync(path.join(tmpdir(), 'kassa-release-'));
    const released = readdirSync(MIGRATIONS).filter((name) => name <= PREVIOUS_RELEASE);
    for (const name of released) cpSync(path.join(MIGRATIONS, name), path.join(folder, name), { recursive: true });
    const appUser = decodeURIComponent(new URL(database.appUrl).username);
    expect((await migrate({ url: database.ownerUrl, folder, appUser })).applied).toEqual(released);
    await live(database);
    const { applied } = await migrate({ url: database.ownerUrl, appUser });
    expect(applied).toEqual(readdirSync(MIGRATIONS).filter((name) => name > PREVIOUS_RELEASE && !name.includes('.')));
    bench = await startBench({ STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRETS: 'whsec_x' }, database);
  });
  afterAll(async () => {
    await bench.close();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('keeps every row it had', async () => {
    const rows = await bench.rows(
      'SELECT event_id, status, ignored_for, archived_at, replay_count FROM inbox_events ORDER BY 1',
    );
    const untouched = { ignored_for: null, archived_at: null, replay_count: 0 };
    expect(rows).toEqual([
      { event_id: 'evt_done', status: 'processed', ...untouched },
      { event_id: 'evt_waiting', status: 'received', ...untouched },
    ]);
    expect(await bench.rows('SELECT id FROM customers')).toEqual([{ id: 'cust_1' }]);
  });

  it('goes on with the work that was left', async () => {
    await bench.get(InboxWorker).drain();
    const rows = await bench.rows('SELECT status FROM inbox_events ORDER BY event_id');
    expect(rows).toEqual([{ status: 'processed' }, { status: 'processed' }]);
    expect(await bench.rows('SELECT provider_id, status FROM payments')).toEqual([
      { provider_id: 'pi_evt_waiting', status: 'succeeded' },
    ]);
    expect(await bench.get(MirrorInvariant).checkAll()).toEqual({ checked: 1, differences: [] });
  });

  it('still knows what was delivered before', async () => {
    const again = await bench.get(InboxAcceptance).accept({
      provider: 'stripe',
      eventId: 'evt_done',
      type: 'payment_intent.succeeded',
      apiVersion: STRIPE_API_VERSION,
      livemode: false,
      objectType: null,
      objectId: null,
      aggregate: null,
      occurredAt: new Date(created * 1000),
      rawBody: payment('evt_done'),
      headers: {},
    });
    expect(again.outcome).toBe('already_processed');
  });
});

/** What the previous release had written, in its own columns. */
async function live({ ownerUrl }: TestDatabase): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, options: '-c role=kassa_service' });
  await client.connect();
  try {
    await client.query(
      "INSERT INTO customers (id, user_id, created_at, updated_at) VALUES ('cust_1', 'u', now(), now())",
    );
    await client.query(
      "INSERT INTO customer_accounts (provider, provider_id, customer_id, created_at) VALUES ('stripe', 'cus_s', 'cust_1', now())",
    );
    for (const [id, status] of [
      ['evt_done', 'processed'],
      ['evt_waiting', 'received'],
    ]) {
      await client.query(
        `INSERT INTO inbox_events (id, provider, event_id, type, api_version, livemode, object_type, object_id, aggregate, occurred_at,
           received_at, raw_body, headers, status, handled_at)
         VALUES ($1, 'stripe', $1, 'payment_intent.succeeded', $2, false, 'payment_intent', 'pi_' || $1, 'stripe:cus_s', now(), now(), $3,
           '{}', $4::text, CASE WHEN $4 = 'processed' THEN now() END)`,
        [id, STRIPE_API_VERSION, payment(id ?? ''), status],
      );
    }
  } finally {
    await client.end();
  }
}
