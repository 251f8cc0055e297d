import type Stripe from 'stripe';
import { BackfillCommand } from '../../src/cli/backfill.command';
import { BackfillService, FreshnessService } from '../../src/modules/webhooks';
import { FreshnessRepository } from '../../src/modules/webhooks/freshness.repository';
import { UnitOfWork } from '../../src/platform/database';
import { Metrics } from '../../src/platform/metrics';
import { StripeAdapter } from '../../src/providers/stripe';
import { fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { RETURN_ORIGIN, startHouse, type House } from '../support/house';
import { createMonthlyPrice } from '../support/stripe-sandbox';
import { asUser } from '../support/tokens';
import { until } from '../support/until';

const START = new Date('2026-01-15T10:00:00Z');
const DAY = 86_400_000;
const after = (days: number): Date => new Date(START.getTime() + days * DAY);

interface Counts {
  stored: number;
  known: number;
  foreign: number;
  nextCursor: string | null;
}

let house: House;
afterEach(() => house.close());

const subscribe = async (user: string): Promise<string> => {
  const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
  const opened = await house.as(user, 'POST', '/billing/checkout', { plan: 'BASIC', ...urls });
  await house.box.submit(new URL(opened.body['url'] as string).pathname, { card: '4242424242424242' });
  const session = await house.box.stripe.checkout.sessions.retrieve(opened.body['sessionId'] as string);
  return session.subscription as string;
};
const backfill = (body: object, user = asUser('operator', 'admin')): Promise<Answer> =>
  fetchAnswer(`${house.app.url}/v1/admin/webhooks/backfill`, jsonPost({ provider: 'stripe', ...body }, user));
/** As the command does it: until there is no more. */
const backfillAll = async (body: object): Promise<Counts> => {
  const sum: Counts = { stored: 0, known: 0, foreign: 0, nextCursor: null };
  do {
    const answer = await backfill({ ...body, ...(sum.nextCursor === null ? {} : { cursor: sum.nextCursor }) });
    expect(answer).toMatchObject({ status: 200 });
    const { stored, known, foreign, nextCursor } = answer.body as unknown as Counts;
    Object.assign(sum, {
      stored: sum.stored + stored,
      known: sum.known + known,
      foreign: sum.foreign + foreign,
      nextCursor,
    });
  } while (sum.nextCursor !== null);
  await house.settle();
  return sum;
};
/** As others on the same account do. @returns their customer. */
const sellElsewhere = async (subscriptions: number): Promise<string> => {
  const { stripe } = house.box;
  const price = await createMonthlyPrice(stripe, 'Elsewhere', 500);
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  for (let n = 0; n < subscriptions; n += 1) {
    await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  }
  return customer.id;
};
const chaos = (plan: object): Promise<unknown> => house.box.control('PUT', 'chaos', plan);
const loseEvents = (): Promise<unknown> => chaos({ webhooks: [{ fault: 'drop' }] });
const count = async (table: string): Promise<number> =>
  Number((await house.rows<{ n: string }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
const mirrored = (): Promise<{ ref: string; status: string }[]> =>
  house.rows(`SELECT provider_id AS ref, status FROM subscriptions
    UNION ALL SELECT provider_id, status FROM invoices
    UNION ALL SELECT provider_id || coalesce(provider_invoice_id, ''), status FROM payments ORDER BY 1`);
/** What the mirrors should hold, as the provider tells it of customers of ours. */
const atProvider = async (): Promise<{ ref: string; status: string }[]> => {
  const { stripe } = house.box;
  const ours = new Set(
    (await house.rows<{ ref: string }>('SELECT provider_id AS ref FROM customer_accounts')).map(({ ref }) => ref),
  );
  const mine = async <T extends { id: string; customer: unknown }>(list: Stripe.ApiListPromise<T>): Promise<T[]> =>
    (await list.autoPagingToArray({ limit: 1000 })).filter(({ customer }) => ours.has(customer as string));
  const subscriptions = await mine(stripe.subscriptions.list({ status: 'all', limit: 100 }));
  const invoices = await mine(stripe.invoices.list({ limit: 100, expand: ['data.payments'] }));
  const payments = await mine(stripe.paymentIntents.list({ limit: 100 }));
  const invoiceOf = new Map(
    invoices.flatMap((invoice) =>
      (invoice.payments?.data ?? []).map((part) => [part.payment.payment_intent as string, invoice.id]),
    ),
  );
  return [
    ...subscriptions.map(({ id, status }) => ({ ref: id, status })),
    ...invoices.map(({ id, status }) => ({ ref: id, status: status as string })),
    ...payments.map(({ id, status }) => ({ ref: id + (invoiceOf.get(id) ?? ''), status })),
  ].sort((a, b) => (a.ref < b.ref ? -1 : 1));
};
const postingsPerKey = () =>
  house.rows<{ type: string; n: string }>('SELECT type, count(*) AS n FROM journal_transactions GROUP BY 1 ORDER BY 1');

describe('backfill', () => {
  beforeEach(async () => {
    house = await startHouse({ start: START, settings: { ROLE: 'all' } });
  }, 30_000);

  it('brings in the events whose deliveries were lost, once, and nobody else’s', async () => {
    await loseEvents();
    await subscribe('ada');
    await subscribe('bob');
    const stranger = await sellElsewhere(1);
    await house.settle();
    expect(await count('subscriptions')).toBe(0);
    await chaos({});

    const first = await backfillAll({ since: START.toISOString() });
    expect(first.stored).toBeGreaterThan(10);
    expect(first.foreign).toBeGreaterThan(5);
    expect(await mirrored()).toEqual(await atProvider());
    expect(await mirrored()).toHaveLength(6);
    expect(await postingsPerKey()).toEqual([
      { type: 'charge.settled', n: '2' },
      { type: 'invoice.finalized', n: '2' },
      { type: 'invoice.paid', n: '2' },
    ]);
    const [row] = await house.rows(`SELECT DISTINCT headers FROM inbox_events WHERE event_id LIKE 'evt_%'`);
    expect(row).toEqual({ headers: { source: 'backfill' } });
    expect(
      await house.rows('SELECT DISTINCT aggregate FROM inbox_events WHERE aggregate = $1', [`stripe:${stranger}`]),
    ).toEqual([]);

    const facts = await count('facts');
    expect(await backfillAll({ since: START.toISOString() })).toMatchObject({ stored: 0, known: first.stored });
    expect(await count('facts')).toBe(facts);
    expect(await house.rows(`SELECT object_id FROM audit_log WHERE action = 'webhooks.backfill'`)).toHaveLength(2);
  });

  it('finds by the objects what was canceled or made so long ago that no event tells of it', async () => {
    const canceled = await subscribe('ada');
    await house.settle();
    await loseEvents();
    await house.advance(after(1));
    await subscribe('bob');
    await house.box.stripe.subscriptions.cancel(canceled);
    await house.settle();
    await chaos({ webhooks: [{ fault: 'drop' }] });
    await house.advance(after(33));
    await chaos({});
    expect((await house.as('ada', 'GET', '/billing/subscriptions/me')).body).toMatchObject({ status: 'active' });

    const result = await backfillAll({ since: after(1).toISOString() });
    expect(result.stored).toBeGreaterThan(0);
    expect(await mirrored()).toEqual(await atProvider());
    expect((await house.as('ada', 'GET', '/billing/subscriptions/me')).body).toMatchObject({ status: 'canceled' });
    expect((await house.as('bob', 'GET', '/billing/subscriptions/me')).body).toMatchObject({ status: 'active' });
    const ofType = await house.rows<{ type: string }>('SELECT type FROM inbox_events WHERE type = $1 LIMIT 1', [
      'kassa.seen',
    ]);
    expect(ofType).toHaveLength(1);
    expect(await house.rows(`SELECT event_id, error_context FROM inbox_events WHERE status = 'failed'`)).toEqual([]);
    const paid = await house.rows(`SELECT ref_id FROM journal_transactions WHERE type = 'invoice.paid'`);
    const invoices = await house.rows(`SELECT id FROM invoices WHERE status = 'paid'`);
    expect(paid).toHaveLength(invoices.length);

    const facts = await count('facts');
    expect(await backfillAll({ since: after(1).toISOString() })).toMatchObject({ stored: 0 });
    expect(await count('facts')).toBe(facts);
  });

  it('finds ours among many of others made in the same second, in several requests', async () => {
    const ours = await subscribe('ada');
    await house.settle();
    await loseEvents();
    await sellElsewhere(101);
    await house.box.stripe.subscriptions.cancel(ours);
    await house.settle();
    await chaos({});
    const before = await count('inbox_events');
    const first = await backfill({ since: after(-1).toISOString(), objects: true });
    expect(first.body['nextCursor']).toEqual(expect.any(String));
    const output = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const command = new BackfillCommand(house.app.app.get(BackfillService, { strict: false }));
    const cursor = first.body['nextCursor'] as string;
    await command.run([], { provider: 'stripe', since: after(-1), objects: true, cursor });
    const said = output.mock.calls.join('');
    output.mockRestore();
    expect(said).toMatch(/^\d+ stored, \d+ known already, \d+ not ours\n$/);
    await house.settle();
    expect(await mirrored()).toEqual(await atProvider());
    expect((await house.as('ada', 'GET', '/billing/subscriptions/me')).body).toMatchObject({ status: 'canceled' });
    expect((await count('inbox_events')) - before).toBeLessThan(20);
  });

  it('takes all that is of a customer whom only some of his objects name', async () => {
    await house.rows(
      `INSERT INTO customers (id, user_id, created_at, updated_at) VALUES ('cust_unlinked', 'eve', now(), now())`,
    );
    const { stripe } = house.box;
    const prices = await stripe.prices.list({ limit: 100 });
    const price = prices.data.find(
      ({ metadata, recurring }) => metadata['kassaPriceId'] && recurring?.interval === 'month',
    );
    await loseEvents();
    const customer = await stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    const metadata = { kassaCustomerId: 'cust_unlinked' };
    await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price!.id }], metadata });
    await house.settle();
    await chaos({});
    // The service's clock follows to the half second, and what is not past yet is refused.
    await backfillAll({ since: after(-1).toISOString() });
    expect(await mirrored()).toHaveLength(3);
    expect(await mirrored()).toEqual(await atProvider());
  });

  it('refuses what cannot be asked, and whoever may not ask', async () => {
    const refusals: [object, number, string][] = [
      [{}, 400, 'INVALID_INPUT'],
      [{ since: 'yesterday' }, 400, 'INVALID_INPUT'],
      [{ since: '2026-W03' }, 400, 'INVALID_INPUT'],
      [{ since: after(1).toISOString() }, 400, 'INVALID_INPUT'],
      [{ since: START.toISOString(), until: after(-1).toISOString() }, 400, 'INVALID_INPUT'],
      [{ since: after(-1).toISOString(), cursor: 'x' }, 400, 'INVALID_INPUT'],
      [{ since: after(-1).toISOString(), provider: 'paypal' }, 400, 'INVALID_INPUT'],
      [{ since: after(-1).toISOString(), provider: 'apple' }, 503, 'PROVIDER_NOT_CONFIGURED'],
    ];
    for (const [body, status, code] of refusals) {
      const answer = await backfill(body);
      expect({ body, status: answer.status, answer: answer.body }).toMatchObject({
        body,
        status,
        answer: { error: { code } },
      });
    }
    expect((await backfill({ since: after(-1).toISOString() }, asUser('agent', 'support'))).status).toBe(403);
    await chaos({ down: true });
    expect((await backfill({ since: after(-1).toISOString() })).status).toBe(502);
    await chaos({});
  });

  it('knows whose a customer of the provider is by what he himself says', async () => {
    const { stripe } = house.box;
    const adapter = house.app.app.get(StripeAdapter, { strict: false });
    const ours = await stripe.customers.create({ metadata: { kassaCustomerId: 'cust_1' } });
    const theirs = await stripe.customers.create({});
    expect(await adapter.ownerOf(ours.id)).toBe('cust_1');
    expect(await adapter.ownerOf(theirs.id)).toBeNull();
    await stripe.customers.del(ours.id);
    expect(await adapter.ownerOf(ours.id)).toBeNull();
    expect(await adapter.ownerOf('cus_of_nobody')).toBeNull();
  });
});

describe('freshness', () => {
  const boot = async (perMinute: string): Promise<FreshnessService> => {
    const settings = { FRESHNESS_READS_PER_MINUTE: perMinute, FRESHNESS_PATIENCE_SECONDS: '0', ROLE: 'all' };
    house = await startHouse({ start: START, settings });
    return house.app.app.get(FreshnessService, { strict: false });
  };
  const metric = async (name: string): Promise<number> => {
    const { body } = await house.app.app.get(Metrics, { strict: false }).render();
    const lines = [...body.matchAll(new RegExp(`^${name}(?:{[^}]*})? (\\d+)$`, 'gm'))];
    return lines.reduce((sum, [, value]) => sum + Number(value), 0);
  };
  /** Looks, judges what was seen, and lets the pipeline work. */
  const pass = async (freshness: FreshnessService): Promise<void> => {
    await freshness.sweep();
    await freshness.sweep();
    await house.settle();
  };
  const verified = () => house.rows<{ at: Date | null }>('SELECT verified_at AS at FROM subscriptions ORDER BY id');

  it('finds what a lost event has changed, repairs it once, and adds no fact where all is well', async () => {
    const freshness = await boot('6000');
    const ref = await subscribe('ada');
    await subscribe('bob');
    await house.settle();
    await house.advance(after(1));
    const clean = await count('facts');
    await pass(freshness);
    expect(await count('facts')).toBe(clean);
    expect(await metric('kassa_freshness_verified_total')).toBe(2);
    expect(await metric('kassa_freshness_drift_total')).toBe(0);
    expect(await verified()).toEqual([{ at: after(1) }, { at: after(1) }]);

    await loseEvents();
    await house.box.stripe.subscriptions.update(ref, { cancel_at_period_end: true });
    await house.settle();
    await chaos({});
    await house.advance(after(2));
    await pass(freshness);
    expect(await metric('kassa_freshness_drift_total')).toBe(1);
    expect((await house.as('ada', 'GET', '/billing/subscriptions/me')).body).toMatchObject({ cancelAtPeriodEnd: true });
    expect(await count('facts')).toBe(clean + 1);

    await house.advance(after(3));
    await pass(freshness);
    expect(await metric('kassa_freshness_drift_total')).toBe(1);
    expect(await count('facts')).toBe(clean + 1);
    expect(await verified()).toEqual([{ at: after(3) }, { at: after(3) }]);
  });

  it('takes a change whose event is on its way for no drift', async () => {
    const freshness = await boot('6000');
    const ref = await subscribe('ada');
    await house.settle();
    await house.advance(after(1));
    await chaos({ webhooks: [{ fault: 'delay', delayMs: 60_000 }] });
    await house.box.stripe.subscriptions.update(ref, { cancel_at_period_end: true });
    await freshness.sweep();
    await house.settle();
    await freshness.sweep();
    await house.settle();
    expect(await metric('kassa_freshness_drift_total')).toBe(0);
    expect(await house.rows(`SELECT id FROM inbox_events WHERE type = 'kassa.seen'`)).toEqual([]);
  });

  it('is off at a rate of 0', async () => {
    const freshness = await boot('0');
    await subscribe('ada');
    await house.settle();
    await house.advance(after(1));
    await pass(freshness);
    expect(await verified()).toEqual([{ at: null }]);
    expect(await count('sweep_cursors')).toBe(0);
  });

  it('keeps to the rate, however many sweep at once', async () => {
    await boot('0');
    const unitOfWork = house.app.app.get(UnitOfWork, { strict: false });
    const rates = house.app.app.get(FreshnessRepository, { strict: false });
    const take = async (): Promise<number> => {
      const taken = await Promise.all(
        Array.from({ length: 5 }, () => unitOfWork.service((tx) => rates.takeCalls(tx, 'freshness:test', 6))),
      );
      return taken.reduce((sum, calls) => sum + calls, 0);
    };
    const ago = (seconds: number) =>
      house.rows(`UPDATE sweep_cursors SET updated_at = now() - $1 * interval '1 s' WHERE name = 'freshness:test'`, [
        seconds,
      ]);
    expect(await take()).toBe(1);
    expect(await take()).toBe(0);
    await ago(9);
    expect(await take()).toBe(0);
    await ago(10.5);
    expect(await take()).toBe(1);
    // What is left over counts for the next time; what has been saved up for long does not.
    await ago(3600);
    expect(await take()).toBe(1);
    expect(await take()).toBe(0);
  });

  it('looks for what others’ objects of the same second hide, and asks for what is gone', async () => {
    const freshness = await boot('6000');
    await subscribe('ada');
    await house.settle();
    await loseEvents();
    await sellElsewhere(101);
    await house.settle();
    await house.advance(after(1));
    await pass(freshness);
    expect(await verified()).toEqual([{ at: after(1) }]);
    await house.box.control('POST', 'reset');
    await house.advance(after(2));
    await pass(freshness);
    await house.advance(after(3));
    await pass(freshness);
    expect(
      await house.rows(
        // Fees are read too.
        `SELECT type, status, error_context ->> 'code' AS code FROM inbox_events
         WHERE type = 'kassa.read' AND object_type <> 'charge'`,
      ),
    ).toEqual([{ type: 'kassa.read', status: 'failed', code: 'OBJECT_GONE' }]);
    expect(await metric('kassa_freshness_drift_total')).toBe(0);
  });

  it('stops quietly while the provider is away or asks for less, and goes on later', async () => {
    const freshness = await boot('6000');
    await subscribe('ada');
    await house.settle();
    await house.advance(after(1));
    await chaos({ api: [{ fault: 'error_429', retryAfterSeconds: 60 }] });
    await freshness.sweep();
    await chaos({ down: true });
    await freshness.sweep();
    expect(await verified()).toEqual([{ at: null }]);
    await chaos({});
    // Our circuit breaker lets nothing through for a few seconds more.
    await until('the provider is asked again', async () => {
      await freshness.sweep();
      return (await verified()).every(({ at }) => at !== null);
    });
    expect(await verified()).toEqual([{ at: after(1) }]);
  });
});
