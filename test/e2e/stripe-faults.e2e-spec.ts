import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { expectRefusal, type Answer } from '../support/http-client';
import { RETURN_ORIGIN, startHouse, type House } from '../support/house';
import { until } from '../support/until';

interface State {
  customers: Stripe.Customer[];
  subscriptions: Stripe.Subscription[];
  checkoutSessions: Stripe.Checkout.Session[];
}

describe('when Stripe fails', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ settings: { ROLE: 'all', PROVIDER_TIMEOUT_MS: '1000' } });
  }, 30_000);
  afterAll(() => house.close());
  afterEach(async () => {
    await calm();
    await house.settle();
  });

  const calm = () => house.box.control('PUT', 'chaos', {});
  const state = () => house.box.control<State>('GET', 'state');
  const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
  let users = 0;
  const newUser = () => `fault-${++users}`;
  const ask = {
    checkout: (user: string, key = randomUUID()) =>
      house.as(user, 'POST', '/billing/checkout', { plan: 'BASIC', ...urls }, { 'idempotency-key': key }),
    subscription: (user: string, key = randomUUID()) =>
      house.as(user, 'POST', '/billing/subscriptions', { plan: 'BASIC' }, { 'idempotency-key': key }),
  };
  /** How many objects of each kind Stripe has for a user: himself, and what he asked for. */
  const madeFor = async (user: string) => {
    const all = await state();
    const ids = all.customers.filter(({ email }) => email === `${user}@test.example`).map(({ id }) => id);
    const of = (objects: { customer: unknown }[]) => objects.filter(({ customer }) => ids.includes(customer as string));
    return {
      customers: ids.length,
      subscriptions: of(all.subscriptions).length,
      checkouts: of(all.checkoutSessions).length,
    };
  };

  const targets = [
    { what: 'customer', pathPrefix: '/v1/customers', route: 'checkout' },
    { what: 'checkout', pathPrefix: '/v1/checkout/sessions', route: 'checkout' },
    { what: 'subscription', pathPrefix: '/v1/subscriptions', route: 'subscription' },
  ] as const;
  const faults: { name: string; chaos: (rule: object) => object; status: number; code: string }[] = [
    { name: 'is down', chaos: () => ({ down: true }), status: 502, code: 'PROVIDER_ERROR' },
    {
      name: 'answers 500',
      chaos: (rule) => ({ api: [{ ...rule, fault: 'error_500', times: 3 }] }),
      status: 502,
      code: 'PROVIDER_ERROR',
    },
    {
      name: 'does it and answers 500',
      chaos: (rule) => ({ api: [{ ...rule, fault: 'error_500_after', times: 1 }] }),
      status: 502,
      code: 'PROVIDER_ERROR',
    },
    {
      name: 'does it and the answer is lost again and again',
      chaos: (rule) => ({ api: [{ ...rule, fault: 'lose_answer' }] }),
      status: 502,
      code: 'PROVIDER_ERROR',
    },
    {
      name: 'asks for a long wait by 429',
      chaos: (rule) => ({ api: [{ ...rule, fault: 'error_429', retryAfterSeconds: 30 }] }),
      status: 503,
      code: 'PROVIDER_BUSY',
    },
  ];
  // An outage takes two seconds of patience and is the same for all.
  const cases = targets
    .flatMap((target) => faults.map((fault) => ({ ...target, ...fault })))
    .filter(({ what, name }) => name !== 'is down' || what === 'subscription');

  it.each(cases)('over a $what and $name, says so, and completes the repeated request once', async (fault) => {
    const user = newUser();
    const key = randomUUID();
    if (fault.what !== 'customer') expect((await ask.checkout(user)).status).toBe(201);
    const before = await madeFor(user);
    await house.box.control('PUT', 'chaos', fault.chaos({ method: 'POST', pathPrefix: fault.pathPrefix }));
    const failed = await ask[fault.route](user, key);
    expectRefusal(failed, fault.status, fault.code);
    if (fault.status === 503) expect(failed.headers.get('retry-after')).toBe('30');
    await calm();
    const repeated = await ask[fault.route](user, key);
    expect(repeated).toMatchObject({ status: 201 });
    expect(repeated.headers.get('idempotent-replayed')).toBeNull();
    const again = await ask[fault.route](user, key);
    expect(again).toMatchObject({ status: 201, body: repeated.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await madeFor(user)).toEqual({
      customers: 1,
      subscriptions: before.subscriptions + (fault.route === 'subscription' ? 1 : 0),
      checkouts: before.checkouts + (fault.route === 'checkout' ? 1 : 0),
    });
  });

  it.each([
    ['a lost answer', { fault: 'lose_answer', times: 2 }],
    ['a short 429', { fault: 'error_429', times: 2, retryAfterSeconds: 1 }],
  ])('the caller notices nothing of %s', async (_what, rule) => {
    const user = newUser();
    await house.box.control('PUT', 'chaos', { api: [{ ...rule, method: 'POST', pathPrefix: '/v1/subscriptions' }] });
    const made = await ask.subscription(user);
    expect(made).toMatchObject({ status: 201, body: { subscription: { status: 'incomplete' } } });
    expect(made.body['clientSecret']).toMatch(/_secret_/);
    expect(await madeFor(user)).toEqual({ customers: 1, subscriptions: 1, checkouts: 0 });
  });

  it('slower than our patience, it makes one all the same', async () => {
    const user = newUser();
    const key = randomUUID();
    const slow = { fault: 'latency', latencyMs: 2_500, times: 1, method: 'POST', pathPrefix: '/v1/subscriptions' };
    await house.box.control('PUT', 'chaos', { api: [slow] });
    const failed = await ask.subscription(user, key);
    expect([502, 503]).toContain(failed.status);
    await until('the slow request is over', async () => (await madeFor(user)).subscriptions === 1);
    const repeated = await ask.subscription(user, key);
    expect(repeated.status).toBe(201);
    expect(await madeFor(user)).toMatchObject({ subscriptions: 1 });
  });

  it('opens the circuit after five failures in a row, and closes it when Stripe is back', async () => {
    await house.box.control('PUT', 'chaos', { down: true });
    const answers: Answer[] = [];
    for (let i = 0; i < 3; i++) answers.push(await ask.checkout(newUser()));
    expect(answers.map(({ body }) => body.error?.code)).toEqual(['PROVIDER_ERROR', 'PROVIDER_BUSY', 'PROVIDER_BUSY']);
    expect(answers.map(({ status }) => status)).toEqual([502, 503, 503]);
    expect(Number(answers[2]!.headers.get('retry-after'))).toBeGreaterThan(0);
    await calm();
    const user = newUser();
    const key = randomUUID();
    await until('the circuit is closed', async () => (await ask.checkout(user, key)).status === 201);
    expect(await madeFor(user)).toEqual({ customers: 1, subscriptions: 0, checkouts: 1 });
  }, 15_000);

  it('declines the first payment: the subscription stays incomplete, without access, and may be paid with another card', async () => {
    const user = newUser();
    await ask.checkout(user);
    const [customer] = (await house.box.stripe.customers.list({ email: `${user}@test.example` })).data;
    const attached = await house.box.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
      customer: customer!.id,
    });
    const body = { plan: 'BASIC', paymentMethodId: attached.id };
    const made = await house.as(user, 'POST', '/billing/subscriptions', body);
    expect(made).toMatchObject({ status: 201, body: { subscription: { status: 'incomplete' } } });
    const secret = made.body['clientSecret'] as string;
    const intent = secret.split('_secret_')[0]!;
    const confirm = (paymentMethod: string) =>
      house.box.stripe.paymentIntents.confirm(intent, { payment_method: paymentMethod });
    await expect(confirm(attached.id)).rejects.toMatchObject({ code: 'card_declined' });
    await house.settle();
    expect((await house.as(user, 'GET', '/billing/subscriptions/me')).body).toMatchObject({ status: 'incomplete' });
    expect((await house.as(user, 'GET', '/entitlements/check?feature=projects')).body).toMatchObject({
      allowed: false,
    });
    expect((await house.as(user, 'GET', '/billing/payments')).body['data']).toMatchObject([
      { status: 'failed', declineCode: 'generic_decline' },
    ]);
    await confirm('pm_card_visa');
    await house.settle();
    expect((await house.as(user, 'GET', '/billing/subscriptions/me')).body).toMatchObject({ status: 'active' });
    expect((await house.as(user, 'GET', '/entitlements/check?feature=projects')).body).toMatchObject({ allowed: true });
  });
});
