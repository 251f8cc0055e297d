import { TicketWatch } from '../../src/modules/support/ticket-watch.service';
import { AppStore, appStoreSettings, productOf, type Purchase } from '../support/app-store';
import { Buyers } from '../support/buyers';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { RETURN_ORIGIN, startHouse, type House, type HouseOptions } from '../support/house';
import { PlayStore, playStoreSettings } from '../support/play-store';
import { badReceipts, grantsOf, Purchases, validated } from '../support/purchases';
import { asUser } from '../support/tokens';
import { until } from '../support/until';
import { verifyHouse } from '../support/verified';

let house: House;
let store: AppStore;
let play: PlayStore;
let iap: Purchases;

beforeAll(async () => {
  const settings: HouseOptions['settings'] = async (box) => {
    return { ...(await appStoreSettings(box)), ...(await playStoreSettings(box)), ROLE: 'all' };
  };
  house = await startHouse({ start: new Date('2026-01-15T10:00:00Z'), settings });
  store = await AppStore.open(house);
  play = await PlayStore.open(house);
  iap = new Purchases(house);
});

afterAll(() => house.close());

const drop = (): Promise<unknown> => house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
const calm = (): Promise<unknown> => house.box.control('PUT', 'chaos', {});
/** Bought on a device that nobody is signed in on. */
const buyAnonymously = (product: string, more: object = {}): Promise<Purchase> =>
  house.box.control<Purchase>('POST', 'apple/purchases', { productId: productOf(product), ...more });

describe('a purchase that the app shows', () => {
  it('is taken in without any notification, twenty times at once as once', async () => {
    await drop();
    const { body: identity } = await house.as('ann', 'GET', '/iap/identity');
    expect(identity).toEqual({
      appAccountToken: await store.tokenOf('ann'),
      obfuscatedExternalAccountId: await store.tokenOf('ann'),
    });
    const { transaction, signedTransaction } = await store.buy('ann', 'pro.monthly', { offer: 'none' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => iap.validate('ann', { signedTransaction })));
    await calm();
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const first = answers[0] as Answer;
    expect(validated(first)).toMatchObject({
      ...{ valid: true, subscription: { provider: 'apple', status: 'active', plan: { code: 'PRO' } } },
      purchase: { providerId: transaction.originalTransactionId, productId: productOf('pro.monthly') },
    });
    expect(grantsOf(first)).toBeGreaterThan(0);
    expect(await iap.count(`payments WHERE provider = 'apple'`)).toBe(1);
    expect(await iap.count(`facts WHERE object_type = 'payment' AND provider = 'apple'`)).toBe(1);
    await house.settle();
    expect(await iap.count(`payment_support_tickets`)).toBe(0);
  });

  it('counts for what it is now, however long ago it was signed', async () => {
    const { transaction, signedTransaction } = await store.buy('old', 'pro.monthly', { offer: 'none' });
    await store.act('transactions', transaction.transactionId, 'refund');
    await house.settle();
    const refunded = await iap.validate('old', { signedTransaction });
    expect(validated(refunded)).toMatchObject({ valid: true, subscription: { status: 'canceled' } });
    expect(grantsOf(refunded)).toBe(0);
  });

  it('is his whom its token names, else his who is first', async () => {
    const named = await store.buy('bob', 'basic.monthly', { offer: 'none' });
    expectRefusal(
      await iap.validate('eve', { signedTransaction: named.signedTransaction }),
      409,
      'RECEIPT_OWNED_BY_ANOTHER_USER',
    );
    const free = await buyAnonymously('basic.monthly', { offer: 'none' });
    await until('its event waits for somebody to know its customer', async () => {
      return (await iap.count(`inbox_events WHERE status = 'retrying'`)) === 1;
    });
    const { transactionId } = free.transaction;
    const race = await Promise.all(['cid', 'dan', 'cid', 'dan'].map((user) => iap.validate(user, { transactionId })));
    expect(race.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409]);
    await house.settle();
    // What came before anybody was known is his too by now.
    expect(await iap.count(`inbox_events WHERE status NOT IN ('processed', 'stale', 'ignored')`)).toBe(0);
  });

  it('of the family is the member’s own, until it is taken from him', async () => {
    // He pays here himself, and not for what is shared with him: nobody is to be told of that.
    await new Buyers(house).subscribe('kid');
    const owner = await store.buy('fay', 'pro.monthly', { offer: 'none' });
    const shared = await house.box.control<Purchase>(
      'POST',
      `apple/subscriptions/${owner.transaction.originalTransactionId}/share`,
      {},
    );
    const { signedTransaction } = shared;
    expect(grantsOf(await iap.validate('kid', { signedTransaction }))).toBeGreaterThan(0);
    await house.settle();
    expect(await iap.tickets('double_payment')).toEqual([]);
    await store.act('subscriptions', shared.transaction.originalTransactionId, 'revoke');
    expect(grantsOf(await iap.validate('kid', { signedTransaction }))).toBe(0);
    expect(
      await iap.count(
        `payments p JOIN customers c ON c.id = p.customer_id WHERE c.user_id = 'kid' AND provider = 'apple'`,
      ),
    ).toBe(0);
  });

  it('is restored with all that its store account has bought, but for what is another’s', async () => {
    const account = 'account-of-gus';
    await store.buy('gus', 'basic.monthly', { account, offer: 'none' });
    const upgraded = await store.buy('gus', 'pro.monthly', { account });
    const other = await buyAnonymously('lifetime', { account, appAccountToken: await store.tokenOf('hal') });
    await house.settle();
    const { transactionId } = other.transaction;
    const answer = await house.as('gus', 'POST', '/iap/restore', { platform: 'ios', transactionIds: [transactionId] });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      purchases: [{ productId: productOf('pro.monthly'), providerId: upgraded.transaction.originalTransactionId }],
      subscriptions: [{ plan: { code: 'PRO' }, manageUrl: 'https://apps.apple.com/account/subscriptions' }],
      refused: [{ productId: productOf('lifetime'), code: 'RECEIPT_OWNED_BY_ANOTHER_USER' }],
    });
    expectRefusal(await house.as('gus', 'POST', '/iap/restore', { platform: 'ios' }), 400, 'INVALID_INPUT');
    const nothing = { platform: 'ios', transactionIds: ['9'] };
    expectRefusal(await house.as('gus', 'POST', '/iap/restore', nothing), 422, 'RECEIPT_INVALID');
    await house.settle();
    // With those of eve, and of whoever lost the race.
    expect(await iap.tickets('ownership_conflict')).toHaveLength(3);
  });
});

describe('a purchase of Google Play', () => {
  it('is asked about by its token, and counts for what Google says', async () => {
    const { packageName } = await house.box.control<{ packageName: string }>('GET', 'google/credentials');
    await drop();
    const { purchaseToken, orderId } = await play.buy('uma', 'pro:monthly', { offer: 'none' });
    const claim = { platform: 'android', packageName, productId: 'pro', purchaseToken };
    const answers = await Promise.all(Array.from({ length: 5 }, () => iap.validate('uma', claim)));
    await calm();
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(validated(answer)).toMatchObject({
        subscription: { provider: 'google', status: 'active', plan: { code: 'PRO' } },
        purchase: { provider: 'google', productId: 'pro:monthly' },
      });
      expect(grantsOf(answer, 'google')).toBeGreaterThan(0);
    }
    expect(await iap.count(`payments WHERE provider = 'google'`)).toBe(1);
    expectRefusal(await iap.validate('eve', claim), 409, 'RECEIPT_OWNED_BY_ANOTHER_USER');
    const bad = [{ packageName: 'com.other' }, { productId: 'basic' }, { purchaseToken: `${purchaseToken}x` }];
    for (const change of [...bad, { purchaseToken: "'; DROP TABLE facts" }]) {
      expectRefusal(await iap.validate('uma', { ...claim, ...change }), 422, 'RECEIPT_INVALID');
    }
    const restored = await house.as('uma', 'POST', '/iap/restore', {
      ...{ platform: 'android', purchases: [{ packageName, productId: 'pro', purchaseToken }] },
    });
    expect(restored.body).toMatchObject({ subscriptions: [{ provider: 'google' }], refused: [] });
    await play.act('orders', orderId, 'refund');
    const refunded = await iap.validate('uma', claim);
    expect(grantsOf(refunded, 'google')).toBe(0);
    await house.settle();
  });
});

describe('products', () => {
  const admin = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer> =>
    iap.products(method, path, body);
  const credits = productOf('credits.100');

  it('that nobody knows give nothing, until somebody says what they are', async () => {
    await house.rows(`DELETE FROM iap_products WHERE product_id = $1`, [productOf('enterprise.monthly')]);
    const { signedTransaction } = await store.buy('lea', 'enterprise.monthly', { offer: 'none' });
    expectRefusal(await iap.validate('lea', { signedTransaction }), 422, 'UNKNOWN_PRODUCT');
    const credit = await store.buy('lea', 'credits.100', { quantity: 2 });
    await house.settle();
    const failed = await iap.count(`inbox_events WHERE status = 'failed'`);
    // The third is what a worker was asked to look at; the fourth is hal's, for life.
    expect(failed).toBe(4);
    expect(await iap.tickets('PRICE_UNKNOWN')).toHaveLength(failed);
    expect(await iap.count(`subscriptions s JOIN customers c ON c.id = s.customer_id WHERE c.user_id = 'lea'`)).toBe(0);

    const plan = { provider: 'apple', productId: productOf('enterprise.monthly'), kind: 'subscription' };
    const made = await admin('POST', '', { ...plan, plan: 'ENTERPRISE', billingCycle: 'monthly' });
    expect(made).toMatchObject({ status: 201, body: { ...plan, plan: 'ENTERPRISE', active: true, used: false } });
    await house.settle();
    const { body } = await house.as('lea', 'GET', '/billing/subscriptions/me');
    expect(body).toMatchObject({ provider: 'apple', plan: { code: 'ENTERPRISE' }, status: 'active' });

    const before = await iap.projectsOf('lea');
    const extra = { provider: 'apple', productId: credits, kind: 'consumable', feature: 'projects', quantity: 100 };
    expect((await admin('POST', '', extra)).status).toBe(201);
    await house.settle();
    expect(await iap.count(`inbox_events WHERE status = 'failed'`)).toBe(1);
    // No limit stays none; what was bought to be used up does not run out.
    expect(before).toMatchObject({ granted: true, limit: null });
    expect(await iap.projectsOf('lea')).toEqual({ ...before, until: null });
    expect((await iap.validate('lea', { transactionId: credit.transaction.transactionId })).body).toMatchObject({
      ...{ valid: true, subscription: null, purchase: { productId: credits } },
    });
  });

  it('are bought to be used up, or for life, until the money goes back', async () => {
    const life = { provider: 'apple', productId: productOf('lifetime'), kind: 'lifetime', plan: 'BASIC' };
    expect((await admin('POST', '', life)).status).toBe(201);
    const forLife = await store.buy('max', 'lifetime');
    await house.settle();
    expect(await iap.count(`inbox_events WHERE status = 'failed'`)).toBe(0);
    await house.app.app.get(TicketWatch, { strict: false }).settleRetries();
    expect((await iap.tickets('PRICE_UNKNOWN')).map(({ status }) => status)).toEqual(Array(4).fill('resolved'));
    const basic = await iap.projectsOf('max');
    expect(basic.granted).toBe(true);
    const three = await store.buy('max', 'credits.100', { quantity: 3 });
    await store.buy('max', 'credits.100');
    await house.settle();
    expect(await iap.projectsOf('max')).toMatchObject({ granted: true, limit: Number(basic.limit) + 400, until: null });
    // One of the three, and then the rest: Apple tells one refund of a transaction at a time.
    await store.act('transactions', three.transaction.transactionId, 'refund', { percentage: 33.333 });
    await house.settle();
    expect(await iap.projectsOf('max')).toMatchObject({ limit: Number(basic.limit) + 300 });
    expect((await house.as('max', 'GET', '/billing/payments')).body['data']).toContainEqual(
      expect.objectContaining({ amount: 1_497, amountRefunded: 499 }),
    );
    await store.act('transactions', three.transaction.transactionId, 'refund_reversed');
    await store.act('transactions', three.transaction.transactionId, 'refund');
    await store.act('transactions', forLife.transaction.transactionId, 'refund');
    await house.settle();
    expect(await iap.projectsOf('max')).toMatchObject({ granted: true, limit: 100 });
    await store.act('transactions', forLife.transaction.transactionId, 'refund_reversed');
    await house.settle();
    // Whoever has it for life has what the plan gives now.
    const features = [{ key: 'projects', limit: 7 }];
    const plan = { ...jsonPost({ features }, asUser('boss', 'admin')), method: 'PATCH' };
    expect((await fetchAnswer(`${house.app.url}/v1/admin/plans/BASIC`, plan)).status).toBe(200);
    await house.settle();
    expect(await iap.projectsOf('max')).toMatchObject({ limit: 107 });
  });

  it('that were bought keep their meaning, and can be taken off sale', async () => {
    const path = `/apple/${credits}`;
    const refused = await admin('PATCH', path, { quantity: 5 });
    expectRefusal(refused, 409, 'PRODUCT_IN_USE');
    expect(refused.body.error?.message).toContain('a new product id of the store');
    const subscribed = `/apple/${productOf('pro.monthly')}`;
    expectRefusal(await admin('PATCH', subscribed, { plan: 'BASIC' }), 409, 'PRODUCT_IN_USE');
    expectRefusal(await admin('DELETE', path), 409, 'PRODUCT_IN_USE');
    expect(await admin('PATCH', path, { active: false })).toMatchObject({
      status: 200,
      body: { active: false, used: true },
    });
    expect((await house.as('nia', 'GET', `/iap/eligibility?productId=${credits}`)).body).toEqual({
      ...{ eligible: false, reason: 'NOT_SOLD' },
    });
    const terms = { kind: 'subscription', plan: 'PRO', billingCycle: 'monthly' };
    const unused = { provider: 'google', productId: 'team:monthly', ...terms };
    expect((await admin('POST', '', unused)).status).toBe(201);
    expectRefusal(await admin('POST', '', unused), 409, 'PRODUCT_EXISTS');
    expect(await admin('PATCH', '/google/team:monthly', { plan: 'BASIC' })).toMatchObject({ body: { plan: 'BASIC' } });
    expect((await admin('GET', '?provider=google&limit=1')).body).toMatchObject({
      data: [{ productId: 'team:monthly' }],
    });
    expect((await admin('DELETE', '/google/team:monthly')).status).toBe(204);
    expectRefusal(await admin('DELETE', '/google/team:monthly'), 404, 'PRODUCT_NOT_FOUND');
    expect(await iap.count(`audit_log WHERE action LIKE 'iap_product.%'`)).toBe(7);
  });

  const good = { provider: 'apple', productId: 'p', kind: 'subscription', plan: 'PRO', billingCycle: 'monthly' };
  const credit = { provider: 'apple', productId: 'p', kind: 'consumable', feature: 'projects', quantity: 1 };
  it.each([
    ['no plan', { ...good, plan: undefined }, 400, 'INVALID_INPUT'],
    ['a plan that is none', { ...good, plan: 'GOLD' }, 404, 'PLAN_NOT_FOUND'],
    ['a feature that is none', { ...credit, feature: 'x' }, 404, 'FEATURE_NOT_FOUND'],
    ['a feature that cannot be counted', { ...credit, feature: 'priority_support' }, 400, 'INVALID_INPUT'],
    ['no base plan', { ...good, provider: 'google' }, 400, 'INVALID_INPUT'],
    ['credit of nothing', { ...credit, quantity: 0 }, 400, 'INVALID_INPUT'],
    ['a cycle for life', { ...good, kind: 'lifetime' }, 400, 'INVALID_INPUT'],
    ['an id with a space', { ...good, productId: 'a b' }, 400, 'INVALID_INPUT'],
    ['an id of 10 kB', { ...good, productId: 'a'.repeat(10_000) }, 400, 'INVALID_INPUT'],
    ['null', { ...good, active: null }, 400, 'INVALID_INPUT'],
  ])('are refused with %s', async (_what, body, status, code) => {
    expectRefusal(await admin('POST', '', body), status, code);
  });
});

describe('one customer, several stores', () => {
  it('is told before he pays twice, and support is told after', async () => {
    await new Buyers(house).subscribe('oli');
    const pro = productOf('pro.monthly');
    const ask = async (user: string, more = ''): Promise<unknown> =>
      (await house.as(user, 'GET', `/iap/eligibility?productId=${pro}${more}`)).body;
    expect(await ask('oli')).toEqual({ eligible: false, reason: 'ALREADY_SUBSCRIBED', provider: 'stripe' });
    expect(await ask('pia')).toEqual({ eligible: true });
    expect(await ask('pia', '&platform=android')).toEqual({ eligible: false, reason: 'UNKNOWN_PRODUCT' });
    expectRefusal(await house.as('pia', 'GET', '/iap/eligibility'), 400, 'INVALID_INPUT');
    await store.buy('oli', 'pro.monthly', { offer: 'none' });
    await house.settle();
    expect(await iap.tickets('double_payment')).toMatchObject([{ status: 'open', priority: 'high' }]);
    expect(await iap.count(`alerts WHERE kind = 'iap.double_payment' AND count = 1`)).toBe(1);
    // He may still end the one that is ours to end.
    const { body } = await house.as('oli', 'DELETE', '/billing/subscriptions');
    expect(body).toMatchObject({ provider: 'stripe', cancelAtPeriodEnd: true });
    const all = (await house.as('oli', 'GET', '/billing/subscriptions')).body as unknown as {
      data: { provider: string }[];
    };
    expect(all.data.map(({ provider }) => provider).sort()).toEqual(['apple', 'stripe']);
    await house.settle();
    expect(await iap.count(`alerts WHERE kind = 'iap.double_payment' AND count = 1`)).toBe(1);
  });

  it('changes nothing of a store through us', async () => {
    const { transaction } = await store.buy('quy', 'basic.monthly', { offer: 'none' });
    await house.settle();
    const manageUrl = 'https://apps.apple.com/account/subscriptions';
    const order = { plan: 'PRO', successUrl: RETURN_ORIGIN, cancelUrl: RETURN_ORIGIN };
    const refused = await Promise.all([
      house.as('quy', 'POST', '/billing/subscriptions', { plan: 'PRO' }),
      house.as('quy', 'POST', '/billing/checkout', order),
      house.as('quy', 'PATCH', '/billing/subscriptions/plan', { plan: 'PRO' }),
      house.as('quy', 'POST', '/billing/subscriptions/plan/preview', { plan: 'PRO' }),
      house.as('quy', 'POST', '/billing/subscriptions/pause'),
      house.as('quy', 'POST', '/billing/subscriptions/resume'),
      house.as('quy', 'DELETE', '/billing/subscriptions'),
    ]);
    for (const answer of refused) {
      expectRefusal(answer, 409, 'ALREADY_SUBSCRIBED_ELSEWHERE');
      expect(answer.body.error?.details).toEqual({ provider: 'apple', manageUrl });
    }
    const { data } = (await house.as('quy', 'GET', '/billing/invoices')).body as unknown as { data: { id: string }[] };
    const retried = await house.as('quy', 'POST', `/billing/invoices/${data[0]?.id ?? ''}/retry`);
    expectRefusal(retried, 422, 'INVALID_STATE_TRANSITION');
    const [payment] = await house.rows<{ id: string }>(`SELECT id FROM payments WHERE provider_id = $1`, [
      transaction.transactionId,
    ]);
    const finance = asUser('fin', 'finance');
    const refund = jsonPost({ paymentId: payment?.id, reason: 'requested_by_customer' }, finance);
    expect((await fetchAnswer(`${house.app.url}/v1/billing/refunds`, refund)).status).toBe(422);
    expect(await house.box.stripe.refunds.list()).toMatchObject({ data: [] });
  });

  it('whose purchase is another’s gets it from support, with what it gives', async () => {
    const { transaction, signedTransaction } = await store.buy('ray', 'pro.monthly');
    await house.settle();
    const providerId = transaction.originalTransactionId;
    const [from, to] = await Promise.all([iap.customerOf('ray'), iap.customerOf('sue')]);
    const transfer = (body: object, role: 'support' | 'user' = 'support'): Promise<Answer> =>
      fetchAnswer(`${house.app.url}/v1/admin/iap/transfers`, jsonPost(body, asUser('sup', role)));
    const request = { provider: 'apple', providerId, toCustomerId: to, reason: 'Signed in with another address' };
    expect((await transfer(request, 'user')).status).toBe(403);
    expectRefusal(await transfer({ ...request, reason: undefined }), 400, 'INVALID_INPUT');
    expectRefusal(await transfer({ ...request, toCustomerId: 'cust_nobody' }), 404, 'CUSTOMER_NOT_FOUND');
    expectRefusal(await transfer({ ...request, providerId: "1' OR 1=1" }), 404, 'PURCHASE_NOT_FOUND');
    expectRefusal(await transfer({ ...request, toCustomerId: from }), 409, 'PURCHASE_ALREADY_HIS');
    expect(await transfer(request)).toMatchObject({ status: 201, body: { fromCustomerId: from, toCustomerId: to } });
    expectRefusal(await transfer(request), 409, 'PURCHASE_ALREADY_HIS');
    await house.settle();
    expect((await house.as('ray', 'GET', '/billing/subscriptions/me')).status).toBe(404);
    expect((await iap.projectsOf('ray')).granted).toBe(false);
    expect((await house.as('sue', 'GET', '/billing/subscriptions/me')).body).toMatchObject({ status: 'trialing' });
    expectRefusal(await iap.validate('ray', { signedTransaction }), 409, 'RECEIPT_OWNED_BY_ANOTHER_USER');
    expect(grantsOf(await iap.validate('sue', { signedTransaction }))).toBeGreaterThan(0);
    await store.act('subscriptions', providerId, 'auto_renew', { on: false });
    await house.settle();
    const { body } = await house.as('sue', 'GET', '/billing/subscriptions/me');
    expect(body).toMatchObject({ cancelAtPeriodEnd: true });
    const [noted] = await house.rows<{ actor_id: string; after: object }>(
      `SELECT actor_id, after FROM audit_log WHERE action = 'purchase.transfer'`,
    );
    expect(noted).toMatchObject({ actor_id: 'sup', after: { reason: 'Signed in with another address' } });
  });
});

describe('a receipt is refused', () => {
  it('and nothing is granted: what is no signature of the store', async () => {
    const { signedTransaction } = await store.buy('ivy', 'pro.monthly', { offer: 'none' });
    for (const [what, receipt] of badReceipts(signedTransaction)) {
      const { status, body } = await iap.validate('mal', { signedTransaction: receipt });
      expect({ what, status, code: body.error?.code }).toEqual({ what, status: 422, code: 'RECEIPT_INVALID' });
    }
    expect((await iap.validate('mal', { signedTransaction: 'a'.repeat(1_100_000) })).status).toBe(413);
    for (const transactionId of [
      '999999999999',
      'abc',
      "1' OR '1'='1",
      '../../notifications/history',
      '9'.repeat(255),
    ]) {
      expectRefusal(await iap.validate('mal', { transactionId }), 422, 'RECEIPT_INVALID');
    }
    expect(
      await iap.count(`customer_accounts a JOIN customers c ON c.id = a.customer_id WHERE c.user_id = 'mal'`),
    ).toBe(0);
  });

  it('of another environment, or while the store cannot be asked', async () => {
    await house.box.control('PUT', 'apple/settings', { environment: 'Sandbox' });
    const { signedTransaction, transaction } = await buyAnonymously('pro.monthly', { offer: 'none' });
    await house.box.control('PUT', 'apple/settings', { environment: 'Production' });
    expectRefusal(await iap.validate('jon', { signedTransaction }), 422, 'RECEIPT_INVALID');
    expectRefusal(await iap.validate('jon', { transactionId: transaction.transactionId }), 422, 'RECEIPT_INVALID');
    const mine = await store.buy('jon', 'pro.monthly', { offer: 'none' });
    const receipt = { signedTransaction: mine.signedTransaction };
    await house.box.control('PUT', 'chaos', { api: [{ fault: 'error_429', retryAfterSeconds: 30 }] });
    const busy = await iap.validate('jon', receipt);
    expectRefusal(busy, 503, 'PROVIDER_BUSY');
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(20);
    await house.box.control('PUT', 'chaos', { down: true });
    expectRefusal(await iap.validate('jon', receipt), 502, 'PROVIDER_ERROR');
    await calm();
    expect((await iap.validate('jon', receipt)).status).toBe(200);
  });

  it.each([
    ['both', { signedTransaction: 'a', transactionId: '1' }],
    ['a number', { transactionId: 1 }],
    ['too long a number', { transactionId: '9'.repeat(256) }],
    ['a field nobody knows, and NUL', { transactionId: '1\u0000', receipt: 'x' }],
    ['another platform', { platform: 'web', transactionId: '1' }],
  ])('as a bad request: %s', async (_what, claim) => {
    expectRefusal(await iap.validate('mal', claim), 400, 'INVALID_INPUT');
  });
});

it('leaves books that hold', async () => {
  expect(await verifyHouse(house)).toMatchObject({ failure: null });
});
