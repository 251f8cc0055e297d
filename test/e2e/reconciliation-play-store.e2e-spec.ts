import { AcknowledgementFlow } from '../../src/modules/iap/acknowledgements/acknowledgement.flow';
import { Books } from '../support/books';
import { startHouse, type House } from '../support/house';
import { PlayStore, playStoreSettings } from '../support/play-store';
import { Purchases } from '../support/purchases';
import { reconcile, type ReconciledRun } from '../support/reconciled';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;

interface Break {
  id: string;
  type: string;
  status: string;
  movement: string;
  objectId: string | null;
  difference: number | null;
}

describe('Google Play’s account of our sales against the books', () => {
  let house: House;
  let store: PlayStore;
  let books: Books;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: playStoreSettings });
    store = await PlayStore.open(house);
    books = new Books(house);
    await house.rows(
      `INSERT INTO iap_products (provider, product_id, kind, plan_id, created_at, updated_at)
       SELECT 'google', 'lifetime', 'lifetime', id, now(), now() FROM plans WHERE code = 'PRO'`,
    );
  }, 60_000);
  afterAll(() => house.close());

  /** What is granted by then is acknowledged, as the sweeper does within seconds. */
  const days = async (count: number): Promise<void> => {
    await house.settle();
    await house.app.app.get(AcknowledgementFlow, { strict: false }).run();
    moved = new Date(moved.getTime() + count * DAY_MS);
    await house.advance(moved);
  };
  const compare = (from = START): Promise<ReconciledRun> =>
    reconcile(house, 'google', from, new Date(moved.getTime() - 1_000));
  const breaksOf = async ({ id }: ReconciledRun): Promise<Break[]> =>
    (await books.call('GET', `/reconciliation/runs/${id}/breaks`)).body['data'] as Break[];
  /** Nobody is told of what is done. */
  const unheard = async (work: () => Promise<unknown>): Promise<void> => {
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
    await work();
    await house.box.control('PUT', 'chaos', {});
  };
  it('agrees, in every currency, with trials, renewals, upgrades, refunds whole and in part, and testers', async () => {
    await store.buy('ann', 'basic:monthly');
    const bob = await store.buy('bob', 'basic:monthly', { offer: 'none', currency: 'JPY' });
    const cid = await store.buy('cid', 'pro:monthly', { offer: 'none', currency: 'KWD' });
    const eli = await store.buy('eli', 'lifetime', { currency: 'EUR' });
    await store.buy('tom', 'pro:monthly', { offer: 'none', test: true });
    await days(2);
    await store.buy('bob', 'pro:monthly', { currency: 'JPY' });
    await days(31);
    await store.act('orders', bob.orderId, 'refund', { percentage: 50 });
    await store.act('orders', cid.orderId, 'refund', { percentage: 40 });
    await store.act('orders', cid.orderId, 'refund');
    await store.act('orders', eli.orderId, 'refund', { percentage: 10 });
    // A refund in part is told by no push: it is found by the next of its purchase, or here.
    await days(1);
    const found = await breaksOf(await compare());
    expect(found.map(({ type, movement, status }) => [type, movement, status])).toEqual(
      Array(2).fill(['missing_here', 'refund', 'repairing']),
    );
    const { id, counts, totals } = await compare();
    expect(await breaksOf({ id, counts, totals })).toEqual([]);
    // Paid: ann's first month; bob's, his upgrade and its renewal; cid's and its renewal; eli's. Given back: bob's half, cid's in two, eli's tenth.
    expect(counts).toEqual({ providerLines: 11, bookLines: 11, foreign: 0, breaks: 0, unresolved: 0 });
    expect([...new Set(totals.map(({ currency }) => currency))].sort()).toEqual(['EUR', 'JPY', 'KWD', 'USD']);
    for (const { provider, books: own } of totals) expect(own).toEqual(provider);
  });

  it('finds what nobody told of, and a purchase nobody knew of once Google gives its money back', async () => {
    const dan = await store.buy('dan', 'pro:monthly', { offer: 'none' });
    await store.buy('eve', 'pro:monthly', { offer: 'none' });
    await days(1);
    await unheard(async () => {
      await store.act('orders', dan.orderId, 'refund');
      await store.buy('fay', 'basic:annual', { offer: 'none' });
      await days(29);
    });
    await days(1);
    const found = await breaksOf(await compare());
    expect(new Set(found.map(({ type }) => type))).toEqual(new Set(['missing_here']));
    expect(found.map(({ movement, difference }) => [movement, difference])).toEqual(
      expect.arrayContaining([
        ['refund', -2_900],
        ['charge', 9_000],
        ['refund', -9_000],
      ]),
    );
    expect((await compare()).counts.unresolved).toBe(0);
    expect(await house.rows("SELECT 1 FROM payment_support_tickets WHERE type = 'reconciliation_break'")).toEqual([]);
    expect((await house.as('fay', 'GET', '/billing/payments')).body['data']).toMatchObject([
      { provider: 'google', amount: 9_000, amountRefunded: 9_000 },
    ]);
  });

  it('finds each slip of its records once, also by a run that broke off on its way', async () => {
    const slips = [
      ['amount', 'restate', { total: 28_990 }, -1],
      ['currency', 'restate', { currency: 'EUR' }, null],
      ['date', 'restate', null, 0],
      ['missing_there', 'lose', {}, -2_900],
      ['duplicate', 'repeat', {}, 2_900],
    ] as const;
    const orders = new Map<string, string>();
    for (const [type] of slips) {
      const { orderId } = await store.buy(`slip-${type}`, 'pro:monthly', { offer: 'none' });
      orders.set(type, orderId);
    }
    await days(2);
    await days(31);
    orders.set('duplicate', (await store.newestOf('slip-duplicate')).latestOrderId);
    const earlier = { createdAt: moved.getTime() - 38 * DAY_MS };
    for (const [type, slip, change] of slips) {
      await store.act('orders', orders.get(type) ?? '', slip, change ?? earlier);
    }
    await days(1);
    const from = new Date(moved.getTime() - 45 * DAY_MS);
    const whole = await compare(from);
    const first = await breaksOf(whole);
    const shown = first.map(({ type, movement, status, difference }) => [type, movement, status, difference]);
    expect(shown.sort()).toEqual(slips.map(([type, , , difference]) => [type, 'charge', 'open', difference]).sort());
    const api = [{ fault: 'error_500', pathPrefix: '/androidpublisher/v3', times: 4 }];
    await house.box.control('PUT', 'chaos', { api });
    const resumed = await compare(from);
    await house.box.control('PUT', 'chaos', {});
    expect([resumed.counts, resumed.totals]).toEqual([whole.counts, whole.totals]);
    expect((await breaksOf(resumed)).map(({ id }) => id).sort()).toEqual(first.map(({ id }) => id).sort());
    const tickets = await house.rows("SELECT status FROM payment_support_tickets WHERE type = 'reconciliation_break'");
    expect(tickets).toEqual(Array(slips.length).fill({ status: 'open' }));
  });

  it('finds what was bought of a product that nobody knows, and has it booked once somebody does', async () => {
    await house.box.control('POST', 'google/products', {
      ...{ productId: 'secret', basePlanId: 'monthly', period: 'P1M', prices: { USD: 5_000 } },
    });
    await days(1);
    const from = moved;
    const { orderId } = await store.buy('zoe', 'secret:monthly');
    // Nobody acknowledges what nobody knows: Google gives the money back, and lists that.
    await days(4);
    await days(1);
    const both = (status: string): unknown[] =>
      [['charge', 500] as const, ['refund', -500] as const].map(
        ([movement, difference]) =>
          expect.objectContaining({ type: 'missing_here', movement, difference, status }) as unknown,
      );
    const inOrder = async (run: ReconciledRun): Promise<Break[]> =>
      (await breaksOf(run)).sort((a, b) => a.movement.localeCompare(b.movement));
    expect(await inOrder(await compare(from))).toEqual(both('repairing'));
    // Reading it did not help: somebody has to say what it is.
    expect(await inOrder(await compare(from))).toEqual(both('open'));
    const tickets = (): Promise<{ status: string }[]> =>
      house.rows(`SELECT status FROM payment_support_tickets WHERE cause_key LIKE '%:missing_here:%' || $1 || '%'`, [
        orderId,
      ]);
    expect(await tickets()).toEqual(Array(2).fill({ status: 'open' }));
    expect((await house.as('zoe', 'GET', '/entitlements/check?feature=projects')).body).toMatchObject({
      allowed: false,
    });
    const secret = { provider: 'google', productId: 'secret:monthly', kind: 'subscription' };
    const made = await new Purchases(house).products('POST', '', { ...secret, plan: 'BASIC', billingCycle: 'monthly' });
    expect(made.status).toBe(201);
    await house.settle();
    expect((await compare(from)).counts).toMatchObject({ providerLines: 3, bookLines: 3, breaks: 0, unresolved: 0 });
    expect(await tickets()).toEqual(Array(2).fill({ status: 'resolved' }));
    expect((await house.as('zoe', 'GET', '/billing/payments')).body['data']).toMatchObject([
      { provider: 'google', amount: 500, amountRefunded: 500 },
    ]);
  });
});
