import { RevenueRelease } from '../../src/modules/billing';
import { Buyers, sumsOfBooks } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { fetchAnswer, jsonPost } from '../support/http-client';
import { asUser } from '../support/tokens';
import { booksHold } from '../support/verified';

const START = new Date('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;
/** A year of PRO. */
const ANNUAL = 29_000;
const MONTHLY = 2_900;

describe('deferred revenue', () => {
  let house: House;
  let buyers: Buyers;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
  }, 30_000);
  afterAll(() => house.close());

  const release = () => house.app.app.get(RevenueRelease, { strict: false }).run();
  /** An hour into the day: the business clock is not exact to the second. */
  const toDay = async (day: number) => {
    moved = new Date(START.getTime() + day * DAY_MS + DAY_MS / 24);
    await house.advance(moved);
    return release();
  };
  /** Of one customer. */
  const books = async (user: string): Promise<Record<string, number>> => {
    const rows = await house.rows<{ account: string; sum: number }>(
      `SELECT e.account_code AS account, sum(e.amount)::int AS sum
       FROM journal_entries e JOIN journal_transactions t ON t.id = e.transaction_id JOIN customers c ON c.id = t.customer_id
       WHERE c.user_id = $1 AND e.account_code LIKE 'revenue.%' GROUP BY 1`,
      [user],
    );
    return Object.fromEntries(rows.map(({ account, sum }) => [account, sum]));
  };
  const earned = async (user: string): Promise<number> => 0 - ((await books(user))['revenue.subscription'] ?? 0);
  const left = async (user: string): Promise<number> => 0 - ((await books(user))['revenue.deferred'] ?? 0);

  it('of an annual plan becomes income day by day, and what is missed is made up', async () => {
    await buyers.subscribe('annual', 'PRO', { billingCycle: 'annual' });
    expect(await left('annual')).toBe(ANNUAL);
    expect(await earned('annual')).toBe(0);
    await toDay(1);
    // 29000 / 365 = 79.45…
    expect(await earned('annual')).toBe(79);
    await toDay(10);
    expect(await earned('annual')).toBe(794);
    expect(await left('annual')).toBe(ANNUAL - 794);
    const postings = await house.rows("SELECT 1 FROM journal_transactions WHERE type = 'revenue.released'");
    expect(postings).toHaveLength(2);
  });

  it('is released once, however often and by however many it is asked for', async () => {
    const before = await earned('annual');
    expect(await release()).toMatchObject({ postings: 0 });
    moved = new Date(START.getTime() + 12 * DAY_MS + DAY_MS / 24);
    await house.advance(moved);
    await Promise.all(Array.from({ length: 8 }, release));
    await release();
    expect(await earned('annual')).toBe(Math.floor((ANNUAL * 12) / 365));
    expect(await earned('annual')).toBeGreaterThan(before);
    expect(await release()).toMatchObject({ postings: 0 });
  });

  it('is trued up on an upgrade: what is not used is not earned', async () => {
    await toDay(20);
    await buyers.subscribe('upgrader');
    await toDay(30);
    const changed = await house.as('upgrader', 'PATCH', '/billing/subscriptions/plan', { plan: 'ENTERPRISE' });
    expect(changed.status).toBe(200);
    await house.settle();
    const [paid] = await house.rows<{ net: number }>(
      `SELECT sum(i.total - i.tax)::int AS net FROM invoices i JOIN customers c ON c.id = i.customer_id WHERE c.user_id = 'upgrader'`,
    );
    await toDay(35);
    // Of the 744 hours of the month PRO has lasted 240, and of ENTERPRISE 119 are over: to the last midnight, from an hour past one.
    expect(Math.abs((await earned('upgrader')) - (MONTHLY * 240 + 19_900 * 119) / 744)).toBeLessThan(2);
    // Renewed a day ago, for the 28 days to the 21st of March.
    await toDay(52);
    expect((await earned('upgrader')) + (await left('upgrader'))).toBe((paid?.net ?? 0) + 19_900);
    expect(await left('upgrader')).toBe(19_900 - Math.floor((19_900 * 23) / (28 * 24)));
  });

  it('of a period that was refunded in full is over', async () => {
    await buyers.subscribe('refunded');
    await toDay(56);
    expect(await left('refunded')).toBeGreaterThan(0);
    const { body } = await house.as('refunded', 'GET', '/billing/payments');
    const [payment] = body['data'] as { id: string }[];
    const refund = { paymentId: payment?.id, reason: 'requested_by_customer' };
    const made = await fetchAnswer(`${house.app.url}/v1/billing/refunds`, jsonPost(refund, asUser('fin', 'finance')));
    expect(made.status).toBe(201);
    await house.settle();
    await release();
    expect(await left('refunded')).toBe(0);
    // Nothing was earned by it in the end.
    expect((await earned('refunded')) - ((await books('refunded'))['revenue.refunds'] ?? 0)).toBe(0);
  });

  it('of a subscription that was canceled at once is over', async () => {
    await buyers.subscribe('leaver');
    expect((await house.as('leaver', 'DELETE', '/billing/subscriptions?atPeriodEnd=false')).status).toBe(200);
    await toDay(58);
    expect({ left: await left('leaver'), earned: await earned('leaver') }).toEqual({ left: 0, earned: MONTHLY });
  });

  it('of an invoice that was made void is taken back', async () => {
    const { card } = await buyers.subscribe('debtor');
    await buyers.cardIs(card, 'insufficient_funds');
    await toDay(58 + 32);
    const { body } = await house.as('debtor', 'GET', '/billing/invoices');
    const [open] = body['data'] as { id: string; status: string }[];
    expect(open?.status).toBe('open');
    expect(await earned('debtor')).toBeGreaterThan(MONTHLY);
    const voided = await fetchAnswer(
      `${house.app.url}/v1/admin/invoices/${open?.id ?? ''}/void`,
      jsonPost({ reason: 'gone' }, asUser('fin', 'finance')),
    );
    expect(voided.status).toBe(200);
    await house.settle();
    await release();
    expect({ left: await left('debtor'), earned: await earned('debtor') }).toEqual({ left: 0, earned: MONTHLY });
  });

  it('leaves nothing at the end of the year, and books that balance', async () => {
    await toDay(366);
    const [annual] = await house.rows<{ released: string; next_at: Date | null }>(
      `SELECT s.released, s.next_at FROM revenue_schedules s JOIN invoices i ON i.id = s.invoice_id
       JOIN customers c ON c.id = i.customer_id WHERE c.user_id = 'annual' ORDER BY i.created_at LIMIT 1`,
    );
    expect(annual).toEqual({ released: String(ANNUAL), next_at: null });
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
    await booksHold(house);
  }, 60_000);
});
