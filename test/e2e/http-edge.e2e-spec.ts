import { request as httpRequest } from 'node:http';
import { HealthRegistry } from '../../src/platform/http';
import { answerOf, exchangeBytes, expectRefusal, type Answer } from '../support/http-client';
import { TEST_AUTH, asInternal, asUser } from '../support/tokens';
import { GENEROUS, ledger, useEdge } from './http-edge.fixture';

const { boot, call, logLines, post, running } = useEdge();

describe('what comes in', () => {
  it('answers at /v1/x and at /x', async () => {
    expect((await call('/v1/edge/public')).body).toEqual({ open: true });
    expect((await call('/edge/public')).body).toEqual({ open: true });
    expectRefusal(await call('/v2/edge/public'), 404, 'NOT_FOUND');
  });

  it('names unknown and wrong fields', async () => {
    const answer = await post('/edge/echo', { amount: '1', extra: true });
    expectRefusal(answer, 400, 'INVALID_INPUT');
    const { fields } = answer.body.error?.details as { fields: { field: string }[] };
    expect(fields.map(({ field }) => field).sort()).toEqual(['amount', 'amount', 'extra']);
  });

  it.each([
    ['broken JSON', '{"amount":'],
    ['an empty body', ''],
    ['a list', '[]'],
    ['a number', '7'],
    ['null', 'null'],
    ['poison', '{"amount":1,"__proto__":{"admin":true}}'],
    ['a very deep object', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['NUL', '{"amount":1,"mode":"a\\u0000"}'],
  ])('refuses %s as 400', async (_name, body) => {
    const answer = await post('/edge/echo', body);
    expectRefusal(answer, 400, 'INVALID_INPUT');
    expect(answer.body.error?.details).toHaveProperty('fields');
  });

  it('refuses other content types', async () => {
    const headers = { 'content-type': 'text/xml' };
    expectRefusal(await call('/edge/echo', { method: 'POST', body: '<a/>', headers }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  });

  it('refuses more than 1 MiB, with and without a length, except for batches of up to 5 MiB', async () => {
    const body = JSON.stringify({ amount: 1, mode: 'x'.repeat(1.1 * 1024 * 1024) });
    expectRefusal(await post('/edge/echo', body), 413, 'BODY_TOO_LARGE');
    const stream = new Blob([body]).stream();
    const chunked = { method: 'POST', body: stream, duplex: 'half', headers: { 'content-type': 'application/json' } };
    expectRefusal(await call('/edge/echo', chunked), 413, 'BODY_TOO_LARGE');
    expect(await post('/edge/batch', body)).toMatchObject({ status: 201, body: { bytes: body.length } });
    expectRefusal(await post('/v1/edge/batch', `"${'x'.repeat(5 * 1024 * 1024)}"`), 413, 'BODY_TOO_LARGE');
  });

  it('keeps the raw bytes for signatures', async () => {
    expect((await post('/edge/signed', '{ "a" :  1 }')).body).toEqual({ bytes: 12 });
  });

  it('refuses malformed addresses, over-long ones and NUL in them', async () => {
    const get = (path: string) =>
      new Promise<Answer>((resolve, reject) => {
        const { port, hostname } = new URL(running().url);
        httpRequest({ port, hostname, path }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => {
            const headers = new Headers(
              Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]),
            );
            resolve(answerOf(response.statusCode ?? 0, headers, text));
          });
        })
          .on('error', reject)
          .end();
      });
    expectRefusal(await get('/edge/things/%E0%A4%A'), 400, 'INVALID_INPUT');
    expectRefusal(await get(`/edge/things/${'x'.repeat(2000)}`), 414, 'URI_TOO_LONG');
    expectRefusal(await get('/edge/things/a%00b'), 400, 'INVALID_INPUT');
    expectRefusal(await get('/edge/nowhere'), 404, 'NOT_FOUND');
  });

  it('answers what is not HTTP in the envelope too', async () => {
    const malformed = await exchangeBytes(running().url, 'GET / HTTP/1.1\r\nHost: x\r\nbroken header\r\n\r\n');
    expect(malformed).toMatch(/^HTTP\/1\.1 400 /);
    expect(malformed).toMatch(/x-request-id: /i);
    expect(JSON.parse(malformed.split('\r\n\r\n')[1]!)).toMatchObject({
      success: false,
      error: { code: 'INVALID_INPUT' },
    });
    const huge = await exchangeBytes(running().url, `GET / HTTP/1.1\r\nHost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(huge).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('says nothing about an error nobody expected, but logs it under the same id', async () => {
    const answer = await call('/edge/boom', { headers: { 'x-request-id': 'boom-1' } });
    expectRefusal(answer, 500, 'UNEXPECTED');
    expect(answer.body.error?.details).toEqual({});
    const line = logLines.find((candidate) => candidate.includes('boom-1') && candidate.includes('secret detail'));
    expect(JSON.parse(line!)).toMatchObject({ level: 'error', requestId: 'boom-1', err: { type: 'Error' } });
  });
});

describe('request ids and logs', () => {
  it('takes a sane id and replaces any other', async () => {
    const idOf = async (id?: string) =>
      (await call('/edge/public', { headers: id === undefined ? {} : { 'x-request-id': id } })).headers.get(
        'x-request-id',
      );
    expect(await idOf('order-42:retry.1')).toBe('order-42:retry.1');
    for (const odd of [undefined, 'a b', '{"x":1}', 'x'.repeat(129), '-x']) {
      expect(await idOf(odd)).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    }
  });

  it('writes one line per request with the user, without the query and the token', async () => {
    const headers = { ...asUser('user-77'), 'x-request-id': 'logged-1' };
    await call('/edge/undecorated?session=hush-hush', { headers });
    const lines = logLines.filter((line) => line.includes('logged-1'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      requestId: 'logged-1',
      userId: 'user-77',
      route: '/edge/undecorated',
      status: 200,
    });
    expect(lines[0]).not.toMatch(/hush-hush|Bearer|eyJ/);
  });
});

describe('for operators', () => {
  it('is live and ready', async () => {
    expect((await call('/health/live')).body).toEqual({ status: 'ok' });
    const ready = await call('/v1/health/ready');
    expect(ready).toMatchObject({ status: 200, body: { status: 'ok', details: { database: { status: 'up' } } } });
  });

  it('guards the metrics and counts by route template', async () => {
    await call('/v1/edge/things/some-id');
    expectRefusal(await call('/metrics'), 401, 'INVALID_TOKEN');
    expect((await call('/metrics', { headers: { authorization: `Bearer ${TEST_AUTH.internalApiKey}` } })).status).toBe(
      200,
    );
    const { text, headers } = await call('/metrics', { headers: asInternal() });
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text).toMatch(
      /kassa_http_request_duration_seconds_count\{method="GET",route="\/edge\/things\/:id",status="200"\} \d/,
    );
    expect(text).not.toContain('some-id');
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('describes itself without reaching outside', async () => {
    const { body, status } = await call('/openapi.json');
    expect(status).toBe(200);
    const document = body as unknown as {
      paths: Record<
        string,
        Record<string, { operationId: string; security?: object[]; responses: Record<string, unknown> }>
      >;
    };
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    expect(document.paths['/v1/edge/finance']?.['get']?.security).toEqual([{ user: [] }]);
    expect(document.paths['/v1/edge/internal']?.['get']?.security).toEqual([{ internal: [] }]);
    expect(Object.keys(document.paths).every((path) => path.startsWith('/v1/'))).toBe(true);
    expect(document.paths['/v1/stripe/subscriptions']?.['post']?.operationId).toBe('Subscriptions_create_2');
    for (const { responses } of operations) expect(responses).toHaveProperty('default');
    const page = await call('/docs');
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const script = /src="([^"]*swagger-ui-init\.js)"/.exec(page.text)?.[1] ?? '';
    expect((await fetch(new URL(script, `${running().url}/docs`))).status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  it('sends security headers, and CORS to listed origins only', async () => {
    const app = await boot({ settings: { ...GENEROUS, CORS_ORIGINS: 'https://app.example.com' } });
    const preflight = (origin: string) =>
      call(
        '/edge/charge',
        {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'idempotency-key',
          },
        },
        app.url,
      );
    const allowed = await preflight('https://app.example.com');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(allowed.headers.get('x-request-id')).toBeTruthy();
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    const answer = await call('/edge/public', {}, app.url);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('strict-transport-security')).toBeNull();
    await app.close();
  });

  it('serves nothing but health and metrics as a worker', async () => {
    const worker = await boot({ settings: { ...GENEROUS, ROLE: 'worker' } });
    expect((await call('/health/live', {}, worker.url)).status).toBe(200);
    expect((await call('/metrics', { headers: asInternal() }, worker.url)).status).toBe(200);
    for (const path of [
      '/edge/public',
      '/v1/edge/public',
      '/openapi.json',
      '/docs',
      '/healthy',
      '/metrics/../edge/public',
    ]) {
      expectRefusal(await call(path, {}, worker.url), 404, 'NOT_FOUND');
    }
    await worker.close();
  });

  it('finishes a running request while it closes, and is no longer ready', async () => {
    const app = await boot();
    const arrived = ledger.arrival();
    const running = post('/edge/charge', { amount: 1, mode: 'wait' }, asUser(), app.url);
    await arrived;
    app.app.get(HealthRegistry, { strict: false }).drain();
    expectRefusal(await call('/health/ready', {}, app.url), 503, 'SHUTTING_DOWN');
    const closed = app.close();
    ledger.open();
    expect((await running).status).toBe(201);
    await closed;
    await expect(fetch(`${app.url}/health/live`)).rejects.toThrow();
  });
});
