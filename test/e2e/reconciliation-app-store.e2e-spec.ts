import { AppStore, appStoreSettings } from '../support/app-store';
import { Books } from '../support/books';
import { startHouse, type House } from '../support/house';
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

describe('the App Store’s account of our sales against the books', () => {
  let house: House;
  let store: AppStore;
  let books: Books;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({
      start: START,
      settings: async (box) => {
        return { ...(await appStoreSettings(box)), APPLE_ENVIRONMENT: 'Production,Sandbox', ROLE: 'all' };
      },
    });
    store = await AppStore.open(house);
    books = new Books(house);
  }, 60_000);
  afterAll(() => house.close());

  const days = async (count: number): Promise<void> => {
    moved = new Date(moved.getTime() + count * DAY_MS);
    await house.advance(moved);
  };
  const compare = (from = START): Promise<ReconciledRun> =>
    reconcile(house, 'apple', from, new Date(moved.getTime() - 1_000));
  const breaksOf = async ({ id }: ReconciledRun): Promise<Break[]> =>
    (await books.call('GET', `/reconciliation/runs/${id}/breaks`)).body['data'] as Break[];
  /** Nobody is told of what is done. */
  const unheard = async (work: () => Promise<unknown>): Promise<void> => {
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
    await work();
    await house.box.control('PUT', 'chaos', {});
  };
  const latestOf = async (id: string): Promise<string> => {
    const { data } = await house.box.control<{ data: { originalTransactionId: string; latest: string }[] }>(
      'GET',
      'apple/subscriptions',
    );
    return data.find(({ originalTransactionId }) => originalTransactionId === id)!.latest;
  };

  it('agrees, in every currency, with trials, renewals, upgrades, refunds whole and in part, and what was taken back', async () => {
    await store.buy('ann', 'basic.monthly');
    const bob = await store.buy('bob', 'basic.monthly', { offer: 'none', currency: 'JPY', storefront: 'JPN' });
    const cid = await store.buy('cid', 'pro.monthly', { offer: 'none', currency: 'KWD', storefront: 'KWT' });
    // App Review buys in Apple's sandbox: that is granted, and no money.
    await house.box.control('PUT', 'apple/settings', { environment: 'Sandbox' });
    await store.buy('rev', 'pro.monthly', { offer: 'none' });
    await house.box.control('PUT', 'apple/settings', { environment: 'Production' });
    await days(3);
    const reviewed = await house.as('rev', 'GET', '/billing/subscriptions/me');
    expect(reviewed).toMatchObject({ status: 200, body: { status: 'active', plan: { code: 'PRO' } } });
    await store.buy('bob', 'pro.monthly');
    await days(31);
    const [bobs, cids] = [bob.transaction.transactionId, cid.transaction.transactionId];
    await store.act('transactions', bobs, 'refund', { percentage: 50 });
    for (const action of ['refund', 'refund_reversed', 'refund', 'refund_reversed', 'refund']) {
      await store.act('transactions', cids, action);
    }
    await days(1);
    const { id, counts, totals } = await compare();
    expect(await breaksOf({ id, counts, totals })).toEqual([]);
    expect((await house.as('rev', 'GET', '/billing/payments')).body['data']).toEqual([]);
    // Paid: ann's first month; bob's, his upgrade and its renewal; cid's and its renewal. Given back: bob's and cid's first.
    expect(counts).toEqual({ providerLines: 8, bookLines: 8, foreign: 0, breaks: 0, unresolved: 0 });
    expect([...new Set(totals.map(({ currency }) => currency))].sort()).toEqual(['JPY', 'KWD', 'USD']);
    for (const { provider, books: own } of totals) expect(own).toEqual(provider);
  });

  it('finds what nobody told of, a new customer’s purchase too, and has it booked', async () => {
    const dan = await store.buy('dan', 'pro.monthly', { offer: 'none' });
    const { transactionId } = dan.transaction;
    await store.buy('eve', 'pro.monthly', { offer: 'none' });
    await days(1);
    await unheard(async () => {
      await store.act('transactions', transactionId, 'refund');
      await store.buy('fay', 'basic.annual', { offer: 'none' });
      await days(32);
    });
    await days(1);
    const found = await breaksOf(await compare());
    // Dan's refund, fay's purchase, eve's renewal, and two more each of ann's, bob's and cid's.
    expect(found.map(({ type }) => new Set([type]))).toEqual(Array(found.length).fill(new Set(['missing_here'])));
    expect(found.map(({ movement, difference }) => [movement, difference])).toEqual(
      expect.arrayContaining([
        ['refund', -2_900],
        ['charge', 9_000],
        ['charge', 2_900],
      ]),
    );
    expect((await compare()).counts.unresolved).toBe(0);
    expect(await house.rows("SELECT 1 FROM payment_support_tickets WHERE type = 'reconciliation_break'")).toEqual([]);
    const plan = await house.as('fay', 'GET', '/billing/subscriptions/me');
    expect(plan).toMatchObject({ status: 200, body: { plan: { code: 'BASIC' } } });
  });

  it('finds a refund that was taken back', async () => {
    const { transaction } = await store.buy('gus', 'pro.monthly', { offer: 'none' });
    await store.act('transactions', transaction.transactionId, 'refund');
    await days(1);
    await unheard(() => store.act('transactions', transaction.transactionId, 'refund_reversed'));
    const from = new Date(moved.getTime() - 4 * DAY_MS);
    expect(await breaksOf(await compare(from))).toMatchObject([{ type: 'missing_there', movement: 'refund' }]);
    expect((await compare(from)).counts.unresolved).toBe(0);
    const [refund] = await house.rows('SELECT status FROM refunds WHERE provider_id = $1', [transaction.transactionId]);
    expect(refund).toEqual({ status: 'canceled' });
  });

  it('finds each slip of its records once, also by a run that broke off on its way', async () => {
    const slips = [
      ['amount', 'restate', { price: 28_990 }, -1],
      ['currency', 'restate', { currency: 'EUR' }, null],
      ['date', 'restate', null, 0],
      ['duplicate', 'repeat', {}, 2_900],
      ['missing_there', 'lose', {}, -2_900],
    ] as const;
    const bought = new Map<string, string>();
    for (const [type] of slips) {
      const { transaction } = await store.buy(`slip-${type}`, 'pro.monthly', { offer: 'none' });
      bought.set(type, transaction.originalTransactionId);
    }
    await days(64);
    for (const [type, id] of bought) bought.set(type, await latestOf(id));
    await days(31);
    const earlier = { purchaseDate: moved.getTime() - 38 * DAY_MS };
    for (const [type, slip, change] of slips) {
      await store.act('transactions', bought.get(type) ?? '', slip, change ?? earlier);
    }
    const from = new Date(moved.getTime() - 45 * DAY_MS);
    const whole = await compare(from);
    const first = await breaksOf(whole);
    const shown = first.map(({ type, movement, status, difference }) => [type, movement, status, difference]);
    expect(shown.sort()).toEqual(slips.map(([type, , , difference]) => [type, 'charge', 'open', difference]).sort());
    const api = [{ fault: 'error_500', pathPrefix: '/inApps/v2', times: 4 }];
    await house.box.control('PUT', 'chaos', { api });
    const resumed = await compare(from);
    await house.box.control('PUT', 'chaos', {});
    expect([resumed.counts, resumed.totals]).toEqual([whole.counts, whole.totals]);
    expect((await breaksOf(resumed)).map(({ id }) => id).sort()).toEqual(first.map(({ id }) => id).sort());
    const tickets = await house.rows("SELECT status FROM payment_support_tickets WHERE type = 'reconciliation_break'");
    expect(tickets).toEqual(Array(slips.length).fill({ status: 'open' }));
  });
});
