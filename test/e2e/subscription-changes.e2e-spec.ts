import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { Buyers, sumsOfBooks } from '../support/buyers';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { asUser } from '../support/tokens';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const PLAN = '/billing/subscriptions/plan';

describe('changing a subscription', () => {
  let house: House;
  let buyers: Buyers;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
  }, 30_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  const later = async (ms: number) => {
    moved = new Date(moved.getTime() + ms);
    await house.advance(moved);
  };
  const customerOf = (user: string) => buyers.customerOf(user);
  const invoicesOf = (user: string) => buyers.invoicesOf(user);
  const mine = (user: string) => buyers.mine(user);
  const features = async (user: string) => {
    const { body } = await house.as(user, 'GET', '/entitlements/me');
    return Object.values(body['features'] as Record<string, { granted: boolean }>).filter(({ granted }) => granted)
      .length;
  };

  const subscribe = async (user: string, plan = 'PRO') => {
    const buyer = await buyers.subscribe(user, plan);
    expect(await mine(user)).toMatchObject({ status: 'active', plan: { code: plan } });
    return buyer;
  };
  const booksBalance = async () => {
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
  };

  it('upgrades at exactly the price of the preview, however much later', async () => {
    await subscribe('upgrader');
    await later(10 * DAY_MS);
    const body = { plan: 'ENTERPRISE' };
    const preview = await house.as('upgrader', 'POST', `${PLAN}/preview`, body);
    expect(preview.status).toBe(200);
    const { amountDueNow, lines, nextInvoiceAmount, currency, effectiveAt } = preview.body;
    expect({ currency, nextInvoiceAmount }).toEqual({ currency: 'USD', nextInvoiceAmount: 19_900 });
    expect((lines as { amount: number }[]).reduce((sum, { amount }) => sum + amount, 0)).toBe(amountDueNow);
    expect(lines).toHaveLength(2);
    await later(9 * 60_000);
    const changed = await house.as('upgrader', 'PATCH', PLAN, body);
    expect(changed).toMatchObject({ status: 200, body: { plan: { code: 'ENTERPRISE' }, status: 'active' } });
    const charged = (await invoicesOf('upgrader')).at(-1)!;
    expect(charged).toMatchObject({ billing_reason: 'subscription_update', status: 'paid', amount_paid: amountDueNow });
    expect(charged.lines.data.map(({ period }) => period.start)).toEqual(
      Array<number>(2).fill(Date.parse(effectiveAt as string) / 1000),
    );
    await house.settle();
    expect(await mine('upgrader')).toEqual(changed.body);
    const changes = await house.as('upgrader', 'GET', '/billing/subscriptions/me/changes');
    expect((changes.body['data'] as object[])[0]).toMatchObject({
      type: 'upgraded',
      toPlan: 'ENTERPRISE',
    });
    await booksBalance();
  });

  it('forgets a quote after ten minutes, and prices anew what was not quoted', async () => {
    await subscribe('slow');
    await later(5 * DAY_MS);
    const { effectiveAt } = (await house.as('slow', 'POST', `${PLAN}/preview`, { plan: 'ENTERPRISE' })).body;
    await later(11 * 60_000);
    expect((await house.as('slow', 'PATCH', PLAN, { plan: 'ENTERPRISE' })).status).toBe(200);
    const [first] = (await invoicesOf('slow')).at(-1)!.lines.data;
    expect(first!.period.start).toBeGreaterThanOrEqual(Date.parse(effectiveAt as string) / 1000 + 600);
  });

  it('keeps the credit of a downgrade for the next invoices', async () => {
    await subscribe('saver', 'ENTERPRISE');
    await later(3 * DAY_MS);
    const preview = await house.as('saver', 'POST', `${PLAN}/preview`, { plan: 'BASIC' });
    expect(preview.body).toMatchObject({ amountDueNow: 0, nextInvoiceAmount: 0 });
    expect((await house.as('saver', 'PATCH', PLAN, { plan: 'BASIC' })).body).toMatchObject({ plan: { code: 'BASIC' } });
    await house.settle();
    const credit = (preview.body['lines'] as { amount: number }[]).reduce((sum, { amount }) => sum + amount, 0);
    expect((await house.box.stripe.customers.retrieve(await customerOf('saver'))) as Stripe.Customer).toMatchObject({
      balance: credit,
    });
    await booksBalance();
  });

  it('goes from month to year at the quoted price, and quantity with it', async () => {
    await subscribe('yearly');
    await later(7 * DAY_MS);
    const body = { plan: 'PRO', billingCycle: 'annual', quantity: 2 };
    const { amountDueNow } = (await house.as('yearly', 'POST', `${PLAN}/preview`, body)).body;
    await later(8 * 60_000);
    const changed = await house.as('yearly', 'PATCH', PLAN, body);
    expect(changed.body).toMatchObject({ billingCycle: 'annual', quantity: 2, plan: { code: 'PRO' } });
    expect((await invoicesOf('yearly')).at(-1)).toMatchObject({ status: 'paid', amount_paid: amountDueNow });
    expect((await house.as('yearly', 'PATCH', PLAN, { plan: 'PRO', billingCycle: 'monthly' })).body).toMatchObject({
      billingCycle: 'monthly',
      quantity: 2,
    });
    await house.settle();
    await booksBalance();
  });

  it('changes a trial without charging anything', async () => {
    const bought = await house.as('trier', 'POST', '/billing/subscriptions', { plan: 'PRO' });
    expect(bought.body).toMatchObject({ subscription: { status: 'trialing' } });
    const preview = await house.as('trier', 'POST', `${PLAN}/preview`, { plan: 'ENTERPRISE' });
    expect(preview.body).toMatchObject({ amountDueNow: 0, nextInvoiceAmount: 19_900 });
    const before = (await invoicesOf('trier')).length;
    expect((await house.as('trier', 'PATCH', PLAN, { plan: 'ENTERPRISE' })).body).toMatchObject({
      status: 'trialing',
      plan: { code: 'ENTERPRISE' },
    });
    expect(await invoicesOf('trier')).toHaveLength(before);
    await house.settle();
  });

  it('leaves everything as it was when the card is declined, and works once it is not', async () => {
    const { card } = await subscribe('declined');
    await later(DAY_MS);
    await house.box.control('POST', 'cards', { paymentMethod: card, behavior: 'insufficient_funds' });
    const before = await mine('declined');
    const invoices = (await invoicesOf('declined')).length;
    const refused = await house.as('declined', 'PATCH', PLAN, { plan: 'ENTERPRISE' });
    expectRefusal(refused, 422, 'PAYMENT_FAILED');
    expect(refused.body.error!.details).toMatchObject({ declineCode: 'insufficient_funds' });
    await house.settle();
    expect(await mine('declined')).toEqual(before);
    expect(await invoicesOf('declined')).toHaveLength(invoices);
    await house.box.control('POST', 'cards', { paymentMethod: card, behavior: 'succeeds' });
    expect((await house.as('declined', 'PATCH', PLAN, { plan: 'ENTERPRISE' })).status).toBe(200);
    await house.settle();
  });

  it('asks for a card where there is none', async () => {
    const { customer, card } = await subscribe('cardless');
    await house.box.stripe.paymentMethods.detach(card);
    await house.settle();
    expect(customer).toMatch(/^cus_/);
    expectRefusal(await house.as('cardless', 'PATCH', PLAN, { plan: 'ENTERPRISE' }), 422, 'PAYMENT_METHOD_REQUIRED');
  });

  it.each(['lose_answer', 'error_500_after'])('is one change when %s strikes', async (fault) => {
    const user = `lost-${fault}`;
    await subscribe(user);
    await later(DAY_MS);
    await house.box.control('PUT', 'chaos', {
      api: [{ fault, method: 'POST', pathPrefix: '/v1/subscriptions', times: 6 }],
    });
    const headers = { 'idempotency-key': randomUUID() };
    const first = await house.as(user, 'PATCH', PLAN, { plan: 'ENTERPRISE' }, headers);
    expect([200, 502, 503]).toContain(first.status);
    await house.box.control('PUT', 'chaos', {});
    await house.settle();
    const second = await house.as(user, 'PATCH', PLAN, { plan: 'ENTERPRISE' }, headers);
    expect(second).toMatchObject({ status: 200, body: { plan: { code: 'ENTERPRISE' } } });
    const made = (await invoicesOf(user)).filter(({ billing_reason: why }) => why === 'subscription_update');
    expect(made).toHaveLength(1);
    await house.settle();
    expect(await mine(user)).toMatchObject({ plan: { code: 'ENTERPRISE' }, status: 'active' });
  });

  const tally = (answers: Answer[]) => [
    ...new Set(answers.map(({ status, body }) => body.error?.code ?? String(status))),
  ];

  it.each<[string, (n: number) => object]>([
    ['equal', () => ({ plan: 'ENTERPRISE' })],
    ['different', (n) => ({ plan: 'ENTERPRISE', quantity: 1 + (n % 2) })],
  ])('makes one charge of 20 %s requests at once', async (what, bodyOf) => {
    const user = `crowd-${what}`;
    await subscribe(user);
    await later(DAY_MS);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => house.as(user, 'PATCH', PLAN, bodyOf(n), { 'idempotency-key': `k-${n}` })),
    );
    const words = tally(answers);
    expect(words).toContain('200');
    for (const word of words) expect(['200', 'REQUEST_IN_PROGRESS', 'ALREADY_ON_PLAN', 'TRY_AGAIN']).toContain(word);
    await house.settle();
    const done = answers.filter(({ status }) => status === 200).length;
    const made = (await invoicesOf(user)).filter(({ billing_reason: why }) => why === 'subscription_update');
    expect(made).toHaveLength(done);
    if (what === 'equal') expect(done).toBe(1);
    const [row] = await house.rows<{ open: string }>(
      'SELECT count(*)::text AS open FROM provider_intents WHERE settled_at IS NULL',
    );
    expect(row!.open).toBe('0');
    await booksBalance();
  });

  it('keeps the price of who only wants more, also one that is no longer sold', async () => {
    await subscribe('grandfathered', 'BASIC');
    await house.rows(
      "UPDATE prices SET active = false WHERE billing_cycle = 'monthly' AND plan_id = (SELECT id FROM plans WHERE code = 'BASIC')",
    );
    const before = await mine('grandfathered');
    const more = await house.as('grandfathered', 'PATCH', PLAN, { plan: 'BASIC', quantity: 3 });
    expect(more.body).toMatchObject({ quantity: 3, amount: (before['amount'] as number) * 3 });
    await house.rows('UPDATE prices SET active = true');
    await house.settle();
  });

  it('pauses without access and invoices, and goes on with a new period less the unused time', async () => {
    await subscribe('resting');
    await later(10 * DAY_MS);
    expect(await features('resting')).toBeGreaterThan(0);
    const before = (await invoicesOf('resting')).length;
    expect((await house.as('resting', 'POST', '/billing/subscriptions/pause')).body).toMatchObject({
      status: 'paused',
    });
    await house.settle();
    expect(await features('resting')).toBe(0);
    expect((await house.as('resting', 'POST', '/billing/subscriptions/pause')).status).toBe(200);
    expectRefusal(await house.as('resting', 'PATCH', PLAN, { plan: 'BASIC' }), 422, 'INVALID_STATE_TRANSITION');
    await later(60 * DAY_MS);
    expect(await invoicesOf('resting')).toHaveLength(before);
    const resumed = await house.as('resting', 'POST', '/billing/subscriptions/resume');
    expect(resumed).toMatchObject({ status: 200, body: { status: 'active' } });
    await house.settle();
    expect(await mine('resting')).toMatchObject({ status: 'active' });
    expect(await features('resting')).toBeGreaterThan(0);
    const invoice = (await invoicesOf('resting')).at(-1)!;
    const [credit] = invoice.lines.data;
    expect(credit!.amount).toBeLessThan(0);
    expect(invoice).toMatchObject({
      status: 'paid',
      amount_paid: ((await mine('resting'))['amount'] as number) + credit!.amount,
    });
    expectRefusal(await house.as('resting', 'POST', '/billing/subscriptions/resume'), 422, 'INVALID_STATE_TRANSITION');
    await booksBalance();
  });

  it('takes a cancellation back', async () => {
    await subscribe('wavering');
    expect((await house.as('wavering', 'DELETE', '/billing/subscriptions')).body).toMatchObject({
      cancelAtPeriodEnd: true,
    });
    expect((await house.as('wavering', 'POST', '/billing/subscriptions/resume')).body).toMatchObject({
      cancelAtPeriodEnd: false,
      canceledAt: null,
      status: 'active',
    });
    await house.settle();
    expect(await mine('wavering')).toMatchObject({ cancelAtPeriodEnd: false });
  });

  it.each<['POST' | 'PATCH', string, object | undefined]>([
    ['PATCH', PLAN, { plan: 'PRO' }],
    ['POST', `${PLAN}/preview`, { plan: 'PRO' }],
    ['POST', '/billing/subscriptions/pause', undefined],
    ['POST', '/billing/subscriptions/resume', undefined],
  ])('%s %s: nobody without a subscription', async (method, path, body) => {
    expectRefusal(await house.as('nobody', method, path, body), 404, 'SUBSCRIPTION_NOT_FOUND');
  });

  it('refuses what is over, the same, unknown, or bought in a store', async () => {
    await subscribe('done');
    for (const path of [PLAN, `${PLAN}/preview`]) {
      const method = path === PLAN ? 'PATCH' : 'POST';
      expectRefusal(await house.as('done', method, path, { plan: 'PRO' }), 409, 'ALREADY_ON_PLAN');
      expectRefusal(await house.as('done', method, path, { plan: 'PRO', quantity: 1 }), 409, 'ALREADY_ON_PLAN');
      expectRefusal(await house.as('done', method, path, { plan: 'GOLD' }), 404, 'PLAN_NOT_FOUND');
    }
    await house.as('done', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.settle();
    expectRefusal(await house.as('done', 'PATCH', PLAN, { plan: 'BASIC' }), 422, 'INVALID_STATE_TRANSITION');
    expectRefusal(
      await house.as('done', 'POST', `${PLAN}/preview`, { plan: 'BASIC' }),
      422,
      'INVALID_STATE_TRANSITION',
    );
    for (const path of ['pause', 'resume']) {
      expectRefusal(await house.as('done', 'POST', `/billing/subscriptions/${path}`), 422, 'INVALID_STATE_TRANSITION');
    }
  });

  it('leaves what was bought in a store to the store', async () => {
    const { providerId } = await subscribe('shopper');
    await house.rows("UPDATE subscriptions SET provider = 'apple' WHERE provider_id = $1", [providerId]);
    for (const [method, path, body] of [
      ['PATCH', PLAN, { plan: 'BASIC' }],
      ['POST', `${PLAN}/preview`, { plan: 'BASIC' }],
      ['POST', '/billing/subscriptions/pause', undefined],
      ['POST', '/billing/subscriptions/resume', undefined],
    ] as const) {
      const answer = await house.as('shopper', method, path, body);
      expectRefusal(answer, 409, 'ALREADY_SUBSCRIBED_ELSEWHERE');
      expect(answer.body.error!.details).toEqual({
        provider: 'apple',
        manageUrl: 'https://apps.apple.com/account/subscriptions',
      });
    }
    await house.rows("UPDATE subscriptions SET provider = 'stripe' WHERE provider_id = $1", [providerId]);
  });

  it.each<[string, object]>([
    ['no plan', {}],
    ['a plan of 10 kB', { plan: 'P'.repeat(10_240) }],
    ['a plan with NUL', { plan: 'PRO\u0000' }],
    ['a list', { plan: ['PRO'] }],
    ['a proration of his own', { plan: 'PRO', prorationBehavior: 'none' }],
    ['a date of his own', { plan: 'PRO', prorationDate: 1 }],
    ['nothing of it', { plan: 'PRO', quantity: 0 }],
    ['less than nothing', { plan: 'PRO', quantity: -1 }],
    ['half of it', { plan: 'PRO', quantity: 1.5 }],
    ['2^53 of it', { plan: 'PRO', quantity: 2 ** 53 }],
    ['a weekly cycle', { plan: 'PRO', billingCycle: 'weekly' }],
  ])('refuses %s', async (_what, body) => {
    expectRefusal(await house.as('upgrader', 'PATCH', PLAN, body), 400, 'INVALID_INPUT');
    expectRefusal(await house.as('upgrader', 'POST', `${PLAN}/preview`, body), 400, 'INVALID_INPUT');
  });

  it("reads a plan's name as a name", async () => {
    const body = { plan: "PRO'; DROP TABLE plans; --" };
    expectRefusal(await house.as('upgrader', 'PATCH', PLAN, body), 404, 'PLAN_NOT_FOUND');
  });

  describe('trial extension', () => {
    const extend = (customerId: string, body: unknown, headers: object = asUser('helper', 'support')) =>
      fetchAnswer(
        `${house.app.url}/v1/admin/customers/${customerId}/trial-extension`,
        jsonPost(body, headers as Record<string, string>),
      );
    const customerIdOf = async (user: string) =>
      (await house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [user]))[0]!.id;

    it('gives days within the cap, once per request, and says who and why', async () => {
      await house.as('patient', 'POST', '/billing/subscriptions', { plan: 'PRO' });
      await house.settle();
      const customerId = await customerIdOf('patient');
      const end = Date.parse((await mine('patient'))['trialEndsAt'] as string);
      const headers = { ...asUser('helper', 'support'), 'idempotency-key': randomUUID() };
      const body = { days: 7, reason: 'The import was slow' };
      const answers = await Promise.all([extend(customerId, body, headers), extend(customerId, body, headers)]);
      expect(answers.map(({ status }) => status).sort()[0]).toBe(200);
      const after = new Date(end + 7 * DAY_MS).toISOString();
      expect(await extend(customerId, body, headers)).toMatchObject({ status: 200, body: { trialEndsAt: after } });
      await house.settle();
      expect(await mine('patient')).toMatchObject({ status: 'trialing', trialEndsAt: after, currentPeriodEnd: after });
      const audit = await house.rows(
        "SELECT actor_id, after FROM audit_log WHERE action = 'subscription.extend_trial' AND customer_id = $1",
        [customerId],
      );
      expect(audit).toMatchObject([{ actor_id: 'helper', after: { days: 7, reason: 'The import was slow' } }]);
      for (const days of [30, 30]) await extend(customerId, { days, reason: 'More' });
      const refused = await extend(customerId, { days: 30, reason: 'More' });
      expectRefusal(refused, 422, 'TRIAL_TOO_LONG');
      expect(refused.body.error!.details).toEqual({ maxDays: 9 });
      await house.settle();
    });

    it.each<[string, unknown]>([
      ['no reason', { days: 1 }],
      ['an empty reason', { days: 1, reason: '' }],
      ['a long reason', { days: 1, reason: 'x'.repeat(501) }],
      ['no days', { reason: 'r' }],
      ['zero days', { days: 0, reason: 'r' }],
      ['days back', { days: -1, reason: 'r' }],
      ['half a day', { days: 0.5, reason: 'r' }],
      ['31 days', { days: 31, reason: 'r' }],
      ['a date', { days: 1, reason: 'r', trialEnd: '2030-01-01' }],
    ])('refuses %s', async (_what, body) => {
      expectRefusal(await extend('cust_1', body), 400, 'INVALID_INPUT');
    });

    it('refuses who may not, whom nobody knows, and who is not on trial', async () => {
      const body = { days: 1, reason: 'r' };
      expectRefusal(await extend('cust_1', body, asUser('patient')), 403, 'INSUFFICIENT_PERMISSIONS');
      expectRefusal(await extend('cust_1', body, asUser('money', 'finance')), 403, 'INSUFFICIENT_PERMISSIONS');
      for (const id of ['cust_1', "x' OR '1'='1", 'x'.repeat(90)]) {
        expectRefusal(await extend(encodeURIComponent(id), body), 404, 'SUBSCRIPTION_NOT_FOUND');
      }
      expectRefusal(await extend('cust_%00', body), 400, 'INVALID_INPUT');
      expectRefusal(await extend(await customerIdOf('upgrader'), body), 422, 'INVALID_STATE_TRANSITION');
    });
  });
});
