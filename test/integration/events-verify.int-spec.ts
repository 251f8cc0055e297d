import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { InboxWorker } from '../../src/modules/webhooks';
import type { Tx } from '../../src/platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../src/platform/facts';
import { StripeAdapter } from '../../src/providers/stripe';
import { Clock } from '../../src/shared/clock';
import type { FactObjectType, SubscriptionPayload } from '../../src/shared/facts';
import {
  failingRecording,
  livemodeOf,
  readRecording,
  reportLines,
  sourceOf,
  verify,
  writeRecording,
  type Source,
  type Verified,
} from '../../src/verify';
import { seedOf } from '../support/deep';
import { kassa } from '../support/kassa-command';
import { ensureBuilt } from '../support/service-process';
import { postWebhook, stripeEvent, stripeSignature } from '../support/stripe-events';
import { RETURN_ORIGIN, startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { administer, testServers, withDatabase } from '../support/services';
import { TEST_AUTH } from '../support/tokens';

/** `kassa events verify`: recorded lives end the same in whatever order they are told, and a Kassa that minds is found out. */
const DAY_MS = 86_400_000;
const START = new Date('2026-01-15T10:00:00Z');

let house: House;
let source: Source;

async function buy(user: string, plan: string): Promise<string> {
  const checkout = { plan, successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
  const opened = await house.as(user, 'POST', '/billing/checkout', checkout);
  await house.box.submit(new URL(opened.body['url'] as string).pathname, { card: '4242424242424242' });
  await house.settle();
  const [account] = await house.rows<{ id: string }>(
    `SELECT a.provider_id AS id FROM customer_accounts a JOIN customers c ON c.id = a.customer_id WHERE c.user_id = $1`,
    [user],
  );
  return account?.id ?? '';
}

const on = (days: number): Promise<void> => house.advance(new Date(START.getTime() + days * DAY_MS));

/** What comes besides: of no concern to us, of somebody else, not to be read, and about what nobody knows. */
async function hearOddities(): Promise<void> {
  const payment = { type: 'payment_intent', payment_intent: 'pi_of_nobody' };
  const invoice = { id: 'in_of_nobody', object: 'invoice', customer: 'cus_of_nobody', metadata: {} };
  for (const event of [
    stripeEvent('balance.available', { object: 'balance' }),
    stripeEvent('customer.subscription.updated', { object: 'subscription', id: 'sub_1', customer: 'cus_of_nobody' }),
    stripeEvent('invoice.paid', { ...invoice, metadata: { kassaCustomerId: 'cust_of_nobody' } }),
    stripeEvent('invoice_payment.paid', { object: 'invoice_payment', invoice: invoice.id, payment, status: 'paid' }),
    stripeEvent('invoice.paid', invoice, { livemode: true }),
  ]) {
    const body = JSON.stringify(event);
    const { status } = await postWebhook(
      `${house.app.url}/v1/webhooks/stripe`,
      body,
      stripeSignature(body, WEBHOOK_SECRET),
    );
    if (status !== 200) throw new Error(`${event.type} was answered ${status}`);
  }
  // What nobody knows is asked for after two looks; nobody waits for those here.
  for (let look = 0; look < 3; look += 1) {
    await house.app.app.get(InboxWorker, { strict: false }).drain();
    await house.rows('UPDATE inbox_events SET next_retry_at = NULL WHERE handled_at IS NULL');
  }
  await house.settle();
}

/** A trial, renewals, a failure and its recovery, and an end by our own call, whose answer tells before the event does. */
beforeAll(async () => {
  house = await startHouse({ start: START });
  const customer = await buy('ada', 'PRO');
  await buy('bea', 'BASIC');
  await on(16);
  await house.box.control('POST', 'cards', { customer, behavior: 'insufficient_funds' });
  await on(47);
  await house.box.control('POST', 'cards', { customer, behavior: 'succeeds' });
  await on(52);
  const ended = await house.as('bea', 'DELETE', '/billing/subscriptions');
  if (ended.status !== 200) throw new Error(`The subscription was not canceled: ${ended.text}`);
  await house.settle();
  await on(80);
  await hearOddities();
  source = await sourceOf(house.database.appUrl, livemodeOf([adapter()]));
}, 60_000);
afterAll(() => house.close());

const adapter = (): StripeAdapter => house.app.app.get(StripeAdapter, { strict: false });

function verifying(changes: Partial<Parameters<typeof verify>[0]> = {}): Promise<Verified> {
  const { ownerUrl, appUrl } = testServers();
  return verify({
    environment: {
      ...{ NODE_ENV: 'test', REDIS_URL: house.redis.url },
      ...{ AUTH_JWT_SECRET: TEST_AUTH.secret, AUTH_ISSUER: TEST_AUTH.issuer, AUTH_AUDIENCE: TEST_AUTH.audience },
      ...{ STRIPE_SECRET_KEY: 'sk_test_house', STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET },
    },
    logins: { ownerUrl: withDatabase(ownerUrl, 'kassa'), appUrl: withDatabase(appUrl, 'kassa') },
    clock: house.app.app.get(Clock, { strict: false }),
    chaos: { shuffle: true, duplicate: true, crash: true },
    seed: seedOf(),
    runs: 3,
    adapters: [adapter()],
    recording: source.recording,
    recorded: source.recorded,
    ...changes,
  });
}

/** What nobody must build: the status is whatever was told last. */
@Injectable()
class LastArrivalWins implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['subscription'];

  constructor(private readonly pipeline: FactPipeline) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    for (const { key, facts } of objects) {
      const last = facts.at(-1)?.payload as SubscriptionPayload;
      await tx.$executeRaw`UPDATE subscriptions SET status = ${last.status} WHERE provider_id = ${key.objectId}`;
    }
    return [];
  }

  isUndecided(): boolean {
    return false;
  }
}

@Module({ providers: [LastArrivalWins] })
class ForgetfulModule {}

/** Those nobody uses any more; other specs verify at the same time, and theirs are theirs. */
async function scratchDatabases(): Promise<string[]> {
  let names: string[] = [];
  await administer(testServers().adminUrl, async (admin) => {
    const { rows } = await admin.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database d WHERE datname LIKE 'kassa\\_verify\\_%' AND NOT EXISTS (
         SELECT FROM pg_stat_activity a WHERE a.application_name = left(d.datname, 23))`,
    );
    names = rows.map(({ name }) => name);
  });
  return names;
}

it('ends the same in whatever order, twice and with crashes, and so has the running system', async () => {
  const result = await verifying();
  expect(reportLines(result, source.recording).slice(3)).toEqual([
    '',
    'Every replay ends as the recorded order does, and so does the running system.',
  ]);
  expect(result).toMatchObject({ ok: true, runs: 3, unsound: [], recorded: [], failure: null });
  expect(result.readings).toBeGreaterThan(0);
  expect(result.crashes).toBeGreaterThan(0);
  const outcomes = [...(source.recorded.outcome.get('inbox_events')?.values() ?? [])].map(({ row }) => row['outcome']);
  for (const outcome of [
    'handled',
    'ignored: foreign',
    'ignored: a live event on test keys',
    'failed: SCHEMA_VALIDATION',
  ]) {
    expect(outcomes).toContain(outcome);
  }
  for (const table of [
    'subscriptions',
    'invoices',
    'payments',
    'entitlement_grants',
    'journal_transactions',
    'facts',
  ]) {
    expect([table, result.compared[table]]).not.toEqual([table, 0]);
  }
  expect(await scratchDatabases()).toEqual([]);
}, 60_000);

it('finds out a Kassa whose end depends on the order, and shows it with a few events', async () => {
  const chaos = { shuffle: true, duplicate: false, crash: false };
  const result = await verifying({ imports: [ForgetfulModule], recorded: null, chaos, runs: 10 });
  expect(result.ok).toBe(false);
  const { failure } = result;
  if (!failure) throw new Error('Nobody noticed');
  expect(failure.smallest.map(({ table }) => table)).toContain('subscriptions');
  const told = failure.steps.flatMap((step) => (step.do === 'tell' ? [source.recording.items[step.item]] : []));
  expect(told.length).toBeLessThanOrEqual(3);
  expect(told.map((item) => item?.aggregate)).not.toContain(null);
  const lines = reportLines(result, source.recording);

  expect(lines.at(-1)).toBe('Not the same.');
  expect(lines).toContain(`The smallest sequence found that does so (${told.length} tellings):`);
  expect(await scratchDatabases()).toEqual([]);

  // Saved, it is tried before anything else, and a sound Kassa passes.
  const folder = mkdtempSync(path.join(tmpdir(), 'kassa-verify-'));
  try {
    const file = path.join(folder, 'failing.jsonl');
    await writeRecording(file, failingRecording(source.recording, failure));
    const recording = await readRecording(file);
    expect(recording.items).toHaveLength(new Set(told).size);
    const again = await verifying({ imports: [ForgetfulModule], recording, recorded: null, chaos, runs: 1 });
    expect(again.failure?.run).toBe(0);
    expect(await verifying({ recording, recorded: null, chaos, runs: 1 })).toMatchObject({ ok: true, runs: 2 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);

it('says by its exit code what it found, and where a row was changed by hand', async () => {
  ensureBuilt();
  const command = ['events', 'verify', '--runs', '1', '--seed', '1', '--scratch-url', testServers().adminUrl];
  const sound = await kassa(house, ...command);
  expect(sound.stdout.split('\n').slice(3)).toEqual([
    '',
    'Every replay ends as the recorded order does, and so does the running system.',
    '',
  ]);
  expect(sound.code).toBe(0);

  const [changed] = await house.rows<{ id: string }>(
    "UPDATE invoices SET amount_paid = amount_paid + 1 WHERE status = 'paid' RETURNING provider_id AS id",
  );
  const unsound = await kassa(house, ...command, '--json');
  expect(unsound.code).toBe(1);
  const result = JSON.parse(unsound.stdout) as Verified;
  expect(result).toMatchObject({ ok: false, failure: null, unsound: [] });
  expect(result.recorded).toContainEqual(
    expect.objectContaining({ table: 'invoices', key: `stripe:${changed?.id ?? ''}` }),
  );
  expect(await scratchDatabases()).toEqual([]);
}, 120_000);

it('tells in a sentence what keeps it from its work', async () => {
  ensureBuilt();
  const folder = mkdtempSync(path.join(tmpdir(), 'kassa-verify-'));
  const nobody = `kassa_nobody_${randomBytes(4).toString('hex')}`;
  const { adminUrl } = testServers();
  const scratchUrl = Object.assign(new URL(adminUrl), { username: nobody, password: nobody }).href;
  try {
    await administer(adminUrl, async (admin) => {
      await admin.query(`CREATE ROLE ${nobody} LOGIN PASSWORD '${nobody}'`);
    });
    const file = path.join(folder, 'recording.jsonl');
    writeFileSync(file, '{"kassaRecording":1,"livemode":{}}\n{"given":"customers"}\n');
    for (const [args, sentence] of [
      [['--from', file], `${file}, line 2: not a line of a recording`],
      [['--from', `${file}.gone`], `ENOENT: no such file or directory, open '${file}.gone'`],
      [['--scratch-url', scratchUrl], `A replay needs databases of its own, and the login ${nobody} may not make any.`],
    ] as const) {
      const { code, stderr } = await kassa(house, 'events', 'verify', ...args);
      expect([code, stderr.slice(0, sentence.length)]).toEqual([1, sentence]);
    }
  } finally {
    await administer(adminUrl, async (admin) => {
      await admin.query(`DROP ROLE IF EXISTS ${nobody}`);
    });
    rmSync(folder, { recursive: true });
  }
}, 60_000);
