import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningApp } from '../support/app';
import { expectRefusal } from '../support/http-client';
import { TEST_AUTH, asCron, asInternal, asUser, tokenFor } from '../support/tokens';
import { GENEROUS, useEdge } from './http-edge.fixture';

const { boot, call } = useEdge();

describe('who may call', () => {
  it('takes a good token', async () => {
    const { status, body } = await call('/edge/undecorated', {
      headers: { authorization: `Bearer ${tokenFor({ email: 'ada@example.com', roles: ['finance', 'emperor'] })}` },
    });
    expect(status).toBe(200);
    expect(body).toEqual({ id: 'user-1', email: 'ada@example.com', roles: ['user', 'finance'] });
  });

  const now = Math.floor(Date.now() / 1000);
  const unsigned = [
    { alg: 'none', typ: 'JWT' },
    { sub: 'user-1', exp: now + 300, iss: TEST_AUTH.issuer, aud: TEST_AUTH.audience },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  it.each<[string, string | undefined, string]>([
    ['no token', undefined, 'INVALID_TOKEN'],
    ['another scheme', `Basic ${tokenFor()}`, 'INVALID_TOKEN'],
    ['no JWT', 'Bearer nonsense', 'INVALID_TOKEN'],
    ['an empty bearer', 'Bearer ', 'INVALID_TOKEN'],
    ['alg none', `Bearer ${unsigned}.`, 'INVALID_TOKEN'],
    ['another secret', `Bearer ${tokenFor({ key: 'x'.repeat(40) })}`, 'INVALID_TOKEN'],
    ['another algorithm', `Bearer ${tokenFor({ algorithm: 'HS512' })}`, 'INVALID_TOKEN'],
    ['a foreign issuer', `Bearer ${tokenFor({ issuer: 'https://elsewhere.example' })}`, 'INVALID_TOKEN'],
    ['a foreign audience', `Bearer ${tokenFor({ audience: 'another-app' })}`, 'INVALID_TOKEN'],
    ['an expired token', `Bearer ${tokenFor({ expiresIn: -10 })}`, 'EXPIRED_TOKEN'],
    ['a token that never expires', `Bearer ${tokenFor({ expiresIn: null })}`, 'INVALID_TOKEN'],
    ['a token for later', `Bearer ${tokenFor({ claims: { nbf: now + 200 } })}`, 'INVALID_TOKEN'],
    ['no subject', `Bearer ${tokenFor({ userId: null })}`, 'INVALID_TOKEN'],
    ['a blank subject', `Bearer ${tokenFor({ userId: ' ' })}`, 'INVALID_TOKEN'],
    ['a subject of 256 characters', `Bearer ${tokenFor({ userId: 'u'.repeat(256) })}`, 'INVALID_TOKEN'],
    ['a subject with NUL', `Bearer ${tokenFor({ userId: 'a\u0000b' })}`, 'INVALID_TOKEN'],
    [
      'an expired token of another secret',
      `Bearer ${tokenFor({ expiresIn: -10, key: 'x'.repeat(40) })}`,
      'INVALID_TOKEN',
    ],
  ])('refuses %s', async (_name, authorization, code) => {
    const answer = await call('/edge/undecorated', { headers: authorization === undefined ? {} : { authorization } });
    expectRefusal(answer, 401, code);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('wants one of the roles, and an admin is not everything', async () => {
    expect((await call('/edge/finance', { headers: asUser('user-1', 'finance') })).status).toBe(200);
    expectRefusal(
      await call('/edge/finance', { headers: asUser('user-1', 'support') }),
      403,
      'INSUFFICIENT_PERMISSIONS',
    );
    expectRefusal(await call('/edge/finance', { headers: asUser() }), 403, 'INSUFFICIENT_PERMISSIONS');
    expectRefusal(await call('/edge/finance', { headers: asInternal() }), 401, 'INVALID_TOKEN');
  });

  it('knows our own servers and the scheduler by their secrets only', async () => {
    expect((await call('/edge/internal', { headers: asInternal() })).body).toEqual({ kind: 'internal' });
    expect((await call('/edge/cron', { headers: asCron() })).body).toEqual({ kind: 'cron' });
    const strangers: Record<string, string>[] = [
      {},
      asUser('user-1', 'admin'),
      { 'x-internal-api-key': 'x' },
      asCron(),
    ];
    for (const headers of strangers) {
      expectRefusal(await call('/edge/internal', { headers }), 401, 'INVALID_TOKEN');
    }
    for (const headers of [{}, asUser('user-1', 'admin'), asInternal(), { authorization: TEST_AUTH.cronSecret }]) {
      expectRefusal(await call('/edge/cron', { headers }), 401, 'INVALID_TOKEN');
    }
  });

  it('shares routes between our servers and users with a role', async () => {
    expect((await call('/edge/shared', { headers: asInternal() })).body).toEqual({ kind: 'internal' });
    expect((await call('/edge/shared', { headers: asUser('boss', 'admin') })).body).toMatchObject({ kind: 'user' });
    expectRefusal(await call('/edge/shared', { headers: asUser() }), 403, 'INSUFFICIENT_PERMISSIONS');
    const wrongKeyGoodToken = { ...asUser('boss', 'admin'), 'x-internal-api-key': 'guess' };
    expectRefusal(await call('/edge/shared', { headers: wrongKeyGoodToken }), 401, 'INVALID_TOKEN');
  });

  it('refuses everybody where no secret is configured', async () => {
    const app = await boot({ settings: { ...GENEROUS, INTERNAL_API_KEY: '', CRON_SECRET: '' } });
    expectRefusal(
      await call('/edge/internal', { headers: { 'x-internal-api-key': '' } }, app.url),
      401,
      'INVALID_TOKEN',
    );
    expectRefusal(
      await call('/edge/cron', { headers: { authorization: 'Bearer undefined' } }, app.url),
      401,
      'INVALID_TOKEN',
    );
    expect((await call('/metrics', {}, app.url)).status).toBe(200);
    await app.close();
  });
});

describe('tokens of an identity provider', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = (key: KeyObject, kid: string, alg: string) => ({
    ...key.export({ format: 'jwk' }),
    kid,
    alg,
    use: 'sig',
  });
  let published: object[] = [jwk(rsa.publicKey, 'rsa-1', 'RS256'), jwk(ec.publicKey, 'ec-1', 'ES256')];
  let fetches = 0;
  let provider: Server;
  let app: RunningApp;

  beforeAll(async () => {
    provider = createServer((_request, response) => {
      fetches++;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks.json`;
    app = await boot({
      settings: { ...GENEROUS, AUTH_JWT_SECRET: '', AUTH_JWKS_URL: url, AUTH_ROLES_CLAIM: 'app.roles' },
    });
  });

  afterAll(async () => {
    await app.close();
    await new Promise((resolve) => provider.close(resolve));
  });

  const me = (token: string) => call('/edge/undecorated', { headers: { authorization: `Bearer ${token}` } }, app.url);
  const privatePem = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }).toString();
  const publicPem = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();

  it('takes RS256 and ES256 by their key id, with roles at a dotted path, and reads the key set once', async () => {
    const claims = { app: { roles: ['admin'] } };
    const token = tokenFor({ algorithm: 'RS256', key: privatePem(rsa.privateKey), kid: 'rsa-1', claims });
    const answers = await Promise.all([me(token), me(token), me(token)]);
    for (const { body } of answers) expect(body).toEqual({ id: 'user-1', roles: ['user', 'admin'] });
    const other = await me(tokenFor({ algorithm: 'ES256', key: privatePem(ec.privateKey), kid: 'ec-1' }));
    expect(other.status).toBe(200);
    expect(fetches).toBe(1);
  });

  it('never takes a public key for a shared secret', async () => {
    const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid: 'rsa-1' })).toString('base64url');
    const forged = tokenFor({
      algorithm: 'HS256',
      key: Buffer.from(publicPem).toString('utf8').replace(/-----/g, ''),
      kid: 'rsa-1',
    });
    expectRefusal(await me(forged), 401, 'INVALID_TOKEN');
    expectRefusal(await me(`${header}.${forged.split('.').slice(1).join('.')}`), 401, 'INVALID_TOKEN');
    expectRefusal(await me(tokenFor()), 401, 'INVALID_TOKEN');
  });

  it.each([
    ['a key nobody published', { algorithm: 'RS256', key: privatePem(stranger.privateKey), kid: 'rsa-1' }],
    ['an unknown key id', { algorithm: 'RS256', key: privatePem(rsa.privateKey), kid: 'rsa-9' }],
    ['no key id although there are several', { algorithm: 'RS256', key: privatePem(rsa.privateKey) }],
    ['an algorithm the key is not for', { algorithm: 'PS256', key: privatePem(rsa.privateKey), kid: 'rsa-1' }],
  ] as const)('refuses %s', async (_name, options) => {
    expectRefusal(await me(tokenFor(options)), 401, 'INVALID_TOKEN');
  });

  it('is not made to ask the provider by made-up key ids', async () => {
    const before = fetches;
    const tokens = Array.from({ length: 20 }, (_, i) =>
      tokenFor({ algorithm: 'RS256', key: privatePem(stranger.privateKey), kid: `made-up-${i}` }),
    );
    for (const answer of await Promise.all(tokens.map(me))) expectRefusal(answer, 401, 'INVALID_TOKEN');
    expect(fetches - before).toBeLessThanOrEqual(1);
  });

  it('says 503 when the key set cannot be read, because the token may be good', async () => {
    published = [];
    const fresh = await boot({
      settings: { ...GENEROUS, AUTH_JWT_SECRET: '', AUTH_JWKS_URL: 'http://127.0.0.1:1/jwks.json' },
    });
    const token = tokenFor({ algorithm: 'RS256', key: privatePem(rsa.privateKey), kid: 'rsa-1' });
    const answer = await call('/edge/undecorated', { headers: { authorization: `Bearer ${token}` } }, fresh.url);
    expectRefusal(answer, 503, 'AUTH_UNAVAILABLE');
    expect(answer.headers.get('retry-after')).toBe('5');
    await fresh.close();
  });
});
