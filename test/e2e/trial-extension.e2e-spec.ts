import { randomUUID } from 'node:crypto';
import { Buyers } from '../support/buyers';
import { expectRefusal, fetchAnswer, jsonPost } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { asUser } from '../support/tokens';

const DAY_MS = 86_400_000;

describe('trial extension', () => {
  let house: House;
  let buyers: Buyers;
  beforeAll(async () => {
    house = await startHouse();
    buyers = new Buyers(house);
    await buyers.subscribe('payer');
  }, 30_000);
  afterAll(() => house.close());

  const mine = (user: string) => buyers.mine(user);
  const extend = (customerId: string, body: unknown, headers: object = asUser('helper', 'support')) =>
    fetchAnswer(
      `${house.app.url}/v1/admin/customers/${customerId}/trial-extension`,
      jsonPost(body, headers as Record<string, string>),
    );
  const customerIdOf = async (user: string) =>
    (await house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [user]))[0]!.id;

  it('gives days within the cap, once per request, and says who and why', async () => {
    await house.as('patient', 'POST', '/billing/subscriptions', { plan: 'PRO' });
    await house.settle();
    const customerId = await customerIdOf('patient');
    const end = Date.parse((await mine('patient'))['trialEndsAt'] as string);
    const headers = { ...asUser('helper', 'support'), 'idempotency-key': randomUUID() };
    const body = { days: 7, reason: 'The import was slow' };
    const answers = await Promise.all([extend(customerId, body, headers), extend(customerId, body, headers)]);
    expect(answers.map(({ status }) => status).sort()[0]).toBe(200);
    const after = new Date(end + 7 * DAY_MS).toISOString();
    expect(await extend(customerId, body, headers)).toMatchObject({ status: 200, body: { trialEndsAt: after } });
    await house.settle();
    expect(await mine('patient')).toMatchObject({ status: 'trialing', trialEndsAt: after, currentPeriodEnd: after });
    const audit = await house.rows(
      "SELECT actor_id, after FROM audit_log WHERE action = 'subscription.extend_trial' AND customer_id = $1",
      [customerId],
    );
    expect(audit).toMatchObject([{ actor_id: 'helper', after: { days: 7, reason: 'The import was slow' } }]);
    for (const days of [30, 30]) await extend(customerId, { days, reason: 'More' });
    const refused = await extend(customerId, { days: 30, reason: 'More' });
    expectRefusal(refused, 422, 'TRIAL_TOO_LONG');
    expect(refused.body.error!.details).toEqual({ maxDays: 9 });
    await house.settle();
  });

  it.each<[string, unknown]>([
    ['no reason', { days: 1 }],
    ['an empty reason', { days: 1, reason: '' }],
    ['a long reason', { days: 1, reason: 'x'.repeat(501) }],
    ['no days', { reason: 'r' }],
    ['zero days', { days: 0, reason: 'r' }],
    ['days back', { days: -1, reason: 'r' }],
    ['half a day', { days: 0.5, reason: 'r' }],
    ['31 days', { days: 31, reason: 'r' }],
    ['a date', { days: 1, reason: 'r', trialEnd: '2030-01-01' }],
  ])('refuses %s', async (_what, body) => {
    expectRefusal(await extend('cust_1', body), 400, 'INVALID_INPUT');
  });

  it('refuses who may not, whom nobody knows, and who is not on trial', async () => {
    const body = { days: 1, reason: 'r' };
    expectRefusal(await extend('cust_1', body, asUser('patient')), 403, 'INSUFFICIENT_PERMISSIONS');
    expectRefusal(await extend('cust_1', body, asUser('money', 'finance')), 403, 'INSUFFICIENT_PERMISSIONS');
    for (const id of ['cust_1', "x' OR '1'='1", 'x'.repeat(90)]) {
      expectRefusal(await extend(encodeURIComponent(id), body), 404, 'CUSTOMER_NOT_FOUND');
    }
    await house.as('visitor', 'POST', '/billing/payment-methods/setup', {});
    expectRefusal(await extend(await customerIdOf('visitor'), body), 404, 'SUBSCRIPTION_NOT_FOUND');
    expectRefusal(await extend('cust_%00', body), 400, 'INVALID_INPUT');
    expectRefusal(await extend(await customerIdOf('payer'), body), 422, 'INVALID_STATE_TRANSITION');
  });
});
