import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { asUser } from '../support/tokens';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;

interface Shown {
  id: string;
  code: string;
  stripe: { couponId: string | null; promotionCodeId: string | null; inSync: boolean; syncedAt: string | null };
}

describe('discounts, as administrators make them', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ start: START });
  }, 60_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  const admin = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    role = 'admin',
  ) => {
    const identity = { ...asUser('boss', role), ...headers };
    const init = body === undefined ? { method, headers: identity } : { ...jsonPost(body, identity), method };
    return fetchAnswer(`${house.app.url}/v1/admin/discounts${path}`, init);
  };
  const make = async (body: object): Promise<Shown> => {
    const made = await admin('POST', '', body);
    expect(made.status).toBe(201);
    await house.settle();
    return made.body as unknown as Shown;
  };
  const shown = async (id: string) => (await admin('GET', `/${id}`)).body as unknown as Shown;
  const codesOf = async (id: string): Promise<Stripe.PromotionCode[]> =>
    (await house.box.stripe.promotionCodes.list({ coupon: `kassa_${id}`, limit: 100 })).data;
  const activeOf = async (id: string) => (await codesOf(id)).filter(({ active }) => active);
  const count = async (): Promise<number> =>
    (await house.rows<{ n: number }>('SELECT count(*)::int AS n FROM discounts'))[0]!.n;
  let serial = 0;
  const fresh = () => `CODE-${(serial += 1)}`;

  it('are mirrored as a coupon and a promotion code, and told of', async () => {
    const body = {
      code: 'Welcome25',
      name: 'Welcome',
      percentOff: 25,
      duration: 'repeating',
      durationInMonths: 3,
      plans: ['PRO'],
      maxRedemptions: 10,
      expiresAt: '2026-06-30T12:00:00+02:00',
      firstTimeOnly: true,
    };
    const made = await make(body);
    expect(made).toMatchObject({
      id: expect.stringMatching(/^disc_/) as string,
      ...body,
      code: 'WELCOME25',
      amountOff: null,
      currency: null,
      expiresAt: '2026-06-30T10:00:00.000Z',
      active: true,
      redemptions: { held: 0, redeemed: 0 },
    });
    const coupon = await house.box.stripe.coupons.retrieve(`kassa_${made.id}`, { expand: ['applies_to'] });
    expect(coupon).toMatchObject({
      name: 'Welcome',
      percent_off: 25,
      duration: 'repeating',
      duration_in_months: 3,
      applies_to: { products: ['kassa_pro'] },
      metadata: { kassaDiscountId: made.id },
      max_redemptions: null,
      redeem_by: null,
    });
    const [code] = await activeOf(made.id);
    expect(code).toMatchObject({
      code: 'WELCOME25',
      max_redemptions: 10,
      expires_at: Date.parse('2026-06-30T10:00:00Z') / 1000,
      restrictions: { first_time_transaction: true },
    });
    expect(await shown('welcome25')).toEqual(await shown(made.id));
    const later = await shown(made.id);
    expect(later.stripe).toEqual({
      couponId: coupon.id,
      promotionCodeId: code?.id,
      inSync: true,
      syncedAt: expect.any(String) as string,
    });
    const audit = await house.rows('SELECT action, actor_id, after FROM audit_log WHERE object_id = $1', [made.id]);
    expect(audit).toMatchObject([{ action: 'discount.create', actor_id: 'boss', after: { code: 'WELCOME25' } }]);
  });

  it('are listed, newest first, page by page', async () => {
    for (let n = 0; n < 3; n++) await make({ code: fresh(), percentOff: 5, active: n !== 1 });
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await admin('GET', `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      ids.push(...(page.body['data'] as Shown[]).map(({ id }) => id));
      cursor = page.body['nextCursor'] as string | null;
    }
    const all = await house.rows<{ id: string }>('SELECT id FROM discounts ORDER BY created_at DESC, id DESC');
    expect(ids).toEqual(all.map(({ id }) => id));
    const inactive = (await admin('GET', '?active=false')).body['data'] as { active: boolean }[];
    expect(inactive.length).toBeGreaterThan(0);
    expect(inactive.every(({ active }) => !active)).toBe(true);
  });

  it('are made once, however often the same request comes', async () => {
    const before = await count();
    const headers = { 'idempotency-key': randomUUID() };
    const body = { code: fresh(), amountOff: 500, currency: 'usd' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => admin('POST', '', body, headers)));
    for (const { status, body: answer } of answers) {
      expect([201, 'REQUEST_IN_PROGRESS']).toContain(answer.error?.code ?? status);
    }
    const again = await admin('POST', '', body, headers);
    expect(again).toMatchObject({ status: 201, body: { code: body.code, amountOff: 500, currency: 'USD' } });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await count()).toBe(before + 1);
  });

  it('are found again by a request whose answer was lost in a crash', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { code: fresh(), percentOff: 5 };
    const made = await admin('POST', '', body, headers);
    await house.rows('DELETE FROM idempotency_keys WHERE key = $1', [headers['idempotency-key']]);
    expect(await admin('POST', '', body, headers)).toMatchObject({ status: 201, body: { id: made.body['id'] } });
    expectRefusal(await admin('POST', '', body), 409, 'DISCOUNT_CODE_TAKEN');
  });

  it('have a code of their own, whatever its case, also when 20 want it at once', async () => {
    const code = fresh();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        admin('POST', '', { code: n % 2 ? code : code.toLowerCase(), percentOff: 5 }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 201) expectRefusal(answer, 409, 'DISCOUNT_CODE_TAKEN');
    await house.settle();
  });

  const refused: [string, object, number, string][] = [
    ['nothing at all', {}, 400, 'INVALID_INPUT'],
    ['no code', { percentOff: 5 }, 400, 'INVALID_INPUT'],
    ['an empty code', { code: '', percentOff: 5 }, 400, 'INVALID_INPUT'],
    ['a code of two words', { code: 'TWO WORDS', percentOff: 5 }, 400, 'INVALID_INPUT'],
    ['a code of SQL', { code: "'; DROP TABLE discounts--", percentOff: 5 }, 400, 'INVALID_INPUT'],
    ['a code with NUL', { code: 'A\u0000', percentOff: 5 }, 400, 'INVALID_INPUT'],
    ['a code of 10 kB', { code: 'A'.repeat(10_000), percentOff: 5 }, 400, 'INVALID_INPUT'],
    ['neither percentage nor amount', { code: 'X' }, 400, 'INVALID_INPUT'],
    ['both', { code: 'X', percentOff: 5, amountOff: 5, currency: 'USD' }, 400, 'INVALID_INPUT'],
    ['0 %', { code: 'X', percentOff: 0 }, 400, 'INVALID_INPUT'],
    ['-5 %', { code: 'X', percentOff: -5 }, 400, 'INVALID_INPUT'],
    ['101 %', { code: 'X', percentOff: 101 }, 400, 'INVALID_INPUT'],
    ['a thousandth of a percent', { code: 'X', percentOff: 0.001 }, 400, 'INVALID_INPUT'],
    ['a percentage in words', { code: 'X', percentOff: '5' }, 400, 'INVALID_INPUT'],
    ['an amount of 0', { code: 'X', amountOff: 0, currency: 'USD' }, 400, 'INVALID_INPUT'],
    ['a negative amount', { code: 'X', amountOff: -1, currency: 'USD' }, 400, 'INVALID_INPUT'],
    ['half a cent', { code: 'X', amountOff: 0.5, currency: 'USD' }, 400, 'INVALID_INPUT'],
    ['2^53', { code: 'X', amountOff: 2 ** 53, currency: 'USD' }, 400, 'INVALID_INPUT'],
    ['an amount of no currency', { code: 'X', amountOff: 5 }, 400, 'INVALID_INPUT'],
    ['a currency that does not exist', { code: 'X', amountOff: 5, currency: 'XYZ' }, 400, 'INVALID_INPUT'],
    ['an amount Stripe cannot carry', { code: 'X', amountOff: 1_001, currency: 'KWD' }, 400, 'INVALID_INPUT'],
    ['a percentage of a currency', { code: 'X', percentOff: 5, currency: 'USD' }, 400, 'INVALID_INPUT'],
    ['another duration', { code: 'X', percentOff: 5, duration: 'twice' }, 400, 'INVALID_INPUT'],
    ['no duration', { code: 'X', percentOff: 5, duration: null }, 400, 'INVALID_INPUT'],
    ['a repetition of no length', { code: 'X', percentOff: 5, duration: 'repeating' }, 400, 'INVALID_INPUT'],
    ['months of a single use', { code: 'X', percentOff: 5, durationInMonths: 3 }, 400, 'INVALID_INPUT'],
    ['0 months', { code: 'X', percentOff: 5, duration: 'repeating', durationInMonths: 0 }, 400, 'INVALID_INPUT'],
    ['no redemptions', { code: 'X', percentOff: 5, maxRedemptions: 0 }, 400, 'INVALID_INPUT'],
    ['an end in the past', { code: 'X', percentOff: 5, expiresAt: '2026-01-01T00:00:00Z' }, 400, 'INVALID_INPUT'],
    ['an end that is no time', { code: 'X', percentOff: 5, expiresAt: 'tomorrow' }, 400, 'INVALID_INPUT'],
    ['plans that are none', { code: 'X', percentOff: 5, plans: 'PRO' }, 400, 'INVALID_INPUT'],
    ['a plan twice', { code: 'X', percentOff: 5, plans: ['PRO', 'PRO'] }, 400, 'INVALID_INPUT'],
    ['an unknown plan', { code: 'X', percentOff: 5, plans: ['PRO', 'GOLD'] }, 404, 'PLAN_NOT_FOUND'],
    ['a name of 41', { code: 'X', percentOff: 5, name: 'x'.repeat(41) }, 400, 'INVALID_INPUT'],
    ['an unknown field', { code: 'X', percentOff: 5, id: 'disc_1' }, 400, 'INVALID_INPUT'],
  ];
  it.each(refused)('are not made with %s', async (_what, body, status, code) => {
    const before = await count();
    expectRefusal(await admin('POST', '', body), status, code);
    expect(await count()).toBe(before);
  });

  it('give what they give for good', async () => {
    const { id } = await make({ code: fresh(), percentOff: 5 });
    const before = await shown(id);
    for (const change of [
      { percentOff: 50 },
      { percentOff: 5 },
      { amountOff: 5, currency: 'USD' },
      { duration: 'forever' },
      { durationInMonths: 3 },
      { code: 'OTHER' },
      { plans: [] },
      { firstTimeOnly: true, active: false },
    ]) {
      const answer = await admin('PATCH', `/${id}`, change);
      expectRefusal(answer, 422, 'DISCOUNT_IMMUTABLE');
      expect(answer.body.error?.details['fields']).toEqual(Object.keys(change).filter((field) => field !== 'active'));
    }
    expect(await shown(id)).toEqual(before);
  });

  it('change in what may change, and Stripe follows', async () => {
    const { id } = await make({ code: fresh(), percentOff: 5 });
    const [first] = await activeOf(id);
    const limits = { name: 'Spring', maxRedemptions: 3, expiresAt: '2026-05-01T00:00:00.000Z' };
    expect(await admin('PATCH', `/${id}`, limits)).toMatchObject({
      status: 200,
      body: { ...limits, stripe: { inSync: false } },
    });
    await house.settle();
    expect(await house.box.stripe.coupons.retrieve(`kassa_${id}`)).toMatchObject({ name: 'Spring', percent_off: 5 });
    const [second, ...more] = await activeOf(id);
    expect(more).toEqual([]);
    expect(second).toMatchObject({ code: first?.code, max_redemptions: 3, expires_at: Date.UTC(2026, 4, 1) / 1000 });
    expect(second?.id).not.toBe(first?.id);

    await admin('PATCH', `/${id}`, { active: false, maxRedemptions: null, expiresAt: null });
    await house.settle();
    expect(await activeOf(id)).toEqual([]);
    expect(await shown(id)).toMatchObject({ active: false, maxRedemptions: null, expiresAt: null });
    expect((await shown(id)).stripe).toMatchObject({ promotionCodeId: null, inSync: true });

    await admin('PATCH', `/${id}`, { active: true });
    await house.settle();
    expect(await activeOf(id)).toMatchObject([{ code: first?.code, max_redemptions: null, expires_at: null }]);
    const audit = await house.rows<{ before: object; after: object }>(
      "SELECT before, after FROM audit_log WHERE object_id = $1 AND action = 'discount.edit' ORDER BY seq",
      [id],
    );
    expect(audit).toMatchObject([
      { before: { maxRedemptions: null }, after: { maxRedemptions: 3 } },
      { before: { active: true }, after: { active: false } },
      { before: { active: false }, after: { active: true } },
    ]);
  });

  it('end at Stripe as the last of 20 changes at once says', async () => {
    const { id } = await make({ code: fresh(), percentOff: 5 });
    const ask = (n: number): Promise<Answer> => admin('PATCH', `/${id}`, { maxRedemptions: n + 1 });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    await house.settle();
    const { maxRedemptions, stripe } = (await shown(id)) as Shown & { maxRedemptions: number };
    const [code, ...more] = await activeOf(id);
    expect(more).toEqual([]);
    expect(code).toMatchObject({ id: stripe.promotionCodeId, max_redemptions: maxRedemptions });
  });

  it.each<[string, object, number, string]>([
    ['an end in the past', { expiresAt: '2026-01-01' }, 400, 'INVALID_INPUT'],
    ['an end that is no time', { expiresAt: 'never' }, 400, 'INVALID_INPUT'],
    ['no redemptions', { maxRedemptions: 0 }, 400, 'INVALID_INPUT'],
    ['neither', { active: null }, 400, 'INVALID_INPUT'],
    ['no name', { name: '' }, 400, 'INVALID_INPUT'],
    ['an unknown field', { revision: 7 }, 400, 'INVALID_INPUT'],
  ])('are not changed to %s', async (_what, change, status, code) => {
    const [{ id }] = (await house.rows<{ id: string }>('SELECT id FROM discounts LIMIT 1')) as [{ id: string }];
    const before = await shown(id);
    expectRefusal(await admin('PATCH', `/${id}`, change), status, code);
    expect(await shown(id)).toEqual(before);
  });

  it.each(['disc_unknown', "x' OR 1=1--", 'x'.repeat(10_000)])('are not found by %.20j', async (id) => {
    const path = `/${encodeURIComponent(id)}`;
    const status = id.length > 1_000 ? [404, 414] : [404];
    for (const answer of [await admin('GET', path), await admin('PATCH', path, { active: false })]) {
      expect(status).toContain(answer.status);
    }
  });

  it('are for administrators only', async () => {
    const [{ id }] = (await house.rows<{ id: string }>('SELECT id FROM discounts LIMIT 1')) as [{ id: string }];
    for (const role of ['user', 'support', 'finance']) {
      for (const answer of [
        await admin('GET', '', undefined, {}, role),
        await admin('GET', `/${id}`, undefined, {}, role),
        await admin('POST', '', { code: fresh(), percentOff: 5 }, {}, role),
        await admin('PATCH', `/${id}`, { active: false }, {}, role),
      ]) {
        expectRefusal(answer, 403, 'INSUFFICIENT_PERMISSIONS');
      }
    }
  });

  it.each([
    ['fails', { fault: 'error_500', times: 3 }],
    ['does it and answers 500', { fault: 'error_500_after', times: 1 }],
    ['does it and the answer is lost', { fault: 'lose_answer', times: 2 }],
  ])('are there once when Stripe %s', async (_what, rule) => {
    for (const pathPrefix of ['/v1/coupons', '/v1/promotion_codes']) {
      await house.box.control('PUT', 'chaos', { api: [{ ...rule, method: 'POST', pathPrefix }] });
      const code = fresh();
      const made = await admin('POST', '', { code, percentOff: 5 });
      expect(made.status).toBe(201);
      const { id } = made.body as unknown as Shown;
      await house.settle();
      await house.box.control('PUT', 'chaos', {});
      expect(await codesOf(id)).toMatchObject([{ active: true, code }]);
      expect((await shown(id)).stripe.inSync).toBe(true);
    }
  });

  it('of another plan that Stripe does not know yet make its product', async () => {
    await house.rows(
      `INSERT INTO plans (id, code, name, description, position, created_at, updated_at)
       VALUES ('plan_x', 'SOLO', 'Solo', 'Alone', 9, now(), now())`,
    );
    const { id } = await make({ code: fresh(), percentOff: 5, plans: ['SOLO'] });
    const coupon = await house.box.stripe.coupons.retrieve(`kassa_${id}`, { expand: ['applies_to'] });
    expect(coupon.applies_to?.products).toEqual(['kassa_solo']);
  });

  it('end by themselves', async () => {
    const { id } = await make({ code: fresh(), percentOff: 5, expiresAt: new Date(START.getTime() + DAY_MS) });
    expect(await activeOf(id)).toHaveLength(1);
    await house.advance(new Date(START.getTime() + DAY_MS));
    expect(await activeOf(id)).toEqual([]);
    // Changed after its end, it stays ended at Stripe.
    expect((await admin('PATCH', `/${id}`, { name: 'Over' })).status).toBe(200);
    await house.settle();
    expect(await activeOf(id)).toEqual([]);
    expect((await shown(id)).stripe.inSync).toBe(true);
  });
});
