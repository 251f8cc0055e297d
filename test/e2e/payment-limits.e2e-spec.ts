import { startRedis } from '../../scripts/services';
import { expectRefusal } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { startTcpProxy } from '../support/tcp-proxy';

describe('limits on payment attempts', () => {
  let house: House;

  beforeAll(async () => {
    house = await startHouse({ settings: { TRUST_PROXY: '1', RATE_LIMIT_PAYMENTS_PER_MINUTE: '2' } });
  }, 40_000);
  afterAll(() => house.close());

  let address = 0;
  const nextAddress = (): Record<string, string> => ({ 'x-forwarded-for': `203.0.113.${++address}` });

  it.each<['POST' | 'PATCH', string, object]>([
    ['POST', '/billing/subscriptions', { plan: 'NONE' }],
    ['POST', '/stripe/subscriptions', { plan: 'NONE' }],
    [
      'POST',
      '/billing/checkout',
      { plan: 'NONE', successUrl: 'https://app.test.example', cancelUrl: 'https://app.test.example' },
    ],
    ['PATCH', '/billing/subscriptions/plan', { plan: 'PRO' }],
    ['POST', '/billing/subscriptions/resume', {}],
    ['POST', '/billing/invoices/inv_1/retry', {}],
    ['POST', '/billing/payment-methods/setup', {}],
  ])('%s %s is answered 429 at the third attempt of a minute, with when to come again', async (method, path, body) => {
    const user = `limited ${method} ${path}`;
    const from = nextAddress();
    for (let i = 0; i < 2; i++) expect((await house.as(user, method, path, body, from)).status).not.toBe(429);
    const third = await house.as(user, method, path, body, from);
    expectRefusal(third, 429, 'RATE_LIMITED');
    const after = Number(third.headers.get('retry-after'));
    expect(after).toBeGreaterThan(0);
    expect(after).toBeLessThanOrEqual(60);
    // Everything else of the user's goes on.
    expect((await house.as(user, 'GET', '/billing/invoices', undefined, from)).status).toBe(200);
  });

  it('counts an address too, so that new accounts are of no use', async () => {
    const from = nextAddress();
    const setUp = (user: string, headers = from) =>
      house.as(user, 'POST', '/billing/payment-methods/setup', {}, headers);
    for (const user of ['one', 'two', 'three']) {
      for (let i = 0; i < 2; i++) expect((await setUp(user)).status).toBe(201);
    }
    expectRefusal(await setUp('four'), 429, 'RATE_LIMITED');
    expect((await setUp('four', nextAddress())).status).toBe(201);
  });

  it('goes on counting, and judging, while Redis says nothing', async () => {
    const redis = await startRedis({ ephemeral: true });
    const wire = await startTcpProxy(redis.url);
    const alone = await startHouse({ settings: { REDIS_URL: wire.url, RATE_LIMIT_PAYMENTS_PER_MINUTE: '2' } });
    try {
      wire.holdReplies();
      const setUp = () => alone.as('alone', 'POST', '/billing/payment-methods/setup', {});
      expect([(await setUp()).status, (await setUp()).status]).toEqual([201, 201]);
      expectRefusal(await setUp(), 429, 'RATE_LIMITED');
      const decisions = await alone.rows('SELECT outcome, degraded FROM fraud_decisions');
      expect(decisions).toEqual(Array(2).fill({ outcome: 'allow', degraded: false }));
    } finally {
      wire.releaseReplies();
      await alone.close();
      await wire.close();
      await redis.stop();
    }
  }, 40_000);

  it('counts an IPv6 network as one address', async () => {
    const statuses = [];
    for (let i = 0; i < 7; i++) {
      const from = { 'x-forwarded-for': `2001:db8:0:1::${i + 1}` };
      statuses.push((await house.as(`six-${i}`, 'POST', '/billing/payment-methods/setup', {}, from)).status);
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 201, 429]);
  });
});
