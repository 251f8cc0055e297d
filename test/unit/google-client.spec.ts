import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { loadConfig, type Environment } from '../../src/platform/config';
import { GoogleClient } from '../../src/providers/google';
import { isAppError } from '../../src/shared/app-error';

interface Google {
  statuses: number[];
  body: object;
  retryAfter?: string;
  signsIn: boolean;
  signIns: number;
  asked: string[];
}

/** What Google answers: statuses one after the other, the last of them for good; 0 cuts the connection, -1 lets it wait. */
const google: Google = { statuses: [], body: {}, signsIn: true, signIns: 0, asked: [] };
const folder = mkdtempSync(join(tmpdir(), 'kassa-google-'));
const file = join(folder, 'service-account.json');
const clock = { now: () => new Date(), wall: () => new Date() };
let server: Server;
let base: string;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = createServer((request, response) => {
    if (request.url === '/token') {
      google.signIns += 1;
      if (!google.signsIn) return;
      response.end(JSON.stringify({ access_token: `token-${google.signIns}`, expires_in: 3600 }));
      return;
    }
    google.asked.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`);
    const status = google.statuses.length > 1 ? google.statuses.shift() : google.statuses[0];
    if (status === 0) {
      request.socket.destroy();
      return;
    }
    if (status === -1) return;
    response.writeHead(status ?? 200, {
      ...{ 'content-type': 'application/json', date: 'Thu, 01 Jan 2026 10:00:00 GMT' },
      ...(google.retryAfter !== undefined && { 'retry-after': google.retryAfter }),
    });
    response.end(JSON.stringify(google.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' });
  writeFileSync(file, JSON.stringify({ client_email: 'k@x.example', private_key: key, token_uri: `${base}/token` }));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  Object.assign(google, { statuses: [200], body: {}, retryAfter: undefined, signsIn: true, signIns: 0, asked: [] });
});

function clientOf(credentials = file, more: Environment = {}): GoogleClient {
  const config = loadConfig({
    ...{ DATABASE_URL: 'postgresql://k@localhost/k', REDIS_URL: 'redis://localhost', AUTH_JWT_SECRET: 'k'.repeat(32) },
    ...{ AUTH_ISSUER: 'https://auth.example.com', AUTH_AUDIENCE: 'kassa', GOOGLE_PACKAGE_NAME: 'com.example.kassa' },
    ...{ GOOGLE_PUSH_AUDIENCE: 'https://x.example', GOOGLE_PUSH_SERVICE_ACCOUNT: 'p@x.example' },
    ...{ GOOGLE_API_BASE: base, GOOGLE_APPLICATION_CREDENTIALS: credentials, ...more },
  });
  return new GoogleClient(config, clock);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'fine';
  } catch (error) {
    return isAppError(error) ? `${error.kind} ${error.code}` : String(error);
  }
}

it('signs in once, and tells what was answered by Google’s own clock', async () => {
  google.body = { subscriptionState: 'SUBSCRIPTION_STATE_ACTIVE' };
  const client = clientOf();
  const answers = await Promise.all([client.subscription('token-1'), client.subscription('token-2')]);
  expect(answers[0]).toEqual({ value: google.body, at: new Date('2026-01-01T10:00:00Z') });
  expect(google.signIns).toBe(1);
  expect(google.asked).toContain(
    '/androidpublisher/v3/applications/com.example.kassa/purchases/subscriptionsv2/tokens/token-1 Bearer token-1',
  );
});

it('signs in anew where Google does not know the token any more', async () => {
  google.statuses = [401, 200];
  expect(await codeOf(clientOf().subscription('x'))).toBe('fine');
  expect(google.signIns).toBe(2);
});

it.each([400, 404, 410])('has no such purchase where Google answers %i', async (status) => {
  google.statuses = [status];
  const client = clientOf();
  expect([await client.subscription('x'), await client.product('x'), await client.order('x')]).toEqual([
    null,
    null,
    null,
  ]);
});

it.each([
  ['500', [500], {}, 'provider PROVIDER_ERROR', 3],
  ['nothing at all', [0], {}, 'provider PROVIDER_ERROR', 3],
  ['500 and then at last', [500, 0, 200], {}, 'fine', 3],
  ['403, for it lacks a permission', [403], {}, 'provider PROVIDER_ERROR', 1],
  [
    '403, for it was too much',
    [403],
    { error: { errors: [{ reason: 'rateLimitExceeded' }] } },
    'unavailable PROVIDER_BUSY',
    1,
  ],
  ['429', [429], {}, 'unavailable PROVIDER_BUSY', 1],
  ['422', [422], {}, 'business PROVIDER_REFUSED', 1],
])('where Google answers %s', async (_what, statuses, body, code, asked) => {
  Object.assign(google, { statuses, body });
  expect(await codeOf(clientOf().subscription('x'))).toBe(code);
  expect(google.asked).toHaveLength(asked);
});

it('gives up where Google is slower than our patience, and finds what has come of it when it is back', async () => {
  const client = clientOf(file, { PROVIDER_TIMEOUT_MS: '100' });
  google.statuses = [-1];
  expect(await codeOf(client.subscription('x'))).toBe('provider PROVIDER_ERROR');
  expect(google.asked).toHaveLength(3);
  google.statuses = [-1, 200];
  expect(await codeOf(client.subscription('x'))).toBe('fine');
  // Signing in may take no longer.
  google.signsIn = false;
  const other = clientOf(file, { PROVIDER_TIMEOUT_MS: '100' });
  expect(await codeOf(other.subscription('x'))).toBe('provider PROVIDER_ERROR');
  google.signsIn = true;
  expect(await codeOf(other.subscription('x'))).toBe('fine');
});

it('waits as long as it is asked to where that is short', async () => {
  Object.assign(google, { statuses: [429, 200], retryAfter: '0' });
  expect(await codeOf(clientOf().subscription('x'))).toBe('fine');
});

it.each([
  [400, 'business PROVIDER_REFUSED'],
  [404, 'not_found PROVIDER_OBJECT_NOT_FOUND'],
  [409, 'provider PROVIDER_ERROR'],
])('tells apart why it could not be acknowledged: %i', async (status, code) => {
  google.statuses = [status];
  expect(await codeOf(clientOf().acknowledge('subscription', 'pro', 'x'))).toBe(code);
});

it.each([
  ['is not there', join(folder, 'nowhere.json'), null],
  ['is no JSON', join(folder, 'text.json'), 'text'],
  ['is of another kind', join(folder, 'user.json'), '{"type":"authorized_user"}'],
  ['holds no key', join(folder, 'key.json'), '{"client_email":"a","private_key":"b","token_uri":"https://x.example"}'],
])('does not begin with a file of credentials that %s', (_what, path, text) => {
  if (text !== null) writeFileSync(path, text);
  expect(() => clientOf(path)).toThrow(/^GOOGLE_APPLICATION_CREDENTIALS names .* which cannot be read/);
});
