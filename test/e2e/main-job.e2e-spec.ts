import { expectRefusal } from '../support/http-client';
import { RETURN_ORIGIN, startHouse, type House } from '../support/house';

describe('from checkout to a canceled subscription', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
  }, 30_000);
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
      body: { sessionId: expect.stringMatching(/^cs_/) as string, url: expect.any(String) as string },
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
        invoiceId: expect.stringMatching(/^inv_/) as string,
      },
    ]);
    const journal = await house.rows(
      'SELECT account_code AS account, sum(amount)::int AS sum FROM journal_entries GROUP BY 1 ORDER BY 1',
    );
    expect(journal).toEqual([
      { account: 'customer.receivable', sum: 0 },
      // 2.9 % and 30 cents.
      { account: 'fees.stripe', sum: 114 },
      { account: 'revenue.deferred', sum: -2900 },
      { account: 'stripe.clearing', sum: 2900 - 114 },
    ]);
  });

  const portal = async (): Promise<string> => {
    const opened = await house.as('ada', 'POST', '/billing/portal', { returnUrl: `${RETURN_ORIGIN}/account` });
    expect(opened.status).toBe(201);
    return new URL(opened.body['url'] as string).pathname;
  };
  const stripeSubscription = async () => {
    const [customer] = (await house.box.stripe.customers.list()).data;
    const list = await house.box.stripe.subscriptions.list({ customer: customer!.id, status: 'all' });
    expect(list.data).toHaveLength(1);
    return list.data[0]!;
  };

  it('renews', async () => {
    await house.advance(new Date('2026-02-28T12:00:00Z'));
    expect(await me()).toMatchObject({ status: 'active', currentPeriodEnd: '2026-03-29T10:00:00.000Z' });
    expect((await house.as('ada', 'GET', '/billing/payments')).body['data']).toHaveLength(2);
  });

  it('keeps access until the grace ends when the card fails', async () => {
    const { customer } = await stripeSubscription();
    // Stripe's own retries end when the grace does; what is wanted here is ours.
    await house.box.control('PUT', 'settings', { afterRetries: 'past_due' });
    await house.box.control('POST', 'cards', { customer, behavior: 'insufficient_funds' });
    await house.advance(new Date('2026-03-29T12:00:00Z'));
    expect(await me()).toMatchObject({ status: 'past_due', graceUntil: '2026-04-05T11:00:00.000Z' });
    const [open] = (await house.as('ada', 'GET', '/billing/invoices')).body['data'] as object[];
    expect(open).toMatchObject({ status: 'open', amountDue: 2900, amountPaid: 0, attemptCount: 1 });
    expect((await house.as('ada', 'GET', '/billing/payments')).body['data']).toMatchObject([
      { status: 'failed', declineCode: 'insufficient_funds' },
      { status: 'succeeded' },
      { status: 'succeeded' },
    ]);
    await house.advance(new Date('2026-04-05T10:58:00Z'));
    expect(await me()).toMatchObject({ status: 'past_due', graceUntil: '2026-04-05T11:00:00.000Z' });
    expect(await access()).toMatchObject({ allowed: true });
    await house.advance(new Date('2026-04-05T11:00:01Z'));
    expect(await access()).toMatchObject({ allowed: false, reason: 'expired' });
  });

  it('recovers with a new card and a payment in the portal', async () => {
    const path = await portal();
    const { latest_invoice: invoice } = await stripeSubscription();
    const declined = await house.box.submit(`${path}/card`, { card: '4000000000000002' });
    expect(declined.status).toBe(402);
    const changed = await house.box.submit(`${path}/card`, { card: '5555555555554444' });
    expect(changed.headers.get('location')).toBe(`${path}?done=card`);
    const paid = await house.box.submit(`${path}/pay`, { invoice: invoice as string });
    expect(paid.headers.get('location')).toBe(`${path}?done=pay`);
    await house.settle();
    expect(await me()).toMatchObject({
      status: 'active',
      graceUntil: null,
      currentPeriodEnd: '2026-04-29T10:00:00.000Z',
    });
    expect(await access()).toMatchObject({ allowed: true, limit: 50 });
    const [recovered] = (await house.as('ada', 'GET', '/billing/payments')).body['data'] as object[];
    expect(recovered).toMatchObject({ status: 'succeeded', method: { brand: 'mastercard', last4: '4444' } });
  });

  it('downgrades in the portal', async () => {
    const [price] = (await house.box.stripe.prices.list({ lookup_keys: ['kassa_basic_monthly_usd'] })).data;
    const path = await portal();
    const changed = await house.box.submit(`${path}/plan`, { price: price!.id });
    expect(changed.headers.get('location')).toBe(`${path}?done=plan`);
    await house.settle();
    expect(await me()).toMatchObject({ plan: { code: 'BASIC' }, status: 'active', amount: 900 });
    expect(await access()).toMatchObject({ allowed: true, limit: 3 });
    const { features } = (await house.as('ada', 'GET', '/entitlements/me')).body as {
      features: Record<string, object>;
    };
    expect(features['seats']).toMatchObject({ granted: true, limit: 1, grants: [{ source: 'stripe' }] });
    expect(features['priority_support']).toMatchObject({ granted: false });
  });

  it('is canceled at the end of the period, and access ends with it', async () => {
    const canceled = await house.as('ada', 'DELETE', '/billing/subscriptions');
    expect(canceled).toMatchObject({ status: 200, body: { status: 'active', cancelAtPeriodEnd: true } });
    const again = await house.as('ada', 'DELETE', '/billing/subscriptions');
    expect(again).toMatchObject({ status: 200, body: { cancelAtPeriodEnd: true } });
    await house.advance(new Date('2026-04-29T09:55:00Z'));
    expect(await access()).toMatchObject({ allowed: true });
    await house.advance(new Date('2026-04-29T10:00:01Z'));
    expect(await me()).toMatchObject({ status: 'canceled', plan: { code: 'BASIC' } });
    expect(await access()).toMatchObject({ allowed: false });
    expect((await stripeSubscription()).status).toBe('canceled');
    const third = await house.as('ada', 'DELETE', '/billing/subscriptions');
    expectRefusal(third, 422, 'INVALID_STATE_TRANSITION');
  });

  it('tells the whole story, newest first', async () => {
    const changes = (await house.as('ada', 'GET', '/billing/subscriptions/me/changes')).body['data'] as {
      type: string;
      toStatus: string;
      toPlan: string;
    }[];
    expect(changes.map(({ type, toStatus, toPlan }) => `${type} ${toStatus} ${toPlan}`).reverse()).toEqual([
      'created trialing PRO',
      'trial_started trialing PRO',
      'activated active PRO',
      'payment_failed past_due PRO',
      'recovered active PRO',
      'downgraded active BASIC',
      'cancellation_scheduled active BASIC',
      'canceled canceled BASIC',
    ]);
  });

  it('does not give the trial twice, and cancels at once when asked to', async () => {
    const body = { plan: 'PRO', successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
    const opened = await house.as('ada', 'POST', '/billing/checkout', body);
    await house.box.submit(new URL(opened.body['url'] as string).pathname, { card: '4242424242424242' });
    await house.settle();
    expect(await me()).toMatchObject({ status: 'active', trialEndsAt: null, plan: { code: 'PRO' } });
    // What the downgrade gave back pays part of it.
    const [invoice] = (await house.as('ada', 'GET', '/billing/invoices')).body['data'] as object[];
    expect(invoice).toMatchObject({ status: 'paid', amountDue: 2900 - 1545 });
    const canceled = await house.as('ada', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    expect(canceled).toMatchObject({ status: 200, body: { status: 'canceled' } });
    expect(await access()).toMatchObject({ allowed: false, reason: 'revoked' });
    await house.settle();
    expect(await me()).toMatchObject({ status: 'canceled' });
  });

  it('leaves books that balance and nothing undone', async () => {
    const journal = await house.rows(
      'SELECT account_code AS account, sum(amount)::int AS sum FROM journal_entries GROUP BY 1 ORDER BY 1',
    );
    const paid = 3 * 2900 + 2900 - 1545;
    // 2.9 % and 30 cents of three payments of 2900, and of one of 1355.
    const fees = 3 * 114 + 69;
    expect(journal).toEqual([
      { account: 'customer.credit', sum: 0 },
      { account: 'customer.receivable', sum: 0 },
      { account: 'fees.stripe', sum: fees },
      { account: 'revenue.deferred', sum: -paid },
      { account: 'stripe.clearing', sum: paid - fees },
    ]);
    expect(await house.rows('SELECT DISTINCT status FROM inbox_events ORDER BY 1')).toEqual([
      { status: 'ignored' },
      { status: 'processed' },
    ]);
    expect(await house.rows('SELECT kind FROM alerts')).toEqual([]);
  });
});
