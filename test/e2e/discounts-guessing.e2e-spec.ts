import { expectRefusal } from '../support/http-client';
import { startHouse, type House } from '../support/house';

describe('guessing discount codes', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ settings: { RATE_LIMIT_PAYMENTS_PER_MINUTE: '3' } });
  }, 60_000);
  afterAll(() => house.close());

  const guess = (user: string, code: string) =>
    house.as(user, 'POST', '/billing/discounts/validate', { code, plan: 'PRO' });

  it('ends after a few, whichever way they are tried', async () => {
    for (const code of ['A', 'B']) expect((await guess('guesser', code)).body).toMatchObject({ valid: false });
    const bought = await house.as('guesser', 'POST', '/billing/subscriptions', { plan: 'PRO', discountCode: 'C' });
    expectRefusal(bought, 422, 'DISCOUNT_NOT_APPLICABLE');
    for (const code of ['D', 'E']) {
      const refused = await guess('guesser', code);
      expectRefusal(refused, 429, 'RATE_LIMITED');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const another = await house.as('guesser', 'POST', '/billing/subscriptions', { plan: 'PRO', discountCode: 'F' });
    expectRefusal(another, 429, 'RATE_LIMITED');
    expect((await guess('somebody-else', 'G')).status).toBe(200);
  });
});
