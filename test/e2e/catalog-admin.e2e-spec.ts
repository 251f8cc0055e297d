import { CatalogSeedService } from '../../src/modules/billing';
import { Buyers } from '../support/buyers';
import { CatalogDesk } from '../support/catalog-admin';
import { startApp, type RunningApp } from '../support/app';
import { startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { fetchAnswer } from '../support/http-client';
import { booksHold } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;

interface Listed {
  code: string;
  name: string;
  prices: { id: string; amount: number; billingCycle: string; currency: string }[];
  features: { key: string; name: string; limit: number | null }[];
}

describe('the catalog in an administrator’s hands', () => {
  let house: House;
  let buyers: Buyers;
  let desk: CatalogDesk;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
    desk = new CatalogDesk(house);
  }, 30_000);
  afterAll(() => house.close());

  const later = async (ms: number): Promise<void> => {
    moved = new Date(moved.getTime() + ms);
    await house.advance(moved);
  };
  const plansOf = async (url = house.app.url): Promise<Listed[]> =>
    JSON.parse((await fetchAnswer(`${url}/v1/billing/plans`)).text) as Listed[];
  const planOf = async (code: string, url?: string): Promise<Listed | undefined> =>
    (await plansOf(url)).find((plan) => plan.code === code);
  const limitsOf = async (user: string): Promise<Record<string, unknown>> => {
    const { features } = (await house.as(user, 'GET', '/entitlements/me')).body as {
      features: Record<string, { granted: boolean; limit: number | null }>;
    };
    return Object.fromEntries(
      Object.entries(features).flatMap(([key, { granted, limit }]) => (granted ? [[key, limit]] : [])),
    );
  };
  const audited = (action: string): Promise<object[]> =>
    house.rows('SELECT actor_id, object_type, before, after FROM audit_log WHERE action = $1 ORDER BY id', [action]);

  it('makes a plan, sells it, and has it at Stripe under its own name', async () => {
    const made = await desk.call('POST', '/plans', {
      code: 'TEAM',
      name: 'Team',
      description: 'For a few',
      trialDays: 3,
      prices: [
        { billingCycle: 'monthly', amount: 4_900, currency: 'usd' },
        { billingCycle: 'annual', amount: 49_000, currency: 'USD' },
      ],
      features: [{ key: 'seats', limit: 5 }, { key: 'audit_export' }],
    });
    expect(made).toMatchObject({
      status: 201,
      body: { code: 'TEAM', graceDays: 7, active: true, position: 3, trialDays: 3, providerId: null },
    });
    await house.settle();
    const kept = await desk.call('GET', `/plans/${made.body['id'] as string}`);
    expect(kept.body).toMatchObject({
      providerId: 'kassa_team',
      features: [{ key: 'seats', limit: 5 }, { limit: null }],
    });
    expect((await desk.call('GET', '/plans/TEAM')).body).toEqual(kept.body);
    const { stripe } = house.box;
    expect(await stripe.products.retrieve('kassa_team')).toMatchObject({ name: 'Team', description: 'For a few' });
    const [first] = kept.body['prices'] as { providerId: string }[];
    expect(await stripe.prices.retrieve(first!.providerId)).toMatchObject({ unit_amount: 4_900, currency: 'usd' });
    expect(await planOf('TEAM')).toMatchObject({ name: 'Team', prices: [{ amount: 4_900 }, { amount: 49_000 }] });
    await buyers.subscribe('teamster', 'TEAM');
    expect(await limitsOf('teamster')).toEqual({ seats: 5, audit_export: null });
    expect(await audited('plan.create')).toMatchObject([{ actor_id: 'owner', after: { features: { seats: '5' } } }]);
  });

  it('does under one key once, and of twenty at once one', async () => {
    const key = { 'idempotency-key': 'make-once' };
    const body = { code: 'ONCE', name: 'Once' };
    const first = await desk.call('POST', '/plans', body, key);
    const again = await desk.call('POST', '/plans', body, key);
    expect({ ...again.body, replayed: again.headers.get('idempotent-replayed') }).toEqual({
      ...first.body,
      replayed: 'true',
    });
    const plans = await Promise.all(
      Array.from({ length: 20 }, () => desk.call('POST', '/plans', { code: 'RACE', name: 'Race' })),
    );
    expect(plans.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
    const prices = await Promise.all(
      Array.from({ length: 20 }, () =>
        desk.call('POST', '/plans/RACE/prices', { billingCycle: 'monthly', amount: 500, currency: 'EUR' }),
      ),
    );
    expect(prices.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
    await house.settle();
    expect(await planOf('RACE')).toMatchObject({ prices: [{ amount: 500, currency: 'EUR' }] });
  });

  it('raises a price for new customers only', async () => {
    const old = await buyers.subscribe('loyal', 'BASIC');
    await desk.price('BASIC', 'monthly', 1_100, 'USD');
    expect((await planOf('BASIC'))?.prices).toMatchObject([{ amount: 1_100 }, { amount: 9_000 }]);
    const { stripe } = house.box;
    const [item] = (await stripe.subscriptions.retrieve(old.providerId)).items.data;
    expect(await stripe.prices.retrieve(item!.price.id)).toMatchObject({ active: false, unit_amount: 900 });
    await buyers.subscribe('newcomer', 'BASIC');
    expect(await buyers.mine('loyal')).toMatchObject({ amount: 900, plan: { code: 'BASIC' } });
    expect(await buyers.mine('newcomer')).toMatchObject({ amount: 1_100 });
    await later(32 * DAY_MS);
    for (const [user, amount] of [
      ['loyal', 900],
      ['newcomer', 1_100],
    ] as const) {
      const bills = await buyers.invoicesOf(user);
      expect(bills.map(({ amount_paid: paid, status }) => ({ paid, status }))).toEqual(
        Array(2).fill({ paid: amount, status: 'paid' }),
      );
      expect(await buyers.mine(user)).toMatchObject({ amount, status: 'active' });
    }
    const preview = await house.as('loyal', 'POST', '/billing/subscriptions/plan/preview', {
      plan: 'BASIC',
      quantity: 2,
    });
    expect(preview).toMatchObject({ status: 200, body: { nextInvoiceAmount: 1_800 } });
    const more = await house.as('loyal', 'PATCH', '/billing/subscriptions/plan', { plan: 'BASIC', quantity: 2 });
    expect(more).toMatchObject({ status: 200, body: { amount: 1_800, quantity: 2 } });
    expect(await audited('price.create')).toContainEqual(
      expect.objectContaining({ before: expect.objectContaining({ amount: 900 }) as object }),
    );
  });

  it('takes a price off the shelf, once', async () => {
    await desk.plan('BOTH', [
      { billingCycle: 'monthly', amount: 300, currency: 'USD' },
      { billingCycle: 'annual', amount: 3_000, currency: 'USD' },
    ]);
    await buyers.subscribe('yearling', 'BOTH', { billingCycle: 'annual' });
    const { prices } = (await desk.call('GET', '/plans/BOTH')).body as { prices: { id: string; providerId: string }[] };
    const { id, providerId } = prices[1]!;
    for (let i = 0; i < 2; i += 1) {
      expect(await desk.call('PATCH', `/prices/${id}`, { active: false })).toMatchObject({
        status: 200,
        body: { id, active: false, amount: 3_000 },
      });
    }
    await house.settle();
    expect(await audited('price.retire')).toHaveLength(1);
    expect(await house.box.stripe.prices.retrieve(providerId)).toMatchObject({ active: false });
    expect((await planOf('BOTH'))?.prices).toMatchObject([{ billingCycle: 'monthly' }]);
    const refused = await house.as('late', 'POST', '/billing/subscriptions', { plan: 'BOTH', billingCycle: 'annual' });
    expect(refused).toMatchObject({ status: 404, body: { error: { code: 'PRICE_NOT_FOUND' } } });
    expect(await buyers.mine('yearling')).toMatchObject({ amount: 3_000, billingCycle: 'annual', status: 'active' });
  });

  it('archives a plan: nobody new, and those who have it stay', async () => {
    await desk.plan('OLD', [{ billingCycle: 'monthly', amount: 700, currency: 'USD' }], {
      features: [{ key: 'seats', limit: 2 }],
    });
    await buyers.subscribe('stayer', 'OLD');
    expect((await desk.call('PATCH', '/plans/OLD', { active: false })).body).toMatchObject({ active: false });
    await house.settle();
    expect(await planOf('OLD')).toBeUndefined();
    expect(await house.box.stripe.products.retrieve('kassa_old')).toMatchObject({ active: false });
    const refused = await house.as('latecomer', 'POST', '/billing/subscriptions', { plan: 'OLD' });
    expect(refused).toMatchObject({ status: 404, body: { error: { code: 'PLAN_NOT_FOUND' } } });
    const more = await house.as('stayer', 'PATCH', '/billing/subscriptions/plan', { plan: 'OLD', quantity: 3 });
    expect(more).toMatchObject({ status: 200, body: { amount: 2_100 } });
    await later(32 * DAY_MS);
    expect((await buyers.invoicesOf('stayer')).at(-1)).toMatchObject({ status: 'paid', amount_paid: 2_100 });
    expect(await limitsOf('stayer')).toEqual({ seats: 2 });
  });

  it('lets changed limits reach those who have the plan, and nobody else', async () => {
    await desk.plan('FLEX', [{ billingCycle: 'monthly', amount: 800, currency: 'USD' }], {
      features: [
        { key: 'seats', limit: 2 },
        { key: 'projects', limit: 9 },
      ],
    });
    await buyers.subscribe('bender', 'FLEX');
    await buyers.subscribe('quitter', 'FLEX');
    await house.as('quitter', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.settle();
    const told = async (): Promise<number> =>
      (await house.rows("SELECT id FROM outbox_events WHERE type = 'entitlements.updated'")).length;
    const before = await told();
    const features = [{ key: 'seats', limit: 7 }, { key: 'single_sign_on' }];
    expect((await desk.call('PATCH', '/plans/FLEX', { features })).status).toBe(200);
    await house.settle();
    expect(await limitsOf('bender')).toEqual({ seats: 7, single_sign_on: null });
    expect(await limitsOf('quitter')).toEqual({});
    expect(await told()).toBe(before + 1);
    expect(await audited('plan.update')).toContainEqual(
      expect.objectContaining({
        before: { features: { projects: '9', seats: '2' } },
        after: { features: { seats: '7', single_sign_on: null } },
      }),
    );
  });

  it('gives other days of grace to who is past due now', async () => {
    await desk.plan('GRACE', [{ billingCycle: 'monthly', amount: 600, currency: 'USD' }]);
    const { card } = await buyers.subscribe('debtor', 'GRACE');
    await buyers.cardIs(card, 'generic_decline');
    await later(32 * DAY_MS);
    const due = await buyers.mine('debtor');
    expect(due).toMatchObject({ status: 'past_due' });
    await desk.call('PATCH', '/plans/GRACE', { graceDays: 10 });
    await house.settle();
    const { graceUntil } = await buyers.mine('debtor');
    expect(Date.parse(graceUntil as string) - Date.parse(due['graceUntil'] as string)).toBe(3 * DAY_MS);
  });

  it('lets another policy for refunds reach who was refunded', async () => {
    await desk.plan('KIND', [{ billingCycle: 'monthly', amount: 1_000, currency: 'USD' }], {
      features: [{ key: 'seats', limit: 4 }],
    });
    const { customer } = await buyers.subscribe('refunded', 'KIND');
    const { stripe } = house.box;
    const [paid] = (await stripe.paymentIntents.list({ customer })).data;
    await stripe.refunds.create({ payment_intent: paid!.id });
    await house.settle();
    expect(await limitsOf('refunded')).toEqual({});
    expect((await desk.call('PATCH', '/plans/KIND', { refundAccess: 'keep' })).body).toMatchObject({
      refundAccess: 'keep',
    });
    await house.settle();
    expect(await limitsOf('refunded')).toEqual({ seats: 4 });
  });

  it('renames a plan and a feature everywhere, and leaves no trace of a change that is none', async () => {
    const traces = async (): Promise<unknown> =>
      house.rows(
        "SELECT count(*) AS n FROM outbox_events WHERE type = 'plan.changed' UNION ALL SELECT count(*) FROM audit_log WHERE action <> 'request'",
      );
    await desk.call('PATCH', '/plans/PRO', { name: 'Professional', description: '', position: 99 });
    await desk.call('PATCH', '/features/seats', { name: 'Chairs' });
    await house.settle();
    const before = await traces();
    await desk.call('PATCH', '/plans/PRO', { name: 'Professional', graceDays: 7 });
    await desk.call('PATCH', '/plans/PRO', {});
    await desk.call('PATCH', '/features/seats', { name: 'Chairs' });
    expect(await traces()).toEqual(before);
    expect(await house.box.stripe.products.retrieve('kassa_pro')).toMatchObject({
      name: 'Professional',
      description: null,
    });
    const plans = await plansOf();
    expect(plans.at(-1)).toMatchObject({ code: 'PRO', name: 'Professional' });
    expect(plans.at(-1)?.features).toContainEqual(expect.objectContaining({ key: 'seats', name: 'Chairs' }));
  });

  it('keeps what was changed when the seed runs again', async () => {
    const before = await plansOf();
    expect(await house.app.app.get(CatalogSeedService, { strict: false }).seed()).toEqual([]);
    await house.settle();
    expect(await plansOf()).toEqual(before);
  });

  it('pages through plans and features, oldest first', async () => {
    for (const list of ['/plans', '/features']) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page = await desk.call('GET', `${list}?limit=2${cursor && `&cursor=${cursor}`}`);
        seen.push(...(page.body['data'] as { id: string }[]).map(({ id }) => id));
        cursor = page.body['nextCursor'] as string | null;
      }
      const [row] = await house.rows<{ n: string }>(`SELECT count(*) AS n FROM ${list.slice(1)}`);
      expect([new Set(seen).size, seen.length]).toEqual([Number(row!.n), Number(row!.n)]);
    }
  });

  it('shows a change at once on another process too', async () => {
    let other: RunningApp | undefined;
    try {
      other = await startApp({
        databaseUrl: house.database.appUrl,
        redisUrl: house.redis.url,
        settings: {
          ...{ STRIPE_SECRET_KEY: 'sk_test_house', STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET, ROLE: 'api' },
          STRIPE_API_BASE: house.box.sandbox.url,
        },
      });
      expect(await planOf('TEAM', other.url)).toMatchObject({ name: 'Team' });
      await desk.call('PATCH', '/plans/TEAM', { name: 'Crew' });
      await house.settle();
      expect(await planOf('TEAM', other.url)).toMatchObject({ name: 'Crew' });
    } finally {
      await other?.close();
    }
  });

  it('sells for nothing where a price is nothing', async () => {
    await desk.plan('FREE', [{ billingCycle: 'monthly', amount: 0, currency: 'USD' }], {
      features: [{ key: 'seats', limit: 1 }],
    });
    const bought = await house.as('freerider', 'POST', '/billing/subscriptions', { plan: 'FREE' });
    expect(bought).toMatchObject({ status: 201, body: { subscription: { status: 'active', amount: 0 } } });
    await later(32 * DAY_MS);
    expect(await limitsOf('freerider')).toEqual({ seats: 1 });
    expect(await house.rows('SELECT * FROM journal_entries WHERE amount = 0')).toEqual([]);
  });

  it('leaves books in balance and a state that any order of events makes again', async () => {
    await booksHold(house);
  }, 120_000);
});
