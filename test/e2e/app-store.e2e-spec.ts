import { createChain, signJws } from '../../sandbox/apple/signing';
import { BackfillService } from '../../src/modules/webhooks';
import type { Environment } from '../../src/platform/config';
import { AppStore, appStoreSettings, productOf, type Purchase } from '../support/app-store';
import { expectRefusal, fetchAnswer, type Answer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { grantsOf, Purchases, type ShownSubscription } from '../support/purchases';
import type { TestSandbox } from '../support/stripe-sandbox';
import { booksHold } from '../support/verified';

let house: House;
let store: AppStore;
let iap: Purchases;

beforeAll(async () => {
  const settings = async (box: TestSandbox): Promise<Environment> => ({
    ...(await appStoreSettings(box)),
    PROVIDER_TIMEOUT_MS: '800',
  });
  house = await startHouse({ start: new Date('2026-01-15T10:00:00Z'), settings });
  store = await AppStore.open(house);
  iap = new Purchases(house);
});

afterAll(() => house.close());

const subscriptionOf = (userId: string): Promise<ShownSubscription | null> => iap.subscriptionOf(userId);
const hasAccess = (userId: string): Promise<boolean> => iap.hasAccess(userId, 'apple');

async function post(body: string): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json' };
  return fetchAnswer(`${house.app.url}/v1/webhooks/appstore`, { method: 'POST', headers, body });
}

const balances = (): Promise<{ account: string; amount: string }[]> =>
  house.rows(`SELECT account_code AS account, sum(amount)::text AS amount FROM journal_entries
    WHERE account_code IN ('apple.clearing', 'fees.apple', 'revenue.refunds', 'customer.receivable')
    GROUP BY 1 HAVING sum(amount) <> 0 ORDER BY 1`);

describe('a subscription of the App Store', () => {
  it('is followed through trial, renewals, grace, recovery, upgrade, refund and its return', async () => {
    const { transaction } = await store.buy('ann', 'basic.monthly');
    const id = transaction.originalTransactionId;
    await house.settle();
    expect(await subscriptionOf('ann')).toMatchObject({
      provider: 'apple',
      plan: { code: 'BASIC' },
      status: 'trialing',
    });
    expect(await hasAccess('ann')).toBe(true);

    await house.advance(new Date('2026-02-01T10:00:00Z'));
    expect(await subscriptionOf('ann')).toMatchObject({ status: 'active', amount: 900 });

    await store.act('subscriptions', id, 'payment', { works: false });
    await house.advance(new Date('2026-03-02T10:00:00Z'));
    const graced = await subscriptionOf('ann');
    expect(graced).toMatchObject({ status: 'past_due', graceUntil: '2026-03-16T10:00:00.000Z' });
    expect(await hasAccess('ann')).toBe(true);
    await house.advance(new Date('2026-03-18T10:00:00Z'));
    expect(await subscriptionOf('ann')).toMatchObject({ status: 'past_due' });
    expect(await hasAccess('ann')).toBe(false);

    await store.act('subscriptions', id, 'payment', { works: true });
    await store.buy('ann', 'pro.monthly');
    await house.settle();
    expect(await subscriptionOf('ann')).toMatchObject({ status: 'active', plan: { code: 'PRO' }, amount: 2_900 });

    // An old period is refunded: the newer one stays.
    const [first] = await house.rows<{ provider_id: string }>(
      `SELECT provider_id FROM payments WHERE provider = 'apple' ORDER BY created_at LIMIT 1`,
    );
    await store.act('transactions', first?.provider_id ?? '', 'refund');
    await house.settle();
    expect(await hasAccess('ann')).toBe(true);
    const { data } = await house.box.control<{ data: { latest: string }[] }>('GET', 'apple/subscriptions');
    await store.act('transactions', data[0]?.latest ?? '', 'refund');
    await house.settle();
    expect(await hasAccess('ann')).toBe(false);
    await house.advance(new Date('2026-03-20T10:00:00Z'));
    await store.buy('ann', 'basic.annual');
    await house.settle();
    expect(await subscriptionOf('ann')).toMatchObject({ status: 'active', plan: { code: 'BASIC' }, amount: 9_000 });
    expect(await hasAccess('ann')).toBe(true);
    // 9 (first month), 9 (recovered) and 29 were paid, and 90; 9 and 29 given back.
    expect(await balances()).toEqual([
      // Of 99 kept Apple keeps 30 % in the first year: what is left are the proceeds.
      { account: 'apple.clearing', amount: '6930' },
      { account: 'fees.apple', amount: '2970' },
      { account: 'revenue.refunds', amount: '3800' },
    ]);
  });

  it('ends with its period once it is canceled, and what nobody told is fetched', async () => {
    const { transaction } = await store.buy('bob', 'pro.monthly', { offer: 'none' });
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop', types: ['DID_CHANGE_RENEWAL_STATUS'] }] });
    await store.act('subscriptions', transaction.originalTransactionId, 'auto_renew', { on: false });
    await house.box.control('PUT', 'chaos', {});
    await house.settle();
    expect(await subscriptionOf('bob')).toMatchObject({ status: 'active', cancelAtPeriodEnd: false });
    const since = new Date('2026-03-19T00:00:00Z');
    const backfill = house.app.app.get(BackfillService, { strict: false });
    const request = { provider: 'apple' as const, since };
    expect(await backfill.run(request, { type: 'system', id: null, requestId: null })).toMatchObject({
      stored: 1,
      nextCursor: null,
    });
    await house.settle();
    expect(await subscriptionOf('bob')).toMatchObject({ cancelAtPeriodEnd: true });
    await house.advance(new Date('2026-04-21T10:00:00Z'));
    expect(await subscriptionOf('bob')).toMatchObject({ status: 'canceled' });
    expect(await hasAccess('bob')).toBe(false);
  });

  it('of a product that nobody knows is kept, and grants nothing', async () => {
    await house.box.control('POST', 'apple/products', {
      ...{ productId: productOf('secret'), type: 'Auto-Renewable Subscription', group: '9', period: 'P1M' },
      prices: { USD: 5_000 },
    });
    await store.buy('cid', 'secret');
    await house.settle();
    expect(await hasAccess('cid')).toBe(false);
    const [event] = await house.rows<{ status: string }>(
      `SELECT status FROM inbox_events WHERE provider = 'apple' ORDER BY received_at DESC, id DESC LIMIT 1`,
    );
    expect(event?.status).toBe('failed');
    const [ticket] = await house.rows<{ n: string }>(`SELECT count(*) AS n FROM payment_support_tickets`);
    expect(ticket?.n).toBe('1');
  });
});

it('whose API is slower than our patience answers no app, grants nothing, and is asked again', async () => {
  const chaos = (plan: object): Promise<unknown> => house.box.control('PUT', 'chaos', plan);
  const slow = { fault: 'latency', latencyMs: 1_200, pathPrefix: '/inApps' };
  await chaos({ webhooks: [{ fault: 'drop' }], api: [slow] });
  const { signedTransaction } = await store.buy('eli', 'pro.monthly', { offer: 'none' });
  const validate = (): Promise<Answer> => iap.validate('eli', { signedTransaction });
  expectRefusal(await validate(), 502, 'PROVIDER_ERROR');
  await house.settle();
  expect([await subscriptionOf('eli'), await hasAccess('eli')]).toEqual([null, false]);
  await chaos({});
  expect(await validate()).toMatchObject({ status: 200, body: { subscription: { status: 'active' } } });
  expect(await hasAccess('eli')).toBe(true);
});

it('what is bought for life is the family’s too, for as long as it is shared and without anybody paying twice', async () => {
  const life = { provider: 'apple', productId: productOf('lifetime'), kind: 'lifetime', plan: 'BASIC' };
  expect((await iap.products('POST', '', life)).status).toBe(201);
  const owner = await store.buy('nat', 'lifetime');
  const share = `apple/transactions/${owner.transaction.transactionId}/share`;
  const { signedTransaction, transaction } = await house.box.control<Purchase>('POST', share, {});
  expect(grantsOf(await iap.validate('liv', { signedTransaction }))).toBeGreaterThan(0);
  expectRefusal(await iap.validate('mal', { signedTransaction }), 409, 'RECEIPT_OWNED_BY_ANOTHER_USER');
  await house.settle();
  expect((await house.as('liv', 'GET', '/billing/payments')).body['data']).toEqual([]);
  const eligible = async (): Promise<unknown> =>
    (await house.as('liv', 'GET', `/iap/eligibility?productId=${productOf('lifetime')}`)).body;
  expect(await eligible()).toMatchObject({ eligible: false, reason: 'ALREADY_OWNED' });
  await store.act('transactions', transaction.transactionId, 'unshare');
  await house.settle();
  expect([(await iap.projectsOf('liv')).granted, (await iap.projectsOf('nat')).granted]).toEqual([false, true]);
  expect(await eligible()).toEqual({ eligible: true });
});

describe('what comes in', () => {
  it('is stored once, and a test is answered', async () => {
    const { id } = await house.box.control<{ id: string }>('POST', 'apple/notifications/test');
    const { data } = await house.box.control<{ data: { id: string; signedPayload: string }[] }>(
      'GET',
      'apple/notifications',
    );
    const { signedPayload } = data.find((one) => one.id === id) ?? { signedPayload: '' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(JSON.stringify({ signedPayload }))));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    await house.settle();
    const rows = await house.rows(`SELECT status, ignored_for FROM inbox_events WHERE event_id = $1`, [id]);
    expect(rows).toEqual([{ status: 'ignored', ignored_for: 'TEST changes nothing of ours' }]);
    expect(await post(JSON.stringify({ signedPayload }))).toMatchObject({
      ...{ status: 200, body: { received: true, status: 'already_processed' } },
    });
  });

  it('of the sandbox changes nothing in production', async () => {
    await house.box.control('PUT', 'apple/settings', { environment: 'Sandbox' });
    await store.buy('dee', 'pro.monthly');
    await house.box.control('PUT', 'apple/settings', { environment: 'Production' });
    await house.settle();
    expect(await subscriptionOf('dee')).toBeNull();
    const rows = await house.rows(
      `SELECT status, ignored_for FROM inbox_events WHERE provider = 'apple' AND NOT livemode`,
    );
    expect(rows).toEqual([{ status: 'ignored', ignored_for: 'a test event on live keys' }]);
  });

  it.each([
    ['nothing', '', 400],
    ['no JSON', 'signedPayload=x', 400],
    ['a list', '[]', 400],
    ['no payload', '{}', 400],
    ['a payload that is no text', '{"signedPayload": {"a": 1}}', 400],
    ['text', '{"signedPayload": "abc"}', 400],
    [
      'a stranger',
      JSON.stringify({ signedPayload: signJws({ data: { environment: 'Production' } }, createChain()) }),
      400,
    ],
    ['more than anybody sends', JSON.stringify({ signedPayload: 'a'.repeat(1_100_000) }), 413],
  ])('is refused and not stored: %s', async (_what, body, status) => {
    const count = (): Promise<object[]> => house.rows('SELECT count(*) FROM inbox_events');
    const before = await count();
    expect((await post(body)).status).toBe(status);
    expect(await count()).toEqual(before);
  });
});

it('leaves books that hold, whatever order it was told in', async () => {
  await booksHold(house);
});
