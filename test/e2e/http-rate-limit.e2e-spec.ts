import { startRedis } from '../../scripts/services';
import type { RunningApp } from '../support/app';
import { expectRefusal, type Answer } from '../support/http-client';
import { asCron, asInternal, asUser } from '../support/tokens';
import { useEdge } from './http-edge.fixture';

const { boot, call, flushRedis, post } = useEdge();

describe('rate limits', () => {
  const tight = { RATE_LIMIT_PER_MINUTE: '5', RATE_LIMIT_PAYMENTS_PER_MINUTE: '2' };
  const times = async (count: number, request: () => Promise<Answer>) => {
    const statuses: number[] = [];
    for (let i = 0; i < count; i++) statuses.push((await request()).status);
    return statuses;
  };

  it('counts by user, across routes and processes, payments strictest', async () => {
    const [one, other] = await Promise.all([boot({ settings: tight }), boot({ settings: tight })]);
    const pay = (app: RunningApp, user: string) => post('/edge/charge', { amount: 1 }, asUser(user), app.url);
    expect([await pay(one, 'limit-1'), await pay(other, 'limit-1')].map(({ status }) => status)).toEqual([201, 201]);
    const third = await pay(one, 'limit-1');
    expectRefusal(third, 429, 'RATE_LIMITED');
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(third.headers.get('retry-after'))).toBeLessThanOrEqual(60);

    const read = () => call('/edge/undecorated', { headers: asUser('limit-1') }, other.url);
    expect(await times(3, read)).toEqual([200, 200, 429]);
    expect((await call('/edge/undecorated', { headers: asUser('limit-2') }, one.url)).status).toBe(200);
    await Promise.all([one.close(), other.close()]);
    await flushRedis();
  });

  it('counts refused tokens by address, and exempts signatures, our servers, health and metrics', async () => {
    const app = await boot({ settings: tight });
    expect(await times(6, () => call('/edge/undecorated', {}, app.url))).toEqual([401, 401, 401, 401, 401, 429]);
    const free = [
      () => post('/edge/signed', {}, {}, app.url),
      () => call('/edge/internal', { headers: asInternal() }, app.url),
      () => call('/edge/cron', { headers: asCron() }, app.url),
      () => call('/health/live', {}, app.url),
      () => call('/metrics', { headers: asInternal() }, app.url),
    ];
    for (const request of free) expect(await times(7, request)).toEqual(Array(7).fill(200));
    await app.close();
    await flushRedis();
  });

  it('believes X-Forwarded-For only from a trusted proxy', async () => {
    const from = (app: RunningApp, n: number) =>
      call('/edge/public', { headers: { 'x-forwarded-for': `203.0.113.${n}` } }, app.url);
    let n = 0;
    const direct = await boot({ settings: tight });
    expect(await times(6, () => from(direct, ++n))).toEqual([200, 200, 200, 200, 200, 429]);
    await direct.close();
    await flushRedis();
    const proxied = await boot({ settings: { ...tight, TRUST_PROXY: '1' } });
    expect(await times(6, () => from(proxied, ++n))).toEqual(Array(6).fill(200));
    const spoofed = () =>
      call('/edge/public', { headers: { 'x-forwarded-for': `198.51.100.${++n}, 203.0.113.250` } }, proxied.url);
    expect(await times(6, spoofed)).toEqual([200, 200, 200, 200, 200, 429]);
    await proxied.close();
    await flushRedis();
  });

  it('goes on counting in memory while Redis is away, and says so once', async () => {
    const own = await startRedis({ ephemeral: true });
    const lines: string[] = [];
    const app = await boot({ redisUrl: own.url, settings: tight, log: (line) => lines.push(line) });
    expect((await call('/edge/public', {}, app.url)).status).toBe(200);
    await own.stop();
    expect(await times(6, () => call('/edge/public', {}, app.url))).toEqual([200, 200, 200, 200, 200, 429]);
    expect(lines.filter((line) => line.includes('rate limits count per process'))).toHaveLength(1);
    const metrics = await call('/metrics', { headers: asInternal() }, app.url);
    expect(metrics.text).toContain('kassa_rate_limit_fallbacks_total 1');
    const ready = await call('/health/ready', {}, app.url);
    expect(ready).toMatchObject({ status: 200, body: { status: 'degraded', details: { redis: { status: 'down' } } } });
    await app.close();
  });
});
