import {
  APIError,
  APIException,
  AppStoreServerAPIClient,
  Environment,
  GetTransactionHistoryVersion,
  SignedDataVerifier,
  type ResponseBodyV2DecodedPayload,
} from '@apple/app-store-server-library';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox, type Sandbox } from '../server';

const START = Date.parse('2026-01-31T10:00:00Z');
const DAY = 86_400;
const PRO = 'com.example.kassa.pro.monthly';
const BASIC = 'com.example.kassa.basic.monthly';
const TOKEN = '0198c0de-0000-4000-8000-000000000001';

let box: Sandbox;
let verifier: SignedDataVerifier;
let client: LocalClient;
let receiver: Server;
const received: ResponseBodyV2DecodedPayload[] = [];
/** What the server answers to notifications. */
let answers = 200;

class LocalClient extends AppStoreServerAPIClient {
  protected override makeFetchRequest(
    path: string,
    query: URLSearchParams,
    method: string,
    body: string | Buffer | undefined,
    headers: Record<string, string>,
  ): ReturnType<AppStoreServerAPIClient['makeFetchRequest']> {
    const init = { method, headers, ...(typeof body === 'string' && { body }) };
    const request = fetch(`${box.url}${path}?${query.toString()}`, init);
    return request as unknown as ReturnType<AppStoreServerAPIClient['makeFetchRequest']>;
  }
}

async function control<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> {
  const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {};
  const response = await fetch(`${box.url}/sandbox/${path}`, { method, ...init });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text === '' ? 'null' : text) as T;
}

interface Bought {
  transaction: { transactionId: string; originalTransactionId: string; expiresDate: number; price: number };
  signedTransaction: string;
}

async function buy(productId: string, more: object = {}): Promise<Bought> {
  return control<Bought>('POST', 'apple/purchases', { productId, appAccountToken: TOKEN, ...more });
}

async function advance(seconds: number): Promise<void> {
  await control('POST', 'clock', { advanceSeconds: seconds });
}

/** Types of what has arrived since the last look, in the order in which it was signed. */
async function news(): Promise<string[]> {
  await control('POST', 'deliveries/flush', { hurry: true });
  const all = received.splice(0).sort((a, b) => Number(a.signedDate) - Number(b.signedDate));
  return all.map(({ notificationType, subtype }) => [notificationType, subtype].filter(Boolean).join('/'));
}

async function statusOf(id: string): Promise<number | undefined> {
  const { data } = await client.getAllSubscriptionStatuses(id);
  return data?.[0]?.lastTransactions?.[0]?.status;
}

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { signedPayload } = JSON.parse(text) as { signedPayload: string };
      void verifier.verifyAndDecodeNotification(signedPayload).then((payload) => {
        if (answers === 200) received.push(payload);
        response.writeHead(answers).end();
      });
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});

afterAll(() => receiver.close());

beforeEach(async () => {
  box = await createSandbox({ start: START / 1000, delivery: { retryDelaysMs: [1, 1], concurrency: 1 } });
  const root = Buffer.from(await (await fetch(`${box.url}/sandbox/apple/root.cer`)).arrayBuffer());
  const key = await control<{ privateKey: string; keyId: string; issuerId: string; bundleId: string; appId: number }>(
    'GET',
    'apple/credentials',
  );
  verifier = new SignedDataVerifier([root], false, Environment.PRODUCTION, key.bundleId, key.appId);
  client = new LocalClient(key.privateKey, key.keyId, key.issuerId, key.bundleId, Environment.PRODUCTION);
  const { port } = receiver.address() as AddressInfo;
  await control('PUT', 'apple/settings', { notificationUrl: `http://127.0.0.1:${port}/` });
  received.length = 0;
  answers = 200;
});

afterEach(() => box.close());

describe('a subscription', () => {
  it('is bought, signed as Apple signs, and renews on the moved clock by the calendar', async () => {
    const { transaction, signedTransaction } = await buy(PRO, { offer: 'none' });
    const decoded = await verifier.verifyAndDecodeTransaction(signedTransaction);
    expect(decoded).toMatchObject({ productId: PRO, appAccountToken: TOKEN, price: 29_000, currency: 'USD' });
    expect(new Date(transaction.expiresDate).toISOString()).toBe('2026-02-28T10:00:00.000Z');
    await advance(60 * DAY);
    expect(await news()).toEqual(['SUBSCRIBED/INITIAL_BUY', 'DID_RENEW', 'DID_RENEW']);
    const history = await client.getTransactionHistory(
      transaction.transactionId,
      null,
      {},
      GetTransactionHistoryVersion.V2,
    );
    expect(history.signedTransactions).toHaveLength(3);
    expect(await statusOf(transaction.transactionId)).toBe(1);
  });

  it('begins with a trial once', async () => {
    const { transaction } = await buy(PRO);
    expect(transaction.price).toBe(0);
    await control('POST', `apple/subscriptions/${transaction.originalTransactionId}/auto_renew`, { on: false });
    await advance(15 * DAY);
    const again = await buy(PRO);
    expect(again.transaction).toMatchObject({
      price: 29_000,
      originalTransactionId: transaction.originalTransactionId,
    });
    expect(await news()).toEqual([
      'SUBSCRIBED/INITIAL_BUY',
      'DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_DISABLED',
      'EXPIRED/VOLUNTARY',
      'SUBSCRIBED/RESUBSCRIBE',
    ]);
  });

  it('goes through grace and billing retry, is recovered, and is given up after sixty days', async () => {
    const { transaction } = await buy(PRO, { offer: 'none' });
    const id = transaction.originalTransactionId;
    await control('POST', `apple/subscriptions/${id}/payment`, { works: false });
    await advance(29 * DAY);
    expect(await statusOf(id)).toBe(4);
    await advance(16 * DAY);
    expect(await statusOf(id)).toBe(3);
    await control('POST', `apple/subscriptions/${id}/payment`, { works: true });
    expect(await statusOf(id)).toBe(1);
    await control('POST', `apple/subscriptions/${id}/payment`, { works: false });
    await advance(100 * DAY);
    expect(await statusOf(id)).toBe(2);
    expect(await news()).toEqual([
      'SUBSCRIBED/INITIAL_BUY',
      'DID_FAIL_TO_RENEW/GRACE_PERIOD',
      'GRACE_PERIOD_EXPIRED',
      'DID_RENEW/BILLING_RECOVERY',
      'DID_FAIL_TO_RENEW/GRACE_PERIOD',
      'GRACE_PERIOD_EXPIRED',
      'EXPIRED/BILLING_RETRY',
    ]);
  });

  it('is upgraded at once and downgraded with the renewal', async () => {
    const { transaction } = await buy(BASIC, { offer: 'none' });
    const upgraded = await buy(PRO);
    expect(upgraded.transaction.originalTransactionId).toBe(transaction.originalTransactionId);
    await buy(BASIC);
    await buy(PRO);
    await buy(BASIC);
    await advance(32 * DAY);
    expect(await news()).toEqual([
      'SUBSCRIBED/INITIAL_BUY',
      'DID_CHANGE_RENEWAL_PREF/UPGRADE',
      'DID_CHANGE_RENEWAL_PREF/DOWNGRADE',
      'DID_CHANGE_RENEWAL_PREF',
      'DID_CHANGE_RENEWAL_PREF/DOWNGRADE',
      'DID_RENEW',
    ]);
    const { signedTransactions } = await client.getTransactionHistory(
      transaction.transactionId,
      null,
      {},
      GetTransactionHistoryVersion.V2,
    );
    const last = await verifier.verifyAndDecodeTransaction(signedTransactions?.at(-1) ?? '');
    expect(last).toMatchObject({ productId: BASIC, price: 9_000 });
  });

  it('asks for consent to a higher price, is extended, refunded, restored and shared', async () => {
    const { transaction } = await buy(PRO, { offer: 'none' });
    const id = transaction.originalTransactionId;
    await control('POST', `apple/subscriptions/${id}/extend`, { days: 5 });
    await control('POST', `apple/transactions/${id}/refund`, {});
    expect(await statusOf(id)).toBe(5);
    await control('POST', `apple/transactions/${id}/refund_reversed`, {});
    const shared = await control<Bought>('POST', `apple/subscriptions/${id}/share`, {});
    await control('POST', `apple/subscriptions/${shared.transaction.originalTransactionId}/revoke`, {});
    await control('POST', `apple/subscriptions/${id}/auto_renew`, { on: true });
    await control('POST', `apple/subscriptions/${id}/price_increase`, { price: 39_000 });
    await advance(40 * DAY);
    expect(await news()).toEqual([
      'SUBSCRIBED/INITIAL_BUY',
      'RENEWAL_EXTENDED',
      'REFUND',
      'REFUND_REVERSED',
      'SUBSCRIBED/INITIAL_BUY',
      'REVOKE',
      'DID_CHANGE_RENEWAL_STATUS/AUTO_RENEW_ENABLED',
      'PRICE_INCREASE/PENDING',
      'EXPIRED/PRICE_INCREASE',
    ]);
  });
});

describe('the App Store Server API', () => {
  it('tells what did not arrive, in pages, and sends a test', async () => {
    answers = 500;
    for (let i = 0; i < 23; i += 1) await buy('com.example.kassa.credits.100');
    await news();
    answers = 200;
    await client.requestTestNotification();
    expect(await news()).toEqual(['TEST']);
    const range = { startDate: START - 1000, endDate: START + 1000_000, onlyFailures: true };
    const first = await client.getNotificationHistory(null, range);
    expect(first.notificationHistory).toHaveLength(20);
    expect(first.notificationHistory?.[0]?.sendAttempts?.[0]?.sendAttemptResult).toBe(
      'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
    );
    const second = await client.getNotificationHistory(first.paginationToken ?? '', range);
    expect(second).toMatchObject({ hasMore: false });
    expect(second.notificationHistory).toHaveLength(3);
    const old = client.getNotificationHistory(null, { startDate: START - 181 * DAY * 1000, endDate: START });
    await expect(old).rejects.toMatchObject({ apiError: APIError.START_DATE_TOO_FAR_IN_PAST });
  });

  it('knows its own tokens only', async () => {
    const { transaction } = await buy(PRO);
    const key = await control<{ privateKey: string; keyId: string; issuerId: string }>('GET', 'apple/credentials');
    const wrong: [string, string, string, string][] = [
      [key.privateKey, 'OTHERKEY00', key.issuerId, 'com.example.kassa'],
      [key.privateKey, key.keyId, 'another-issuer', 'com.example.kassa'],
      [key.privateKey, key.keyId, key.issuerId, 'com.example.other'],
    ];
    for (const [privateKey, keyId, issuer, bundle] of wrong) {
      const stranger = new LocalClient(privateKey, keyId, issuer, bundle, Environment.PRODUCTION);
      await expect(stranger.getTransactionInfo(transaction.transactionId)).rejects.toMatchObject({
        httpStatusCode: 401,
      });
    }
  });

  it('answers as Apple does what it does not know, has too much of, or fails at', async () => {
    const { transaction } = await buy(PRO);
    const ask = (): Promise<unknown> => client.getTransactionInfo(transaction.transactionId);
    await expect(client.getTransactionInfo('1')).rejects.toMatchObject({ apiError: APIError.TRANSACTION_ID_NOT_FOUND });
    await expect(client.getTransactionInfo('x')).rejects.toMatchObject({ apiError: APIError.INVALID_TRANSACTION_ID });
    await control('PUT', 'chaos', { api: [{ fault: 'error_429', pathPrefix: '/inApps', times: 1 }] });
    await expect(ask()).rejects.toMatchObject({ httpStatusCode: 429, apiError: APIError.RATE_LIMIT_EXCEEDED });
    await control('PUT', 'chaos', { api: [{ fault: 'error_500', pathPrefix: '/inApps', times: 1 }] });
    await expect(ask()).rejects.toMatchObject({ apiError: APIError.GENERAL_INTERNAL_RETRYABLE });
    await control('PUT', 'chaos', { down: true });
    await expect(ask()).rejects.not.toBeInstanceOf(APIException);
    await control('PUT', 'chaos', {});
    await expect(ask()).resolves.toBeDefined();
  });
});

it('keeps the app and its keys over a reset, and shows a page', async () => {
  await buy(PRO);
  const before = await control('GET', 'apple/credentials');
  const page = await (await fetch(`${box.url}/sandbox/apple`)).text();
  expect(page).toContain(PRO);
  await fetch(`${box.url}/sandbox/reset`, { method: 'POST' });
  expect(await control('GET', 'apple/credentials')).toEqual(before);
  expect(await control('GET', 'apple/transactions')).toEqual({ data: [] });
});

it('refuses what cannot be, in words', async () => {
  await expect(buy('nothing')).rejects.toThrow('404 {"error":{"message":"there is no product nothing"}}');
  const { transaction } = await buy(PRO);
  const { transactionId: id } = transaction;
  await expect(buy(PRO)).rejects.toThrow('409');
  await expect(control('POST', `apple/transactions/${id}/refund_reversed`, {})).rejects.toThrow('409');
  await expect(control('POST', `apple/subscriptions/${id}/revoke`, {})).rejects.toThrow('409');
  await expect(control('POST', `apple/transactions/${id}/share`, {})).rejects.toThrow('409');
  await expect(control('POST', `apple/transactions/${id}/unshare`, {})).rejects.toThrow('409');
  await expect(control('PUT', 'apple/settings', { graceDays: 5 })).rejects.toThrow('400');
});
