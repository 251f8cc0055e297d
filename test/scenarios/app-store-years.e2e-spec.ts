import { BackfillService } from '../../src/modules/webhooks';
import { AppStore, appStoreSettings } from '../support/app-store';
import { Buyers } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { reconcile } from '../support/reconciled';
import { verifyHouse } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
/** Some come twice, and some after what was said later. */
const UNRULY = [
  { fault: 'duplicate', copies: 1, rate: 0.3 },
  { fault: 'reorder', rate: 0.5 },
];

describe('two years in the App Store', () => {
  let house: House;
  let store: AppStore;
  let id: string;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: appStoreSettings });
    store = await AppStore.open(house);
    await house.box.control('PUT', 'chaos', { webhooks: UNRULY });
  }, 60_000);
  afterAll(() => house.close());

  const at = (moment: string): Promise<void> => house.advance(new Date(`${moment}T12:00:00Z`));
  const mine = async (user: string): Promise<object | null> => {
    const { status, body } = await house.as(user, 'GET', '/billing/subscriptions/me');
    return status === 200 ? body : null;
  };
  /** Who grants what the user may use. */
  const grantedBy = async (user: string): Promise<string[]> => {
    const { body } = await house.as(user, 'GET', '/entitlements/me');
    const { features } = body as { features: Record<string, { granted: boolean; grants: { source: string }[] }> };
    const grants = Object.values(features).flatMap((feature) => (feature.granted ? feature.grants : []));
    return [...new Set(grants.map(({ source }) => source))].filter((source) => source !== 'free').sort();
  };
  const act = async (about: 'subscriptions' | 'transactions', of: string, action: string, body = {}): Promise<void> => {
    await store.act(about, of, action, body);
    await house.settle();
  };
  const paymentsOf = async (user: string): Promise<{ providerId: string; amount: number; currency: string }[]> => {
    const { body } = await house.as(user, 'GET', '/billing/payments?limit=100');
    return (body['data'] as { providerId: string; amount: number; currency: string }[]).reverse();
  };

  it('begins with a trial that is paid for when it ends', async () => {
    const { transaction } = await store.buy('ann', 'basic.monthly');
    id = transaction.originalTransactionId;
    await house.settle();
    expect(await mine('ann')).toMatchObject({ status: 'trialing', plan: { code: 'BASIC' }, amount: 900 });
    await at('2026-01-29');
    expect(await mine('ann')).toMatchObject({ status: 'active', plan: { code: 'BASIC' } });
    expect(await grantedBy('ann')).toEqual(['apple']);
  });

  it('keeps access in the grace period of a renewal that fails, and is recovered', async () => {
    await act('subscriptions', id, 'payment', { works: false });
    await at('2026-03-05');
    expect(await mine('ann')).toMatchObject({ status: 'past_due', graceUntil: '2026-03-16T10:00:00.000Z' });
    expect(await grantedBy('ann')).toEqual(['apple']);
    await act('subscriptions', id, 'payment', { works: true });
    expect(await mine('ann')).toMatchObject({ status: 'active', currentPeriodEnd: '2026-03-28T10:00:00.000Z' });
  });

  it('is upgraded at once, and a refund of an old period leaves the newer one', async () => {
    await at('2026-04-10');
    await store.buy('ann', 'pro.monthly');
    await house.settle();
    expect(await mine('ann')).toMatchObject({ status: 'active', plan: { code: 'PRO' }, amount: 2_900 });
    const [first] = await paymentsOf('ann');
    await act('transactions', first?.providerId ?? '', 'refund');
    expect(await mine('ann')).toMatchObject({ status: 'active', plan: { code: 'PRO' } });
    expect(await grantedBy('ann')).toEqual(['apple']);
    const payments = await house.as('ann', 'GET', '/billing/payments?limit=100');
    expect(payments.body['data']).toMatchObject([
      ...Array<object>(3).fill({ amountRefunded: 0 }),
      { amountRefunded: 900 },
    ]);
  });

  it('costs more once the customer has agreed', async () => {
    await act('subscriptions', id, 'price_increase', { price: 39_000 });
    expect(await mine('ann')).toMatchObject({ amount: 2_900 });
    await act('subscriptions', id, 'consent');
    await at('2026-05-12');
    expect(await mine('ann')).toMatchObject({ status: 'active', amount: 3_900 });
  });

  it('is followed where half a year’s news was lost, once it is fetched', async () => {
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
    await at('2026-08-20');
    await store.act('subscriptions', id, 'auto_renew', { on: false });
    await house.box.control('PUT', 'chaos', { webhooks: UNRULY });
    expect(await mine('ann')).toMatchObject({ cancelAtPeriodEnd: false });
    const backfill = house.app.app.get(BackfillService, { strict: false });
    const request = { provider: 'apple' as const, since: new Date('2026-05-12T00:00:00Z') };
    await backfill.run(request, { type: 'system', id: null, requestId: null });
    await house.settle();
    expect(await mine('ann')).toMatchObject({ cancelAtPeriodEnd: true, currentPeriodEnd: '2026-09-10T12:00:00.000Z' });
    expect(await paymentsOf('ann')).toHaveLength(8);
  });

  it('lapses, and comes back under the same number to another plan', async () => {
    await at('2026-09-11');
    expect(await mine('ann')).toMatchObject({ status: 'canceled' });
    expect(await grantedBy('ann')).toEqual([]);
    await at('2026-11-20');
    const { transaction } = await store.buy('ann', 'basic.annual');
    expect(transaction.originalTransactionId).toBe(id);
    await house.settle();
    expect(await mine('ann')).toMatchObject({ status: 'active', plan: { code: 'BASIC' }, amount: 9_000 });
    expect(await grantedBy('ann')).toEqual(['apple']);
  });

  it('is the second way to pay of who was first at Stripe, in his own currency', async () => {
    await new Buyers(house).subscribe('ben', 'PRO');
    await house.as('ben', 'DELETE', '/billing/subscriptions?atPeriodEnd=true');
    await at('2026-12-22');
    expect(await grantedBy('ben')).toEqual([]);
    const inYen = { offer: 'none', currency: 'JPY', storefront: 'JPN' };
    const { transaction } = await store.buy('ben', 'pro.monthly', inYen);
    await house.settle();
    expect(await mine('ben')).toMatchObject({
      provider: 'apple',
      plan: { code: 'PRO' },
      amount: 4_500,
      currency: 'JPY',
    });
    expect(await grantedBy('ben')).toEqual(['apple']);
    expect((await paymentsOf('ben')).map(({ amount, currency }) => [amount, currency])).toEqual([
      [2_900, 'USD'],
      [4_500, 'JPY'],
    ]);
    const { body: bills } = await house.as('ben', 'GET', '/billing/invoices?limit=1');
    expect(bills['data']).toMatchObject([{ provider: 'apple', amountPaid: 4_500, currency: 'JPY' }]);
    const ofBen = transaction.originalTransactionId;
    for (const action of ['refund', 'refund_reversed', 'refund']) await act('transactions', ofBen, action);
    expect(await grantedBy('ben')).toEqual([]);
    const { body } = await house.as('ben', 'GET', '/billing/payments?limit=1');
    expect(body['data']).toMatchObject([{ amount: 4_500, amountRefunded: 4_500, currency: 'JPY' }]);
  });

  it('leaves the proceeds in the books: less commission after a year, none of what was given back', async () => {
    await at('2028-01-15');
    expect(await mine('ann')).toMatchObject({ status: 'active', currentPeriodEnd: '2028-11-20T12:00:00.000Z' });
    // 9 and 9 and 29, 39 four times; 90 in the first year, and once after it. The first 9 was given back.
    const rows = await house.rows<{ account: string; currency: string; sum: number }>(
      `SELECT account_code AS account, currency, sum(amount)::int AS sum FROM journal_entries
       WHERE account_code IN ('apple.clearing', 'fees.apple') GROUP BY 1, 2 ORDER BY 2, 1`,
    );
    const charged = (await paymentsOf('ann')).map(({ amount }) => amount);
    expect(charged).toEqual([900, 900, 900, 2_900, 3_900, 3_900, 3_900, 3_900, 9_000, 9_000]);
    const [kept, later] = [900 + 900 + 2_900 + 4 * 3_900 + 9_000, 9_000];
    const commission = 0.3 * kept + 0.15 * later;
    expect(rows).toEqual([
      { account: 'apple.clearing', currency: 'JPY', sum: 0 },
      { account: 'fees.apple', currency: 'JPY', sum: 0 },
      { account: 'apple.clearing', currency: 'USD', sum: kept + later - commission },
      { account: 'fees.apple', currency: 'USD', sum: commission },
    ]);
  });

  it('agrees with the App Store’s own records, and with itself in whatever order it is told', async () => {
    for (const [from, to] of [
      ['2026-01-15', '2027-01-15'],
      ['2027-01-15', '2028-01-15'],
    ] as const) {
      const { counts } = await reconcile(house, 'apple', new Date(from), new Date(to));
      expect(counts).toMatchObject({ breaks: 0, unresolved: 0, foreign: 0 });
    }
    expect(await verifyHouse(house)).toMatchObject({ failure: null });
  }, 60_000);
});
