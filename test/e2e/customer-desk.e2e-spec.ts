import { Buyers } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { asUser } from '../support/tokens';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;

type Item = Record<string, unknown>;

describe('customers for operators', () => {
  let house: House;
  let buyers: Buyers;
  let ada: string;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
    await buyers.subscribe('ada');
    await buyers.subscribe('bob', 'BASIC');
    ada = await idOf('ada');
  }, 30_000);
  afterAll(() => house.close());

  const get = (path: string, headers = asUser('op-1', 'support')): Promise<Answer> =>
    fetchAnswer(`${house.app.url}/v1/admin/customers${path}`, { headers });
  const idOf = async (user: string): Promise<string> =>
    (await house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [user]))[0]!.id;
  const found = async (query: string): Promise<unknown[]> => {
    const answer = await get(`?query=${encodeURIComponent(query)}`);
    expect(answer.status).toBe(200);
    return (answer.body['data'] as Item[]).map(({ userId }) => userId);
  };
  const timelineOf = async (id: string): Promise<Item[]> => {
    const all: Item[] = [];
    let cursor: string | null = '';
    do {
      const { body }: Answer = await get(`/${id}/timeline?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      all.push(...(body['data'] as Item[]));
      cursor = body['nextCursor'] as string | null;
    } while (cursor !== null);
    return all;
  };

  it('finds a customer by whatever is at hand', async () => {
    const [invoice] = await buyers.invoicesOf('ada');
    const mine = await buyers.mine('ada');
    const ours = await house.rows<{ id: string }>(
      'SELECT id FROM invoices WHERE customer_id = $1 UNION ALL SELECT id FROM payments WHERE customer_id = $1',
      [ada],
    );
    const handles = [
      ...[ada, 'ada', 'ada@test.example', 'ADA@test', await buyers.customerOf('ada')],
      ...[mine['id'], mine['providerId'], invoice!.id, invoice!.number, ...ours.map(({ id }) => id)],
    ];
    for (const handle of handles) expect(await found(handle as string)).toEqual(['ada']);
    expect(await found('  ada  ')).toEqual(['ada']);
    expect(await found('')).toEqual(['bob', 'ada']);
    const first = await get('?limit=1');
    expect(first.body).toMatchObject({ data: [{ userId: 'bob', email: 'bob@test.example', trialUsedAt: null }] });
    const second = await get(`?limit=1&cursor=${first.body['nextCursor'] as string}`);
    expect(second.body).toMatchObject({ data: [{ id: ada }], nextCursor: null });
  });

  it('shows what a customer has, owes and may use, and why', async () => {
    const mine = await buyers.mine('ada');
    const { status, body } = await get(`/${ada}`, asUser('money', 'finance'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      customer: {
        ...{ id: ada, userId: 'ada', email: 'ada@test.example', trialUsedAt: null },
        accounts: [{ provider: 'stripe', providerId: await buyers.customerOf('ada') }],
      },
      subscriptions: [mine],
      openInvoices: [],
      credit: [],
      totals: [{ currency: mine['currency'], paid: mine['amount'], refunded: 0 }],
      tickets: [],
    });
    const access = body['access'] as { feature: string; granted: boolean; grants: Item[] }[];
    const granted = access.filter((one) => one.granted);
    expect(granted.length).toBeGreaterThan(0);
    for (const { grants } of granted) {
      expect(grants).toMatchObject([{ source: 'stripe', sourceId: mine['id'], live: true, endedBecause: null }]);
    }
  });

  it('shows a lost renewal and its end', async () => {
    const { card } = await buyers.subscribe('carl');
    const carl = await idOf('carl');
    await buyers.cardIs(card, 'insufficient_funds');
    await house.advance(new Date(START.getTime() + 32 * DAY_MS));
    const due = (await get(`/${carl}`)).body;
    expect(due).toMatchObject({ subscriptions: [{ status: 'past_due' }], openInvoices: [{ status: 'open' }] });
    await house.as('carl', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.settle();
    const { body } = await get(`/${carl}`);
    expect(body).toMatchObject({ subscriptions: [{ status: 'canceled' }] });
    const [access] = (body['access'] as { granted: boolean; grants: Item[] }[]).filter(({ grants }) => grants.length);
    expect(access).toMatchObject({
      granted: false,
      reason: 'revoked',
      grants: [{ live: false, endedBecause: 'subscription_ended' }],
    });
    const types = (await timelineOf(carl)).map(({ type }) => type);
    for (const type of [
      ...[
        'subscription.created',
        'subscription.payment_failed',
        'subscription.canceled',
        'grant.given',
        'grant.revoked',
      ],
      ...['invoice.finalized', 'invoice.paid', 'invoice.payment_failed', 'payment.succeeded', 'payment.failed'],
      'audit.subscription.cancel',
    ]) {
      expect(types).toContain(type);
    }
  });

  it('tells the whole of a life in pages, in plain words', async () => {
    const entries = await timelineOf(ada);
    const whole = (await get(`/${ada}/timeline?limit=100`)).body['data'];
    expect(entries).toEqual(whole);
    expect(entries).toContainEqual(
      expect.objectContaining({ type: 'payment.succeeded', summary: 'Paid with visa 4242', source: 'stripe' }),
    );
    for (const { summary, at } of entries) {
      expect(summary).toMatch(/^[A-Z].{5,}/);
      expect(summary).not.toMatch(/[{}]/);
      expect(new Date(at as string).toISOString()).toBe(at);
    }
  });

  it('tells what was given back, and what the bank took', async () => {
    const { customer } = await buyers.subscribe('dora');
    const dora = await idOf('dora');
    const [paid] = await house.rows<{ id: string }>('SELECT id FROM payments WHERE customer_id = $1', [dora]);
    const refund = { paymentId: paid!.id, amount: 900, reason: 'requested_by_customer' };
    const refunded = await fetchAnswer(
      `${house.app.url}/v1/billing/refunds`,
      jsonPost(refund, asUser('money', 'finance')),
    );
    expect(refunded.status).toBe(201);
    const { data } = await house.box.stripe.paymentIntents.list({ customer });
    await house.box.control('POST', 'disputes', { paymentIntent: data[0]!.id });
    await house.settle();
    expect((await get(`/${dora}`)).body).toMatchObject({ totals: [{ paid: 2900, refunded: 900 }] });
    const entries = await timelineOf(dora);
    expect(entries).toContainEqual(
      expect.objectContaining({
        ...{ type: 'refund.succeeded', summary: 'Refunded (requested_by_customer)', amount: 900, currency: 'USD' },
        ...{ objectType: 'refund', objectId: refunded.body['id'], source: 'stripe' },
      }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ type: 'dispute.needs_response', summary: 'A payment is disputed (fraudulent)' }),
    );
    expect(entries).toContainEqual(expect.objectContaining({ type: 'audit.payment.refund', source: 'user' }));
  });

  it('shows open tickets', async () => {
    const bob = await idOf('bob');
    await house.rows(
      `INSERT INTO payment_support_tickets (id, type, priority, status, cause_key, summary, details, customer_id, created_at, updated_at)
       VALUES ('tkt_b', 'other', 'high', 'open', 'b', 'Called twice', '{}', $1, $2, $2)`,
      [bob, START],
    );
    expect((await get(`/${bob}`)).body['tickets']).toMatchObject([{ id: 'tkt_b', priority: 'high', status: 'open' }]);
    expect(await timelineOf(bob)).toContainEqual(
      expect.objectContaining({ type: 'ticket.opened', summary: 'Ticket opened: Called twice', objectId: 'tkt_b' }),
    );
  });

  it('audits who has looked at whom, not who was searched for', async () => {
    const looks = () =>
      house.rows<Item>(
        "SELECT actor_id, after FROM audit_log WHERE action = 'customer.read' AND customer_id = $1 AND actor_id = 'spy' ORDER BY seq",
        [ada],
      );
    await get('?query=ada', asUser('spy', 'support'));
    expect(await looks()).toEqual([]);
    await get(`/${ada}`, asUser('spy', 'support'));
    await get(`/${ada}/timeline`, asUser('spy', 'support'));
    expect(await looks()).toEqual([
      { actor_id: 'spy', after: { what: 'page' } },
      { actor_id: 'spy', after: { what: 'timeline' } },
    ]);
    expect((await timelineOf(ada)).map(({ type }) => type)).not.toContain('audit.customer.read');
  });

  it('is for operators only', async () => {
    for (const path of ['', `/${ada}`, `/${ada}/timeline`]) {
      for (const role of ['support', 'finance', 'admin'])
        expect((await get(path, asUser('op', role))).status).toBe(200);
      expectRefusal(await get(path, asUser('ada')), 403, 'INSUFFICIENT_PERMISSIONS');
      expectRefusal(await get(path, { authorization: 'Bearer x' }), 401, 'INVALID_TOKEN');
    }
  });

  it.each(['cust_1', "x' OR '1'='1", 'x'.repeat(90), '%'])('knows nobody under %s', async (id) => {
    for (const path of ['', '/timeline']) {
      expectRefusal(await get(`/${encodeURIComponent(id)}${path}`), 404, 'CUSTOMER_NOT_FOUND');
    }
  });

  it.each([
    ...['query=%00', `query=${'x'.repeat(256)}`, `query=${'x'.repeat(10_240)}`, 'query=a&query=b', 'query[a]=b'],
    ...['limit=0', 'limit=101', 'limit=x', 'cursor=x', 'cursor=', 'email=a'],
  ])('refuses the search ?%s', async (query) => {
    const { status, body } = await get(`?${query}`);
    expect({ status, code: body.error?.code }).toEqual({ status: 400, code: 'INVALID_INPUT' });
  });

  it.each(["'; DROP TABLE customers; --", "' OR 1=1 --", '%', 'a%', '\\', '\u{10FFFF}', '𝒳', '$1'])(
    'finds nobody by %j',
    async (query) => {
      expect(await found(query)).toEqual([]);
    },
  );

  it.each(['limit=0', 'limit=101', 'cursor=x', 'query=a'])('refuses the timeline ?%s', async (query) => {
    expectRefusal(await get(`/${ada}/timeline?${query}`), 400, 'INVALID_INPUT');
  });

  it.each(['%00', 'cust_%00'])('refuses the id %s', async (id) => {
    for (const path of ['', '/timeline']) expectRefusal(await get(`/${id}${path}`), 400, 'INVALID_INPUT');
  });
});
