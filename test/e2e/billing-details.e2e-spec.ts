import type Stripe from 'stripe';
import { expectRefusal } from '../support/http-client';
import { startHouse, type House } from '../support/house';

const DETAILS = '/billing/details';
const BERLIN = { line1: 'Unter den Linden 1', city: 'Berlin', postalCode: '10117', country: 'DE' };
const VAT = { type: 'eu_vat', value: 'DE123456789' };

describe('billing details', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ settings: { STRIPE_TAX: 'on' } });
  }, 30_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  const put = (user: string, body: unknown) => house.as(user, 'PUT', DETAILS, body);
  const get = async (user: string) => (await house.as(user, 'GET', DETAILS)).body;
  const taxIds = async (user: string) =>
    ((await get(user))['taxIds'] as { type: string; value: string }[]).map(({ type, value }) => ({ type, value }));
  const atStripe = async (user: string) =>
    (await house.box.control<{ customers: Stripe.Customer[] }>('GET', 'state')).customers.find(
      ({ email }) => email === `${user}@test.example`,
    );

  it('are empty for who has none, and no customer is made by looking', async () => {
    const address = { line1: null, line2: null, city: null, postalCode: null, state: null, country: null };
    expect(await get('nobody')).toEqual({ name: null, address, taxIds: [], taxStatus: null });
    expect(await atStripe('nobody')).toBeUndefined();
    expect((await fetch(`${house.app.url}/v1${DETAILS}`)).status).toBe(401);
  });

  it('are kept at Stripe, the whole address at once', async () => {
    const first = await put('ada', { name: 'Ada Lovelace', address: BERLIN, taxIds: [VAT] });
    expect(first).toMatchObject({
      status: 200,
      body: {
        name: 'Ada Lovelace',
        address: { ...BERLIN, line2: null, state: null },
        taxIds: [{ ...VAT, country: 'DE', status: 'verified' }],
        taxStatus: 'supported',
      },
    });
    expect(await get('ada')).toEqual(first.body);
    expect(await put('ada', { address: { country: 'FR', line1: null } })).toMatchObject({
      body: {
        name: 'Ada Lovelace',
        address: { line1: null, city: null, postalCode: null, country: 'FR' },
        taxIds: [VAT],
      },
    });
    expect(await atStripe('ada')).toMatchObject({ name: 'Ada Lovelace', address: { country: 'FR', line1: null } });
    expect((await get('eve'))['name']).toBeNull();
  });

  it('replace tax ids by what is sent, each once, however it is written', async () => {
    await put('biz', { address: BERLIN, taxIds: [VAT, { type: 'eu_vat', value: 'de 123 456 789' }] });
    expect(await taxIds('biz')).toEqual([VAT]);
    const [before] = (await get('biz'))['taxIds'] as { id: string }[];
    const ein = { type: 'us_ein', value: '12-3456789' };
    await put('biz', { address: BERLIN, taxIds: [VAT, ein] });
    expect(await taxIds('biz')).toEqual(expect.arrayContaining([VAT, ein]));
    expect((await get('biz'))['taxIds']).toContainEqual(expect.objectContaining({ id: before!.id }));
    await put('biz', { address: BERLIN });
    expect(await taxIds('biz')).toHaveLength(2);
    await put('biz', { address: BERLIN, taxIds: [] });
    expect(await taxIds('biz')).toEqual([]);
  });

  it('are as they were when the address is refused', async () => {
    await put('cautious', { name: 'Cautious', address: BERLIN, taxIds: [VAT] });
    const before = await get('cautious');
    const other = { type: 'gb_vat', value: 'GB123456789' };
    expectRefusal(
      await put('cautious', { name: 'Bold', address: { country: 'US' }, taxIds: [other] }),
      422,
      'TAX_ADDRESS_INVALID',
    );
    expect(await get('cautious')).toEqual(before);
    expect((await put('cautious', { address: { country: 'US', postalCode: '97201' } })).status).toBe(200);
  });

  const long = 'x'.repeat(10_000);
  it.each<[string, unknown]>([
    ['nothing', {}],
    ['no address', { name: 'X' }],
    ['a null address', { address: null }],
    ['a list of addresses', { address: [BERLIN] }],
    ['an address in words', { address: 'Berlin' }],
    ['no country', { address: { city: 'Berlin' } }],
    ['a country that is none', { address: { country: 'XX' } }],
    ['a country in small letters', { address: { country: 'de' } }],
    ['a country in words', { address: { country: 'Germany' } }],
    ['an unknown field', { address: { ...BERLIN, planet: 'Earth' } }],
    ['another owner', { address: BERLIN, customerId: 'cust_1' }],
    ['NUL', { address: { ...BERLIN, city: 'Ber\u0000lin' } }],
    ['a line break', { address: { ...BERLIN, city: 'Ber\nlin' } }],
    ['blanks', { address: { ...BERLIN, city: '  ' } }],
    ['10 kB of street', { address: { ...BERLIN, line1: long } }],
    ['SQL for a postal code', { address: { ...BERLIN, postalCode: "'; drop table--" } }],
    ['a number for a city', { address: { ...BERLIN, city: 7 } }],
    ['a null name', { name: null, address: BERLIN }],
    ['an empty name', { name: '', address: BERLIN }],
    ['a null for tax ids', { address: BERLIN, taxIds: null }],
    ['one tax id, not a list', { address: BERLIN, taxIds: VAT }],
    ['three tax ids', { address: BERLIN, taxIds: [VAT, VAT, VAT] }],
    ['a tax id without a kind', { address: BERLIN, taxIds: [{ value: 'DE123456789' }] }],
    ['a kind in words', { address: BERLIN, taxIds: [{ type: 'VAT', value: 'DE123456789' }] }],
    ['10 kB of tax id', { address: BERLIN, taxIds: [{ type: 'eu_vat', value: long }] }],
  ])('refuse %s', async (_what, body) => {
    expectRefusal(await put('picky', body), 400, 'INVALID_INPUT');
    expect(await atStripe('picky')).toBeUndefined();
  });

  it.each([
    ['eu_vat', 'DE12345678'],
    ['eu_vat', 'US123456789'],
    ['eu_vat', "DE'; drop--"],
    ['gb_vat', 'GB1'],
  ])('refuse the %s %s, and make nothing', async (type, value) => {
    const refused = await put('picky', { address: BERLIN, taxIds: [VAT, { type, value }] });
    expectRefusal(refused, 400, 'TAX_ID_INVALID');
    expect(refused.text).not.toContain(value);
    expect(await atStripe('picky')).toBeUndefined();
  });

  it('are as they were when Stripe refuses a tax id, whose form it alone knows', async () => {
    await put('norse', { address: BERLIN, taxIds: [VAT] });
    const before = await get('norse');
    const good = { type: 'us_ein', value: '12-3456789' };
    const bad = { type: 'no_vat', value: '#' };
    expectRefusal(await put('norse', { address: { country: 'FR' }, taxIds: [good, bad] }), 400, 'TAX_ID_INVALID');
    expect(await get('norse')).toEqual(before);
  });

  it('of twenty changes at once leave one whole', async () => {
    await put('busy', { address: BERLIN });
    const values = Array.from({ length: 20 }, (_, index) => `DE1234567${String(index).padStart(2, '0')}`);
    const answers = await Promise.all(
      values.map((value) =>
        put('busy', { address: { country: 'DE', city: value }, taxIds: [{ type: 'eu_vat', value }] }),
      ),
    );
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectRefusal(answer, 409, 'REQUEST_IN_PROGRESS');
    }
    const { address, taxIds: ids } = await get('busy');
    expect(ids).toHaveLength(1);
    expect(ids).toMatchObject([{ value: (address as { city: string }).city }]);
  });

  it('are changed by asking again after an answer was lost', async () => {
    await put('unlucky', { address: BERLIN });
    await house.box.control('PUT', 'chaos', {
      api: [{ fault: 'error_500_after', method: 'POST', pathPrefix: '/v1/customers', times: 1 }],
    });
    const wanted = { address: { country: 'AT' }, taxIds: [{ type: 'eu_vat', value: 'ATU12345678' }] };
    expectRefusal(await put('unlucky', wanted), 502, 'PROVIDER_ERROR');
    await house.box.control('PUT', 'chaos', {});
    expect(await put('unlucky', wanted)).toMatchObject({ status: 200, body: wanted });
    expect(await taxIds('unlucky')).toEqual(wanted.taxIds);
    const states = await house.rows<{ state: string }>(
      `SELECT i.state FROM provider_intents i JOIN customers c ON c.id = i.customer_id
       WHERE i.kind = 'billing_details.change' AND c.user_id = 'unlucky' ORDER BY i.created_at`,
    );
    expect(states.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'succeeded']);
  });

  it('count as changed where Stripe has carried out what a crash kept from being noted', async () => {
    const wanted = { address: { country: 'IT' }, taxIds: [{ type: 'eu_vat', value: 'IT12345678901' }] };
    expect((await put('crashed', wanted)).status).toBe(200);
    const [intent] = await house.rows<{ id: string }>(
      `UPDATE provider_intents i SET state = 'calling', settled_at = NULL, provider_id = NULL, outcome = NULL FROM customers c
       WHERE c.id = i.customer_id AND c.user_id = 'crashed' AND i.kind = 'billing_details.change' RETURNING i.id`,
    );
    expect((await put('crashed', { address: { country: 'AT' } })).status).toBe(200);
    expect(await house.rows('SELECT state FROM provider_intents WHERE id = $1', [intent!.id])).toEqual([
      { state: 'succeeded' },
    ]);
    expect(await get('crashed')).toMatchObject({ address: { country: 'AT' }, taxIds: wanted.taxIds });
  });

  it('stand in no row that is kept for good', async () => {
    await house.settle();
    const [found] = await house.rows<{ text: string }>(
      `SELECT concat((SELECT string_agg(t::text, '') FROM facts t), (SELECT string_agg(t::text, '') FROM journal_transactions t),
         (SELECT string_agg(t::text, '') FROM provider_intents t), (SELECT string_agg(t::text, '') FROM audit_log t),
         (SELECT string_agg(t::text, '') FROM outbox_events t), (SELECT string_agg(t::text, '') FROM customers t)) AS text`,
    );
    expect(found!.text).toContain('billing_details.change');
    expect(found!.text).not.toMatch(/Lovelace|Linden|Berlin|10117|DE123456789/);
  });
});
