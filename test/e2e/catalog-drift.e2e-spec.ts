import { CatalogDriftWatch } from '../../src/modules/billing/catalog/catalog-drift-watch.service';
import { CatalogDesk } from '../support/catalog-admin';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer } from '../support/http-client';
import { asInternal } from '../support/tokens';

interface Report {
  products: number;
  prices: number;
  drifts: { kind: string; objectType: string; id: string | null; providerId: string; field: string; ours: unknown }[];
}

describe('drift between the catalog and Stripe', () => {
  let house: House;
  let desk: CatalogDesk;
  beforeEach(async () => {
    house = await startHouse();
    desk = new CatalogDesk(house);
  }, 30_000);
  afterEach(() => house.close());

  const check = async (): Promise<Report> => {
    const { status, body } = await desk.call('GET', '/catalog/drift');
    expect(status).toBe(200);
    return body as unknown as Report;
  };
  const priceAt = async (code: string, i: number): Promise<{ id: string; providerId: string }> => {
    const { prices } = (await desk.call('GET', `/plans/${code}`)).body as {
      prices: { id: string; providerId: string }[];
    };
    return prices[i]!;
  };
  const alerts = (): Promise<{ cause_key: string; open: boolean; count: number }[]> =>
    house.rows(
      "SELECT cause_key, resolved_at IS NULL AS open, count FROM alerts WHERE kind = 'catalog.drift' ORDER BY 1",
    );

  it('is none after the seed, however many of others’ prices there are, and none while the catalog changes', async () => {
    const { stripe } = house.box;
    const other = await stripe.products.create({ name: 'Mugs' });
    for (let i = 0; i < 120; i += 1) {
      await stripe.prices.create({
        product: other.id,
        currency: 'usd',
        unit_amount: i,
        recurring: { interval: 'month' },
      });
    }
    expect(await check()).toMatchObject({ products: 4, prices: 126, drifts: [] });
    await desk.plan('TEAM', [{ billingCycle: 'monthly', amount: 5_000, currency: 'KWD' }]);
    await desk.price('TEAM', 'monthly', 6_000, 'KWD');
    await desk.call('PATCH', '/plans/TEAM', { name: 'Crew', active: false });
    const [report] = await Promise.all([check(), house.settle()]);
    expect(report.drifts.filter(({ field }) => field !== 'name' && field !== 'active')).toEqual([]);
    expect((await check()).drifts).toEqual([]);
  });

  it('tells what somebody changed, took away or added there, and nothing else', async () => {
    const { stripe } = house.box;
    await stripe.products.update('kassa_pro', { name: 'Gold', active: false });
    const { id, providerId } = await priceAt('BASIC', 0);
    await stripe.prices.update(providerId, { active: false });
    const terms = { currency: 'usd', recurring: { interval: 'month' } } as const;
    const foreign = await stripe.prices.create({ product: 'kassa_basic', unit_amount: 1, ...terms });
    const claimed = await stripe.products.create({ name: 'Ghost', metadata: { kassaPlanId: 'plan_gone' } });
    const ghost = await stripe.prices.create({
      ...{ product: claimed.id, unit_amount: 5, ...terms },
      metadata: { kassaPriceId: 'price_gone' },
    });
    const { drifts } = await check();
    expect(drifts.map(({ kind, providerId: ref, field, id: ours }) => [kind, ref, field, ours === null])).toEqual([
      ['differs', providerId, 'active', false],
      ['differs', 'kassa_pro', 'name', false],
      ['differs', 'kassa_pro', 'active', false],
      ['missing_here', claimed.id, 'name', true],
      ...[foreign, ghost].map((price) => ['missing_here', price.id, 'amount', true]).reverse(),
    ]);
    expect(drifts[0]).toMatchObject({ objectType: 'price', id, ours: 'true', theirs: 'false' });
  });

  it('is looked for once a day, with one alert for each, which is resolved when it is gone', async () => {
    const watch = house.app.app.get(CatalogDriftWatch, { strict: false });
    const { stripe } = house.box;
    await stripe.products.update('kassa_pro', { name: 'Gold' });
    const { providerId } = await priceAt('BASIC', 1);
    await stripe.prices.update(providerId, { active: false });
    const looks = await Promise.all([watch.sweep(), watch.sweep(), watch.sweep()]);
    expect(looks.flatMap((report) => report?.drifts.length ?? [])).toEqual([2]);
    const mine = `catalog.drift:price:${providerId}:differs:active`;
    const theirs = 'catalog.drift:plan:kassa_pro:differs:name';
    expect(await alerts()).toEqual([
      { cause_key: theirs, open: true, count: 1 },
      { cause_key: mine, open: true, count: 1 },
    ]);
    const metrics = await fetchAnswer(`${house.app.url}/metrics`, { headers: asInternal() });
    expect(metrics.text).toContain('kassa_catalog_drifts{kind="differs"} 2');
    expect(await watch.sweep()).toBeNull();
    await stripe.prices.update(providerId, { active: true });
    await house.rows("UPDATE sweep_cursors SET position = '' WHERE name = 'catalog-drift'");
    await watch.sweep();
    expect(await alerts()).toEqual([
      { cause_key: theirs, open: true, count: 2 },
      { cause_key: mine, open: false, count: 1 },
    ]);
  });

  it('is mended for a plan by the next change of it', async () => {
    await house.box.stripe.products.update('kassa_pro', { name: 'Gold' });
    const { providerId } = await priceAt('PRO', 0);
    await house.box.stripe.prices.update(providerId, { active: false });
    await desk.call('PATCH', '/plans/PRO', { position: 7 });
    await house.settle();
    expect((await check()).drifts).toEqual([]);
  });

  it.each([
    ['an error before it was made', 'error_500'],
    ['an error after it was made', 'error_500_after'],
    ['a lost answer', 'lose_answer'],
  ])('is none after %s, and each object is there once', async (_, fault) => {
    const strike = { fault, method: 'POST', times: 1 };
    const api = [
      { ...strike, pathPrefix: '/v1/products' },
      { ...strike, pathPrefix: '/v1/prices' },
    ];
    await house.box.control('PUT', 'chaos', { api });
    await desk.plan('TEAM', [{ billingCycle: 'monthly', amount: 5_000, currency: 'HUF' }]);
    const { stripe } = house.box;
    expect((await stripe.prices.list({ product: 'kassa_team' })).data).toHaveLength(1);
    expect((await check()).drifts).toEqual([]);
    expect((await priceAt('TEAM', 0)).providerId).toMatch(/^price_/);
  });

  it('is looked for again where Stripe was away, and an answer says so', async () => {
    const watch = house.app.app.get(CatalogDriftWatch, { strict: false });
    await house.box.control('PUT', 'chaos', { api: [{ fault: 'error_429', retryAfterSeconds: 30 }] });
    await expect(watch.sweep()).rejects.toMatchObject({ code: 'PROVIDER_BUSY' });
    expectRefusal(await desk.call('GET', '/catalog/drift'), 503, 'PROVIDER_BUSY');
    await house.box.control('PUT', 'chaos', {});
    expect((await watch.sweep())?.drifts).toEqual([]);
  });
});
