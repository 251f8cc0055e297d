import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { Buyers } from '../support/buyers';
import { CardTester } from '../support/card-tester';
import { expectRefusal } from '../support/http-client';
import { startHouse, type House } from '../support/house';

describe('fraud rules', () => {
  let house: House;
  let buyers: Buyers;
  let tester: CardTester;

  beforeAll(async () => {
    house = await startHouse({
      settings: {
        TRUST_PROXY: '1',
        COUNTRY_HEADER: 'CF-IPCountry',
        ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
      },
    });
    buyers = new Buyers(house);
    tester = new CardTester(house);
  }, 40_000);
  afterAll(() => house.close());

  const expectBlocked = (answer: Awaited<ReturnType<CardTester['buy']>>): void => {
    expectRefusal(answer, 403, 'PAYMENT_BLOCKED');
    expect(answer.body.error?.details).toEqual({});
    expect(answer.text).not.toMatch(/rule|failure|card|velocity|threshold/i);
  };

  it('blocks who was declined twenty times in the browser, and nobody else', async () => {
    const first = await tester.buy('tester');
    expect(first.status).toBe(201);
    await tester.decline(first.body['clientSecret'], 20);

    expectBlocked(await tester.buy('tester'));
    const checkout = { plan: 'PRO', successUrl: 'https://app.test.example/a', cancelUrl: 'https://app.test.example/b' };
    expectBlocked(await house.as('tester', 'POST', '/billing/checkout', checkout));
    expectBlocked(await house.as('tester', 'POST', '/billing/payment-methods/setup', {}));
    expect((await tester.buy('bystander')).status).toBe(201);

    const [decision] = await tester.decisionsOf('tester');
    expect(decision).toMatchObject({
      action: 'payment_method.setup',
      outcome: 'block',
      degraded: false,
      reasons: [{ rule: 'failures_customer_hour', outcome: 'block', observed: 20, threshold: 10 }],
      amount: null,
      currency: null,
      ipHash: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
  });

  it('blocks who tries cards where saving them is free', async () => {
    const begun = await house.as('saver', 'POST', '/billing/payment-methods/setup', {});
    await tester.decline(begun.body['clientSecret'], 10);
    expectBlocked(await house.as('saver', 'POST', '/billing/payment-methods/setup', {}));
    expectBlocked(await tester.buy('saver'));
  });

  it('lets the same customer in again when the hour is over', async () => {
    expectBlocked(await tester.buy('tester'));
    const { now } = await house.box.control<{ now: number }>('GET', 'clock');
    await house.advance(new Date((now + 3_601) * 1000));
    expect((await tester.buy('tester')).status).toBe(201);
  });

  it('counts an address over all its accounts, and believes the proxy alone', async () => {
    expect((await tester.admin('PATCH', 'rules/failures_ip_hour', { threshold: 3 })).status).toBe(200);
    for (const user of ['ip-1', 'ip-2', 'ip-3']) {
      const begun = await tester.buy(user, tester.from('203.0.113.7'));
      await tester.decline(begun.body['clientSecret'], 1);
    }
    expectBlocked(await tester.buy('ip-4', tester.from('203.0.113.7')));
    // What the caller writes before the proxy's word counts for nothing.
    expectBlocked(await tester.buy('ip-4', tester.from('198.51.100.1, 203.0.113.7')));
    expect((await tester.buy('ip-5', tester.from('203.0.113.8'))).status).toBe(201);
    const stored = await house.rows<{ text: string }>(
      "SELECT (SELECT string_agg(d::text, ' ') FROM fraud_decisions d) || (SELECT string_agg(a::text, ' ') FROM payment_attempts a) AS text",
    );
    expect(stored[0]?.text).not.toMatch(/203\.0\.113|fp4\d+/);
    await tester.admin('PATCH', 'rules/failures_ip_hour', { threshold: 30 });
  });

  it('opens one ticket for one cause, and lets the payment go on', async () => {
    const buyer = await buyers.subscribe('traveller');
    await house.box.stripe.customers.update(buyer.customer, { address: { country: 'DE' } });
    const changed = await house.as('traveller', 'PATCH', '/billing/subscriptions/plan', { plan: 'ENTERPRISE' });
    expect(changed).toMatchObject({ status: 200, body: { plan: { code: 'ENTERPRISE' } } });
    await Promise.all([1, 2, 3].map(() => house.as('traveller', 'POST', '/billing/payment-methods/setup', {})));
    await house.settle();
    expect(await tester.decisionsOf('traveller')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: 'subscription.change_plan',
          outcome: 'review',
          reasons: [{ rule: 'country_billing', outcome: 'review', observed: 1, threshold: 1 }],
        }),
      ]),
    );
    expect(await tester.ticketsOf('traveller')).toMatchObject([{ status: 'open', count: 4 }]);
  });

  it("compares the card's country with the request's where a rule asks for it", async () => {
    const card = await tester.saveCard('roamer', 'pm_card_visa');
    await tester.admin('PATCH', 'rules/country_request', { active: true, outcome: 'block' });
    const buyFrom = (country: string) =>
      tester.buy('roamer', tester.from('203.0.113.40', { 'cf-ipcountry': country }), { paymentMethodId: card });
    expectBlocked(await buyFrom('BR'));
    expect((await buyFrom('XX')).status).toBe(201);
    expect((await buyFrom('us')).status).toBe(201);
    await tester.admin('PATCH', 'rules/country_request', { active: false, outcome: 'review' });
  });

  it('asks for a look at who is given money back again and again', async () => {
    const buyer = await buyers.subscribe('regret');
    const { data: charges } = await house.box.stripe.charges.list({ customer: buyer.customer });
    for (let i = 0; i < 3; i++) await house.box.stripe.refunds.create({ charge: charges[0]?.id ?? '', amount: 100 });
    await house.settle();
    expect((await house.as('regret', 'POST', '/billing/payment-methods/setup', {})).status).toBe(201);
    await house.settle();
    expect((await tester.decisionsOf('regret'))[0]).toMatchObject({
      outcome: 'review',
      reasons: [{ rule: 'refunds_customer_quarter', observed: 3, threshold: 3 }],
    });
    expect(await tester.ticketsOf('regret')).toHaveLength(1);
  });

  it('looks at sums, and at what is usual', async () => {
    const rule = { description: 'd', signal: 'amount', outcome: 'block', currency: 'usd' };
    expect((await tester.admin('POST', 'rules', { ...rule, key: 'small_shop', threshold: 2901 })).status).toBe(201);
    expectBlocked(await tester.buy('spender', {}, { quantity: 2 }));
    expect((await tester.buy('spender')).status).toBe(201);
    await tester.admin('PATCH', 'rules/small_shop', { active: false });
  });

  it('decides a repeated request once, also when its answer was forgotten', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await tester.buy('repeater', headers);
    expect(first.status).toBe(201);
    await house.rows('DELETE FROM idempotency_keys WHERE key = $1 RETURNING key', [headers['idempotency-key']]);
    await house.settle();
    expect((await tester.buy('repeater', headers)).status).toBe(201);
    expect(await tester.decisionsOf('repeater')).toHaveLength(1);
    expect(await attemptsOf('repeater')).toEqual([{ outcome: 'succeeded', decline_code: null }]);
  });

  it('records what the bank said of an attempt of ours', async () => {
    const buyer = await buyers.subscribe('declined');
    await buyers.cardIs(buyer.card, 'insufficient_funds');
    const answer = await house.as('declined', 'PATCH', '/billing/subscriptions/plan', { plan: 'ENTERPRISE' });
    expectRefusal(answer, 422, 'PAYMENT_FAILED');
    await house.settle();
    expect(await attemptsOf('declined')).toEqual([
      { outcome: 'failed', decline_code: 'insufficient_funds' },
      { outcome: 'succeeded', decline_code: null },
    ]);
  });

  it('lets payments go on when it cannot decide, and tells the operators', async () => {
    const owner = new Client({ connectionString: house.database.ownerUrl });
    await owner.connect();
    try {
      await owner.query('REVOKE SELECT ON fraud_rules FROM kassa_service');
      expect((await tester.buy('unlucky')).status).toBe(201);
    } finally {
      await owner.query('GRANT SELECT ON fraud_rules TO kassa_service');
      await owner.end();
    }
    expect((await tester.decisionsOf('unlucky'))[0]).toMatchObject({ outcome: 'allow', degraded: true, reasons: [] });
    expect(await house.rows("SELECT severity FROM alerts WHERE kind = 'fraud.engine'")).toEqual([
      { severity: 'critical' },
    ]);
    expect(await attemptsOf('unlucky')).toEqual([{ outcome: 'succeeded', decline_code: null }]);
  });

  it('goes on without the card where Stripe does not tell it', async () => {
    await buyers.subscribe('lost-card');
    await house.box.control('PUT', 'chaos', {
      api: [{ fault: 'error_500', method: 'GET', pathPrefix: '/v1/customers' }],
    });
    const answer = await house.as('lost-card', 'POST', '/billing/payment-methods/setup', {});
    await house.box.control('PUT', 'chaos', {});
    expect(answer.status).toBe(201);
    expect((await tester.decisionsOf('lost-card'))[0]).toMatchObject({ outcome: 'allow', degraded: true });
  });

  function attemptsOf(user: string): Promise<unknown[]> {
    return house.rows(
      `SELECT a.outcome, a.decline_code FROM payment_attempts a JOIN customers c ON c.id = a.customer_id
       WHERE c.user_id = $1 ORDER BY a.at DESC, a.id DESC`,
      [user],
    );
  }
});
