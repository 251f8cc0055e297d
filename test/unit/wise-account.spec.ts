import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../../src/platform/config';
import {
  WiseAdapter,
  wiseAggregate,
  WiseGateway,
  WiseReader,
  WiseStatement,
  WiseWebhook,
} from '../../src/providers/wise';
import { WiseAccount } from '../../src/providers/wise/wise-account';
import { WiseClient } from '../../src/providers/wise/wise-client';
import { WiseMissed } from '../../src/providers/wise/wise-missed';
import type { Translation, VerifiedEvent } from '../../src/providers/provider.port';
import type { Fact } from '../../src/shared/facts';
import { money } from '../../src/shared/money';
import type { StatementLine } from '../../src/shared/statement-line';
import { startTestSandbox, type TestSandbox } from '../support/stripe-sandbox';
import { until } from '../support/until';

const START = Date.parse('2026-01-15T10:00:00Z');
const HOUSE = 'wise:house';

interface Hook {
  headers: IncomingHttpHeaders;
  raw: Buffer;
}

let box: TestSandbox;
let receiver: Server;
let now = START;
let gateway: WiseGateway;
let reader: WiseReader;
let statement: WiseStatement;
let webhook: WiseWebhook;
let adapter: WiseAdapter;
const hooks: Hook[] = [];

beforeAll(async () => {
  Logger.overrideLogger(false);
  receiver = createServer((request, reply) => {
    void buffer(request).then((raw) => {
      hooks.push({ headers: request.headers, raw });
      reply.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  box = await startTestSandbox({ start: START / 1000 });
  const given = await box.control<Record<'token' | 'profileId' | 'publicKey' | 'apiBase', string>>(
    'GET',
    'wise/credentials',
  );
  const config = loadConfig({
    ...{ DATABASE_URL: 'postgresql://k@localhost/k', REDIS_URL: 'redis://localhost', AUTH_JWT_SECRET: 'k'.repeat(32) },
    ...{ AUTH_ISSUER: 'https://auth.example.com', AUTH_AUDIENCE: 'kassa', WISE_API_BASE: box.sandbox.url },
    ...{ WISE_API_TOKEN: given.token, WISE_PROFILE_ID: given.profileId, WISE_WEBHOOK_PUBLIC_KEY: given.publicKey },
  });
  const clock = { now: () => new Date(now), wall: () => new Date() };
  const client = new WiseClient(config, clock);
  const account = new WiseAccount(client);
  gateway = new WiseGateway(client, account);
  reader = new WiseReader(account, clock);
  statement = new WiseStatement(account, reader, clock);
  webhook = new WiseWebhook(config);
  adapter = new WiseAdapter(config, reader, new WiseMissed(account));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/wise`;
  await box.control('POST', 'wise/subscriptions', { url });
  await box.control('POST', 'wise/balances', { currency: 'USD', amount: 100_000 });
  await box.control('POST', 'wise/balances', { currency: 'EUR', amount: 500 });
});

afterAll(async () => {
  await box.sandbox.close();
  await new Promise((resolve) => receiver.close(resolve));
});

afterEach(() => box.control('POST', 'wise/policy', { strongAuthentication: false, statementAuthentication: false }));

async function pass(seconds: number): Promise<void> {
  now += seconds * 1000;
  await box.control('POST', 'clock', { advanceSeconds: seconds });
}

const move = (id: string, body: object): Promise<unknown> => box.control('POST', `wise/transfers/${id}/state`, body);

async function ordered(): Promise<{ id: string; customerTransactionId: string; sourceAmount: bigint }> {
  const details = { legalType: 'PRIVATE', IBAN: 'DE89370400440532013000' };
  const { recipientRef } = await gateway.createRecipient({ currency: 'EUR', type: 'iban', name: 'Anna Bo', details });
  const quote = await gateway.quote({ sourceCurrency: 'USD', target: money(10_000n, 'EUR'), recipientRef });
  const customerTransactionId = randomUUID();
  const ask = { quoteRef: quote.quoteRef, recipientRef, customerTransactionId, reference: 'PO 1' };
  const made = await gateway.createTransfer(ask);
  expect(await gateway.createTransfer(ask)).toEqual({ ...made, answeredAt: expect.any(Date) as Date });
  return { id: made.transferRef, customerTransactionId, sourceAmount: quote.source.amount };
}

async function told(wanted: string): Promise<{ event: VerifiedEvent; said: Translation }> {
  const found: { event: VerifiedEvent; said: Translation }[] = [];
  await until(`it is told of ${wanted}`, () => {
    for (const { headers, raw } of hooks) {
      const [signature, testNotification] = [headers['x-signature-sha256'], headers['x-test-notification']];
      const event = webhook.verify({ signature: textOf(signature), testNotification: textOf(testNotification) }, raw);
      if ('test' in event || !event.eventId.startsWith(wanted)) continue;
      found.push({ event, said: adapter.translate(event.eventId, raw) });
    }
    return Promise.resolve(found.length > 0);
  });
  const [first] = found;
  if (!first) throw new Error('it was told');
  return first;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

async function linesOn(from: number, to: number): Promise<StatementLine[]> {
  const lines: StatementLine[] = [];
  for (let page: string | null | undefined; page !== null;) {
    const listed = await statement.lines({ from: new Date(from), to: new Date(to) }, page);
    lines.push(...listed.items);
    page = listed.next;
  }
  return lines;
}

const payloadsOf = (facts: readonly Fact[] | undefined): unknown[] => (facts ?? []).map(({ payload }) => payload);

it('a transfer is told of at every step, and read as it stands', async () => {
  const { id, customerTransactionId, sourceAmount } = await ordered();
  expect(await gateway.isFunded(id)).toBe(false);
  expect(await gateway.fund(id)).toMatchObject({ status: 'completed', errorCode: null });
  expect(await gateway.isFunded(id)).toBe(true);
  const { said, event } = await told(`transfers#state-change:${id}:processing`);
  expect(said).toMatchObject({ kind: 'unplaced', via: { objectType: 'transfer', objectId: id } });
  expect(event).toMatchObject({ objectId: id, livemode: true });
  const reading = await reader.read('transfer', id, 'read:1');
  expect(reading).toMatchObject({
    aggregate: wiseAggregate(customerTransactionId),
    facts: [{ kind: 'transfer.snapshot', payload: { state: 'processing' }, sourceId: 'read:1' }],
  });
  const lines = await statement.linesOf(id);
  expect(lines).toMatchObject([{ kind: 'payout', objectRef: id, net: -sourceAmount, aggregate: null }]);
  expect(await Promise.all(lines.map((line) => statement.telling(line)))).toEqual([
    [{ objectType: 'transfer', objectId: id, aggregate: wiseAggregate(customerTransactionId) }],
  ]);
  await pass(3 * 3_600);
  expect((await gateway.transfer(id))?.state).toBe('outgoing_payment_sent');
  await move(id, { state: 'bounced_back' });
  const failure = await told(`transfers#payout-failure:${id}`);
  expect(failure.said).toMatchObject({
    facts: [{ kind: 'transfer.failed', payload: { failureCode: 'WRONG_ACCOUNT_NUMBER' } }],
  });
});

it.each<[string, object, (paid: bigint) => unknown]>([
  ['all of it', { state: 'funds_refunded' }, (paid) => Number(paid)],
  ['a part of it', { state: 'funds_refunded', returned: 7_000 }, () => 7_000],
  ['nothing that was charged back', { state: 'charged_back', returned: 0 }, () => 0],
])('what has ended says what came back: %s', async (_what, end, returned) => {
  const { id, sourceAmount } = await ordered();
  await gateway.fund(id);
  await move(id, end);
  const reading = await reader.read('transfer', id, 'read:2');
  const settlement = { wasFunded: true, returned: returned(sourceAmount) };
  expect(payloadsOf(reading?.facts)).toEqual([expect.objectContaining({ settlement })]);
  // Wise shows a statement to nobody without a second factor now.
  await box.control('POST', 'wise/policy', { statementAuthentication: true });
  const unseen = await reader.read('transfer', id, 'read:3');
  expect(payloadsOf(unseen?.facts)).toEqual([
    expect.objectContaining({ settlement: { wasFunded: true, returned: null } }),
  ]);
});

it('what was never paid for says so', async () => {
  const { id } = await ordered();
  expect((await gateway.cancel(id)).state).toBe('cancelled');
  expect((await gateway.cancel(id)).state).toBe('cancelled');
  const reading = await reader.read('transfer', id, 'read:4');
  expect(payloadsOf(reading?.facts)).toEqual([{ state: 'cancelled', settlement: { wasFunded: false, returned: 0 } }]);
});

it('money from our bank is read about the moment it was told of, and the transfers beside it are not', async () => {
  await pass(86_400);
  const { movement } = await box.control<{ movement: { reference: string; at: number } }>('POST', 'wise/balances', {
    ...{ currency: 'USD', amount: 12_345 },
  });
  const { id } = await ordered();
  await gateway.fund(id);
  const before = hooks.length;
  await until('it is told of', () => Promise.resolve(hooks.length >= before));
  const objectId = `USD@${movement.at}`;
  await pass(1);
  const reading = await adapter.read('deposit', objectId, 'read:5');
  expect(reading).toEqual({
    aggregate: HOUSE,
    facts: [
      {
        ...{ provider: 'wise', objectType: 'deposit', objectId: movement.reference, kind: 'deposit.snapshot' },
        ...{ aggregate: HOUSE, occurredAt: expect.any(Date) as Date, sourceId: 'read:5', before: null },
        payload: { amount: 12_345, currency: 'USD', createdAt: new Date(movement.at).toISOString() },
      },
    ],
  });
  const [line] = await statement.linesOf(movement.reference);
  expect(line).toMatchObject({ kind: 'deposit', objectRef: movement.reference, net: 12_345n, aggregate: HOUSE });
  expect(line && (await statement.telling(line))).toEqual([{ objectType: 'deposit', objectId, aggregate: HOUSE }]);
  expect(line && (await statement.whose(line))).toBe(HOUSE);
  await box.control('POST', 'wise/policy', { statementAuthentication: true });
  // A person approves it within days: it is asked again until then.
  await expect(adapter.read('deposit', objectId, 'read:6')).rejects.toMatchObject({
    ...{ kind: 'unavailable', code: 'PROVIDER_APPROVAL_REQUIRED', retryAfterSeconds: 3_600 },
  });
});

it('the statement has every movement of every balance once, however long the time', async () => {
  await box.control('POST', 'wise/charges', { currency: 'USD', amount: 30 });
  const end = now + 1000;
  const { movements } = await box.control<{ movements: { amount: number; currency: string }[] }>('GET', 'wise/book');
  const sums = (list: readonly { currency: string; amount: bigint | number }[]): string[] =>
    list.map(({ currency, amount }) => `${currency} ${amount}`).sort();
  await pass(2);
  const [whole, years] = [
    await linesOn(START - 1000, end + 1000),
    await linesOn(START - 1_000 * 86_400_000, end + 1000),
  ];
  expect(sums(whole.map(({ currency, net: amount }) => ({ currency, amount })))).toEqual(sums(movements));
  expect(years.map(({ ref }) => ref).sort()).toEqual(whole.map(({ ref }) => ref).sort());
  expect(new Set(whole.map(({ ref }) => ref)).size).toBe(whole.length);
  expect(whole.filter(({ kind }) => kind === 'fee')).toHaveLength(1);
  expect(await linesOn(end + 1000, end + 2000)).toEqual([]);
});

it('a backfill reads transfers again that were made then, page by page', async () => {
  const { id } = await ordered();
  const range = { since: new Date(now - 3_600_000), until: new Date(now + 1000) };
  const { items, next } = await adapter.undelivered(range);
  expect(next).toBeNull();
  const [item] = items.filter(({ objectId }) => objectId === id);
  expect(item).toMatchObject({ type: 'transfer.reread', objectType: 'transfer' });
  expect(item && adapter.translate(item.eventId, item.rawBody)).toEqual({
    kind: 'read',
    objectType: 'transfer',
    objectId: id,
  });
  expect((await adapter.undelivered(range)).items.map(({ eventId }) => eventId)).toEqual(
    items.map(({ eventId }) => eventId),
  );
});

it.each([
  ['transfer', '999999999'],
  ['transfer', "1'; --"],
  ['transfer', '9007199254740993'],
  ['deposit', 'USD'],
  ['invoice', '1'],
] as const)('there is no %s %s', async (objectType, objectId) => {
  expect(await adapter.read(objectType, objectId, 'read:7')).toBeNull();
});

it('tests of Wise’s are known by their header, and only where they are signed', () => {
  const test = hooks.find(({ headers }) => headers['x-test-notification'] === 'true');
  if (!test) throw new Error('Wise tries a new subscription');
  const signature = String(test.headers['x-signature-sha256']);
  expect(webhook.verify({ signature, testNotification: 'true' }, test.raw)).toEqual({ test: true });
  const forged = { signature: 'AAAA', testNotification: 'true' };
  expect(() => webhook.verify(forged, test.raw)).toThrow(
    expect.objectContaining({ code: 'INVALID_SIGNATURE' }) as Error,
  );
});
