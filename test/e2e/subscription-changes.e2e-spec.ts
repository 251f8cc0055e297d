import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { Buyers, sumsOfBooks } from '../support/buyers';
import { expectRefusal, type Answer } from '../support/http-client';
import { Intents } from '../../src/platform/intents';
import { startHouse, type House } from '../support/house';
import { verifyHouse } from '../support/verified';

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

  it('tells the next invoice to the cent too, with what waits from before', async () => {
    const { providerId } = await subscribe('mixed');
    await later(4 * DAY_MS);
    const { stripe } = house.box;
    const [item] = (await stripe.subscriptions.retrieve(providerId)).items.data;
    await stripe.subscriptions.update(providerId, { items: [{ id: item!.id, quantity: 3 }] });
    await house.settle();
    await later(4 * DAY_MS);
    const { body } = await house.as('mixed', 'POST', `${PLAN}/preview`, { plan: 'BASIC', quantity: 4 });
    expect(body['lines']).toHaveLength(4);
    expect((await house.as('mixed', 'PATCH', PLAN, { plan: 'BASIC', quantity: 4 })).status).toBe(200);
    expect((await invoicesOf('mixed')).at(-1)).toMatchObject({ amount_due: body['amountDueNow'] });
    await later(25 * DAY_MS);
    expect((await invoicesOf('mixed')).at(-1)).toMatchObject({
      billing_reason: 'subscription_cycle',
      amount_due: body['nextInvoiceAmount'],
    });
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

  it('is finished by the sweeper where nobody asks again', async () => {
    await subscribe('impatient');
    await house.box.control('PUT', 'chaos', {
      api: [{ fault: 'lose_answer', method: 'POST', pathPrefix: '/v1/subscriptions', times: 6 }],
    });
    expect((await house.as('impatient', 'PATCH', PLAN, { plan: 'ENTERPRISE' })).status).toBe(502);
    await house.box.control('PUT', 'chaos', {});
    await house.rows(
      "UPDATE provider_intents SET created_at = created_at - interval '2 minutes' WHERE settled_at IS NULL",
    );
    await house.app.app.get(Intents, { strict: false }).resolveStale();
    expect(await mine('impatient')).toMatchObject({ plan: { code: 'ENTERPRISE' } });
    const open = await house.rows('SELECT id FROM provider_intents WHERE settled_at IS NULL');
    expect(open).toEqual([]);
    await house.settle();
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

  it.each<[string, bigint, bigint]>([
    ['JPY', 1_000n, 9_999n],
    ['KWD', 2_990n, 19_990n],
    ['HUF', 99_900n, 1_234_500n],
  ])('charges what it quoted in %s', async (currency, basic, pro) => {
    await house.rows("UPDATE prices SET active = false WHERE billing_cycle = 'monthly'");
    await house.rows(
      `INSERT INTO prices (id, plan_id, billing_cycle, amount, currency, lookup_key, created_at)
       SELECT 'price_' || p.code || $1, p.id, 'monthly', CASE p.code WHEN 'BASIC' THEN $2::bigint ELSE $3::bigint END, $1,
         'lookup_' || p.code || $1, now() FROM plans p WHERE p.code IN ('BASIC', 'PRO')`,
      [currency, basic, pro],
    );
    const user = `pays-${currency}`;
    await subscribe(user, 'BASIC');
    await later(11 * DAY_MS + 12_345_000);
    const body = { plan: 'PRO', quantity: 3 };
    const preview = await house.as(user, 'POST', `${PLAN}/preview`, body);
    expect(preview.body).toMatchObject({ currency, nextInvoiceAmount: Number(pro) * 3 });
    await later(9 * 60_000);
    expect((await house.as(user, 'PATCH', PLAN, body)).status).toBe(200);
    await house.settle();
    const [charged] = (await house.as(user, 'GET', '/billing/invoices')).body['data'] as object[];
    expect(charged).toMatchObject({ currency, status: 'paid', amountPaid: preview.body['amountDueNow'] });
    await house.rows("UPDATE prices SET active = (currency = 'USD') WHERE billing_cycle = 'monthly'");
    await booksBalance();
  });

  it('ends the same in whatever order all of it is told', async () => {
    await house.settle();
    expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  }, 120_000);
});
