import { RETURN_ORIGIN, startHouse, type House } from '../support/house';

describe('from checkout to a canceled subscription', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
  });
  afterAll(() => house.close());

  const me = async () => (await house.as('ada', 'GET', '/billing/subscriptions/me')).body;
  const access = async () =>
    (await house.as('ada', 'GET', '/entitlements/check?feature=projects')).body as {
      allowed: boolean;
      limit: number | null;
    };

  it('sells nothing to nobody at first', async () => {
    expect((await house.as('ada', 'GET', '/billing/subscriptions/me')).status).toBe(404);
    expect(await access()).toMatchObject({ allowed: false });
  });

  it('opens a checkout with a trial, is paid on the hosted page, and access appears', async () => {
    const body = {
      plan: 'PRO',
      successUrl: `${RETURN_ORIGIN}/ok?s={CHECKOUT_SESSION_ID}`,
      cancelUrl: `${RETURN_ORIGIN}/no`,
    };
    const opened = await house.as('ada', 'POST', '/billing/checkout', body);
    expect(opened).toMatchObject({
      status: 201,
      body: { sessionId: expect.stringMatching(/^cs_/), url: expect.any(String) },
    });
    const paid = await house.box.submit(new URL(opened.body['url'] as string).pathname, { card: '4242424242424242' });
    expect(paid.headers.get('location')).toBe(`${RETURN_ORIGIN}/ok?s=${opened.body['sessionId'] as string}`);
    await house.settle();
    expect(await me()).toMatchObject({
      plan: { code: 'PRO' },
      status: 'trialing',
      billingCycle: 'monthly',
      amount: 2900,
      currency: 'USD',
      trialEndsAt: '2026-01-29T10:00:00.000Z',
    });
    expect(await access()).toMatchObject({ allowed: true, limit: 50 });
  });

  it('refuses a second subscription', async () => {
    const again = await house.as('ada', 'POST', '/billing/subscriptions', { plan: 'BASIC' });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'ALREADY_SUBSCRIBED' } } });
  });

  it('pays the first invoice after the trial and books it', async () => {
    await house.advance(new Date('2026-01-29T12:00:00Z'));
    expect(await me()).toMatchObject({ status: 'active', currentPeriodEnd: '2026-02-28T10:00:00.000Z' });
    const invoices = (await house.as('ada', 'GET', '/billing/invoices')).body['data'];
    expect(invoices).toMatchObject([
      { status: 'paid', amountDue: 2900, amountPaid: 2900 },
      { status: 'paid', amountDue: 0 },
    ]);
    const payments = (await house.as('ada', 'GET', '/billing/payments')).body['data'];
    expect(payments).toMatchObject([
      {
        status: 'succeeded',
        amount: 2900,
        method: { type: 'card', brand: 'visa', last4: '4242' },
        invoiceId: expect.stringMatching(/^inv_/),
      },
    ]);
    const journal = await house.rows(
      'SELECT account_code AS account, sum(amount)::int AS sum FROM journal_entries GROUP BY 1 ORDER BY 1',
    );
    expect(journal).toEqual([
      { account: 'customer.receivable', sum: 0 },
      { account: 'revenue.deferred', sum: -2900 },
      { account: 'stripe.clearing', sum: 2900 },
    ]);
  });
});
