import { Logger } from '@nestjs/common';
import { AppleReader, AppleVerifier } from '../../src/providers/apple';
import { AppleClient } from '../../src/providers/apple/apple-client';
import { AppleMissed } from '../../src/providers/apple/apple-missed';
import { loadConfig, type Environment } from '../../src/platform/config';
import { isAppError } from '../../src/shared/app-error';
import { Clock } from '../../src/shared/clock';
import { appStoreSettings, productOf, type Purchase } from '../support/app-store';
import { startTestSandbox, type TestSandbox } from '../support/stripe-sandbox';

const START = Date.parse('2026-03-01T10:00:00Z');
let box: TestSandbox;
let settings: Environment;

beforeAll(async () => {
  // What it says of failures is not what is looked at here.
  Logger.overrideLogger(false);
  box = await startTestSandbox({ start: START / 1000 });
  settings = {
    ...{ DATABASE_URL: 'postgresql://k@localhost/k', REDIS_URL: 'redis://localhost', AUTH_JWT_SECRET: 'k'.repeat(32) },
    ...{ AUTH_ISSUER: 'https://auth.example.com', AUTH_AUDIENCE: 'kassa', ...(await appStoreSettings(box)) },
  };
});

afterEach(() => box.control('PUT', 'chaos', {}));
afterAll(() => box.sandbox.close());

/** Business stands where the sandbox does; the machine's time goes on. */
class StandingClock extends Clock {
  now(): Date {
    return new Date(START);
  }

  wall(): Date {
    return new Date();
  }
}

function open(change: Environment = {}): { reader: AppleReader; missed: AppleMissed } {
  const config = loadConfig({ ...settings, ...change });
  const clock = new StandingClock();
  const [client, verifier] = [new AppleClient(config, clock), new AppleVerifier(config)];
  return { reader: new AppleReader(client, verifier), missed: new AppleMissed(client, verifier, clock) };
}

async function buy(product: string): Promise<Purchase['transaction']> {
  const { transaction } = await box.control<Purchase>('POST', 'apple/purchases', { productId: productOf(product) });
  return transaction;
}

async function codeOf(work: Promise<unknown>): Promise<{ code: string; retryAfter: number | undefined } | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { code: error.code, retryAfter: error.retryAfterSeconds };
  }
}

const chaos = (fault: string, times: number, more: object = {}): Promise<unknown> =>
  box.control('PUT', 'chaos', { api: [{ fault, times, pathPrefix: '/inApps', ...more }] });

describe('a reading of the App Store', () => {
  it('shows a subscription with its latest transaction, at the moment it was signed', async () => {
    const { originalTransactionId: id } = await buy('pro.monthly');
    const { reader } = open();
    const [first, second] = [
      await reader.read('subscription', id, 'read:1'),
      await reader.read('subscription', id, 'read:2'),
    ];
    expect(first?.facts.map(({ kind }) => kind)).toEqual(['subscription.snapshot', 'invoice.snapshot']);
    expect(first).toMatchObject({ aggregate: `apple:${id}`, facts: [{ payload: { status: 'trialing' } }, {}] });
    // Two readings of one second are told apart.
    expect(Number(second?.facts[0]?.occurredAt)).toBeGreaterThan(Number(first?.facts[0]?.occurredAt));
  });

  it('shows a transaction with what was given back of it', async () => {
    const { transactionId: id } = await buy('credits.100');
    await box.control('POST', `apple/transactions/${id}/refund`, { percentage: 50 });
    const read = await open().reader.read('refund', id, 'read:3');
    expect(read?.facts.map(({ kind }) => kind)).toEqual(['invoice.snapshot', 'payment.snapshot', 'refund.snapshot']);
    expect(read?.facts[2]?.payload).toMatchObject({ amount: 249, status: 'succeeded' });
  });

  it('shows all that somebody ever bought, over several pages', async () => {
    const account = { productId: productOf('basic.monthly'), account: 'weekly', offer: 'none' };
    const { transaction } = await box.control<Purchase>('POST', 'apple/purchases', account);
    for (let i = 0; i < 24; i += 1) {
      await box.control('POST', 'apple/purchases', { productId: productOf('credits.100'), account: 'weekly' });
    }
    const all = await open().reader.history(transaction.transactionId);
    expect(all).toHaveLength(25);
    expect(all[0]).toMatchObject({ transactionId: transaction.transactionId, productId: productOf('basic.monthly') });
    expect(await open().reader.history('404')).toEqual([]);
  });

  it('is nothing where nobody has such a thing, in any environment that counts', async () => {
    const { reader } = open({ APPLE_ENVIRONMENT: 'Production,Sandbox' });
    for (const id of [
      '1',
      '',
      'sub_1',
      '../notifications/test',
      '1?status=1',
      "1'; DROP TABLE facts",
      '9'.repeat(200),
    ]) {
      expect(await reader.read('subscription', id, 'read:4')).toBeNull();
    }
  });
});

describe('an App Store that fails', () => {
  it('is asked again where that helps', async () => {
    const { transactionId: id } = await buy('credits.100');
    for (const fault of ['error_500', 'error_500_after', 'lose_answer', 'error_429']) {
      await chaos(fault, 2, { retryAfterSeconds: 0 });
      expect({ fault, found: (await open().reader.transaction(id))?.transactionId }).toEqual({ fault, found: id });
    }
  });

  it('says when it may be asked again, and is believed', async () => {
    const { transactionId: id } = await buy('credits.100');
    await chaos('error_429', 1, { retryAfterSeconds: 90 });
    const refused = await codeOf(open().reader.transaction(id));
    expect(refused?.code).toBe('PROVIDER_BUSY');
    expect(refused?.retryAfter).toBeGreaterThan(80);
    expect(refused?.retryAfter).toBeLessThanOrEqual(90);
  });

  it('is told as what it is', async () => {
    const { transactionId: id } = await buy('credits.100');
    await chaos('error_500', 10);
    expect(await codeOf(open().reader.transaction(id))).toMatchObject({ code: 'PROVIDER_ERROR' });
    await box.control('PUT', 'chaos', { down: true });
    const { reader } = open();
    expect(await codeOf(reader.transaction(id))).toMatchObject({ code: 'PROVIDER_ERROR' });
    // Five failures in a row: from now on nobody waits for it.
    await codeOf(reader.transaction(id));
    expect(await codeOf(reader.transaction(id))).toMatchObject({ code: 'PROVIDER_BUSY' });
    await box.control('PUT', 'chaos', {});
    expect(await codeOf(open({ APPLE_KEY_ID: 'WRONG' }).reader.transaction(id))).toMatchObject({
      code: 'PROVIDER_ERROR',
    });
    const { APPLE_ISSUER_ID: _issuer, APPLE_KEY_ID: _key, APPLE_PRIVATE_KEY: _private, ...keyless } = settings;
    settings = keyless;
    const off = open();
    settings = { ...keyless, APPLE_ISSUER_ID: _issuer, APPLE_KEY_ID: _key, APPLE_PRIVATE_KEY: _private };
    expect(await codeOf(off.reader.transaction(id))).toMatchObject({ code: 'PROVIDER_NOT_CONFIGURED' });
  });

  it('whose key is none stops the boot with a sentence', () => {
    for (const key of ['-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----', '/no/such/file.p8']) {
      expect(() => open({ APPLE_PRIVATE_KEY: key })).toThrow('APPLE_PRIVATE_KEY is neither');
    }
  });
});

it('lists what it sent in vain, page by page and environment by environment', async () => {
  await box.control('PUT', 'apple/settings', { notificationUrl: 'http://127.0.0.1:9/' });
  for (let i = 0; i < 21; i += 1) await buy('credits.100');
  const { missed } = open({ APPLE_ENVIRONMENT: 'Sandbox,Production' });
  const range = { since: new Date(START - 200 * 86_400_000), until: new Date(START + 1000_000) };
  const found: string[] = [];
  const pages: (string | null)[] = [];
  for (let page: string | null | undefined; page !== null;) {
    const answer = await missed.undelivered(range, page);
    found.push(...answer.items.map(({ eventId }) => eventId));
    pages.push(answer.next);
    page = answer.next;
  }
  // The sandbox has one store for both, and all of it is of production.
  expect(new Set(found).size).toBeGreaterThanOrEqual(21);
  expect(pages.map((next) => next?.split(':')[0] ?? null)).toEqual(
    expect.arrayContaining(['Production', 'Sandbox', null]) as unknown,
  );
});
