import { CatalogDesk } from '../support/catalog-admin';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost } from '../support/http-client';
import { asUser } from '../support/tokens';

const PLAN = { code: 'NEXT', name: 'Next' };
const PRICE = { billingCycle: 'monthly', amount: 500, currency: 'EUR' };
const priced = (change: object): object => ({ ...PLAN, prices: [{ ...PRICE, ...change }] });
const featured = (...features: unknown[]): object => ({ ...PLAN, features });

/** Of one price, wherever it stands. */
const BAD_PRICES: readonly (readonly [object, string])[] = [
  [{ amount: -1 }, 'INVALID_INPUT'],
  [{ amount: 1.5 }, 'INVALID_INPUT'],
  [{ amount: 2 ** 53 }, 'INVALID_INPUT'],
  [{ amount: 1e12 }, 'INVALID_INPUT'],
  [{ amount: '500' }, 'INVALID_INPUT'],
  [{ amount: null }, 'INVALID_INPUT'],
  [{ currency: 'XXX' }, 'UNKNOWN_CURRENCY'],
  [{ currency: 'DOG' }, 'UNKNOWN_CURRENCY'],
  [{ currency: 'EURO' }, 'INVALID_INPUT'],
  [{ currency: '' }, 'INVALID_INPUT'],
  [{ currency: 'IRR' }, 'CURRENCY_NOT_SUPPORTED'],
  [{ currency: 'IQD', amount: 1000 }, 'CURRENCY_NOT_SUPPORTED'],
  [{ currency: 'KWD', amount: 9_995 }, 'AMOUNT_NOT_CHARGEABLE'],
  [{ currency: 'bhd', amount: 1 }, 'AMOUNT_NOT_CHARGEABLE'],
  [{ billingCycle: 'weekly' }, 'INVALID_INPUT'],
  [{ billingCycle: null }, 'INVALID_INPUT'],
  [{ lookupKey: 'mine' }, 'INVALID_INPUT'],
];

const BAD_TERMS: readonly object[] = [
  { name: '' },
  { name: ' Pro' },
  { name: 'a\nb' },
  { name: '\ud800' },
  { name: 'x'.repeat(201) },
  { name: null },
  { name: 7 },
  { description: 'x'.repeat(1_001) },
  { description: 'a\u0000b' },
  { description: '\udfff' },
  { description: null },
  { trialDays: -1 },
  { trialDays: 731 },
  { trialDays: 1.5 },
  { trialDays: null },
  { graceDays: 91 },
  { graceDays: -1 },
  { refundAccess: 'suspend' },
  { refundAccess: null },
  { disputeAccess: 'end' },
  { disputeAccess: '' },
  { dunning: [] },
  { dunning: 'none' },
  { dunning: { reminderDays: [-1] } },
  { dunning: { reminderDays: [3, 0] } },
  { dunning: { reminderDays: [91] } },
  { dunning: { reminderDays: null } },
  { dunning: { retryDelaysHours: [0] } },
  { dunning: { retryDelaysHours: [-1] } },
  { dunning: { retryDelaysHours: [4, 2] } },
  { dunning: { retryDelaysHours: [169] } },
  { dunning: { retryDelaysHours: [1.5] } },
  { dunning: { retryDelaysHours: Array<number>(21).fill(1) } },
  { dunning: { endAction: 'delete' } },
  { dunning: { endInvoice: 'forgive' } },
  { dunning: { smartTiming: 'yes' } },
  { dunning: { jitter: 1 } },
  { active: 'true' },
  { active: null },
  { position: -1 },
  { position: 2 ** 53 },
  { features: null },
  { features: 'seats' },
  { features: [null] },
  { features: ['seats'] },
  { features: [{ key: 'seats', limit: -1 }] },
  { features: [{ key: 'seats', limit: 0.5 }] },
  { features: [{ key: 'seats', limit: 2 ** 53 }] },
  { features: [{ key: 'seats', limit: '5' }] },
  { features: [{ key: 'seats', limits: 5 }] },
  { features: [{ key: 'seats' }, { key: 'seats', limit: 1 }] },
  { features: [{ key: 'audit_export', limit: 1 }] },
  { features: Array.from({ length: 201 }, (_, i) => ({ key: `f${i}` })) },
  { id: 'plan_1' },
];

describe('bad input to the catalog', () => {
  let house: House;
  let desk: CatalogDesk;
  let before: unknown;
  beforeAll(async () => {
    house = await startHouse();
    desk = new CatalogDesk(house);
    before = await contents();
  }, 30_000);
  afterAll(() => house.close());
  /** Nothing of all this changed anything. */
  afterEach(async () => {
    expect(await contents()).toEqual(before);
  });

  const contents = (): Promise<unknown> =>
    house.rows(`SELECT (SELECT jsonb_agg(p ORDER BY id) FROM plans p) AS plans, (SELECT jsonb_agg(p ORDER BY id) FROM prices p) AS prices,
      (SELECT jsonb_agg(f ORDER BY id) FROM features f) AS features, (SELECT jsonb_agg(f ORDER BY plan_id, feature_id) FROM plan_features f) AS given,
      (SELECT count(*) FROM outbox_events) AS events`);

  const routes = [
    ['GET', '/plans', undefined],
    ['GET', '/plans/PRO', undefined],
    ['POST', '/plans', {}],
    ['PATCH', '/plans/PRO', {}],
    ['POST', '/plans/PRO/prices', {}],
    ['PATCH', '/prices/price_1', {}],
    ['GET', '/features', undefined],
    ['POST', '/features', {}],
    ['PATCH', '/features/seats', {}],
    ['GET', '/catalog/drift', undefined],
  ] as const;

  it.each(routes)('%s %s is for administrators only', async (method, path, body) => {
    const url = `${house.app.url}/v1/admin${path}`;
    for (const role of ['user', 'finance', 'support']) {
      const headers = asUser('u', role);
      const init = body === undefined ? { method, headers } : { ...jsonPost(body, headers), method };
      expectRefusal(await fetchAnswer(url, init), 403, 'INSUFFICIENT_PERMISSIONS');
    }
    expect((await fetchAnswer(url, { method })).status).toBe(401);
  });

  it.each(BAD_PRICES)('refuses the price %j: %s', async (change, code) => {
    expectRefusal(await desk.call('POST', '/plans', priced(change)), 400, code);
    expectRefusal(await desk.call('POST', '/plans/PRO/prices', { ...PRICE, ...change }), 400, code);
  });

  it.each(BAD_TERMS)('refuses the terms %j', async (change) => {
    expectRefusal(await desk.call('PATCH', '/plans/PRO', change), 400, 'INVALID_INPUT');
    expectRefusal(await desk.call('POST', '/plans', { ...PLAN, ...change }), 400, 'INVALID_INPUT');
  });

  it.each<[unknown, number, string]>([
    [[], 400, 'INVALID_INPUT'],
    [{ name: 'Next' }, 400, 'INVALID_INPUT'],
    [{ code: 'NEXT' }, 400, 'INVALID_INPUT'],
    ...['pro', 'Pro', '9PRO', 'P RO', 'P-R', 'P'.repeat(64), '', null, "P';--", 'É'].map(
      (code): [unknown, number, string] => [{ ...PLAN, code }, 400, 'INVALID_INPUT'],
    ),
    [{ ...PLAN, code: 'PRO' }, 409, 'PLAN_EXISTS'],
    [{ ...PLAN, prices: null }, 400, 'INVALID_INPUT'],
    [{ ...PLAN, prices: [PRICE, { ...PRICE, currency: 'eur', amount: 1 }] }, 400, 'INVALID_INPUT'],
    [featured({ key: 'flying' }), 404, 'FEATURE_NOT_FOUND'],
    [featured({ key: "'; DROP TABLE plans; --" }), 404, 'FEATURE_NOT_FOUND'],
    [featured({ key: 'x'.repeat(10_000) }), 400, 'INVALID_INPUT'],
    [featured({}), 400, 'INVALID_INPUT'],
  ])('refuses the plan %j', async (body, status, code) => {
    expectRefusal(await desk.call('POST', '/plans', body), status, code);
  });

  it.each(['plan_01jd', 'pro', "'%20OR%201=1--", 'x'.repeat(300), 'Ω'])('knows no plan %s', async (id) => {
    const path = `/plans/${id}`;
    expectRefusal(await desk.call('GET', path), 404, 'PLAN_NOT_FOUND');
    expectRefusal(await desk.call('PATCH', path, { name: 'X' }), 404, 'PLAN_NOT_FOUND');
    expectRefusal(await desk.call('POST', `${path}/prices`, PRICE), 404, 'PLAN_NOT_FOUND');
    expectRefusal(await desk.call('PATCH', `/prices/${id}`, { active: false }), 404, 'PRICE_NOT_FOUND');
    expectRefusal(await desk.call('PATCH', `/features/${id}`, { name: 'X' }), 404, 'FEATURE_NOT_FOUND');
  });

  it.each(['%00', '%ff'])('refuses the id %s', async (id) => {
    for (const path of [`/plans/${id}`, `/prices/${id}`, `/features/${id}`]) {
      expect((await desk.call('PATCH', path, { name: 'X', active: false })).status).toBe(400);
    }
  });

  it.each<unknown>([{}, { active: true }, { active: 0 }, { active: null }, { active: false, amount: 1 }])(
    'refuses the change of a price %j',
    async (body) => {
      const [price] = await house.rows<{ id: string }>('SELECT id FROM prices ORDER BY id LIMIT 1');
      expectRefusal(await desk.call('PATCH', `/prices/${price!.id}`, body), 400, 'INVALID_INPUT');
    },
  );

  it('refuses a price that is the present one', async () => {
    const body = { billingCycle: 'monthly', amount: 2_900, currency: 'usd' };
    expectRefusal(await desk.call('POST', '/plans/PRO/prices', body), 409, 'PRICE_UNCHANGED');
  });

  it.each<[unknown, number, string]>([
    [{}, 400, 'INVALID_INPUT'],
    [{ key: 'Seats', name: 'X', type: 'limit' }, 400, 'INVALID_INPUT'],
    [{ key: '1a', name: 'X', type: 'limit' }, 400, 'INVALID_INPUT'],
    [{ key: 'a'.repeat(64), name: 'X', type: 'limit' }, 400, 'INVALID_INPUT'],
    [{ key: 'fine', name: '', type: 'limit' }, 400, 'INVALID_INPUT'],
    [{ key: 'fine', name: 'X', type: 'colour' }, 400, 'INVALID_INPUT'],
    [{ key: 'fine', name: 'X', type: 'limit', position: 1 }, 400, 'INVALID_INPUT'],
    [{ key: 'seats', name: 'X', type: 'boolean' }, 409, 'FEATURE_EXISTS'],
  ])('refuses the feature %j', async (body, status, code) => {
    expectRefusal(await desk.call('POST', '/features', body), status, code);
  });

  it.each<unknown>([{}, { name: null }, { key: 'chairs' }, { name: 'X', type: 'boolean' }])(
    'refuses the change of a feature %j',
    async (body) => {
      expectRefusal(await desk.call('PATCH', '/features/seats', body), 400, 'INVALID_INPUT');
    },
  );

  it.each(['limit=0', 'limit=101', 'limit=x', 'cursor=x', 'active=true'])('refuses the list ?%s', async (query) => {
    for (const list of ['/plans', '/features']) {
      expectRefusal(await desk.call('GET', `${list}?${query}`), 400, 'INVALID_INPUT');
    }
  });
});
