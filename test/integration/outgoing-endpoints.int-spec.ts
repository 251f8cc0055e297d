import { createSecretKey, randomBytes } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { AppConfig } from '../../src/platform/config';
import { BusinessClock } from '../../src/platform/clock';
import { SecretBox } from '../../src/platform/crypto';
import { UnitOfWork } from '../../src/platform/database';
import { EndpointSecrets } from '../../src/modules/notifications/outgoing/endpoint-secrets.service';
import { OutgoingUpkeep } from '../../src/modules/notifications/outgoing/outgoing-upkeep.service';
import { SecretsRepository } from '../../src/modules/notifications/outgoing/secrets.repository';
import { WebhookTransport, type Resolve } from '../../src/modules/notifications/outgoing/webhook-transport';
import { answer, type Told } from '../support/backend';
import { startBench } from '../support/bench';
import { OutgoingStage, verified } from '../support/outgoing-stage';

const newKey = (): string => randomBytes(32).toString('base64');
const KEY = newKey();
const stage = new OutgoingStage({
  ENCRYPTION_KEYS: KEY,
  WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
  WEBHOOK_TIMEOUT_SECONDS: '1',
});
const { call, deliveriesOf, endpoint, happen, newest, send, stateOf } = stage;
const signatures = ({ headers }: Told): string[] => String(headers['webhook-signature']).split(' ');

type Policy = ConstructorParameters<typeof WebhookTransport>[0];
const transportOf = (policy: Policy, timeLimitMs: number, resolve: Resolve): WebhookTransport =>
  new WebhookTransport(policy, timeLimitMs, resolve, stage.bench.get(BusinessClock));

beforeAll(() => stage.start());
afterAll(() => stage.close());
afterEach(() => stage.clear());

describe('addresses', () => {
  it('that are not on the internet get nothing, though they were once allowed', async () => {
    const mine = await endpoint();
    await happen('inv_n');
    const strict = await startBench({ ...stage.settings, WEBHOOK_ALLOW_PRIVATE: '' }, stage.bench.database);
    await send(strict);
    await strict.close();
    expect(stage.backend.at(mine.path)).toEqual([]);
    expect((await newest(mine)).attemptLog).toMatchObject([{ error: 'url_refused', statusCode: null }]);
  });

  it.each<[string, string[], string]>([
    ['resolves to 127.0.0.1', ['127.0.0.1'], 'address_refused'],
    ['resolves to the metadata service', ['169.254.169.254', '::ffff:127.0.0.1'], 'address_refused'],
    ['resolves to nothing', [], 'address_refused'],
  ])('a name that %s gets nothing', async (_title, addresses, error) => {
    const transport = transportOf({ httpsOnly: false, allowed: [] }, 1_000, () =>
      Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
    );
    const before = stage.backend.told.length;
    const url = `http://api.test.example:${stage.backend.port}/x`;
    expect(await transport.post({ url, headers: {}, body: '{}' })).toMatchObject({ error, statusCode: null });
    await transport.close();
    expect(stage.backend.told).toHaveLength(before);
  });

  it('a name is resolved once, and the connection goes where it said then', async () => {
    let lookups = 0;
    const transport = transportOf({ httpsOnly: false, allowed: [[ipaddr.parse('127.0.0.1'), 32]] }, 1_000, () =>
      Promise.resolve([{ address: (lookups += 1) === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]),
    );
    const url = `http://rebind.test.example:${stage.backend.port}/rebind`;
    expect(await transport.post({ url, headers: {}, body: '{}' })).toMatchObject({ statusCode: 204, error: null });
    expect(lookups).toBe(1);
    await transport.close();
  });

  it('a name that is not known, and one that takes for ever, are failed attempts', async () => {
    const policy = { httpsOnly: false, allowed: [] };
    const unknown = transportOf(policy, 1_000, () =>
      Promise.reject(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' })),
    );
    const endless = transportOf(policy, 50, () => new Promise(() => undefined));
    const post = { url: 'https://api.test.example/', headers: {}, body: '{}' };
    expect(await unknown.post(post)).toMatchObject({ error: 'name', detail: 'ENOTFOUND' });
    expect(await endless.post(post)).toMatchObject({ error: 'timeout' });
    await Promise.all([unknown.close(), endless.close()]);
  });
});

describe('secrets', () => {
  it('sign along for a day after they were replaced', async () => {
    const mine = await endpoint();
    const rotated = await call('POST', `/webhook-endpoints/${mine.id}/rotate-secret`);
    const secret = String(rotated.body['secret']);
    expect(secret).not.toBe(mine.secret);
    await happen('inv_o');
    await send();
    await stage.bench.rows(
      "UPDATE webhook_secrets SET expires_at = now() - interval '1 s' WHERE expires_at IS NOT NULL",
    );
    await happen('inv_p');
    await send();
    const [during, after] = stage.backend.at(mine.path);
    if (!during || !after) throw new Error('Nothing was told');
    expect(signatures(during)).toHaveLength(2);
    for (const one of [mine.secret, secret]) expect(verified(during, one)).toMatchObject({ objectId: 'inv_o' });
    expect(signatures(after)).toHaveLength(1);
    expect(verified(after, secret)).toMatchObject({ objectId: 'inv_p' });
    expect(() => verified(after, mine.secret)).toThrow();
    await stage.bench.get(OutgoingUpkeep).sweep();
    expect(await stage.bench.rows('SELECT 1 FROM webhook_secrets WHERE endpoint_id = $1', [mine.id])).toHaveLength(1);
  });

  it('are nowhere in clear, and shown once', async () => {
    const body = { url: stage.backend.url('/once'), eventTypes: ['*'] };
    const key = { 'idempotency-key': 'once' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', '/webhook-endpoints', body, key)));
    expect(answers.filter(({ status, body: { secret } }) => status === 201 && secret !== null)).toHaveLength(1);
    const replayed = await call('POST', '/webhook-endpoints', body, key);
    expect(replayed).toMatchObject({ status: 201, body: { secret: null } });
    expect((await call('GET', '/webhook-endpoints')).text).not.toContain('whsec_');
    for (const table of ['webhook_secrets', 'webhook_endpoints', 'idempotency_keys', 'audit_log', 'outbox_events']) {
      expect(await stage.bench.rows(`SELECT t::text FROM ${table} t WHERE t::text LIKE '%whsec_%'`)).toEqual([]);
    }
  });

  it('outlive their key: sealed again under the newest, the old one may go', async () => {
    const mine = await endpoint();
    const newestKey = newKey();
    const secretsUnder = (keys: string): EndpointSecrets => {
      const config = stage.bench.get(AppConfig);
      const encryptionKeys = keys.split(',').map((key) => createSecretKey(Buffer.from(key, 'base64')));
      const box = new SecretBox(Object.create(config, { encryptionKeys: { value: encryptionKeys } }) as AppConfig);
      return new EndpointSecrets(box, stage.bench.get(SecretsRepository));
    };
    const opened = (keys: string): Promise<readonly string[] | undefined> =>
      stage.bench.get(UnitOfWork).service(async (tx) => (await secretsUnder(keys).open(tx, [mine.id])).get(mine.id));
    expect(await opened(newestKey)).toBeUndefined();
    await stage.bench.get(UnitOfWork).service((tx) => secretsUnder(`${newestKey},${KEY}`).sealAgain(tx));
    expect(await opened(newestKey)).toEqual([mine.secret]);

    // Here, where only the old key is known, it can no longer be read: nothing is sent unsigned, and it is no fault of the endpoint.
    await happen('inv_q');
    await send();
    expect(stage.backend.at(mine.path)).toEqual([]);
    expect((await newest(mine)).attemptLog).toMatchObject([{ error: 'secret' }]);
    expect((await stateOf(mine))['failingSince']).toBeNull();
    expect(
      await stage.bench.rows('SELECT 1 FROM alerts WHERE cause_key = $1', [`webhook_endpoint.secret:${mine.id}`]),
    ).toHaveLength(1);
  });
});

describe("operators' requests", () => {
  it('a test is sent to this endpoint only', async () => {
    const [mine, bystander] = [await endpoint(), await endpoint()];
    const sent = await call('POST', `/webhook-endpoints/${mine.id}/test`);
    expect(sent).toMatchObject({ status: 202, body: { type: 'webhook.test', status: 'pending', sequence: 1 } });
    await send();
    expect(stage.backend.at(mine.path)).toMatchObject([{ body: { type: 'webhook.test', objectId: mine.id } }]);
    expect(stage.backend.at(bystander.path)).toEqual([]);
  });

  it('a delivery is made once more under its id', async () => {
    const mine = await endpoint();
    await happen('inv_r', 'inv_s');
    await send();
    const [row] = await deliveriesOf(mine, '?status=delivered&objectId=inv_r&type=invoice.paid&limit=1');
    expect((await call('POST', `/webhook-deliveries/${row?.id}/redeliver`)).body).toMatchObject({ status: 'pending' });
    await send();
    const ids = stage.backend
      .at(mine.path)
      .filter(({ body }) => body.objectId === 'inv_r')
      .map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([row?.['messageId'], row?.['messageId']]);
    const all = await call('POST', `/webhook-endpoints/${mine.id}/redeliver`, { since: '2026-01-01', which: 'all' });
    const missed = await call('POST', `/webhook-endpoints/${mine.id}/redeliver`, { since: '2026-01-01' });
    expect(Number(all.body['queued'])).toBeGreaterThanOrEqual(2);
    expect(missed.body['queued']).toBe(0);
    expect((await call('POST', `/webhook-endpoints/${mine.id}/disable`)).body['disabledReason']).toBe('operator');
  });

  it('lists go on where they ended', async () => {
    const mine = await endpoint();
    await happen('inv_t', 'inv_u', 'inv_v');
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = (await call('GET', `/webhook-endpoints/${mine.id}/deliveries${query}`)).body;
      seen.push(...(page['data'] as { objectId: string }[]).map(({ objectId }) => objectId));
      cursor = page['nextCursor'] as string | null;
    }
    expect(seen.sort()).toEqual(['inv_t', 'inv_u', 'inv_v']);
  });

  it.each<[string, unknown]>([
    ['no body', {}],
    ['no URL', { url: 'somewhere', eventTypes: ['*'] }],
    ['a private address', { url: 'https://10.0.0.1/', eventTypes: ['*'] }],
    ['a number for a host', { url: 'https://2852039166/', eventTypes: ['*'] }],
    ['a user name', { url: 'https://me@api.example.com/', eventTypes: ['*'] }],
    ['a type that nobody knows', { url: 'https://api.example.com/', eventTypes: ['invoice.lost'] }],
    ["a prototype's name", { url: 'https://api.example.com/', eventTypes: ['constructor'] }],
    ['no types', { url: 'https://api.example.com/', eventTypes: [] }],
    ['101 types', { url: 'https://api.example.com/', eventTypes: new Array(101).fill('*') }],
    ['a type of 10 kB', { url: 'https://api.example.com/', eventTypes: ['x'.repeat(10_240)] }],
    ['a NUL', { url: 'https://api.example.com/\u0000', eventTypes: ['*'] }],
    ['a field of its own', { url: 'https://api.example.com/', eventTypes: ['*'], secret: 'mine' }],
  ])('%s makes no endpoint', async (_title, body) => {
    const refused = await call('POST', '/webhook-endpoints', body);
    expect({ status: refused.status, code: refused.body.error?.code }).toEqual({ status: 400, code: 'INVALID_INPUT' });
    expect((await call('GET', '/webhook-endpoints')).body['data']).toEqual([]);
  });

  it.each(['whe_01kb2x7m0e8v6q3yt1z5c9r4aw', "x' OR 1=1 --", '%F0%9F%98%80', 'x'.repeat(64)])(
    'an endpoint or delivery %s is not found',
    async (id) => {
      const at = `/${['webhook-endpoints', encodeURI(id)].join('/')}`;
      const requests = [
        ...[
          call('GET', at),
          call('PATCH', at, { description: 'x' }),
          call('DELETE', at),
          call('GET', `${at}/deliveries`),
        ],
        ...['rotate-secret', 'enable', 'disable', 'test'].map((verb) => call('POST', `${at}/${verb}`)),
        call('POST', `${at}/redeliver`, { since: '2026-01-01' }),
        ...[
          call('GET', `/webhook-deliveries/${encodeURI(id)}`),
          call('POST', `/webhook-deliveries/${encodeURI(id)}/redeliver`),
        ],
      ];
      for (const { status } of await Promise.all(requests)) expect(status).toBe(404);
    },
  );

  it('old messages are let go with their log, but not what is still to be delivered', async () => {
    const mine = await endpoint(answer(204), answer(500));
    await happen('inv_w');
    await send();
    await happen('inv_x');
    await send();
    // Messages do not change, not even for a test: they are given an age by the age that is allowed.
    const upkeep: object = stage.bench.get(OutgoingUpkeep);
    await (Object.create(upkeep, { config: { value: { outgoing: { logDays: 0 } } } }) as OutgoingUpkeep).sweep();
    expect((await deliveriesOf(mine)).map(({ objectId }) => objectId)).toEqual(['inv_x']);
    expect(await stage.bench.rows("SELECT 1 FROM webhook_messages WHERE object_id = 'inv_w'")).toEqual([]);
  });
});
