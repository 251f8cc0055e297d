import { FraudRules } from '../../src/modules/billing/fraud/fraud-rules.service';
import { CardTester } from '../support/card-tester';
import { expectRefusal, fetchAnswer, jsonPost } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { asInternal, asUser } from '../support/tokens';

const RULE = {
  key: 'my_rule',
  description: 'Mine',
  signal: 'failures_of_customer',
  windowSeconds: 60,
  threshold: 3,
  outcome: 'review',
};
const HUGE = 'x'.repeat(10_240);

describe('the fraud desk', () => {
  let house: House;
  let tester: CardTester;

  beforeAll(async () => {
    house = await startHouse();
    tester = new CardTester(house);
  }, 40_000);
  afterAll(() => house.close());

  const rules = () => house.rows('SELECT * FROM fraud_rules ORDER BY key');

  it('is in place with the default rules, in the order of priority', async () => {
    const { status, body } = await tester.admin('GET', 'rules');
    const data = body['data'] as { key: string; priority: number }[];
    expect(status).toBe(200);
    expect(data.length).toBeGreaterThan(10);
    expect(data.map(({ priority }) => priority)).toEqual(data.map(({ priority }) => priority).sort((a, b) => a - b));
    expect(data[0]).toMatchObject({
      ...{ key: 'failures_customer_hour', signal: 'failures_of_customer', windowSeconds: 3600, threshold: 10 },
      ...{ currency: null, maxAmount: null, outcome: 'block', active: true },
    });
  });

  it('adds and changes rules, on record with who did it', async () => {
    const made = await tester.admin('POST', 'rules', RULE);
    expect(made).toMatchObject({ status: 201, body: { ...RULE, active: true, priority: 500, currency: null } });
    const changed = await tester.admin('PATCH', 'rules/my_rule', { threshold: 4, outcome: 'block', active: false });
    expect(changed).toMatchObject({ status: 200, body: { ...RULE, threshold: 4, outcome: 'block', active: false } });
    expectRefusal(await tester.admin('POST', 'rules', RULE), 409, 'FRAUD_RULE_EXISTS');
    const audited = await house.rows(
      `SELECT actor_id, action, before ->> 'threshold' AS before, after ->> 'threshold' AS after FROM audit_log
       WHERE object_type = 'fraud_rule' AND object_id = 'my_rule' ORDER BY seq`,
    );
    expect(audited).toEqual([
      { actor_id: 'operator', action: 'fraud_rule.create', before: null, after: '3' },
      { actor_id: 'operator', action: 'fraud_rule.change', before: '3', after: '4' },
    ]);
  });

  it('changes a rule once for all who change different things of it at once', async () => {
    await tester.admin('POST', 'rules', { ...RULE, key: 'busy' });
    const answers = await Promise.all([
      tester.admin('PATCH', 'rules/busy', { threshold: 7 }),
      tester.admin('PATCH', 'rules/busy', { priority: 8 }),
      tester.admin('PATCH', 'rules/busy', { windowSeconds: 9 }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const [row] = await house.rows(
      "SELECT threshold::int, priority, window_seconds FROM fraud_rules WHERE key = 'busy'",
    );
    expect(row).toEqual({ threshold: 7, priority: 8, window_seconds: 9 });
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['a field nobody knows', { ...RULE, sql: 'x' }],
    ['a key with SQL', { ...RULE, key: "x'; DROP TABLE fraud_rules; --" }],
    ['a key with NUL', { ...RULE, key: 'a\u0000' }],
    ['a key of 10 kB', { ...RULE, key: HUGE }],
    ['a description of 10 kB', { ...RULE, description: HUGE }],
    ['an empty description', { ...RULE, description: '' }],
    ['a number as description', { ...RULE, description: 7 }],
    ['a signal nobody knows', { ...RULE, signal: 'astrology' }],
    ['a signal of the prototype', { ...RULE, signal: 'constructor' }],
    ['an outcome nobody knows', { ...RULE, outcome: 'allow' }],
    ['a threshold of zero', { ...RULE, threshold: 0 }],
    ['a negative threshold', { ...RULE, threshold: -1 }],
    ['a fraction', { ...RULE, threshold: 1.5 }],
    ['2^53', { ...RULE, threshold: 2 ** 53 }],
    ['a threshold as text', { ...RULE, threshold: '3' }],
    ['no window where one is needed', { ...RULE, windowSeconds: null }],
    ['a window of zero', { ...RULE, windowSeconds: 0 }],
    ['a window of ten years', { ...RULE, windowSeconds: 315_360_000 }],
    ['a window that means nothing', { ...RULE, signal: 'amount', currency: 'USD' }],
    ['a currency that means nothing', { ...RULE, currency: 'USD' }],
    ['a currency that does not exist', { ...RULE, signal: 'amount', windowSeconds: null, currency: 'XXQ' }],
    ['no currency where one is needed', { ...RULE, signal: 'amount', windowSeconds: null }],
    ['a small amount of zero', { ...RULE, signal: 'small_failures_of_house', currency: 'USD', maxAmount: 0 }],
    ['null as active', { ...RULE, active: null }],
    ['a text as active', { ...RULE, active: 'yes' }],
    ['a negative priority', { ...RULE, priority: -1 }],
  ])('refuses to add %s, and changes nothing', async (_, body) => {
    const before = await rules();
    expectRefusal(await tester.admin('POST', 'rules', body), 400, 'INVALID_INPUT');
    expect(await rules()).toEqual(before);
  });

  it.each<[string, string, unknown, number, string]>([
    ['nothing', 'failures_ip_hour', {}, 400, 'INVALID_INPUT'],
    ['a list', 'failures_ip_hour', [], 400, 'INVALID_INPUT'],
    ['another key', 'failures_ip_hour', { key: 'other' }, 400, 'INVALID_INPUT'],
    ['another signal', 'failures_ip_hour', { signal: 'amount' }, 400, 'INVALID_INPUT'],
    ['no window', 'failures_ip_hour', { windowSeconds: null }, 400, 'INVALID_INPUT'],
    ['a currency that means nothing', 'failures_ip_hour', { currency: 'USD' }, 400, 'INVALID_INPUT'],
    ['a threshold of 2^53', 'failures_ip_hour', { threshold: 2 ** 53 }, 400, 'INVALID_INPUT'],
    ['a rule nobody knows', 'no_rule', { threshold: 1 }, 404, 'FRAUD_RULE_NOT_FOUND'],
    ['a key with SQL', encodeURIComponent("x' OR true --"), { threshold: 1 }, 404, 'FRAUD_RULE_NOT_FOUND'],
    ['a key with NUL', 'a%00', { threshold: 1 }, 400, 'INVALID_INPUT'],
  ])('refuses to change %s, and changes nothing', async (_, key, body, status, code) => {
    const before = await rules();
    expectRefusal(await tester.admin('PATCH', `rules/${key}`, body), status, code);
    expect(await rules()).toEqual(before);
  });

  it('lists decisions newest first, filtered and in pages', async () => {
    for (const user of ['listed', 'listed', 'other']) {
      expect((await house.as(user, 'POST', '/billing/payment-methods/setup', {})).status).toBe(201);
    }
    const [own] = await house.rows<{ id: string }>("SELECT id FROM customers WHERE user_id = 'listed'");
    const id = own?.id ?? '';
    const first = await tester.admin('GET', `decisions?customerId=${id}&limit=1`);
    expect(first.body['data']).toMatchObject([
      { customerId: id, action: 'payment_method.setup', outcome: 'allow', reasons: [], cardHash: null },
    ]);
    const second = await tester.admin(
      'GET',
      `decisions?customerId=${id}&limit=1&cursor=${String(first.body['nextCursor'])}`,
    );
    expect(second.body).toMatchObject({ data: [{ customerId: id }], nextCursor: null });
    const count = async (query: string): Promise<number> =>
      ((await tester.admin('GET', `decisions?${query}`)).body['data'] as unknown[]).length;
    expect(await count('outcome=allow')).toBe(3);
    expect(await count('outcome=block')).toBe(0);
    expect(await count('from=2026-01-01&to=2027-01-01')).toBe(3);
    expect(await count('to=2026-01-01')).toBe(0);
    expect(await count('customerId=cust_nobody')).toBe(0);
    expect(await count(`customerId=${encodeURIComponent("'OR'1'='1")}`)).toBe(0);
  });

  it.each([
    'outcome=maybe',
    'from=yesterday',
    'to=2026-13-01',
    'limit=0',
    'limit=101',
    'cursor=x',
    'customerId=',
    `customerId=${HUGE.slice(0, 300)}`,
    'customerId=a%00b',
    'rule=x',
  ])('refuses decisions?%s', async (query) => {
    expectRefusal(await tester.admin('GET', `decisions?${query}`), 400, 'INVALID_INPUT');
  });

  it('is for administrators; support may read decisions', async () => {
    const url = (path: string): string => `${house.app.url}/v1/admin/fraud/${path}`;
    const get = (path: string, headers: Record<string, string>) => fetchAnswer(url(path), { headers });
    for (const role of ['user', 'finance', 'support']) {
      const headers = asUser('someone', role);
      expectRefusal(await get('rules', headers), 403, 'INSUFFICIENT_PERMISSIONS');
      expectRefusal(await fetchAnswer(url('rules'), jsonPost(RULE, headers)), 403, 'INSUFFICIENT_PERMISSIONS');
      const patch = { ...jsonPost({ active: false }, headers), method: 'PATCH' };
      expectRefusal(await fetchAnswer(url('rules/amount_usd'), patch), 403, 'INSUFFICIENT_PERMISSIONS');
    }
    expectRefusal(await get('decisions', asUser('someone', 'finance')), 403, 'INSUFFICIENT_PERMISSIONS');
    expect((await get('decisions', asUser('someone', 'support'))).status).toBe(200);
    expectRefusal(await get('rules', asInternal()), 401, 'INVALID_TOKEN');
    expectRefusal(await get('decisions', {}), 401, 'INVALID_TOKEN');
  });

  it('never writes over what an operator has changed', async () => {
    await tester.admin('PATCH', 'rules/failures_card_day', { threshold: 77, description: 'Ours' });
    expect(await house.app.app.get(FraudRules, { strict: false }).seed()).toEqual([]);
    const [row] = await house.rows(
      "SELECT threshold::int, description FROM fraud_rules WHERE key = 'failures_card_day'",
    );
    expect(row).toEqual({ threshold: 77, description: 'Ours' });
  });
});
