import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { Intents } from '../../src/platform/intents';
import { Buyers, sumsOfBooks } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { asUser } from '../support/tokens';
import { verifyHouse } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const PRICE = 2900;

describe('credit for a customer', () => {
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
  const idOf = async (user: string): Promise<string> =>
    (await house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [user]))[0]!.id;
  const subscribe = async (user: string): Promise<string> => {
    await buyers.subscribe(user);
    return idOf(user);
  };
  const give = (id: string, body: unknown, headers: object = {}): Promise<Answer> =>
    fetchAnswer(
      `${house.app.url}/v1/admin/customers/${id}/credit`,
      jsonPost(body, { ...asUser('money', 'finance'), ...headers }),
    );
  const credit = (amount: number, currency = 'USD') => ({ amount, currency, reason: 'The export was down' });
  const page = async (id: string): Promise<Record<string, unknown>> =>
    (await fetchAnswer(`${house.app.url}/v1/admin/customers/${id}`, { headers: asUser('op', 'support') })).body;
  const balanceOf = async (user: string): Promise<number> =>
    ((await house.box.stripe.customers.retrieve(await buyers.customerOf(user))) as Stripe.Customer).balance;
  const openIntents = () => house.rows('SELECT id FROM provider_intents WHERE settled_at IS NULL');

  it('is used up by the next renewal, to the cent, in Stripe and in the books', async () => {
    const id = await subscribe('wronged');
    const given = await give(id, credit(1000));
    expect(given).toMatchObject({ status: 201, body: { customerId: id, amount: 1000, currency: 'USD' } });
    expect(given.body['providerId']).toMatch(/^cbtxn_/);
    expect(new Date(given.body['createdAt'] as string).toISOString()).toBe(given.body['createdAt']);
    await house.settle();
    expect(await page(id)).toMatchObject({ credit: [{ currency: 'USD', amount: 1000 }] });
    expect(await balanceOf('wronged')).toBe(-1000);
    await later(32 * DAY_MS);
    expect((await buyers.invoicesOf('wronged')).at(-1)).toMatchObject({
      ...{ billing_reason: 'subscription_cycle', status: 'paid', total: PRICE, amount_paid: PRICE - 1000 },
      ...{ starting_balance: -1000, ending_balance: 0 },
    });
    expect(await page(id)).toMatchObject({
      credit: [],
      totals: [{ currency: 'USD', paid: 2 * PRICE - 1000, refunded: 0 }],
    });
    const timeline = await fetchAnswer(`${house.app.url}/v1/admin/customers/${id}/timeline?limit=100`, {
      headers: asUser('op', 'support'),
    });
    expect(timeline.body['data']).toContainEqual(
      expect.objectContaining({
        ...{ type: 'credit.granted', amount: 1000, currency: 'USD', objectId: given.body['providerId'] },
        summary: 'Credit was given, for later invoices',
      }),
    );
    const audit = await house.rows(
      "SELECT actor_id, before, after FROM audit_log WHERE action = 'customer.credit' AND object_id = $1",
      [id],
    );
    expect(audit).toEqual([
      {
        actor_id: 'money',
        before: { credit: '0' },
        after: { given: '1000', currency: 'USD', reason: 'The export was down' },
      },
    ]);
  });

  it('lasts for more than one invoice, and adds up', async () => {
    const id = await subscribe('patient');
    expect((await give(id, credit(3000, 'usd'), asUser('boss', 'admin'))).status).toBe(201);
    expect((await give(id, credit(1))).status).toBe(201);
    await later(32 * DAY_MS);
    expect(await page(id)).toMatchObject({ credit: [{ currency: 'USD', amount: 3001 - PRICE }] });
    await later(31 * DAY_MS);
    expect(await page(id)).toMatchObject({ credit: [] });
    expect((await buyers.invoicesOf('patient')).at(-1)).toMatchObject({ amount_paid: 2 * PRICE - 3001 });
  });

  it('may come before the first purchase, and before any account at Stripe', async () => {
    await house.rows(
      "INSERT INTO customers (id, user_id, email, created_at, updated_at) VALUES ('cust_new', 'new', 'new@test.example', $1, $1)",
      [START],
    );
    expect((await give('cust_new', credit(500))).status).toBe(201);
    await house.settle();
    expect(await page('cust_new')).toMatchObject({
      customer: { accounts: [{ provider: 'stripe', providerId: await buyers.customerOf('new') }] },
      credit: [{ currency: 'USD', amount: 500 }],
    });
    expect(await balanceOf('new')).toBe(-500);
  });

  it('is one credit, however often a request comes under its key', async () => {
    const id = await subscribe('clicker');
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => give(id, credit(700), headers)));
    for (const { status, body } of answers) {
      expect([201, 'REQUEST_IN_PROGRESS']).toContain(body.error?.code ?? status);
    }
    const again = await give(id, credit(700), headers);
    expect(again).toMatchObject({ status: 201, body: { amount: 700 } });
    expectRefusal(await give(id, credit(701), headers), 409, 'IDEMPOTENCY_KEY_REUSED');
    await house.settle();
    expect(await balanceOf('clicker')).toBe(-700);
    expect(await page(id)).toMatchObject({ credit: [{ amount: 700 }] });
  });

  it('is as many credits as were answered, of 20 requests at once without a key', async () => {
    const id = await subscribe('crowd');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => give(id, credit(100 + (n % 2)))));
    const given = answers.filter(({ status }) => status === 201);
    expect(given.length).toBeGreaterThan(0);
    for (const { status, body } of answers) {
      expect([201, 'REQUEST_IN_PROGRESS', 'TRY_AGAIN']).toContain(body.error?.code ?? status);
    }
    await house.settle();
    const refs = new Set(given.map(({ body }) => body['providerId']));
    const listed = await house.box.stripe.customers.listBalanceTransactions(await buyers.customerOf('crowd'), {
      limit: 100,
    });
    expect(new Set(listed.data.map((one) => one.id))).toEqual(refs);
    expect(await page(id)).toMatchObject({ credit: [{ amount: -(await balanceOf('crowd')) }] });
    expect(await openIntents()).toEqual([]);
  });

  it.each(['lose_answer', 'error_500_after', 'error_500'])('is one credit when %s strikes', async (fault) => {
    const user = `lost-${fault}`;
    const id = await subscribe(user);
    await house.box.control('PUT', 'chaos', {
      api: [{ fault, method: 'POST', pathPrefix: '/v1/customers', times: 6 }],
    });
    const headers = { 'idempotency-key': randomUUID() };
    expect((await give(id, credit(900), headers)).status).toBe(502);
    await house.box.control('PUT', 'chaos', {});
    expect(await give(id, credit(900), headers)).toMatchObject({ status: 201, body: { amount: 900 } });
    await house.settle();
    expect(await balanceOf(user)).toBe(-900);
    expect(await page(id)).toMatchObject({ credit: [{ currency: 'USD', amount: 900 }] });
  });

  it('is finished by the sweeper where nobody asks again', async () => {
    const id = await subscribe('forgotten');
    await house.box.control('PUT', 'chaos', {
      api: [{ fault: 'lose_answer', method: 'POST', pathPrefix: '/v1/customers', times: 6 }],
    });
    expect((await give(id, credit(800))).status).toBe(502);
    await house.box.control('PUT', 'chaos', {});
    await house.rows(
      "UPDATE provider_intents SET created_at = created_at - interval '2 minutes' WHERE settled_at IS NULL",
    );
    await house.app.app.get(Intents, { strict: false }).resolveStale();
    expect(await openIntents()).toEqual([]);
    expect(await page(id)).toMatchObject({ credit: [{ amount: 800 }] });
    expect(await balanceOf('forgotten')).toBe(-800);
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['no amount', { currency: 'USD', reason: 'r' }],
    ['an amount of 0', { ...credit(0) }],
    ['less than nothing', credit(-1)],
    ['half a cent', credit(0.5)],
    ['2^53', credit(2 ** 53)],
    ['more than eight digits', credit(100_000_000)],
    ['an amount in words', { amount: '1000', currency: 'USD', reason: 'r' }],
    ['no currency', { amount: 1, reason: 'r' }],
    ['a currency of four letters', credit(1, 'USDT')],
    ['a list of currencies', { amount: 1, currency: ['USD'], reason: 'r' }],
    ['no reason', { amount: 1, currency: 'USD' }],
    ['an empty reason', { amount: 1, currency: 'USD', reason: '' }],
    ['a reason that is too long', { amount: 1, currency: 'USD', reason: 'x'.repeat(501) }],
    ['NUL in the reason', { amount: 1, currency: 'USD', reason: 'a\u0000b' }],
    ['a field of his own', { ...credit(1), expiresAt: '2030-01-01' }],
  ])('refuses %s', async (_what, body) => {
    expectRefusal(await give('cust_1', body), 400, 'INVALID_INPUT');
  });

  it('refuses currencies that do not exist, that Stripe cannot carry, and that are not the customer’s', async () => {
    const id = await subscribe('dollars');
    expectRefusal(await give(id, credit(1, 'ABC')), 400, 'UNKNOWN_CURRENCY');
    expectRefusal(await give(id, credit(1, 'KWD')), 400, 'AMOUNT_NOT_CHARGEABLE');
    const refused = await give(id, credit(100, 'EUR'));
    expectRefusal(refused, 422, 'CURRENCY_NOT_THE_CUSTOMERS');
    expect(refused.body.error!.details).toEqual({ currency: 'EUR', customerCurrency: 'USD' });
    expect(await balanceOf('dollars')).toBe(0);
    expect(await page(id)).toMatchObject({ credit: [] });
  });

  it('refuses who may not, and whom nobody knows', async () => {
    expectRefusal(await give('cust_1', credit(1), asUser('me')), 403, 'INSUFFICIENT_PERMISSIONS');
    expectRefusal(await give('cust_1', credit(1), asUser('op', 'support')), 403, 'INSUFFICIENT_PERMISSIONS');
    for (const id of ['cust_1', "x' OR '1'='1", 'x'.repeat(90)]) {
      expectRefusal(await give(encodeURIComponent(id), credit(1)), 404, 'CUSTOMER_NOT_FOUND');
    }
    expectRefusal(await give('cust_%00', credit(1)), 400, 'INVALID_INPUT');
  });

  it('leaves the books in balance, and all that is derived as it is told', async () => {
    await house.settle();
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
    expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  });
});
