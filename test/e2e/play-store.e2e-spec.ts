import { AcknowledgementFlow } from '../../src/modules/iap/acknowledgements/acknowledgement.flow';
import { LateAcknowledgements } from '../../src/modules/iap/acknowledgements/late-acknowledgements.service';
import { BackfillService, InboxWorker } from '../../src/modules/webhooks';
import type { Environment } from '../../src/platform/config';
import { GoogleReader } from '../../src/providers/google';
import { fetchAnswer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { PlayStore, playStoreSettings } from '../support/play-store';
import { Purchases, type ShownSubscription } from '../support/purchases';
import { reconcile } from '../support/reconciled';
import type { TestSandbox } from '../support/stripe-sandbox';
import { until } from '../support/until';
import { verifyHouse } from '../support/verified';

let house: House;
let store: PlayStore;
let iap: Purchases;

beforeAll(async () => {
  const settings = async (box: TestSandbox): Promise<Environment> => ({
    ...(await playStoreSettings(box)),
    PROVIDER_TIMEOUT_MS: '800',
  });
  house = await startHouse({ start: new Date('2026-01-15T10:00:00Z'), settings });
  store = await PlayStore.open(house);
  iap = new Purchases(house);
});

afterAll(() => house.close());

const subscriptionOf = (userId: string): Promise<ShownSubscription | null> => iap.subscriptionOf(userId);
const hasAccess = (userId: string): Promise<boolean> => iap.hasAccess(userId, 'google');

/** What the sweeper does every few seconds, and may be doing just now. */
async function acknowledge(token: string): Promise<void> {
  await house.app.app.get(AcknowledgementFlow, { strict: false }).run();
  await until('it is acknowledged', async () => (await acknowledgementOf(token)) === 'done');
}

async function acknowledgementOf(token: string): Promise<string | undefined> {
  const sql = 'SELECT status FROM google_acknowledgements WHERE purchase_token = $1';
  return (await house.rows<{ status: string }>(sql, [token]))[0]?.status;
}

const chaos = (plan: object): Promise<unknown> => house.box.control('PUT', 'chaos', plan);
const stepsOf = (id: string): Promise<{ type: string; at: Date }[]> =>
  house.rows(
    `SELECT h.type, h.at FROM subscription_changes h JOIN subscriptions s ON s.id = h.subscription_id
     WHERE s.provider_id = $1 ORDER BY h.position`,
    [id],
  );
const balances = (): Promise<{ account: string; amount: string }[]> =>
  house.rows(`SELECT account_code AS account, sum(amount)::text AS amount FROM journal_entries
    WHERE account_code IN ('google.clearing', 'revenue.refunds', 'customer.receivable')
    GROUP BY 1 HAVING sum(amount) <> 0 ORDER BY 1`);

describe('a subscription of Google Play', () => {
  it('is followed through trial, renewal, grace, hold, upgrade, refund and its return', async () => {
    // Every push comes twice and in another order.
    await chaos({ webhooks: [{ fault: 'duplicate' }, { fault: 'reorder' }] });
    const { purchaseToken: first } = await store.buy('ann', 'basic:monthly');
    await house.settle();
    expect(await subscriptionOf('ann')).toMatchObject({
      ...{ provider: 'google', providerId: first, plan: { code: 'BASIC' }, status: 'trialing' },
    });
    expect(await hasAccess('ann')).toBe(true);
    await acknowledge(first);

    await house.advance(new Date('2026-02-01T10:00:00Z'));
    expect(await subscriptionOf('ann')).toMatchObject({ status: 'active', amount: 900 });

    await store.act('subscriptions', first, 'payment', { works: false });
    await house.advance(new Date('2026-03-02T10:00:00Z'));
    expect(await subscriptionOf('ann')).toMatchObject({
      ...{ status: 'past_due', graceUntil: '2026-03-07T10:00:00.000Z', currentPeriodEnd: '2026-02-28T10:00:00.000Z' },
    });
    expect(await hasAccess('ann')).toBe(true);
    await store.act('subscriptions', first, 'payment', { works: true });
    await house.settle();
    expect(await subscriptionOf('ann')).toMatchObject({
      ...{ status: 'active', currentPeriodEnd: '2026-03-28T10:00:00.000Z' },
    });

    await store.act('subscriptions', first, 'payment', { works: false });
    await house.advance(new Date('2026-04-10T10:00:00Z'));
    expect(await subscriptionOf('ann')).toMatchObject({ status: 'past_due' });
    expect(await hasAccess('ann')).toBe(false);
    await store.act('subscriptions', first, 'payment', { works: true });
    await house.settle();
    expect(await subscriptionOf('ann')).toMatchObject({
      ...{ status: 'active', currentPeriodEnd: '2026-05-10T10:00:00.000Z' },
    });

    await house.advance(new Date('2026-04-20T10:00:00Z'));
    const upgrade = await store.buy('ann', 'pro:monthly');
    await house.settle();
    // Another token, and the same subscription.
    expect(await subscriptionOf('ann')).toMatchObject({
      ...{ providerId: first, plan: { code: 'PRO' }, status: 'active', amount: 2_900 },
    });
    await acknowledge(upgrade.purchaseToken);
    await house.advance(new Date('2026-04-22T10:00:00Z'));
    await store.act('subscriptions', upgrade.purchaseToken, 'revoke');
    await house.settle();
    expect(await hasAccess('ann')).toBe(false);
    expect(await subscriptionOf('ann')).toMatchObject({ status: 'canceled' });

    await house.advance(new Date('2026-05-01T10:00:00Z'));
    const again = await store.buy('ann', 'basic:annual');
    await house.settle();
    expect(await subscriptionOf('ann')).toMatchObject({ status: 'active', plan: { code: 'BASIC' }, amount: 9_000 });
    expect(await hasAccess('ann')).toBe(true);
    await acknowledge(again.purchaseToken);
    const steps = [
      'created',
      'trial_started',
      'activated',
      'payment_failed',
      'recovered',
      'payment_failed',
      'recovered',
    ];
    expect((await stepsOf(first)).map(({ type }) => type)).toEqual([...steps, 'upgraded', 'canceled']);
    // Three months at 9, one at 29 that was given back, and a year at 90: of what is left Google keeps 15 %.
    expect(await balances()).toEqual([
      { account: 'google.clearing', amount: '9945' },
      { account: 'revenue.refunds', amount: '2900' },
    ]);
    await chaos({});
  });

  it('is paused, canceled, restarted, and back before it has ended', async () => {
    const { purchaseToken } = await store.buy('bob', 'pro:monthly', { offer: 'none' });
    await house.settle();
    await acknowledge(purchaseToken);
    await store.act('subscriptions', purchaseToken, 'pause', { days: 10 });
    await house.advance(new Date('2026-06-01T10:00:00Z'));
    expect(await subscriptionOf('bob')).toMatchObject({ status: 'paused' });
    expect(await hasAccess('bob')).toBe(false);
    await house.advance(new Date('2026-06-11T10:00:00Z'));
    expect(await subscriptionOf('bob')).toMatchObject({ status: 'active' });
    await store.act('subscriptions', purchaseToken, 'cancel');
    await house.settle();
    expect(await subscriptionOf('bob')).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
    await store.act('subscriptions', purchaseToken, 'restart');
    await house.settle();
    expect(await subscriptionOf('bob')).toMatchObject({ cancelAtPeriodEnd: false });
    await store.act('subscriptions', purchaseToken, 'cancel');
    const back = await store.buy('bob', 'pro:monthly');
    await house.settle();
    expect(await subscriptionOf('bob')).toMatchObject({
      ...{ providerId: purchaseToken, status: 'active', cancelAtPeriodEnd: false },
    });
    await acknowledge(back.purchaseToken);
  });

  it('whose pushes are lost is told by the next one, and by what is looked for', async () => {
    const { purchaseToken, orderId } = await store.buy('cid', 'basic:monthly', { offer: 'none' });
    await house.settle();
    await acknowledge(purchaseToken);
    await chaos({ webhooks: [{ fault: 'drop' }] });
    await house.advance(new Date('2026-08-12T10:00:00Z'));
    await store.act('orders', orderId, 'refund');
    await store.act('subscriptions', purchaseToken, 'cancel');
    await chaos({});
    await house.advance(new Date('2026-08-13T10:00:00Z'));
    expect(await subscriptionOf('cid')).toMatchObject({ cancelAtPeriodEnd: false });
    const backfill = house.app.app.get(BackfillService, { strict: false });
    const request = { provider: 'google' as const, since: new Date('2026-08-01T00:00:00Z') };
    const result = await backfill.run(request, { type: 'system', id: null, requestId: null });
    expect(result).toMatchObject({ foreign: 0, nextCursor: null });
    expect(result.stored).toBeGreaterThanOrEqual(2);
    await house.settle();
    expect(await subscriptionOf('cid')).toMatchObject({ cancelAtPeriodEnd: true });
    // The renewals in between were found by their orders.
    const orders = await house.rows<{ n: string }>(`SELECT count(*) AS n FROM invoices WHERE provider_id LIKE $1`, [
      `${orderId}%`,
    ]);
    const refunds = await house.rows<{ provider_id: string }>(
      `SELECT provider_id FROM refunds WHERE provider_id = $1`,
      [orderId],
    );
    expect([orders[0]?.n, refunds.length]).toEqual(['3', 1]);
    // Each step at its own time, and not when it was learned of.
    const steps = (await stepsOf(purchaseToken)).map(({ type, at }) => [type, at.toISOString().slice(0, 10)]);
    expect(Object.fromEntries(steps)).toEqual({ created: '2026-06-11', cancellation_scheduled: '2026-08-12' });
  });
});

describe('what is granted', () => {
  it('is acknowledged though everything broke off after the grant, and nobody loses it', async () => {
    // Google is away just then.
    await chaos({ api: [{ fault: 'error_500', method: 'POST' }] });
    const { purchaseToken } = await store.buy('dee', 'pro:monthly', { offer: 'none' });
    await house.settle();
    await house.app.app.get(AcknowledgementFlow, { strict: false }).run();
    expect([await hasAccess('dee'), await acknowledgementOf(purchaseToken)]).toEqual([true, 'pending']);
    await chaos({});
    await house.advance(new Date('2026-08-15T12:00:00Z'));
    const late = house.app.app.get(LateAcknowledgements, { strict: false });
    expect(await late.look()).toBe(1);
    const open = (): Promise<object[]> =>
      house.rows(`SELECT severity FROM alerts WHERE kind = 'google.acknowledgement_late' AND resolved_at IS NULL`);
    expect(await open()).toEqual([{ severity: 'critical' }]);
    await house.rows(`UPDATE google_acknowledgements SET next_try_at = now() WHERE status = 'pending'`);
    await acknowledge(purchaseToken);
    expect([await late.look(), await open()]).toEqual([0, []]);
    await house.advance(new Date('2026-08-20T10:00:00Z'));
    expect(await hasAccess('dee')).toBe(true);
  });

  it('once is used up as soon as it is granted, and taken back with the money', async () => {
    await house.rows(
      `INSERT INTO iap_products (provider, product_id, kind, feature_id, quantity, created_at, updated_at)
       SELECT 'google', 'credits.100', 'consumable', id, 100, now(), now() FROM features WHERE key = 'projects'`,
    );
    const { purchaseToken, orderId } = await store.buy('gil', 'credits.100', { pending: true, quantity: 3 });
    await house.settle();
    expect([await hasAccess('gil'), await acknowledgementOf(purchaseToken)]).toEqual([false, undefined]);
    await store.act('purchases', purchaseToken, 'pending', { paid: true });
    await house.settle();
    expect(await hasAccess('gil')).toBe(true);
    await acknowledge(purchaseToken);
    const { data } = await house.box.control<{ data: { token: string; consumed: boolean }[] }>(
      'GET',
      'google/purchases',
    );
    expect(data).toMatchObject([{ token: purchaseToken, consumed: true }]);
    const left = async (): Promise<unknown[]> => {
      const { data: paid } = (await house.as('gil', 'GET', '/billing/payments')).body as { data: object[] };
      return [(await iap.projectsOf('gil')).limit, paid];
    };
    expect(await left()).toMatchObject([300, [{ amount: 1_497, amountRefunded: 0 }]]);
    await store.act('orders', orderId, 'refund', { quantity: 1 });
    await house.settle();
    expect(await left()).toMatchObject([200, [{ amount: 1_497, amountRefunded: 499 }]]);
    // Money that is given back out of courtesy takes nothing away. No push tells it; the next tells it too.
    await house.advance(new Date('2026-08-20T11:00:00Z'));
    await store.act('orders', orderId, 'refund', { percentage: 10 });
    await house.advance(new Date('2026-08-20T12:00:00Z'));
    await store.act('orders', orderId, 'refund', { quantity: 1 });
    await house.settle();
    expect(await left()).toMatchObject([100, [{ amountRefunded: 499 + 149 + 499 }]]);
    await store.act('orders', orderId, 'refund');
    await house.settle();
    expect(await left()).toMatchObject([null, [{ amountRefunded: 1_497 }]]);
    expect(await hasAccess('gil')).toBe(false);
  });

  it('to a license tester is granted and taken back, and is no money', async () => {
    const { purchaseToken, orderId } = await store.buy('tia', 'credits.100', { test: true });
    await house.settle();
    expect(await hasAccess('tia')).toBe(true);
    await acknowledge(purchaseToken);
    await store.act('orders', orderId, 'refund');
    await house.settle();
    expect(await hasAccess('tia')).toBe(false);
    expect((await house.as('tia', 'GET', '/billing/payments')).body['data']).toEqual([]);
  });

  it('of a product that nobody knows is nothing, and Google gives the money back', async () => {
    await house.box.control('POST', 'google/products', {
      ...{ productId: 'secret', basePlanId: 'monthly', period: 'P1M', prices: { USD: 5_000 } },
    });
    const { purchaseToken } = await store.buy('eve', 'secret:monthly');
    await house.settle();
    expect(await hasAccess('eve')).toBe(false);
    expect(await house.app.app.get(AcknowledgementFlow, { strict: false }).run()).toBe(0);
    const events = await house.rows(
      `SELECT status, error_context ->> 'code' AS code FROM inbox_events WHERE object_id = $1`,
      [purchaseToken],
    );
    expect(events).toEqual([{ status: 'failed', code: 'PRICE_UNKNOWN' }]);
    await house.advance(new Date('2026-08-24T10:00:00Z'));
    const { data } = await house.box.control<{ data: { token: string; state: string }[] }>('GET', 'google/orders');
    expect(data.find(({ token }) => token === purchaseToken)?.state).toBe('REFUNDED');
  });
});

describe('while Google', () => {
  it.each([
    ['is away', { down: true }, 'PROVIDER_ERROR'],
    ['is slower than our patience', { api: [{ fault: 'latency', latencyMs: 1_200, method: 'GET' }] }, 'PROVIDER_ERROR'],
    ['wants to be left alone', { api: [{ fault: 'error_429', retryAfterSeconds: 60 }] }, 'PROVIDER_BUSY'],
  ])('%s, what it tells waits and is not lost', async (what, plan, code) => {
    await chaos(plan);
    const userId = `user-${what.length}`;
    const { purchaseToken } = await store.buy(userId, 'basic:monthly', { offer: 'none' });
    await house.box.control('POST', 'deliveries/flush', { hurry: true });
    await house.app.app.get(InboxWorker, { strict: false }).drain();
    const waiting = `SELECT status, error_context ->> 'code' AS code FROM inbox_events WHERE object_id = $1`;
    expect(await house.rows(waiting, [purchaseToken])).toEqual([{ status: 'retrying', code }]);
    expect(await hasAccess(userId)).toBe(false);
    await chaos({});
    await house.rows(`UPDATE inbox_events SET next_retry_at = now() WHERE handled_at IS NULL`);
    await house.settle();
    expect(await subscriptionOf(userId)).toMatchObject({ status: 'active' });
  });

  it.each([
    ['nobody has bought', 'nobody-has-bought-this'],
    ['is a path', '../../orders/GPA.1'],
    ['has 10 kB', 'x'.repeat(10_000)],
    ['is SQL', "'; DROP TABLE facts"],
    ['holds NUL', 'a\u0000b'],
  ])('is asked for what %s, it has no such purchase', async (_what, token) => {
    const reader = house.app.app.get(GoogleReader, { strict: false });
    expect([await reader.subscription(token), await reader.product('pro', token)]).toEqual([null, null]);
  });
});

describe('what comes in', () => {
  it('is stored once, and a test is answered', async () => {
    const { id } = await house.box.control<{ id: string }>('POST', 'google/pushes/test');
    await house.box.control('POST', `google/pushes/${id}/redeliver`, { times: 10 });
    await house.settle();
    const rows = await house.rows(`SELECT status, ignored_for FROM inbox_events WHERE event_id = $1`, [id]);
    expect(rows).toEqual([{ status: 'ignored', ignored_for: 'a test changes nothing of ours' }]);
  });

  it('about another app is kept, changes nothing, and somebody is told', async () => {
    await house.box.control('PUT', 'google/settings', { packageName: 'com.example.other' });
    await store.buy('fay', 'pro:monthly');
    await house.box.control('PUT', 'google/settings', { packageName: 'com.example.kassa' });
    await house.settle();
    expect(await subscriptionOf('fay')).toBeNull();
    expect(await house.rows(`SELECT status FROM inbox_events WHERE ignored_for = 'about another app'`)).toEqual([
      { status: 'ignored' },
    ]);
    const alerts = await house.rows(
      `SELECT kind FROM alerts WHERE details::text LIKE '%another app%' OR message LIKE '%another app%'`,
    );
    expect(alerts).toHaveLength(1);
  });

  it('is refused without a token of Google, and not stored', async () => {
    const count = (): Promise<object[]> => house.rows('SELECT count(*) FROM inbox_events');
    const before = await count();
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"message":{}}' };
    const answer = await fetchAnswer(`${house.app.url}/v1/webhooks/play`, init);
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'INVALID_SIGNATURE' } } });
    expect(await count()).toEqual(before);
  });
});

/** What is granted by then is acknowledged, as it is within seconds. */
async function passTo(moment: string): Promise<void> {
  await house.settle();
  await house.app.app.get(AcknowledgementFlow, { strict: false }).run();
  await house.advance(new Date(`${moment}T10:00:00Z`));
}

describe('in its second year', () => {
  let first: { purchaseToken: string; orderId: string };

  it('a refund of an old period leaves the newer one, and its commission comes back', async () => {
    const { data } = await house.box.control<{ data: { token: string; state: string }[] }>(
      'GET',
      'google/subscriptions',
    );
    // Nobody else has to be renewed for years.
    const running = data.filter(({ state }) => state !== 'EXPIRED' && state !== 'CANCELED');
    for (const { token } of running) await store.act('subscriptions', token, 'cancel');
    await chaos({ webhooks: [{ fault: 'duplicate' }, { fault: 'reorder' }] });
    first = await store.buy('gus', 'basic:monthly');
    await passTo('2026-09-12');
    expect(await subscriptionOf('gus')).toMatchObject({ status: 'active', plan: { code: 'BASIC' } });
    const upgrade = await store.buy('gus', 'pro:monthly');
    await passTo('2026-09-14');
    await store.act('orders', `${first.orderId}..0`, 'refund');
    await house.settle();
    expect(await subscriptionOf('gus')).toMatchObject({
      ...{ providerId: first.purchaseToken, status: 'active', plan: { code: 'PRO' }, amount: 2_900 },
    });
    expect(await hasAccess('gus')).toBe(true);
    expect((await house.as('gus', 'GET', '/billing/payments')).body['data']).toMatchObject([
      { providerId: upgrade.orderId, amount: 2_900, amountRefunded: 0 },
      { providerId: `${first.orderId}..0`, amount: 900, amountRefunded: 900 },
    ]);
    const postings = await house.rows(
      `SELECT t.type, t.meta, jsonb_object_agg(e.account_code, e.amount::int) AS moved FROM journal_transactions t
       JOIN journal_entries e ON e.transaction_id = t.id
       WHERE t.idempotency_key LIKE $1 AND t.type <> 'revenue.released' GROUP BY t.id ORDER BY t.ts, t.type`,
      [`google:${first.orderId}..0:%`],
    );
    const meta = { estimate: 'true', programme: 'first_million', rate: '1500' };
    expect(postings).toMatchObject([
      { type: 'invoice.finalized', moved: { 'customer.receivable': 900, 'revenue.deferred': -900 } },
      { type: 'invoice.paid', moved: { 'google.clearing': 900, 'customer.receivable': -900 } },
      { type: 'store_commission.taken', meta, moved: { 'fees.google': 135, 'google.clearing': -135 } },
      { type: 'refund.created', moved: { 'revenue.refunds': 900, 'google.clearing': -900 } },
      { type: 'store_commission.returned', meta, moved: { 'fees.google': -135, 'google.clearing': 135 } },
    ]);
  });

  it('it costs more once that is agreed to, and half a year that was lost is made good by what comes next', async () => {
    const { token } = await store.newestOf('gus');
    await store.act('subscriptions', token, 'price_change', { price: 39_000 });
    await house.settle();
    expect(await subscriptionOf('gus')).toMatchObject({ amount: 2_900 });
    await store.act('subscriptions', token, 'consent');
    await chaos({ webhooks: [{ fault: 'drop' }] });
    await passTo('2027-03-20');
    await chaos({ webhooks: [{ fault: 'duplicate' }, { fault: 'reorder' }] });
    expect(await subscriptionOf('gus')).toMatchObject({ amount: 2_900, currentPeriodEnd: '2026-10-12T10:00:00.000Z' });
    await passTo('2027-04-20');
    expect(await subscriptionOf('gus')).toMatchObject({
      ...{ status: 'active', amount: 3_900, currentPeriodEnd: '2027-05-12T10:00:00.000Z' },
    });
    expect((await house.as('gus', 'GET', '/billing/payments?limit=100')).body['data']).toHaveLength(9);
  });

  it('it lapses, is bought again without a trial, and Google agrees with all of it', async () => {
    await store.act('subscriptions', (await store.newestOf('gus')).token, 'cancel');
    await passTo('2027-05-13');
    expect([await hasAccess('gus'), await subscriptionOf('gus')]).toMatchObject([false, { status: 'canceled' }]);
    await passTo('2027-10-01');
    const { purchaseToken } = await store.buy('gus', 'pro:annual');
    await passTo('2028-01-15');
    expect(await subscriptionOf('gus')).toMatchObject({
      ...{ providerId: purchaseToken, status: 'active', plan: { code: 'PRO' }, amount: 29_000 },
    });
    await chaos({});
    const agreed = { foreign: 0, breaks: 0, unresolved: 0 };
    const [start, middle, end] = ['2026-01-15', '2027-01-15', '2028-01-15'].map((day) => new Date(day)) as [
      Date,
      Date,
      Date,
    ];
    expect((await reconcile(house, 'google', start, middle)).counts).toMatchObject(agreed);
    const { counts } = await reconcile(house, 'google', middle, end);
    expect(counts).toEqual({ ...agreed, providerLines: 4, bookLines: 4 });
    // Nothing was given back because nobody had acknowledged it in time.
    expect(await house.rows('SELECT DISTINCT status FROM google_acknowledgements')).toEqual([{ status: 'done' }]);
  });
});

it('leaves books that hold, whatever order it was told in', async () => {
  expect(await verifyHouse(house)).toMatchObject({ failure: null });
});
