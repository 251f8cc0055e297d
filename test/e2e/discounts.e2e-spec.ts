import { randomUUID } from 'node:crypto';
import { DiscountHoldsFlow } from '../../src/modules/billing/discounts/discount-holds.flow';
import { Buyers, sumsOfBooks } from '../support/buyers';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { RETURN_ORIGIN, startHouse, type House } from '../support/house';
import { asUser } from '../support/tokens';
import { booksHold, verifyHouse } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const HOUR_MS = 3_600_000;
const URLS = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
const CARD = '4242424242424242';

/** A house with what tests of discounts ask of it. */
function counter(house: () => House) {
  const buyers = () => new Buyers(house());
  const make = async (body: object): Promise<string> => {
    const url = `${house().app.url}/v1/admin/discounts`;
    const made = await fetchAnswer(url, jsonPost(body, asUser('boss', 'admin')));
    if (made.status !== 201) throw new Error(`No discount: ${made.text}`);
    await house().settle();
    return made.body['id'] as string;
  };
  const change = async (id: string, body: object): Promise<void> => {
    const init = { ...jsonPost(body, asUser('boss', 'admin')), method: 'PATCH' };
    const changed = await fetchAnswer(`${house().app.url}/v1/admin/discounts/${id}`, init);
    if (changed.status !== 200) throw new Error(`No change: ${changed.text}`);
    await house().settle();
  };
  const taken = async (id: string): Promise<Record<string, number>> => {
    const rows = await house().rows<{ state: string; n: number }>(
      'SELECT state, count(*)::int AS n FROM discount_redemptions WHERE discount_id = $1 GROUP BY state',
      [id],
    );
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  };
  const buy = (user: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
    house().as(user, 'POST', '/billing/subscriptions', { plan: 'PRO', trialPeriodDays: 0, ...body }, headers);
  const checkout = (user: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
    house().as(user, 'POST', '/billing/checkout', { plan: 'BASIC', ...URLS, ...body }, headers);
  /** Submits the card form of a hosted checkout. */
  const pay = (opened: Answer, card = CARD): Promise<Response> =>
    house().box.submit(new URL(opened.body['url'] as string).pathname, { card, email: 'x@test.example' });
  const validate = async (user: string, code: string, plan = 'PRO') =>
    (await house().as(user, 'POST', '/billing/discounts/validate', { code, plan })).body;
  const invoices = async (user: string) =>
    (await house().as(user, 'GET', '/billing/invoices')).body['data'] as Record<string, unknown>[];
  return { buyers, make, change, taken, buy, checkout, pay, validate, invoices };
}

describe('a discount, month by month', () => {
  let house: House;
  const { buyers, make, taken, buy, invoices, checkout, pay } = counter(() => house);
  beforeAll(async () => {
    house = await startHouse({ start: START });
  }, 60_000);
  afterAll(() => house.close());

  /** What each invoice came to, oldest first: taken off, and due. */
  const bills = async (user: string) =>
    (await invoices(user))
      .reverse()
      .map(({ discount, amountDue }) => `${String(discount)} off, ${String(amountDue)} due`);

  /** Half a year in the life of some customers, each with another discount. */
  it('takes off what it says for as long as it says', async () => {
    const ids = {
      once: await make({ code: 'ONCE', percentOff: 25 }),
      fixed: await make({ code: 'FIXED', amountOff: 1_000, currency: 'usd', duration: 'forever' }),
      three: await make({ code: 'THREE', percentOff: 33.33, duration: 'repeating', durationInMonths: 3 }),
      trial: await make({ code: 'TRIAL', amountOff: 900, currency: 'USD', plans: ['PRO'] }),
      free: await make({ code: 'FREE', percentOff: 100, duration: 'forever' }),
      seats: await make({ code: 'SEATS', percentOff: 12.5, duration: 'forever', firstTimeOnly: true }),
      hosted: await make({
        code: 'HOSTED',
        amountOff: 300,
        currency: 'USD',
        duration: 'repeating',
        durationInMonths: 2,
      }),
    };
    await buyers().subscribe('once', 'PRO', { discountCode: 'once' });
    await buyers().subscribe('fixed', 'PRO', { discountCode: 'Fixed' });
    await buyers().subscribe('three', 'PRO', { discountCode: 'THREE' });
    await buyers().subscribe('seats', 'PRO', { discountCode: 'SEATS', quantity: 3 });
    const opened = await checkout('hosted', { discountCode: 'HOSTED' });
    expect((await pay(opened)).status).toBe(303);

    const free = await buy('free', { discountCode: 'FREE' });
    expect(free).toMatchObject({ status: 201, body: { subscription: { status: 'active' } } });
    // Nothing to pay: what is asked for is a card for the day there is.
    expect(free.body['clientSecret']).toMatch(/^seti_/);

    const trial = await buy('trial', { discountCode: 'TRIAL', trialPeriodDays: 14 });
    expect(trial).toMatchObject({ status: 201, body: { subscription: { status: 'trialing' } } });
    const customer = await buyers().customerOf('trial');
    const card = await house.box.stripe.paymentMethods.attach('pm_card_visa', { customer });
    await house.box.stripe.customers.update(customer, { invoice_settings: { default_payment_method: card.id } });
    await house.settle();
    for (const id of Object.values(ids)) expect(await taken(id)).toEqual({ redeemed: 1 });

    for (let month = 1; month <= 5; month++) {
      await house.advance(new Date(Date.UTC(2026, month, 15, 12)));
    }
    const all: Record<string, string[]> = {};
    for (const user of Object.keys(ids)) all[user] = await bills(user);
    expect(all).toEqual({
      once: ['725 off, 2175 due', ...Array.from({ length: 5 }, () => '0 off, 2900 due')],
      fixed: Array.from({ length: 6 }, () => '1000 off, 1900 due'),
      three: [
        ...Array.from({ length: 3 }, () => '967 off, 1933 due'),
        ...Array.from({ length: 3 }, () => '0 off, 2900 due'),
      ],
      // The trial's own invoice takes nothing off, so the first paid one does.
      trial: ['0 off, 0 due', '900 off, 2000 due', ...Array.from({ length: 4 }, () => '0 off, 2900 due')],
      free: Array.from({ length: 6 }, () => '2900 off, 0 due'),
      seats: Array.from({ length: 6 }, () => '1088 off, 7612 due'),
      hosted: [
        ...Array.from({ length: 2 }, () => '300 off, 600 due'),
        ...Array.from({ length: 4 }, () => '0 off, 900 due'),
      ],
    });
    for (const user of Object.keys(ids)) {
      for (const invoice of await invoices(user)) expect(invoice['status']).toBe('paid');
      expect((await buyers().mine(user))['status']).toBe('active');
    }
    const [first] = (await invoices('seats')).reverse();
    expect(first).toMatchObject({ lines: [{ amount: 8_700, quantity: 3, discount: 1_088 }] });
  }, 120_000);

  it('leaves the books in balance, and every number to be found again', async () => {
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
    await booksHold(house);
  }, 120_000);
});

describe('who gets a discount', () => {
  let house: House;
  const { buyers, make, change, taken, buy, checkout, pay, validate } = counter(() => house);
  beforeAll(async () => {
    house = await startHouse({ start: START });
    await make({ code: 'OPEN', percentOff: 20 });
    await make({ code: 'BASIC-ONLY', percentOff: 20, plans: ['BASIC'] });
    await make({ code: 'EUROS', amountOff: 500, currency: 'EUR' });
    await make({ code: 'NEW-ONLY', percentOff: 20, firstTimeOnly: true });
    await make({ code: 'GONE', percentOff: 20, active: false });
    await make({ code: 'SHORT', percentOff: 20, expiresAt: new Date(START.getTime() + HOUR_MS) });
    await make({ code: 'LAST', percentOff: 20, maxRedemptions: 1 });
    await buyers().subscribe('known', 'PRO', { discountCode: 'LAST' });
    await house.as('known', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.advance(new Date(START.getTime() + HOUR_MS));
  }, 60_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  const made = async (user: string) => {
    const rows = await house.rows<{ kind: string }>(
      'SELECT kind FROM provider_intents i JOIN customers c ON c.id = i.customer_id WHERE c.user_id = $1',
      [user],
    );
    return rows.map(({ kind }) => kind);
  };

  it.each<[string, string, string]>([
    ['of no discount', 'NOTHING', 'unknown'],
    ['that can be none', 'TWO WORDS', 'unknown'],
    ['of SQL', "' OR 1=1--", 'unknown'],
    ['of letters that become others', 'la\u017ft', 'unknown'],
    ['for another plan', 'BASIC-ONLY', 'other_plan'],
    ['in another currency', 'EUROS', 'currency'],
    ['for new customers, by an old one', 'NEW-ONLY', 'first_time_only'],
    ['that is not offered', 'GONE', 'inactive'],
    ['that has expired', 'SHORT', 'expired'],
    ['that is used up', 'LAST', 'exhausted'],
  ])('nobody by a code %s', async (_what, code, reason) => {
    expect(await validate('known', code)).toEqual({ valid: false, reason, duration: null });
    const before = await made('known');
    for (const answer of [
      await buy('known', { discountCode: code }),
      await house.as('known', 'POST', '/stripe/subscriptions', { plan: 'PRO', discountCode: code }),
      await checkout('known', { plan: 'PRO', discountCode: code }),
    ]) {
      expectRefusal(answer, 422, 'DISCOUNT_NOT_APPLICABLE');
      expect(answer.body.error?.details).toEqual({ reason });
    }
    expect(await made('known')).toEqual(before);
  });

  it.each<[string, unknown]>([
    ['an empty code', ''],
    ['10 kB', 'A'.repeat(10_000)],
    ['NUL', 'OPEN\u0000'],
    ['a number', 25],
    ['a list', ['OPEN']],
    ['an object', { code: 'OPEN' }],
  ])('nobody by %s', async (_what, code) => {
    const before = await made('newcomer');
    for (const answer of [
      await house.as('newcomer', 'POST', '/billing/discounts/validate', { code, plan: 'PRO' }),
      await buy('newcomer', { discountCode: code }),
      await checkout('newcomer', { discountCode: code }),
    ]) {
      expectRefusal(answer, 400, 'INVALID_INPUT');
    }
    expect(await made('newcomer')).toEqual(before);
  });

  it('whoever asks is told what it gives, and nothing is taken', async () => {
    const before = await house.rows('SELECT count(*) AS n FROM discount_redemptions');
    expect(await validate('nobody', 'open')).toEqual({ valid: true, percentOff: 20, duration: 'once' });
    expect(await validate('nobody', 'NEW-ONLY')).toEqual({ valid: true, percentOff: 20, duration: 'once' });
    expect(await validate('nobody', 'basic-only', 'BASIC')).toMatchObject({ valid: true });
    expect(await house.rows('SELECT count(*) AS n FROM discount_redemptions')).toEqual(before);
    expect(await house.rows("SELECT FROM customers WHERE user_id = 'nobody'")).toEqual([]);
    const unknownPlan = await house.as('nobody', 'POST', '/billing/discounts/validate', { code: 'OPEN', plan: 'GOLD' });
    expectRefusal(unknownPlan, 404, 'PLAN_NOT_FOUND');
    const anonymous = await fetchAnswer(`${house.app.url}/v1/billing/discounts/validate`, jsonPost({ code: 'OPEN' }));
    expectRefusal(anonymous, 401, 'INVALID_TOKEN');
  });

  it.each([
    ['subscriptions', 3],
    ['checkout', 1],
  ] as const)('of 20 who want it at once by /billing/%s, as many as there are: %i', async (route, limit) => {
    const code = `RUSH-${route}-${limit}`;
    const id = await make({ code, percentOff: 50, maxRedemptions: limit });
    const ask = (n: number) => {
      const user = `rush-${route}-${limit}-${n}`;
      return route === 'checkout' ? checkout(user, { discountCode: code }) : buy(user, { discountCode: code });
    };
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(limit);
    for (const answer of answers) {
      if (answer.status !== 201) expectRefusal(answer, 422, 'DISCOUNT_NOT_APPLICABLE');
    }
    expect(await taken(id)).toEqual({ held: limit });
    await house.settle();
  });

  it('one who asks 20 times at once takes one', async () => {
    const id = await make({ code: 'GREEDY', percentOff: 50, maxRedemptions: 20 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => checkout('greedy', { discountCode: 'GREEDY' })));
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    for (const { status, body } of answers) {
      expect([201, 'REQUEST_IN_PROGRESS', 'TRY_AGAIN']).toContain(body.error?.code ?? status);
    }
    expect((await taken(id))['held']).toBe(1);
    await house.settle();
  });

  it('who opens another checkout gives the former one up, and keeps the last redemption', async () => {
    const id = await make({ code: 'AGAIN', percentOff: 50, maxRedemptions: 1 });
    const first = await checkout('again', { discountCode: 'AGAIN' });
    const second = await checkout('again', { discountCode: 'AGAIN' });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await taken(id)).toEqual({ released: 1, held: 1 });
    expect((await pay(first)).status).not.toBe(303);
    expect((await pay(second)).status).toBe(303);
    await house.settle();
    expect(await taken(id)).toEqual({ released: 1, redeemed: 1 });
    expect(await validate('other', 'AGAIN', 'BASIC')).toMatchObject({ valid: false, reason: 'exhausted' });
  });

  it('who turns from a subscription to a checkout and back takes it along', async () => {
    const id = await make({ code: 'TURN', percentOff: 50, maxRedemptions: 1 });
    expect((await buy('turn', { discountCode: 'TURN' })).status).toBe(201);
    expect((await checkout('turn', { plan: 'PRO', discountCode: 'TURN' })).status).toBe(201);
    expect(await taken(id)).toEqual({ released: 1, held: 1 });
    const direct = await buy('turn', { discountCode: 'TURN' });
    expect(direct.status).toBe(201);
    expect(await taken(id)).toEqual({ released: 2, held: 1 });
    await house.settle();
    const open = (await buyers().state()).subscriptions.filter(({ status }) => status === 'incomplete');
    const customer = await buyers().customerOf('turn');
    expect(open.filter((one) => one.customer === customer)).toHaveLength(1);
  });

  it('the same purchase asked for again is the same, with another discount it is another', async () => {
    const id = await make({ code: 'SAME', percentOff: 50 });
    const first = await buy('same', { discountCode: 'SAME' });
    const again = await buy('same', { discountCode: 'same' });
    expect(again.body['subscription']).toMatchObject({ id: (first.body['subscription'] as { id: string }).id });
    expect(await taken(id)).toEqual({ held: 1 });
    const without = await buy('same', {});
    expect(without.status).toBe(201);
    expect(await taken(id)).toEqual({ released: 1 });
    await house.settle();
    const [invoice] = (await buyers().invoicesOf('same')).reverse();
    expect(invoice).toMatchObject({ amount_due: 2_900, status: 'open' });
  });

  it.each(['lose_answer', 'error_500_after', 'error_500'])(
    'a purchase over which Stripe has %s takes it once',
    async (fault) => {
      const code = `LOST-${fault.replaceAll('_', '-')}`;
      const id = await make({ code, percentOff: 50, maxRedemptions: 1 });
      for (const [route, pathPrefix] of [
        ['subscriptions', '/v1/subscriptions'],
        ['checkout', '/v1/checkout/sessions'],
      ] as const) {
        await change(id, { maxRedemptions: route === 'checkout' ? 2 : 1 });
        const headers = { 'idempotency-key': randomUUID() };
        const user = `lost-${route}-${fault}`;
        const ask = () =>
          route === 'checkout'
            ? checkout(user, { discountCode: code }, headers)
            : buy(user, { discountCode: code }, headers);
        // The customer is there, so that the fault meets the purchase.
        await house.box.control('PUT', 'chaos', { api: [{ fault, method: 'POST', pathPrefix }] });
        expectRefusal(await ask(), 502, 'PROVIDER_ERROR');
        await house.box.control('PUT', 'chaos', {});
        const repeated = await ask();
        expect(repeated.status).toBe(201);
        expect(await ask()).toMatchObject({ status: 201, body: repeated.body });
        expect((await taken(id))['held']).toBe(route === 'checkout' ? 2 : 1);
      }
      await house.settle();
    },
  );

  it('it is free again when Stripe refuses the purchase', async () => {
    const id = await make({ code: 'REFUSED', percentOff: 50, maxRedemptions: 1 });
    const refused = await buy('refused', { discountCode: 'REFUSED', paymentMethodId: 'pm_of_nobody' });
    expectRefusal(refused, 404, 'PROVIDER_OBJECT_NOT_FOUND');
    expect(await taken(id)).toEqual({ released: 1 });
    expect((await buy('refused', { discountCode: 'REFUSED' })).status).toBe(201);
    expect(await taken(id)).toEqual({ released: 1, held: 1 });
    await house.settle();
  });

  it('who has it keeps it, whatever becomes of it', async () => {
    const id = await make({ code: 'KEPT', percentOff: 50, duration: 'forever' });
    const opened = await checkout('kept', { discountCode: 'KEPT' });
    await change(id, { active: false });
    expect(await validate('other', 'KEPT', 'BASIC')).toMatchObject({ valid: false, reason: 'inactive' });
    expect((await pay(opened)).status).toBe(303);
    await house.settle();
    expect(await taken(id)).toEqual({ redeemed: 1 });
    expect((await buyers().invoicesOf('kept'))[0]).toMatchObject({ amount_paid: 450 });
  });

  it('it can be bought with before Stripe knows it', async () => {
    // As if the outbox had not come to it yet.
    const id = await make({ code: 'EARLY', percentOff: 50, plans: ['BASIC'] });
    await house.box.stripe.coupons.del(`kassa_${id}`);
    await house.rows('UPDATE discounts SET coupon_ref = NULL WHERE id = $1', [id]);
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) => buy(`early-${n}`, { plan: 'BASIC', discountCode: 'EARLY' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(await house.box.stripe.coupons.retrieve(`kassa_${id}`)).toMatchObject({
      percent_off: 50,
      times_redeemed: 5,
    });
    await house.settle();
  });

  it('it comes back when somebody has deleted its coupon at Stripe', async () => {
    const id = await make({ code: 'DELETED', percentOff: 50, maxRedemptions: 1 });
    await house.box.stripe.coupons.del(`kassa_${id}`);
    expect([404, 422]).toContain((await buy('deleted', { discountCode: 'DELETED' })).status);
    expect(await taken(id)).toEqual({ released: 1 });
    expect((await buy('deleted', { discountCode: 'DELETED' })).status).toBe(201);
    await house.settle();
    expect((await buyers().invoicesOf('deleted'))[0]).toMatchObject({ amount_due: 1_450 });
  });

  it('it is free again when nobody pays, also when nobody tells of that', async () => {
    const id = await make({ code: 'LEFT', percentOff: 50 });
    const untold = await make({ code: 'UNTOLD', percentOff: 50 });
    expect((await buy('left-secret', { discountCode: 'LEFT' })).status).toBe(201);
    expect((await checkout('left-page', { discountCode: 'LEFT' })).status).toBe(201);
    expect(await taken(id)).toEqual({ held: 2 });
    await house.advance(new Date(START.getTime() + 30 * HOUR_MS));
    expect(await taken(id)).toEqual({ released: 2 });

    expect((await checkout('untold', { discountCode: 'UNTOLD' })).status).toBe(201);
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop', types: ['checkout.session.expired'] }] });
    await house.advance(new Date(START.getTime() + 60 * HOUR_MS));
    expect(await taken(untold)).toEqual({ held: 1 });
    const flow = house.app.app.get(DiscountHoldsFlow, { strict: false });
    expect(await flow.askForOverdue()).toBe(1);
    await house.settle();
    expect(await taken(untold)).toEqual({ released: 1 });
    expect(await flow.askForOverdue()).toBe(0);
  });

  it('leaves the books in balance, and every number to be found again', async () => {
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
    expect(await verifyHouse(house)).toMatchObject({ ok: true });
  }, 120_000);
});
