import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig } from '../../src/platform/config';
import { GoogleCerts } from '../../src/providers/google/google-certs';
import { GoogleVerifier } from '../../src/providers/google/google-verifier';
import { isAppError } from '../../src/shared/app-error';

const AUDIENCE = 'https://billing.example.com/v1/webhooks/play';
const ACCOUNT = 'push@example.iam.gserviceaccount.com';

interface Key {
  pem: string;
  privateKey: string;
}

function newKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  return { pem, privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

const [first, second, stranger] = [newKey(), newKey(), newKey()];
/** What Google's endpoint shows, and how often it was asked. */
const shown: { certs: Record<string, string>; asked: number; status: number } = { certs: {}, asked: 0, status: 200 };
let server: Server;
const clock = { now: () => new Date(), wall: () => new Date() };

beforeAll(async () => {
  server = createServer((_request, response) => {
    shown.asked += 1;
    response.writeHead(shown.status, { 'cache-control': 'public, max-age=3600' }).end(JSON.stringify(shown.certs));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

beforeEach(() => {
  Object.assign(shown, { certs: { k1: first.pem }, asked: 0, status: 200 });
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

function verifierOf(): GoogleVerifier {
  const { port } = server.address() as AddressInfo;
  const config = loadConfig({
    ...{ DATABASE_URL: 'postgresql://k@localhost/k', REDIS_URL: 'redis://localhost', AUTH_JWT_SECRET: 'k'.repeat(32) },
    ...{ AUTH_ISSUER: 'https://auth.example.com', AUTH_AUDIENCE: 'kassa', GOOGLE_PACKAGE_NAME: 'com.example.kassa' },
    ...{ GOOGLE_PUSH_AUDIENCE: AUDIENCE, GOOGLE_PUSH_SERVICE_ACCOUNT: ACCOUNT },
    GOOGLE_APPLICATION_CREDENTIALS: 'service-account.json',
    GOOGLE_CERTS_URL: `http://127.0.0.1:${port}/certs`,
  });
  return new GoogleVerifier(config, new GoogleCerts(config, clock));
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(change: object = {}, header: object = {}, by: Key = first): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ iss: 'https://accounts.google.com', aud: AUDIENCE, email: ACCOUNT, email_verified: true },
    ...{ sub: '1', iat: now, exp: now + 3600, ...change },
  };
  const input = `${part({ alg: 'RS256', kid: 'k1', typ: 'JWT', ...header })}.${part(claims)}`;
  return `${input}.${createSign('RSA-SHA256').update(input).sign(by.privateKey).toString('base64url')}`;
}

async function codeOf(authorization: string | undefined, verifier = verifierOf()): Promise<string | null> {
  try {
    await verifier.verify(authorization);
    return null;
  } catch (error) {
    return isAppError(error) ? `${error.kind} ${error.code}` : String(error);
  }
}

it('lets in what the configured account pushes to us', async () => {
  expect(await codeOf(`Bearer ${token()}`)).toBeNull();
});

const now = Math.floor(Date.now() / 1000);
const forged = (header: object, signature: string): string =>
  `${part(header)}.${token().split('.')[1] ?? ''}.${signature}`;
const hmac = ((): string => {
  const input = `${part({ alg: 'HS256', kid: 'k1' })}.${token().split('.')[1] ?? ''}`;
  return `${input}.${createHmac('sha256', first.pem).update(input).digest('base64url')}`;
})();

it.each([
  ['nobody', undefined],
  ['a password', 'Basic abc'],
  ['no token', 'Bearer abc'],
  ['more than any token', `Bearer ${token({ more: 'x'.repeat(10_000) })}`],
  ['another audience', `Bearer ${token({ aud: 'https://evil.example.com' })}`],
  ['another issuer', `Bearer ${token({ iss: 'https://accounts.example.com' })}`],
  ['another account of Google', `Bearer ${token({ email: 'else@example.iam.gserviceaccount.com' })}`],
  ['no account', `Bearer ${token({ email: undefined })}`],
  ['an address nobody has verified', `Bearer ${token({ email_verified: false })}`],
  ['an address of which that is not said', `Bearer ${token({ email_verified: undefined })}`],
  ['yesterday', `Bearer ${token({ iat: now - 90_000, exp: now - 86_400 })}`],
  ['tomorrow', `Bearer ${token({ iat: now + 86_400, exp: now + 90_000 })}`],
  ['no end', `Bearer ${token({ exp: undefined })}`],
  ['an end in years', `Bearer ${token({ exp: now + 100_000_000 })}`],
  ['the key of a stranger', `Bearer ${token({}, {}, stranger)}`],
  ['a key that Google does not have', `Bearer ${token({}, { kid: 'k9' }, stranger)}`],
  ['a key called like a member of every object', `Bearer ${token({}, { kid: 'constructor' })}`],
  ['no key', `Bearer ${token({}, { kid: undefined })}`],
  ['no signature', `Bearer ${forged({ alg: 'none', kid: 'k1' }, 'AA')}`],
  ['a signature by the public key as a secret', `Bearer ${hmac}`],
  [
    'claims of its own',
    `Bearer ${token().split('.')[0] ?? ''}.${part({ aud: AUDIENCE })}.${token().split('.')[2] ?? ''}`,
  ],
])('refuses %s', async (_who, authorization) => {
  expect(await codeOf(authorization)).toBe('authentication INVALID_SIGNATURE');
});

it('keeps the keys as long as Google says, and looks for a new one at once', async () => {
  const verifier = verifierOf();
  await Promise.all(Array.from({ length: 5 }, () => codeOf(`Bearer ${token()}`, verifier)));
  expect(shown.asked).toBe(1);
  shown.certs = { k2: second.pem };
  expect(await codeOf(`Bearer ${token({}, { kid: 'k2' }, second)}`, verifier)).toBeNull();
  expect(shown.asked).toBe(2);
  // Whoever makes up key ids does not make us ask Google each time.
  for (const kid of ['k3', 'k4', 'k5']) await codeOf(`Bearer ${token({}, { kid }, stranger)}`, verifier);
  expect(shown.asked).toBe(2);
});

it('says come again while the keys cannot be read', async () => {
  shown.status = 503;
  expect(await codeOf(`Bearer ${token()}`)).toBe('unavailable PROVIDER_UNAVAILABLE');
});
