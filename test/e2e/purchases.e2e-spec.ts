import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { expectRefusal, type Answer } from '../support/http-client';
import { RETURN_ORIGIN, startHouse, type House } from '../support/house';

interface State {
  customers: Stripe.Customer[];
  subscriptions: Stripe.Subscription[];
  checkoutSessions: Stripe.Checkout.Session[];
}

describe('what a customer may ask for', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
  }, 30_000);
  afterAll(() => house.close());

  const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
  const made = async (user: string) => {
    const all = await house.box.control<State>('GET', 'state');
    const ids = all.customers.filter(({ email }) => email === `${user}@test.example`).map(({ id }) => id);
    const of = <T extends { customer: unknown }>(objects: T[]) =>
      objects.filter(({ customer }) => ids.includes(customer as string));
    return { customers: ids.length, subscriptions: of(all.subscriptions), checkouts: of(all.checkoutSessions) };
  };
  const expectNothingMade = async (user: string) => {
    expect(await made(user)).toEqual({ customers: 0, subscriptions: [], checkouts: [] });
  };

  it.each([
    ['validate', { platform: 'ios', transactionId: '1' }],
    ['validate', { platform: 'android', packageName: 'a', productId: 'b', purchaseToken: 'c' }],
    ['restore', { platform: 'ios', signedTransactions: ['a.b.c'] }],
  ])('says that no store is on: %s %j', async (route, body) => {
    expectRefusal(await house.as('storeless', 'POST', `/iap/${route}`, body), 503, 'PROVIDER_NOT_CONFIGURED');
  });

  it.each<[string, string, object, number, string]>([
    ['an unknown plan', 'subscriptions', { plan: 'GOLD' }, 404, 'PLAN_NOT_FOUND'],
    ['a plan in lower case', 'subscriptions', { plan: 'pro' }, 404, 'PLAN_NOT_FOUND'],
    ['a plan with NUL', 'subscriptions', { plan: 'PRO\u0000' }, 400, 'INVALID_INPUT'],
    ['no plan', 'subscriptions', {}, 400, 'INVALID_INPUT'],
    ['a list of plans', 'subscriptions', { plan: ['PRO'] }, 400, 'INVALID_INPUT'],
    ['a weekly cycle', 'subscriptions', { plan: 'PRO', billingCycle: 'weekly' }, 400, 'INVALID_INPUT'],
    ['a price of his own', 'subscriptions', { plan: 'PRO', amount: 1 }, 400, 'INVALID_INPUT'],
    ['a status of his own', 'subscriptions', { plan: 'PRO', status: 'active' }, 400, 'INVALID_INPUT'],
    ['another owner', 'subscriptions', { plan: 'PRO', customerId: 'cust_1', userId: 'u' }, 400, 'INVALID_INPUT'],
    ['no pieces', 'subscriptions', { plan: 'PRO', quantity: 0 }, 400, 'INVALID_INPUT'],
    ['half a piece', 'subscriptions', { plan: 'PRO', quantity: 0.5 }, 400, 'INVALID_INPUT'],
    ['10^16 pieces', 'subscriptions', { plan: 'PRO', quantity: 1e16 }, 400, 'INVALID_INPUT'],
    ['a negative trial', 'subscriptions', { plan: 'PRO', trialPeriodDays: -1 }, 400, 'INVALID_INPUT'],
    [
      'a payment method that is a path',
      'subscriptions',
      { plan: 'PRO', paymentMethodId: 'pm_/../x' },
      400,
      'INVALID_INPUT',
    ],
    ['a checkout without addresses', 'checkout', { plan: 'PRO' }, 400, 'INVALID_INPUT'],
    ['a checkout with an unknown field', 'checkout', { plan: 'PRO', ...urls, price: 'price_1' }, 400, 'INVALID_INPUT'],
    ['a portal before any purchase', 'portal', { returnUrl: `${RETURN_ORIGIN}/` }, 404, 'CUSTOMER_NOT_FOUND'],
    ['a portal at an unknown task', 'portal', { returnUrl: `${RETURN_ORIGIN}/`, flow: 'refund' }, 400, 'INVALID_INPUT'],
  ])('refuses %s and makes nothing', async (_what, route, body, status, code) => {
    expectRefusal(await house.as('picky', 'POST', `/billing/${route}`, body), status, code);
    await expectNothingMade('picky');
  });

  it('refuses a cycle the plan is not sold at', async () => {
    await house.rows(
      "UPDATE prices SET active = false WHERE billing_cycle = 'annual' AND plan_id = (SELECT id FROM plans WHERE code = 'BASIC')",
    );
    const answer = await house.as('picky', 'POST', '/billing/subscriptions', { plan: 'BASIC', billingCycle: 'annual' });
    expectRefusal(answer, 404, 'PRICE_NOT_FOUND');
    await expectNothingMade('picky');
  });

  it.each([
    'https://evil.example/ok',
    'http://app.test.example/ok',
    'https://app.test.example.evil.example/ok',
    'https://app.test.example:8443/ok',
    'https://app.test.example@evil.example/ok',
    'https://user:pass@app.test.example/ok',
    'https:///app.test.example/ok',
    '//app.test.example/ok',
    '/ok',
    'https://evil.example\\@app.test.example/ok',
    'https://app.test.example\\.evil.example/ok',
    'https://app.test.example\t.evil.example/ok',
    ' https://app.test.example/ok',
    'javascript://app.test.example/%0aalert(1)',
    'data:text/html,hello',
    'https://app.test.ex\u0430mple/ok',
    '',
  ])('sends nobody to %j', async (successUrl) => {
    for (const body of [
      { plan: 'PRO', ...urls, successUrl },
      { plan: 'PRO', ...urls, cancelUrl: successUrl },
    ]) {
      expectRefusal(await house.as('picky', 'POST', '/billing/checkout', body), 400, 'REDIRECT_NOT_ALLOWED');
    }
    expectRefusal(
      await house.as('picky', 'POST', '/billing/portal', { returnUrl: successUrl }),
      400,
      'REDIRECT_NOT_ALLOWED',
    );
    await expectNothingMade('picky');
  });

  it.each<['GET' | 'POST', string, number]>([
    ['GET', '/admin/alerts', 403],
    ['POST', '/admin/clock', 403],
    ['GET', '/ledger/balances', 403],
    ['GET', '/entitlements/users/somebody', 401],
  ])('keeps a user out of %s %s', async (method, path, status) => {
    const answer = await house.as('picky', method, path, method === 'POST' ? { offsetSeconds: 0 } : undefined);
    expect(answer.status).toBe(status);
  });

  it('shows nobody what belongs to another', async () => {
    const own = await house.as('owner', 'POST', '/billing/subscriptions', { plan: 'PRO' });
    expect(own.status).toBe(201);
    await house.settle();
    expectRefusal(await house.as('thief', 'GET', '/billing/subscriptions/me'), 404, 'SUBSCRIPTION_NOT_FOUND');
    expectRefusal(await house.as('thief', 'GET', '/billing/subscriptions/me/changes'), 404, 'SUBSCRIPTION_NOT_FOUND');
    expectRefusal(
      await house.as('thief', 'DELETE', '/billing/subscriptions?atPeriodEnd=false'),
      404,
      'SUBSCRIPTION_NOT_FOUND',
    );
    for (const list of ['invoices', 'payments']) {
      expect((await house.as('thief', 'GET', `/billing/${list}`)).body['data']).toEqual([]);
    }
    expect((await made('owner')).subscriptions).toMatchObject([{ status: 'trialing' }]);
  });

  const tally = (answers: Answer[]) => {
    const words = answers.map(({ status, body }) => body.error?.code ?? String(status));
    return [...new Set(words)].sort();
  };

  it.each<[string, object]>([
    ['subscriptions', { plan: 'BASIC' }],
    ['checkout', { plan: 'BASIC', ...urls }],
  ])('makes one of 20 equal requests for /billing/%s under one key', async (route, body) => {
    const user = `keyed-${route}`;
    const headers = { 'idempotency-key': randomUUID() };
    const ask = () => house.as(user, 'POST', `/billing/${route}`, body, headers);
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    for (const word of tally(answers)) expect(['201', 'REQUEST_IN_PROGRESS']).toContain(word);
    const first = answers.find(({ status }) => status === 201);
    const replayed = await ask();
    expect(replayed).toMatchObject({ status: 201, body: first!.body });
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    const all = await made(user);
    expect([all.customers, all.subscriptions.length + all.checkouts.length]).toEqual([1, 1]);
    const other = await house.as(user, 'POST', `/billing/${route}`, { ...body, quantity: 2 }, headers);
    expectRefusal(other, 409, 'IDEMPOTENCY_KEY_REUSED');
    await house.settle();
  });

  it.each(['BASIC', 'PRO'])('makes one subscription of 20 different requests for %s at once', async (plan) => {
    const user = `crowd-${plan}`;
    const ask = (n: number) =>
      house.as(
        user,
        'POST',
        '/billing/subscriptions',
        { plan, quantity: 1 + (n % 2) },
        { 'idempotency-key': `k-${n}` },
      );
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)));
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    for (const word of tally(answers)) {
      expect(['201', 'ALREADY_SUBSCRIBED', 'REQUEST_IN_PROGRESS', 'TRY_AGAIN']).toContain(word);
    }
    await house.settle();
    const all = await made(user);
    const open = all.subscriptions.filter(({ status }) => !['canceled', 'incomplete_expired'].includes(status));
    expect([all.customers, open.length]).toEqual([1, 1]);
    expect((await house.as(user, 'GET', '/billing/subscriptions/me')).body).toMatchObject({ providerId: open[0]!.id });
  });
});
