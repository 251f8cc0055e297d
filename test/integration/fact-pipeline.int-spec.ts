import { randomBytes } from 'node:crypto';
import { CatalogSeedService } from '../../src/modules/billing';
import { UnitOfWork } from '../../src/platform/database';
import { FactPipeline, FactStoreRepository } from '../../src/platform/facts';
import { Outbox, OutboxRelay, type StoredDomainEvent } from '../../src/platform/outbox';
import type { Fact, InvoiceFact, InvoicePayload, SubscriptionFact, SubscriptionPayload } from '../../src/shared/facts';
import { startBench, type Bench } from '../support/bench';

const T = Date.UTC(2026, 0, 15, 10);
const HOUR_MS = 3_600_000;
const iso = (hours: number): string => new Date(T + hours * HOUR_MS).toISOString();

let bench: Bench;
let unitOfWork: UnitOfWork;
let pipeline: FactPipeline;
const heard: StoredDomainEvent[] = [];

beforeAll(async () => {
  bench = await startBench();
  unitOfWork = bench.get(UnitOfWork);
  pipeline = bench.get(FactPipeline);
  await bench.rows(
    "INSERT INTO customers (id, user_id, created_at, updated_at) VALUES ('cus_1', 'user-1', now(), now())",
  );
  await bench.get(CatalogSeedService).seed();
  await bench.rows(
    `INSERT INTO catalog_mirrors (provider, object_type, object_id, provider_id, synced_at)
     SELECT 'stripe', 'price', r.id, 'price_' || p.code || '_' || r.billing_cycle, now() FROM prices r JOIN plans p ON p.id = r.plan_id
     ON CONFLICT DO NOTHING`,
  );
  bench.get(Outbox).register({
    name: 'listener',
    types: ['invoice.paid', 'payment.failed', 'subscription.updated', 'entitlements.updated'],
    handle: (event) => {
      heard.push(event);
      return Promise.resolve();
    },
  });
});
afterAll(() => bench.close());

interface Ids {
  sub: string;
  invoice: string;
}
function newIds(): Ids {
  const tail = randomBytes(5).toString('hex');
  return { sub: `sub_${tail}`, invoice: `in_${tail}` };
}

const SUBSCRIPTION: SubscriptionPayload = {
  customerRef: 'cus_s',
  ownerId: null,
  intentId: null,
  status: 'active',
  providerStatus: 'active',
  priceRef: 'price_BASIC_monthly',
  priceId: null,
  quantity: 1,
  unitAmount: 900,
  currency: 'USD',
  interval: 'month',
  intervalCount: 1,
  currentPeriodStart: iso(0),
  currentPeriodEnd: iso(744),
  trialEndsAt: null,
  cancelAtPeriodEnd: false,
  cancelAt: null,
  canceledAt: null,
  endedAt: null,
  createdAt: iso(0),
  latestInvoiceRef: null,
};

function subFact(ids: Ids, hours: number, payload: Partial<SubscriptionPayload>, kind: SubscriptionFact['kind']): Fact {
  return {
    provider: 'stripe',
    objectType: 'subscription',
    objectId: ids.sub,
    kind,
    aggregate: 'stripe:cus_s',
    occurredAt: new Date(T + hours * HOUR_MS),
    sourceId: `evt_${randomBytes(6).toString('hex')}`,
    payload: { ...SUBSCRIPTION, ...payload },
    before: null,
  };
}

function invoiceFact(ids: Ids, hours: number, kind: InvoiceFact['kind'], payload: Partial<InvoicePayload>): Fact {
  return {
    provider: 'stripe',
    objectType: 'invoice',
    objectId: ids.invoice,
    kind,
    aggregate: 'stripe:cus_s',
    occurredAt: new Date(T + hours * HOUR_MS),
    sourceId: `evt_${randomBytes(6).toString('hex')}`,
    payload: {
      customerRef: 'cus_s',
      subscriptionRef: ids.sub,
      ownerId: null,
      number: 'A-1',
      status: 'open',
      billingReason: 'subscription_cycle',
      currency: 'USD',
      total: 900,
      tax: 0,
      amountDue: 900,
      amountPaid: 0,
      amountRemaining: 900,
      startingBalance: 0,
      endingBalance: 0,
      paidOutOfBand: false,
      attemptCount: 0,
      nextAttemptAt: null,
      hostedUrl: null,
      pdfUrl: null,
      periodStart: iso(0),
      periodEnd: iso(0),
      createdAt: iso(0),
      finalizedAt: iso(1),
      paidAt: null,
      lines: [],
      ...payload,
    },
    before: null,
  };
}

const apply = (...facts: Fact[]): Promise<unknown> =>
  unitOfWork.service((tx) => pipeline.apply(tx, [{ aggregate: 'stripe:cus_s', customerId: 'cus_1', facts }]));

async function events(ids: Ids): Promise<{ type: string; payload: Record<string, unknown>; occurredAt: Date }[]> {
  await bench.get(OutboxRelay).drain();
  const [row] = await bench.rows<{ invoice: string | null; sub: string | null }>(
    `SELECT (SELECT id FROM invoices WHERE provider_id = $1) AS invoice, (SELECT id FROM subscriptions WHERE provider_id = $2) AS sub`,
    [ids.invoice, ids.sub],
  );
  return heard.filter(({ objectId }) => objectId === row?.invoice || objectId === row?.sub);
}

describe('the store of facts', () => {
  it('takes a fact once, however often and by however many it is told', async () => {
    const ids = newIds();
    const fact = subFact(ids, 0, {}, 'subscription.created');
    const store = bench.get(FactStoreRepository);
    const append = async (facts: Fact[]): Promise<string[]> => {
      const objects = await unitOfWork.service((tx) => store.append(tx, facts));
      return [...objects.values()].flatMap(({ fresh }) => fresh.map(({ id }) => id));
    };
    const told = await Promise.all(Array.from({ length: 12 }, () => append([fact, fact])));
    expect(told.flat()).toHaveLength(1);
    expect(await append([])).toEqual([]);
    const key = { provider: 'stripe', objectType: 'subscription', objectId: ids.sub } as const;
    const stored = await unitOfWork.service((tx) => store.ofObjects(tx, [key, key]));
    expect(new Set(stored.map(({ id }) => id))).toEqual(new Set(told.flat()));
    expect(stored[0]).toMatchObject(fact);
    const places = await unitOfWork.service((tx) => store.aggregatesOf(tx, [key]));
    expect([...places.values()]).toEqual(['stripe:cus_s']);
  });

  it('keeps nothing of a transaction that fails', async () => {
    const ids = newIds();
    await expect(apply(subFact(ids, 0, { priceRef: 'price_of_nobody' }, 'subscription.created'))).rejects.toMatchObject(
      {
        code: 'PRICE_UNKNOWN',
      },
    );
    expect(await bench.rows('SELECT 1 FROM facts WHERE object_id = $1', [ids.sub])).toEqual([]);
  });
});

describe('what follows from facts', () => {
  it('is told once, however often they come', async () => {
    const ids = newIds();
    const created = subFact(ids, 0, {}, 'subscription.created');
    await apply(created);
    await apply(created, created);
    expect((await events(ids)).map(({ type }) => type).sort()).toEqual([
      'entitlements.updated',
      'subscription.updated',
    ]);
  });

  it.each([
    ['the change of the invoice first', ['changed', 'failed']],
    ['the failure first', ['failed', 'changed']],
    ['both at once', ['changed failed']],
  ])('tells of each declined attempt once: %s', async (_title, order) => {
    const ids = newIds();
    await apply(subFact(ids, 0, {}, 'subscription.created'), invoiceFact(ids, 1, 'invoice.finalized', {}));
    for (const [attempt, hours] of [
      [1, 2],
      [2, 26],
    ] as const) {
      const facts: Record<string, Fact> = {
        changed: invoiceFact(ids, hours, 'invoice.changed', { attemptCount: attempt }),
        failed: invoiceFact(ids, hours, 'invoice.payment_failed', { attemptCount: attempt }),
      };
      for (const batch of order) {
        const together = batch.split(' ').flatMap((name) => facts[name] ?? []);
        await apply(...together);
        await apply(...together);
      }
    }
    const failures = (await events(ids)).filter(({ type }) => type === 'payment.failed');
    expect(failures).toMatchObject([
      { payload: { attempt: 1, amount: 900, currency: 'USD' }, occurredAt: new Date(T + 2 * HOUR_MS) },
      { payload: { attempt: 2 }, occurredAt: new Date(T + 26 * HOUR_MS) },
    ]);
  });

  it('says nothing of a failure that is told after the payment', async () => {
    const ids = newIds();
    const paid = { status: 'paid', amountPaid: 900, amountRemaining: 0, paidAt: iso(5), attemptCount: 1 } as const;
    await apply(invoiceFact(ids, 5, 'invoice.paid', paid));
    await apply(invoiceFact(ids, 2, 'invoice.payment_failed', { attemptCount: 1 }));
    expect((await events(ids)).map(({ type }) => type)).toEqual(['invoice.paid']);
  });

  it('makes of a late fact the history there would have been', async () => {
    const behind = { status: 'past_due', providerStatus: 'past_due' } as const;
    const pro = { priceRef: 'price_PRO_monthly', unitAmount: 2900 };
    const historyOf = async (ids: Ids): Promise<object[]> =>
      bench.rows(
        `SELECT h.type, h.from_status, h.to_status, f.code AS "from", t.code AS "to", h.at FROM subscription_changes h
         JOIN subscriptions s ON s.id = h.subscription_id LEFT JOIN plans f ON f.id = h.from_plan_id JOIN plans t ON t.id = h.to_plan_id
         WHERE s.provider_id = $1 ORDER BY h.position`,
        [ids.sub],
      );
    const [late, early] = [newIds(), newIds()];
    const of = (ids: Ids): [Fact, Fact, Fact] => [
      subFact(ids, 1, behind, 'subscription.created'),
      subFact(ids, 2, {}, 'subscription.changed'),
      subFact(ids, 3, pro, 'subscription.changed'),
    ];
    const [a, b, c] = of(late);
    await apply(a, c);
    await apply(b);
    await apply(...of(early));
    expect(await historyOf(late)).toEqual(await historyOf(early));
    expect(await historyOf(late)).toMatchObject([
      { type: 'created' },
      { type: 'recovered', from_status: 'past_due' },
      { type: 'upgraded', from_status: 'active', from: 'BASIC', to: 'PRO' },
    ]);
  });

  it('counts grace from the first failure of the invoice that is behind, not of one given up long ago', async () => {
    const ids = newIds();
    const old = { ...ids, invoice: newIds().invoice };
    const behind = (latestInvoiceRef: string) => ({ status: 'past_due', latestInvoiceRef }) as const;
    await apply(subFact(ids, 0, {}, 'subscription.created'));
    await apply(
      invoiceFact(old, 2, 'invoice.payment_failed', { attemptCount: 1 }),
      subFact(ids, 2, behind(old.invoice), 'subscription.changed'),
    );
    await apply(
      invoiceFact(old, 3, 'invoice.uncollectible', { status: 'uncollectible', attemptCount: 1 }),
      subFact(ids, 3, {}, 'subscription.changed'),
    );
    await apply(
      subFact(ids, 2003, behind(ids.invoice), 'subscription.changed'),
      invoiceFact(ids, 2002, 'invoice.payment_failed', { attemptCount: 1 }),
    );
    await apply(invoiceFact(ids, 2030, 'invoice.payment_failed', { attemptCount: 2 }));
    const rows = await bench.rows('SELECT grace_until FROM subscriptions WHERE provider_id = $1', [ids.sub]);
    expect(rows).toEqual([{ grace_until: new Date(T + (2002 + 7 * 24) * HOUR_MS) }]);
  });

  it('posts once under every key, whichever fact comes first', async () => {
    const ids = newIds();
    const finalized = invoiceFact(ids, 1, 'invoice.finalized', {});
    const paid = invoiceFact(ids, 2, 'invoice.paid', {
      status: 'paid',
      amountPaid: 900,
      amountRemaining: 0,
      paidAt: iso(2),
    });
    await apply(paid);
    await apply(finalized);
    await apply(finalized, paid);
    const journal = await bench.rows(
      'SELECT type, ts FROM journal_transactions WHERE idempotency_key LIKE $1 ORDER BY type',
      [`stripe:${ids.invoice}:%`],
    );
    expect(journal).toEqual([
      { type: 'invoice.finalized', ts: new Date(T + HOUR_MS) },
      { type: 'invoice.paid', ts: new Date(T + 2 * HOUR_MS) },
    ]);
  });

  it('raises an alert, and posts nothing, where a key comes back with other content', async () => {
    const ids = newIds();
    await apply(invoiceFact(ids, 2, 'invoice.finalized', {}));
    await apply(invoiceFact(ids, 1, 'invoice.finalized', { total: 800, amountDue: 800, amountRemaining: 800 }));
    const alerts = await bench.rows('SELECT severity FROM alerts WHERE cause_key = $1', [
      `ledger.break:stripe:${ids.invoice}:finalized`,
    ]);
    expect(alerts).toEqual([{ severity: 'critical' }]);
    const sums = await bench.rows(
      `SELECT sum(e.amount)::int AS sum FROM journal_entries e JOIN journal_transactions t ON t.id = e.transaction_id
       WHERE t.idempotency_key LIKE $1 AND e.account_code = 'customer.receivable'`,
      [`stripe:${ids.invoice}:%`],
    );
    expect(sums).toEqual([{ sum: 900 }]);
  });
});
