import type Stripe from 'stripe';
import { RETURN_ORIGIN, startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { postWebhook, stripeEvent, stripeSignature } from '../support/stripe-events';
import { createMonthlyPrice } from '../support/stripe-sandbox';
import { until } from '../support/until';

interface InboxRow {
  status: string;
  retry_count: number;
  error_context: { code: string } | null;
}

describe("what Stripe's events come to", () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ settings: { ROLE: 'all' } });
  }, 30_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  const send = (event: object) => {
    const body = JSON.stringify(event);
    return postWebhook(`${house.app.url}/v1/webhooks/stripe`, body, stripeSignature(body, WEBHOOK_SECRET));
  };
  const inboxRow = async (eventId: string): Promise<InboxRow | undefined> => {
    const sql = 'SELECT status, retry_count, error_context FROM inbox_events WHERE event_id = $1';
    return (await house.rows<InboxRow>(sql, [eventId]))[0];
  };
  const alerts = (kind: string) =>
    house.rows<{ count: number; details: object }>('SELECT count, details FROM alerts WHERE kind = $1', [kind]);
  const subscribe = async (user: string): Promise<Stripe.Subscription> => {
    const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
    const opened = await house.as(user, 'POST', '/billing/checkout', { plan: 'BASIC', ...urls });
    await house.box.submit(new URL(opened.body['url'] as string).pathname, { card: '4242424242424242' });
    const session = await house.box.stripe.checkout.sessions.retrieve(opened.body['sessionId'] as string);
    return house.box.stripe.subscriptions.retrieve(session.subscription as string);
  };
  const mine = async (user: string) => (await house.as(user, 'GET', '/billing/subscriptions/me')).body;
  const latest = async (type: string): Promise<Stripe.Event> => {
    const { data } = await house.box.control<{ data: Stripe.Event[] }>('GET', 'events');
    return data.findLast((event) => event.type === type)!;
  };

  it.each(['a.type.of.tomorrow', 'toString', 'constructor', '__proto__'])(
    'stores and ignores an event of the unknown type %s',
    async (type) => {
      const event = stripeEvent(type, { object: 'subscription', id: 'sub_1', customer: 'cus_1' });
      expect((await send(event)).status).toBe(200);
      await house.settle();
      expect(await inboxRow(event.id)).toMatchObject({ status: 'ignored', retry_count: 0 });
    },
  );

  it('fails absurd events of known types at once, with a ticket each, and nobody else suffers', async () => {
    const neighbour = await subscribe('neighbour');
    await house.settle();
    const invoice = { ...(await latest('invoice.paid')).data.object } as Stripe.Invoice;
    const absurd = [
      stripeEvent('invoice.paid', { object: 'invoice', id: 'in_absurd' }),
      stripeEvent('invoice.paid', { ...neighbour }),
      stripeEvent('invoice.paid', { object: 'constructor', id: 'x_1' }, { api_version: '2020-08-27' }),
      stripeEvent('customer.subscription.updated', { ...neighbour, items: null }),
      stripeEvent('customer.subscription.updated', { ...neighbour, status: 'dormant' }),
      stripeEvent('customer.subscription.updated', { ...neighbour, id: 7 }),
      stripeEvent('customer.subscription.updated', { ...neighbour, customer: 7 }),
      stripeEvent('customer.subscription.updated', { ...neighbour, created: 'today' }),
      stripeEvent('invoice.paid', { ...invoice, amount_paid: 'much' }),
      stripeEvent('invoice.paid', { ...invoice, amount_paid: 9.5 }),
      stripeEvent('invoice.paid', { ...invoice, amount_paid: 1e300 }),
      stripeEvent('invoice.paid', { ...invoice, currency: 'zzz' }),
      stripeEvent('invoice.paid', { ...invoice, number: 'A\u0000' }),
      stripeEvent('invoice.paid', { ...invoice, number: '\ud800' }),
      stripeEvent('invoice.paid', { ...invoice, lines: { data: [null] } }),
      stripeEvent('payment_intent.succeeded', {
        object: 'payment_intent',
        id: 'pi_absurd',
        customer: invoice.customer,
      }),
      stripeEvent('invoice_payment.paid', { object: 'invoice_payment', id: 'inpay_absurd' }),
    ];
    for (const event of absurd) expect(await send(event)).toMatchObject({ status: 200, body: { received: true } });
    await house.settle();
    const outcomes: (InboxRow | undefined)[] = [];
    for (const { id } of absurd) outcomes.push(await inboxRow(id));
    expect(outcomes.map((row) => row?.status)).toEqual(absurd.map(() => 'failed'));
    expect(outcomes.map((row) => row?.retry_count)).toEqual(absurd.map(() => 1));
    const tickets = await house.rows("SELECT id FROM payment_support_tickets WHERE type = 'webhook_failure'");
    expect(tickets).toHaveLength(absurd.length);
    expect(await mine('neighbour')).toMatchObject({ status: 'active', plan: { code: 'BASIC' } });
    expect((await house.as('neighbour', 'GET', '/billing/invoices')).body['data']).toMatchObject([
      { status: 'paid', amountPaid: 900 },
    ]);
  });

  it('ignores the objects of others on a shared account', async () => {
    const { stripe } = house.box;
    const before = await house.rows('SELECT id FROM facts');
    const price = await createMonthlyPrice(stripe, 'Elsewhere', 500);
    const customer = await stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    await house.settle();
    const statuses = await house.rows('SELECT DISTINCT status FROM inbox_events WHERE aggregate = $1', [
      `stripe:${customer.id}`,
    ]);
    expect(statuses).toEqual([{ status: 'ignored' }]);
    expect(await house.rows('SELECT id FROM facts')).toHaveLength(before.length);
  });

  it('ignores what others sell in a shape we cannot read, and fails the same of a customer of ours', async () => {
    const ours = await subscribe('tiered');
    await house.settle();
    const tiered = { ...ours, metadata: {}, items: { ...ours.items, data: [] } };
    const theirs = stripeEvent('customer.subscription.updated', { ...tiered, customer: 'cus_of_somebody_else' });
    const mineButOdd = stripeEvent('customer.subscription.updated', tiered);
    for (const event of [theirs, mineButOdd]) expect((await send(event)).status).toBe(200);
    await house.settle();
    expect(await inboxRow(theirs.id)).toMatchObject({ status: 'ignored', error_context: null });
    expect(await inboxRow(mineButOdd.id)).toMatchObject({
      status: 'failed',
      error_context: { code: 'SCHEMA_VALIDATION' },
    });
  });

  it('ignores live events on test keys, and raises one alert that counts them', async () => {
    const events = [1, 2].map(() =>
      stripeEvent('invoice.paid', { object: 'invoice', id: 'in_live' }, { livemode: true }),
    );
    for (const event of events) expect((await send(event)).status).toBe(200);
    await house.settle();
    for (const event of events) expect(await inboxRow(event.id)).toMatchObject({ status: 'ignored' });
    expect(await alerts('inbox.wrong_livemode')).toMatchObject([{ count: 2 }]);
  });

  it('reads for itself what comes in an old version', async () => {
    const { id } = await subscribe('oldie');
    await house.settle();
    const fault = { fault: 'old_api_version', types: ['customer.subscription.updated'] };
    await house.box.control('PUT', 'chaos', { webhooks: [fault] });
    await house.box.stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await house.settle();
    expect(await mine('oldie')).toMatchObject({ cancelAtPeriodEnd: true });
    const [row] = await house.rows('SELECT status, api_version FROM inbox_events ORDER BY id DESC LIMIT 1');
    expect(row).toMatchObject({ status: 'processed', api_version: expect.stringMatching(/^2020/) as string });
  });

  it('waits with a payment until its invoice is known', async () => {
    const types = [
      'invoice.created',
      'invoice.finalized',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
    ];
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'delay', types, delayMs: 60_000 }] });
    await subscribe('early');
    await until('the payment waits', async () => {
      const link = await latest('invoice_payment.paid');
      return (await inboxRow(link.id))?.error_context?.code === 'OBJECT_UNKNOWN';
    });
    await house.settle();
    const [payment] = (await house.as('early', 'GET', '/billing/payments')).body['data'] as { invoiceId: string }[];
    const [invoice] = (await house.as('early', 'GET', '/billing/invoices')).body['data'] as { id: string }[];
    expect(payment).toMatchObject({ status: 'succeeded', invoiceId: invoice!.id });
    expect(await inboxRow((await latest('invoice_payment.paid')).id)).toMatchObject({ status: 'processed' });
  });

  it('asks for the invoice of a payment whose own events are lost', async () => {
    const types = [
      'invoice.created',
      'invoice.finalized',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
    ];
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop', types }] });
    await subscribe('lost');
    await house.settle();
    expect((await house.as('lost', 'GET', '/billing/invoices')).body['data']).toMatchObject([
      { status: 'paid', amountPaid: 900 },
    ]);
    expect(await mine('lost')).toMatchObject({ status: 'active' });
  });

  it('gives the same event 50 times at once one row and one effect', async () => {
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop', types: ['invoice.paid'] }] });
    await subscribe('fifty');
    await house.settle();
    const event = await latest('invoice.paid');
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.filter(({ body }) => body['status'] === undefined)).toHaveLength(1);
    const others = answers.map(({ body }) => body['status']).filter((word) => word !== undefined);
    for (const word of others) expect(['already_received', 'already_processed']).toContain(word);
    await house.settle();
    expect((await send(event)).body).toMatchObject({ received: true, status: 'already_processed' });
    expect(await house.rows('SELECT status FROM inbox_events WHERE event_id = $1', [event.id])).toEqual([
      { status: 'processed' },
    ]);
    expect(await house.rows('SELECT kind FROM facts WHERE source_id = $1', [event.id])).toEqual([
      { kind: 'invoice.paid' },
    ]);
    const invoiceId = (event.data.object as Stripe.Invoice).id;
    const postings = await house.rows<{ type: string }>(
      'SELECT t.type FROM journal_transactions t JOIN invoices i ON i.id = t.ref_id WHERE i.provider_id = $1',
      [invoiceId],
    );
    expect(postings.map(({ type }) => type).sort()).toEqual(['invoice.finalized', 'invoice.paid']);
  });
});
