import { Buyers, sumsOfBooks } from '../support/buyers';
import { CatalogDesk } from '../support/catalog-admin';
import { RETURN_ORIGIN, startHouse, type House } from '../support/house';
import { expectRefusal } from '../support/http-client';
import { booksHold } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const PLAN = '/billing/subscriptions/plan';

interface Listed {
  code: string;
  prices: { billingCycle: string; amount: number; currency: string }[];
}

/** Minor units of ISO 4217, and Stripe's, which are the same in these three. */
const MARKETS = [
  { currency: 'JPY', solo: 980, crew: 2_980, year: 9_800 },
  { currency: 'KWD', solo: 2_990, crew: 8_990, year: 29_900 },
  { currency: 'HUF', solo: 349_000, crew: 999_000, year: 3_490_000 },
] as const;

describe('customers of other currencies', () => {
  let house: House;
  let buyers: Buyers;
  let desk: CatalogDesk;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
    desk = new CatalogDesk(house);
    const of = (monthly: 'solo' | 'crew') =>
      MARKETS.map((market) => ({ billingCycle: 'monthly', amount: market[monthly], currency: market.currency }));
    const years = MARKETS.map(({ currency, year }) => ({ billingCycle: 'annual', amount: year, currency }));
    await desk.plan('SOLO', [{ billingCycle: 'monthly', amount: 800, currency: 'EUR' }, ...of('solo'), ...years]);
    await desk.plan('CREW', [...of('crew'), { billingCycle: 'monthly', amount: 2_400, currency: 'EUR' }]);
  }, 30_000);
  afterAll(() => house.close());

  const later = async (days: number): Promise<void> => {
    moved = new Date(moved.getTime() + days * DAY_MS);
    await house.advance(moved);
  };
  const subscribe = (user: string, body: object) =>
    house.as(user, 'POST', '/billing/subscriptions', { trialPeriodDays: 0, ...body });
  /** What the books hold of a currency, by account. */
  const books = async (currency: string): Promise<Record<string, number>> => {
    const rows = await house.rows<{ account: string; sum: string }>(
      `SELECT account_code AS account, sum(amount)::text AS sum FROM journal_entries WHERE currency = $1
       GROUP BY 1 HAVING sum(amount) <> 0 ORDER BY 1`,
      [currency],
    );
    return Object.fromEntries(rows.map(({ account, sum }) => [account, Number(sum)]));
  };

  it('shows every price of a plan, the currency it was first sold in first', async () => {
    const { text } = await house.as('looker', 'GET', '/billing/plans');
    const solo = (JSON.parse(text) as Listed[]).find(({ code }) => code === 'SOLO')!;
    expect(solo.prices.map(({ currency, billingCycle, amount }) => [currency, billingCycle, amount])).toEqual([
      ['EUR', 'monthly', 800],
      ...MARKETS.flatMap(({ currency, solo: month, year }) => [
        [currency, 'monthly', month],
        [currency, 'annual', year],
      ]),
    ]);
    await desk.price('SOLO', 'monthly', 900, 'EUR');
    const again = JSON.parse((await house.as('looker', 'GET', '/billing/plans')).text) as Listed[];
    expect(again.find(({ code }) => code === 'SOLO')?.prices[0]).toMatchObject({ currency: 'EUR', amount: 900 });
  });

  it.each(MARKETS)('$currency: bought, renewed and changed, exactly', async ({ currency, solo, crew }) => {
    const user = `of-${currency.toLowerCase()}`;
    const { providerId } = await buyers.subscribe(user, 'SOLO', { currency: currency.toLowerCase() });
    expect(await buyers.mine(user)).toMatchObject({ amount: solo, currency, status: 'active' });
    expect((await house.as(user, 'GET', '/billing/invoices')).body['data']).toMatchObject([
      { amountDue: solo, amountPaid: solo, currency, status: 'paid', lines: [{ amount: solo }] },
    ]);
    expect((await house.as(user, 'GET', '/billing/payments')).body['data']).toMatchObject([
      { amount: solo, currency, status: 'succeeded' },
    ]);
    await later(32);
    expect((await buyers.invoicesOf(user)).map(({ amount_paid: paid }) => paid)).toEqual([solo, solo]);
    await later(10);
    const body = { plan: 'CREW', currency };
    const preview = await house.as(user, 'POST', `${PLAN}/preview`, body);
    expect(preview).toMatchObject({ status: 200, body: { currency, nextInvoiceAmount: crew } });
    const due = preview.body['amountDueNow'] as number;
    if (currency === 'KWD') expect(due % 10).toBe(0);
    const changed = await house.as(user, 'PATCH', PLAN, body);
    expect(changed).toMatchObject({ status: 200, body: { amount: crew, currency, plan: { code: 'CREW' } } });
    await house.settle();
    const bills = await buyers.invoicesOf(user);
    expect(bills.map(({ amount_paid: paid, currency: code }) => [paid, code])).toEqual(
      [solo, solo, due].map((paid) => [paid, currency.toLowerCase()]),
    );
    const paid = solo + solo + due;
    const { 'stripe.clearing': cleared = 0, 'fees.stripe': fees = 0 } = await books(currency);
    expect(cleared + fees).toBe(paid);
    expect((await house.box.stripe.subscriptions.retrieve(providerId)).currency).toBe(currency.toLowerCase());
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
  });

  it('takes the plan’s first currency where nothing is said, and then the customer’s own', async () => {
    await buyers.subscribe('european', 'SOLO');
    expect(await buyers.mine('european')).toMatchObject({ currency: 'EUR' });
    await buyers.subscribe('returning', 'SOLO', { currency: 'JPY' });
    await house.as('returning', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.settle();
    const again = await subscribe('returning', { plan: 'SOLO' });
    expect(again.body).toMatchObject({ subscription: { currency: 'JPY', amount: 980 } });
  });

  it('changes a customer’s currency once nothing of his is left in the former one', async () => {
    await buyers.subscribe('mover', 'SOLO', { currency: 'JPY' });
    await house.as('mover', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.settle();
    const moving = await subscribe('mover', { plan: 'SOLO', currency: 'HUF' });
    expect(moving).toMatchObject({ status: 201, body: { subscription: { currency: 'HUF', amount: 349_000 } } });
  });

  it('says so where Stripe still holds something in the former one', async () => {
    const { customer } = await buyers.subscribe('creditor', 'SOLO', { currency: 'JPY' });
    await house.box.stripe.customers.createBalanceTransaction(customer, { amount: -500, currency: 'jpy' });
    await house.as('creditor', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.settle();
    expectRefusal(await subscribe('creditor', { plan: 'SOLO', currency: 'HUF' }), 409, 'CURRENCY_LOCKED');
    const pages = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
    const checkout = await house.as('creditor', 'POST', '/billing/checkout', {
      ...{ plan: 'SOLO', currency: 'huf' },
      ...pages,
    });
    expectRefusal(checkout, 409, 'CURRENCY_LOCKED');
    expect((await subscribe('creditor', { plan: 'SOLO' })).body).toMatchObject({ subscription: { currency: 'JPY' } });
  });

  it('replaces what still waits for its first payment when another currency is asked for', async () => {
    const first = await subscribe('undecided', { plan: 'SOLO', currency: 'JPY' });
    const second = await subscribe('undecided', { plan: 'SOLO', currency: 'KWD' });
    expect(second).toMatchObject({ status: 201, body: { subscription: { currency: 'KWD', amount: 2_990 } } });
    await house.settle();
    const { subscriptions } = await buyers.state();
    const { providerId } = first.body['subscription'] as { providerId: string };
    expect(subscriptions.find(({ id }) => id === providerId)?.status).toMatch(/canceled|incomplete_expired/);
  });

  it('opens a checkout in the currency asked for', async () => {
    const answer = await house.as('guest', 'POST', '/billing/checkout', {
      ...{ plan: 'SOLO', billingCycle: 'annual', currency: 'kwd' },
      ...{ successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` },
    });
    expect(answer.status).toBe(201);
    const session = await house.box.stripe.checkout.sessions.retrieve(answer.body['sessionId'] as string);
    expect(session).toMatchObject({ currency: 'kwd', amount_total: 29_900 });
  });

  it('refuses currencies that are none, are not sold, or are not the subscription’s', async () => {
    for (const [currency, status, code] of [
      ['XYZ', 400, 'UNKNOWN_CURRENCY'],
      ['EURO', 400, 'INVALID_INPUT'],
      ['', 400, 'INVALID_INPUT'],
      [7, 400, 'INVALID_INPUT'],
      ['CHF', 404, 'PRICE_NOT_FOUND'],
    ] as const) {
      expectRefusal(await subscribe('stranger', { plan: 'SOLO', currency }), status, code);
      const pages = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
      const checkout = await house.as('stranger', 'POST', '/billing/checkout', { plan: 'SOLO', currency, ...pages });
      expectRefusal(checkout, status, code);
    }
    for (const [currency, status, code] of [
      ['XYZ', 400, 'UNKNOWN_CURRENCY'],
      ['EURO', 400, 'INVALID_INPUT'],
      ['usd', 409, 'CURRENCY_LOCKED'],
    ] as const) {
      const body = { plan: 'CREW', currency };
      expectRefusal(await house.as('european', 'PATCH', PLAN, body), status, code);
      expectRefusal(await house.as('european', 'POST', `${PLAN}/preview`, body), status, code);
    }
    expectRefusal(await house.as('european', 'PATCH', PLAN, { plan: 'PRO' }), 404, 'PRICE_NOT_FOUND');
  });

  it('leaves books in balance and a state that any order of events makes again', async () => {
    await later(32);
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
    await booksHold(house);
  }, 120_000);
});
