import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { expectRefusal, fetchAnswer, jsonPost } from '../support/http-client';
import { startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { postWebhook, stripeEvent, stripeSignature } from '../support/stripe-events';

const OTHER_SECRET = 'whsec_the_former_one';
const PATHS = ['/v1/webhooks/stripe', '/v1/billing/webhooks/stripe', '/webhooks/stripe', '/billing/webhooks/stripe'];

const WISE_PROFILE = 30000001;
const [WISE, SOMEBODY] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 })) as [KeyPair, KeyPair];

interface KeyPair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

let house: House;
beforeAll(async () => {
  const settings = {
    STRIPE_WEBHOOK_SECRETS: `${WEBHOOK_SECRET},${OTHER_SECRET}`,
    ...{
      WISE_API_TOKEN: 'nobody-is-asked',
      WISE_PROFILE_ID: String(WISE_PROFILE),
      WISE_API_BASE: 'http://127.0.0.1:1',
    },
    WISE_WEBHOOK_PUBLIC_KEY: WISE.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  };
  house = await startHouse({ settings });
}, 30_000);
afterAll(() => house.close());

const stored = async (): Promise<number> => {
  const [row] = await house.rows<{ n: number }>('SELECT count(*)::int AS n FROM inbox_events');
  return row!.n;
};

describe("what comes in at Stripe's webhook", () => {
  const post = (body: string, signature?: string, path = PATHS[0]!) =>
    postWebhook(`${house.app.url}${path}`, body, signature);
  const signed = (body: string, path?: string) => post(body, stripeSignature(body, WEBHOOK_SECRET), path);
  const ignorable = () => JSON.stringify(stripeEvent('balance.available', { object: 'balance' }));

  it.each(PATHS)('is taken at %s, signed with the present secret or the former one', async (path) => {
    const before = await stored();
    for (const secret of [WEBHOOK_SECRET, OTHER_SECRET]) {
      const body = ignorable();
      const answer = await post(body, stripeSignature(body, secret, 290), path);
      expect(answer).toMatchObject({ status: 200, body: { received: true } });
      expect(answer.body['id']).toMatch(/^evt_/);
      expect(answer.body).not.toHaveProperty('status');
    }
    expect(await stored()).toBe(before + 2);
    await house.settle();
  });

  const good = (body: string) => stripeSignature(body, WEBHOOK_SECRET);
  const at = (body: string) => /^t=\d+/.exec(good(body))![0];
  it.each<[string, (body: string) => string | undefined]>([
    ['no signature', () => undefined],
    ['an empty one', () => ''],
    ['nonsense', () => 'nonsense'],
    ['another secret', (body) => stripeSignature(body, 'whsec_of_somebody_else')],
    ['one of 301 seconds ago', (body) => stripeSignature(body, WEBHOOK_SECRET, 302)],
    ['one of 301 seconds from now', (body) => stripeSignature(body, WEBHOOK_SECRET, -302)],
    ['a signature cut short', (body) => good(body).slice(0, -1)],
    ['one hexadecimal digit changed', (body) => good(body).replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))],
    ['the scheme v0 only', (body) => good(body).replace('v1=', 'v0=')],
    ['a signature without a time', (body) => good(body).replace(/^t=\d+,/, '')],
    ['a time without a signature', (body) => at(body)],
    ['an empty signature', (body) => `${at(body)},v1=`],
    ['another time than the signed one', (body) => good(body).replace(/^t=(\d+)/, (_, t) => `t=${Number(t) - 1}`)],
    ['the signature of another body', () => stripeSignature(ignorable(), WEBHOOK_SECRET)],
    ['the signature of the body with a space more', (body) => stripeSignature(`${body} `, WEBHOOK_SECRET)],
    ['fifteen hundred signatures', (body) => `${at(body)}${',v1=00'.repeat(1_500)}`],
  ])('refuses %s, and stores nothing', async (_what, signature) => {
    const before = await stored();
    for (const path of PATHS.slice(0, 2)) {
      const body = ignorable();
      expectRefusal(await post(body, signature(body), path), 400, 'INVALID_SIGNATURE');
    }
    expect(await stored()).toBe(before);
  });

  it('verifies the bytes, not their meaning', async () => {
    const body = ignorable();
    const signature = stripeSignature(body, WEBHOOK_SECRET);
    expectRefusal(await post(JSON.stringify(JSON.parse(body), null, 1), signature), 400, 'INVALID_SIGNATURE');
    expect((await post(body, signature)).status).toBe(200);
    await house.settle();
  });

  const event = (changes: object) => JSON.stringify({ ...stripeEvent('balance.available', {}), ...changes });
  it.each([
    ['not JSON', '{"id":'],
    ['empty', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['an object of another kind', '{"id":"cus_1","object":"customer"}'],
    ['an event without an id', event({ id: undefined })],
    ['an event with an id of 256 characters', event({ id: 'e'.repeat(256) })],
    ['an event with NUL in its id', event({ id: 'evt_\u0000' })],
    ['an event whose type is a number', event({ type: 7 })],
    ['an event of no time', event({ created: null })],
    ['an event of the year 5138', event({ created: 1e11 })],
    ['an event that is live "yes"', event({ livemode: 'yes' })],
    ['an event about nothing', event({ data: {} })],
    ['an event about a text', event({ data: { object: 'cus_1' } })],
  ])('refuses a signed body that is %s', async (_what, body) => {
    const before = await stored();
    const answer = await signed(body);
    expect(answer.status).toBe(400);
    expect(['INVALID_INPUT', 'INVALID_SIGNATURE']).toContain(answer.body.error?.code);
    expect(await stored()).toBe(before);
  });

  it('refuses 1.1 MiB and takes a little less than 1 MiB', async () => {
    const before = await stored();
    const padded = (bytes: number) =>
      JSON.stringify(stripeEvent('balance.available', { object: 'balance', padding: 'x'.repeat(bytes) }));
    expectRefusal(await signed(padded(1.1 * 1024 * 1024)), 413, 'BODY_TOO_LARGE');
    expect(await stored()).toBe(before);
    expect((await signed(padded(1024 * 1024 - 500))).status).toBe(200);
    await house.settle();
  });

  it('is refused at the door of a provider that is off', async () => {
    const before = await stored();
    for (const store of ['appstore', 'play']) {
      expect(await post('{"signedPayload":"x"}', undefined, `/v1/webhooks/${store}`)).toMatchObject({
        ...{ status: 503, body: { error: { code: 'PROVIDER_NOT_CONFIGURED' } } },
      });
    }
    expect(await stored()).toBe(before);
  });

  it('takes what is deep, doubled, poisoned or holds NUL, and is none the worse', async () => {
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    const [first, second] = [stripeEvent('balance.available', {}), stripeEvent('balance.available', {})];
    const bodies = [
      event({ data: { object: { object: 'balance', deep: 'HERE' } } }).replace('"HERE"', deep),
      event({ data: { object: { object: 'balance\u0000', id: 'b\u0000' } }, api_version: '2020-08-27\u0000' }),
      event({ data: { object: { object: 'balance', id: '\ud800' } } }),
      JSON.stringify(first).replace('"object"', `"id":"${second.id}","object"`),
      // Names that only mean something to a careless program; a customer's metadata may well have them.
      event({}).replace('{', '{"__proto__":{"livemode":true},"constructor":{"prototype":{"type":"x"}},'),
    ];
    const before = await stored();
    for (const body of bodies) expect(await signed(body)).toMatchObject({ status: 200, body: { received: true } });
    expect(await stored()).toBe(before + bodies.length);
    await house.settle();
    const doubled = await house.rows('SELECT status FROM inbox_events WHERE event_id IN ($1, $2)', [
      first.id,
      second.id,
    ]);
    expect(doubled).toEqual([{ status: 'ignored' }]);
    expect(
      await house.rows("SELECT id FROM inbox_events WHERE status <> 'ignored' AND type = 'balance.available'"),
    ).toEqual([]);
  });
});

describe("what comes in at Wise's webhook", () => {
  const event = (type = 'profiles#verification-state-change') =>
    JSON.stringify({
      data: { resource: { type: 'profile', id: 1, profile_id: WISE_PROFILE }, occurred_at: '2026-01-15T09:59:59.123Z' },
      ...{ subscription_id: randomUUID(), event_type: type, schema_version: '4.0.0', sent_at: '2026-01-15T10:00:00Z' },
    });
  const signed = (body: string, { privateKey }: KeyPair = WISE) =>
    sign('RSA-SHA256', Buffer.from(body), privateKey).toString('base64');
  const post = (body: string, signature: string | undefined = signed(body), more: Record<string, string> = {}) =>
    fetchAnswer(`${house.app.url}/v1/webhooks/wise`, {
      ...jsonPost(body, {
        ...(signature !== '' && { 'x-signature-sha256': signature }),
        ...{ 'x-delivery-id': randomUUID(), ...more },
      }),
    });

  it('is taken once, however often it is delivered', async () => {
    const [before, body] = [await stored(), event()];
    const first = await post(body);
    expect(first).toMatchObject({ status: 200, body: { received: true } });
    expect(first.body).not.toHaveProperty('status');
    const deliveryId = randomUUID();
    for (const id of [randomUUID(), deliveryId, deliveryId]) {
      const again = await post(body, undefined, { 'x-delivery-id': id });
      expect(again).toMatchObject({
        status: 200,
        body: { id: first.body['id'], status: expect.stringMatching(/^already/) as string },
      });
    }
    expect(await stored()).toBe(before + 1);
    await house.settle();
    expect(await house.rows("SELECT status FROM inbox_events WHERE provider = 'wise'")).toEqual([
      { status: 'ignored' },
    ]);
  });

  it.each<[string, (body: string) => string]>([
    ['no signature', () => ''],
    ['nonsense', () => 'nonsense'],
    ["somebody else's", (body) => signed(body, SOMEBODY)],
    ['the signature of another body', () => signed(event())],
    ['the signature of the body with a space more', (body) => signed(`${body} `)],
    ['a signature cut short', (body) => signed(body).slice(0, -4)],
    ['one in base64url', (body) => Buffer.from(signed(body), 'base64').toString('base64url')],
  ])('refuses %s, and stores nothing', async (_what, signature) => {
    const [before, body] = [await stored(), event()];
    expectRefusal(await post(body, signature(body)), 400, 'INVALID_SIGNATURE');
    // Nobody gets round it by calling it a test.
    expectRefusal(await post(body, signature(body), { 'x-test-notification': 'true' }), 400, 'INVALID_SIGNATURE');
    expect(await stored()).toBe(before);
  });

  it('answers a test of the address, and does nothing', async () => {
    const before = await stored();
    for (const body of [event(), event('transfers#state-change'), '{}']) {
      const answer = await post(body, undefined, { 'x-test-notification': 'true' });
      expect([answer.status, answer.body]).toEqual([200, { received: true }]);
    }
    expect(await stored()).toBe(before);
  });

  it.each([
    ['not JSON', '{"data":'],
    ['empty', ''],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['a transfer without an id', event('transfers#state-change')],
    ['of no subscription', event().replace(/"subscription_id":"[^"]+"/, '"subscription_id":"x"')],
    ['of a type with NUL', event('transfers\u0000')],
    ['of no time', event().replace('2026-01-15T09:59:59.123Z', 'soon')],
  ])('refuses a signed body that is %s', async (_what, body) => {
    const before = await stored();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(['INVALID_INPUT', 'INVALID_SIGNATURE']).toContain(answer.body.error?.code);
    expect(await stored()).toBe(before);
  });

  it("ignores another profile's, and tells somebody", async () => {
    const data = { resource: { type: 'transfer', id: 7, profile_id: 5 }, current_state: 'processing' };
    const body = JSON.stringify({
      ...(JSON.parse(event('transfers#state-change')) as object),
      data: { ...data, previous_state: null, occurred_at: '2026-01-15T09:59:59Z' },
    });
    expect((await post(body)).status).toBe(200);
    await house.settle();
    expect(await house.rows("SELECT status FROM inbox_events WHERE provider = 'wise' AND object_id = '7'")).toEqual([
      { status: 'ignored' },
    ]);
  });
});
