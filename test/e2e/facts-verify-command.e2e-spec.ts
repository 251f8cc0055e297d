import { RETURN_ORIGIN, startHouse, type House } from '../support/house';
import { kassa } from '../support/kassa-command';
import { ensureBuilt } from '../support/service-process';

describe('kassa facts verify', () => {
  let house: House;
  beforeAll(async () => {
    ensureBuilt();
    house = await startHouse();
    const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
    const opened = await house.as('ada', 'POST', '/billing/checkout', { plan: 'BASIC', ...urls });
    await house.box.submit(new URL(opened.body['url'] as string).pathname, { card: '4242424242424242' });
    await house.settle();
  }, 120_000);
  afterAll(() => house.close());

  it('finds every row as its facts say', async () => {
    const { code, stdout } = await kassa(house, 'facts', 'verify');
    expect(stdout).toMatch(/^\d objects refolded, all as their rows say\n$/);
    expect(code).toBe(0);
  });

  it('names what differs, and says so with its exit code', async () => {
    await house.rows('UPDATE invoices SET amount_paid = 7');
    const { code, stdout } = await kassa(house, 'facts', 'verify');
    expect(stdout).toMatch(/^stripe in_\w+: amount_paid is 7, its facts say 900\n\d objects refolded, 1 differ\n$/);
    expect(code).toBe(1);
  });
});
