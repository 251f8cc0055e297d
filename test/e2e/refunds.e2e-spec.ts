import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { ReconciliationFlow } from '../../src/modules/reconciliation';
import { Books } from '../support/books';
import { Buyers, sumsOfBooks } from '../support/buyers';
import { CatalogDesk } from '../support/catalog-admin';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { asUser } from '../support/tokens';
import { until } from '../support/until';
import { verifyHouse } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const PRO = 2_900;

interface RefundRow {
  id: string;
  status: string;
  amount: number;
}

interface RunBody {
  counts: { providerLines: number; breaks: number };
  totals: { provider: object; books: object }[];
}

describe('refunds', () => {
  let house: House;
  let buyers: Buyers;
  let books: Books;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: { ROLE: 'all' } });
    buyers = new Buyers(house);
    books = new Books(house);
  }, 30_000);
  afterAll(() => house.close());
  afterEach(async () => {
    await house.box.control('PUT', 'chaos', {});
    await house.box.control('PUT', 'settings', { refunds: 'succeeds' });
  });

  const later = async (ms: number) => {
    moved = new Date(moved.getTime() + ms);
    await house.advance(moved);
  };
  const paymentOf = async (user: string): Promise<Record<string, unknown>> => {
    const { body } = await house.as(user, 'GET', '/billing/payments');
    return (body['data'] as Record<string, unknown>[])[0]!;
  };
  const refund = (body: unknown, headers: Record<string, string> = {}, role = 'finance'): Promise<Answer> =>
    fetchAnswer(`${house.app.url}/v1/billing/refunds`, jsonPost(body, { ...asUser('fin', role), ...headers }));
  const of = async (user: string, more: object = {}) => ({
    paymentId: (await paymentOf(user))['id'],
    reason: 'requested_by_customer',
    ...more,
  });
  const refundsAtStripe = async (user: string): Promise<Stripe.Refund[]> => {
    const { refunds } = await house.box.control<{ refunds: Stripe.Refund[] }>('GET', 'state');
    const { providerId } = await paymentOf(user);
    return refunds.filter(({ payment_intent }) => payment_intent === providerId);
  };
  const mayUse = async (user: string): Promise<boolean> => {
    const { body } = await house.as(user, 'GET', '/entitlements/check?feature=projects');
    return body['allowed'] as boolean;
  };
  /** From now on, of the balance in dollars. */
  const rateIs = (rate: number) => house.box.control('PUT', 'settings', { settlement: { currency: 'usd', rate } });
  const exchanges = async (): Promise<Record<string, number>> => {
    const rows = await house.rows<{ currency: string; sum: number }>(
      `SELECT currency, sum(amount)::int AS sum FROM journal_entries WHERE account_code = 'fx.clearing'
       GROUP BY 1 HAVING sum(amount) <> 0`,
    );
    return Object.fromEntries(rows.map(({ currency, sum }) => [currency, sum]));
  };
  const reconciled = async (from: Date): Promise<RunBody> => {
    const to = new Date(moved.getTime() - 1_000).toISOString();
    const begun = await books.call('POST', '/reconciliation/runs', {
      provider: 'stripe',
      from: from.toISOString(),
      to,
    });
    const path = `/reconciliation/runs/${String(begun.body['id'])}`;
    await until('the run has ended', async () => {
      await house.app.app.get(ReconciliationFlow, { strict: false }).work(String(begun.body['id']));
      return (await books.call('GET', path)).body['status'] === 'finished';
    });
    return (await books.call('GET', path)).body as unknown as RunBody;
  };
  const ticketsOf = (type: string) =>
    house.rows<{ cause_key: string; priority: string }>(
      'SELECT cause_key, priority FROM payment_support_tickets WHERE type = $1',
      [type],
    );

  it('gives back a part, and another, and never more than was paid', async () => {
    await buyers.subscribe('parts');
    const before = await books.balances();
    const first = await refund(await of('parts', { amount: 1_000 }));
    expect(first).toMatchObject({ status: 201, body: { amount: 1_000, currency: 'USD', status: 'succeeded' } });
    expect((await refund(await of('parts', { amount: 900 }))).status).toBe(201);
    expectRefusal(await refund(await of('parts', { amount: 1_001 })), 422, 'REFUND_EXCEEDS_PAYMENT');
    await house.settle();
    expect(await paymentOf('parts')).toMatchObject({ amount: PRO, amountRefunded: 1_900, status: 'succeeded' });
    const { body } = await house.as('parts', 'GET', '/billing/invoices');
    expect((body['data'] as object[])[0]).toMatchObject({ amountPaid: PRO, amountRefunded: 1_900 });
    expect((await books.movedSince(before))['stripe.clearing']).toBe(-1_900);
    expect(await mayUse('parts')).toBe(true);
    expect(await refund(await of('parts'))).toMatchObject({ status: 201, body: { amount: 1_000 } });
    await house.settle();
    expect(await mayUse('parts')).toBe(false);
    expectRefusal(await refund(await of('parts')), 422, 'REFUND_EXCEEDS_PAYMENT');
    const listed = await fetchAnswer(
      `${house.app.url}/v1/billing/refunds?paymentId=${String((await of('parts')).paymentId)}`,
      {
        headers: asUser('fin', 'finance'),
      },
    );
    expect((listed.body['data'] as RefundRow[]).map(({ amount }) => amount)).toEqual([1_000, 900, 1_000]);
  });

  it('of an old payment leaves the newer period alone', async () => {
    await buyers.subscribe('renewed');
    const old = await of('renewed');
    await later(32 * DAY_MS);
    expect((await house.as('renewed', 'GET', '/billing/payments')).body['data']).toHaveLength(2);
    expect((await refund(old)).status).toBe(201);
    await house.settle();
    expect(await mayUse('renewed')).toBe(true);
    expect((await refund(await of('renewed'))).status).toBe(201);
    await house.settle();
    expect(await mayUse('renewed')).toBe(false);
  });

  it('keeps access where the plan says so', async () => {
    await house.rows("UPDATE plans SET refund_access = 'keep' WHERE code = 'BASIC'");
    await buyers.subscribe('kept', 'BASIC');
    expect((await refund(await of('kept'))).status).toBe(201);
    await house.settle();
    expect(await mayUse('kept')).toBe(true);
  });

  it('makes one of twenty that come at once, and of one that is sent twice', async () => {
    await buyers.subscribe('hasty');
    const body = await of('hasty', { amount: 2_000 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => refund(body)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    for (const status of statuses) expect([201, 409, 422]).toContain(status);
    const key = { 'idempotency-key': randomUUID() };
    const rest = await of('hasty', { amount: 100 });
    const [one, two] = [await refund(rest, key), await refund(rest, key)];
    expect(one.status).toBe(201);
    expect(two.body).toEqual(one.body);
    await house.settle();
    expect((await refundsAtStripe('hasty')).map(({ amount }) => amount).sort()).toEqual([100, 2_000]);
    expect(await paymentOf('hasty')).toMatchObject({ amountRefunded: 2_100 });
  });

  it('is made once though the answer was lost', async () => {
    await buyers.subscribe('cutoff');
    const key = { 'idempotency-key': randomUUID() };
    const body = await of('cutoff', { amount: 500 });
    await house.box.control('PUT', 'chaos', {
      api: [{ fault: 'lose_answer', method: 'POST', pathPrefix: '/v1/refunds' }],
    });
    expectRefusal(await refund(body, key), 502, 'PROVIDER_ERROR');
    await house.box.control('PUT', 'chaos', {});
    expect(await refund(body, key)).toMatchObject({ status: 201, body: { amount: 500 } });
    await house.settle();
    expect(await refundsAtStripe('cutoff')).toHaveLength(1);
  });

  it('that fails comes back to the books, to the payment, and to somebody', async () => {
    await house.box.control('PUT', 'settings', { refunds: 'pending' });
    await buyers.subscribe('unlucky');
    const before = await books.balances();
    const made = await refund(await of('unlucky'));
    expect(made.body).toMatchObject({ status: 'pending', amount: PRO });
    expect((await books.movedSince(before))['revenue.refunds']).toBe(PRO);
    expect(await mayUse('unlucky')).toBe(false);
    const { providerId } = made.body as { providerId: string };
    await house.box.control('POST', `refunds/${providerId}`, { status: 'failed' });
    await house.settle();
    expect((await books.movedSince(before))['revenue.refunds']).toBeUndefined();
    expect(await paymentOf('unlucky')).toMatchObject({ amountRefunded: 0 });
    expect(await mayUse('unlucky')).toBe(true);
    expect(await ticketsOf('refund_failure')).toEqual([
      { cause_key: `refund:${String(made.body['id'])}`, priority: 'high' },
    ]);
    // Its payment can be refunded again.
    await house.box.control('PUT', 'settings', { refunds: 'succeeds' });
    expect((await refund(await of('unlucky'))).status).toBe(201);
  });

  it('made in the dashboard is booked like our own, also when its events are lost', async () => {
    await buyers.subscribe('dashboard');
    const { providerId } = (await paymentOf('dashboard')) as { providerId: string };
    await house.box.control('PUT', 'chaos', {
      webhooks: [{ fault: 'drop', types: ['refund.created', 'refund.updated'] }],
    });
    await house.box.stripe.refunds.create({ payment_intent: providerId, amount: 300 });
    await house.settle();
    expect(await paymentOf('dashboard')).toMatchObject({ amountRefunded: 300 });
  });

  it.each<[string, unknown, number, string]>([
    ['an amount of zero', { amount: 0 }, 400, 'INVALID_INPUT'],
    ['a negative amount', { amount: -5 }, 400, 'INVALID_INPUT'],
    ['a fraction', { amount: 1.5 }, 400, 'INVALID_INPUT'],
    ['2^53', { amount: 2 ** 53 }, 400, 'INVALID_INPUT'],
    ['a text', { amount: '5' }, 400, 'INVALID_INPUT'],
    ['null', { amount: null }, 400, 'INVALID_INPUT'],
    ['no reason', { reason: undefined }, 400, 'INVALID_INPUT'],
    ['a reason of its own', { reason: 'because' }, 400, 'INVALID_INPUT'],
    ['an unknown field', { force: true }, 400, 'INVALID_INPUT'],
    ['no payment', { paymentId: 'pay_none' }, 404, 'PAYMENT_NOT_FOUND'],
    ['SQL', { paymentId: "' OR 1=1 --" }, 404, 'PAYMENT_NOT_FOUND'],
    ['NUL', { paymentId: 'pay_\0' }, 400, 'INVALID_INPUT'],
    ['10 kB', { paymentId: 'x'.repeat(10_240) }, 400, 'INVALID_INPUT'],
    ['more than was paid', { amount: PRO + 1 }, 422, 'REFUND_EXCEEDS_PAYMENT'],
  ])('refuses %s', async (_what, more, status, code) => {
    if (!(await house.rows("SELECT 1 FROM customers WHERE user_id = 'strict'")).length)
      await buyers.subscribe('strict');
    expectRefusal(await refund(await of('strict', more as object)), status, code);
    expect(await paymentOf('strict')).toMatchObject({ amountRefunded: 0 });
  });

  it('is for finance only', async () => {
    expectRefusal(await refund(await of('strict'), {}, 'support'), 403, 'INSUFFICIENT_PERMISSIONS');
  });

  it('of a charge that came in in another currency is exchanged at its own rate, and so is what comes back', async () => {
    await later(3 * DAY_MS);
    const from = new Date(moved.getTime() - 1_000);
    await new CatalogDesk(house).plan('ABROAD', [{ billingCycle: 'monthly', amount: 2_500, currency: 'EUR' }]);
    await rateIs(1.1);
    await buyers.subscribe('abroad', 'ABROAD');
    expect(await exchanges()).toEqual({ EUR: 2_500, USD: -2_750 });
    await rateIs(1.2);
    expect((await refund(await of('abroad', { amount: 1_000 }))).body).toMatchObject({
      amount: 1_000,
      currency: 'EUR',
    });
    expect(await exchanges()).toEqual({ EUR: 1_500, USD: -1_550 });
    // In the dashboard: its events do not show what it took.
    await rateIs(1.25);
    await house.box.control('PUT', 'settings', { refunds: 'pending' });
    const payment = (await paymentOf('abroad')) as { providerId: string };
    const made = await house.box.stripe.refunds.create({ payment_intent: payment.providerId });
    await house.settle();
    expect(await exchanges()).toEqual({ USD: 325 });
    await rateIs(1.15);
    await house.box.control('POST', `refunds/${made.id}`, { status: 'failed' });
    await house.settle();
    expect(await exchanges()).toEqual({ EUR: 1_500, USD: -1_400 });
    await rateIs(1.2);
    await house.box.control('PUT', 'settings', { refunds: 'succeeds' });
    expect((await refund(await of('abroad'))).body).toMatchObject({ amount: 1_500, status: 'succeeded' });
    await house.settle();
    // 1,000 at 0.10 more than they came in at, 1,500 at 0.10 more than they came back at, and 1,500 at 0.10 more again.
    expect(await exchanges()).toEqual({ USD: 400 });
    await buyers.subscribe('contested', 'ABROAD');
    const { providerId } = (await paymentOf('contested')) as { providerId: string };
    await rateIs(1.1);
    const { id } = await house.box.control<{ id: string }>('POST', 'disputes', { paymentIntent: providerId });
    await rateIs(1.3);
    await house.box.control('POST', `disputes/${id}`, { status: 'won' });
    await house.settle();
    expect(await exchanges()).toEqual({ EUR: 2_500, USD: 400 - 3_000 + 2_750 - 3_250 });
    // What a refund costs is in the books where nothing has to be exchanged, too.
    await house.box.control('PUT', 'settings', { settlement: null, refundFee: 25 });
    await buyers.subscribe('costly');
    const before = await books.balances();
    expect(await refund(await of('costly'))).toMatchObject({ status: 201, body: { amount: PRO } });
    await house.settle();
    expect(await books.movedSince(before)).toMatchObject({ 'fees.stripe': 25, 'stripe.clearing': -PRO - 25 });
    await house.box.control('PUT', 'settings', { refundFee: 0 });
    await later(DAY_MS);
    const { counts, totals } = await reconciled(from);
    expect(counts).toMatchObject({ foreign: 0, breaks: 0, unresolved: 0 });
    expect(counts.providerLines).toBeGreaterThanOrEqual(8);
    for (const { provider, books: ours } of totals) expect(ours).toEqual(provider);
  });

  it('leaves books that balance, and nothing that the order of events could change', async () => {
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
    expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  }, 60_000);
});
