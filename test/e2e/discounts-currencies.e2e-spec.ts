import { Buyers, sumsOfBooks } from '../support/buyers';
import { expectRefusal, fetchAnswer, jsonPost } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { asUser } from '../support/tokens';
import { booksHold } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');

describe('discounts in odd currencies', () => {
  let house: House;
  let buyers: Buyers;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
    await house.rows(
      `INSERT INTO prices (id, plan_id, billing_cycle, amount, currency, lookup_key, created_at)
       SELECT 'price_' || lower(c), p.id, 'monthly', a, c, 'pro_monthly_' || lower(c), now()
       FROM plans p, (VALUES ('JPY', 4000), ('KWD', 9990), ('HUF', 999900)) AS v (c, a) WHERE p.code = 'PRO'`,
    );
  }, 60_000);
  afterAll(() => house.close());

  const make = async (body: object): Promise<void> => {
    const made = await fetchAnswer(`${house.app.url}/v1/admin/discounts`, jsonPost(body, asUser('boss', 'admin')));
    expect(made.status).toBe(201);
    await house.settle();
  };
  const bills = async (user: string) =>
    ((await house.as(user, 'GET', '/billing/invoices')).body['data'] as Record<string, unknown>[]).map(
      ({ discount, amountDue, currency }) => `${String(discount)} off, ${String(amountDue)} ${String(currency)} due`,
    );

  it.each([
    ['JPY', { amountOff: 500 }, '500 off, 3500 JPY due'],
    ['JPY', { percentOff: 33.33 }, '1333 off, 2667 JPY due'],
    // The last of three decimals is always 0 there: 33 % of 9.990 is 3.2967.
    ['KWD', { percentOff: 33 }, '3300 off, 6690 KWD due'],
    ['KWD', { amountOff: 1_250 }, '1250 off, 8740 KWD due'],
    ['HUF', { percentOff: 12.5 }, '124988 off, 874912 HUF due'],
  ])('%s: %j is %s, every month', async (currency, gives, bill) => {
    const code = `${currency}-${Object.keys(gives)[0] ?? ''}`;
    await make({ code, duration: 'forever', ...gives, ...('amountOff' in gives ? { currency } : {}) });
    await buyers.subscribe(code, 'PRO', { currency, discountCode: code });
    expect(await bills(code)).toEqual([bill]);
  });

  it('an amount is for its own currency only, also for who is billed in another', async () => {
    const refused = await house.as('yen', 'POST', '/billing/subscriptions', {
      ...{ plan: 'PRO', currency: 'USD', discountCode: 'JPY-amountOff' },
    });
    expectRefusal(refused, 422, 'DISCOUNT_NOT_APPLICABLE');
    expect(refused.body.error?.details).toEqual({ reason: 'currency' });
    const validate = async (user: string, code: string) =>
      (await house.as(user, 'POST', '/billing/discounts/validate', { code, plan: 'PRO' })).body;
    const yen = { valid: true, amountOff: 500, currency: 'JPY', duration: 'forever' };
    expect(await validate('anybody', 'JPY-amountOff')).toEqual(yen);
    expect(await validate('JPY-percentOff', 'JPY-amountOff')).toEqual(yen);
    expect(await validate('KWD-percentOff', 'JPY-amountOff')).toMatchObject({ valid: false, reason: 'currency' });
  });

  it('adds up over the months, and in the books', async () => {
    await house.advance(new Date('2026-03-15T12:00:00Z'));
    expect(await bills('KWD-percentOff')).toEqual(Array.from({ length: 3 }, () => '3300 off, 6690 KWD due'));
    expect(await bills('JPY-amountOff')).toEqual(Array.from({ length: 3 }, () => '500 off, 3500 JPY due'));
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
    await booksHold(house);
  }, 120_000);
});
