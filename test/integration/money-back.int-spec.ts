import { Client } from 'pg';
import { CatalogSeedService } from '../../src/modules/billing';
import { MoneyBack, type PeriodMoney, type TouchedMoney } from '../../src/modules/billing/money-back.repository';
import { Prisma } from '../../src/generated/prisma/client';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { FactPipeline } from '../../src/platform/facts';
import type { Fact, InvoicePayload, SubscriptionPayload } from '../../src/shared/facts';
import { startBench, type Bench } from '../support/bench';
import { scansOf, type Scan } from '../support/explain';

/** What was given back of payments, invoices and periods, whichever of them is told first. */
const T = Date.UTC(2026, 0, 15, 10);
const iso = (seconds: number): string => new Date(T + seconds * 1000).toISOString();
const MONTH = 31 * 86_400;

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
  await bench.rows("INSERT INTO customers (id, user_id, created_at, updated_at) VALUES ('cus_1', 'ada', now(), now())");
  await bench.get(CatalogSeedService).seed();
  await bench.rows(
    `INSERT INTO catalog_mirrors (provider, object_type, object_id, provider_id, synced_at)
     SELECT 'stripe', 'price', r.id, 'price_' || p.code || '_' || r.billing_cycle, now() FROM prices r JOIN plans p ON p.id = r.plan_id
     ON CONFLICT DO NOTHING`,
  );
}, 60_000);
afterAll(() => bench.close());

const inTx = <X>(work: (tx: Tx) => Promise<X>): Promise<X> => bench.get(UnitOfWork).service(work);
const tell = (...facts: Fact[]): Promise<unknown> =>
  inTx((tx) => bench.get(FactPipeline).apply(tx, [{ aggregate: 'stripe:cus_s', customerId: 'cus_1', facts }]));

const SUBSCRIPTION: SubscriptionPayload = {
  ...{ customerRef: 'cus_s', ownerId: null, intentId: null, status: 'active', providerStatus: 'active' },
  ...{ priceRef: 'price_BASIC_monthly', priceId: null, quantity: 1, unitAmount: 900, currency: 'USD' },
  ...{ interval: 'month', intervalCount: 1, currentPeriodStart: iso(0), currentPeriodEnd: iso(MONTH) },
  ...{ trialEndsAt: null, cancelAtPeriodEnd: false, cancelAt: null, canceledAt: null, endedAt: null },
  ...{ createdAt: iso(0), latestInvoiceRef: null },
};
const INVOICE: InvoicePayload = {
  ...{ customerRef: 'cus_s', subscriptionRef: null, ownerId: null, number: 'A-1', status: 'paid', currency: 'USD' },
  ...{ billingReason: 'subscription_create', total: 900, tax: 0, amountDue: 900, amountPaid: 900, amountRemaining: 0 },
  ...{ startingBalance: 0, endingBalance: 0, paidOutOfBand: false, attemptCount: 1, nextAttemptAt: null },
  ...{ hostedUrl: null, pdfUrl: null, periodStart: iso(0), periodEnd: iso(0), createdAt: iso(0) },
  ...{ finalizedAt: iso(0), paidAt: iso(1), lines: [] },
};

/** One purchase: a subscription, and the four things told of its money. */
interface Purchase {
  subscription: Fact;
  parts: Fact[];
}

function purchase(name: string, refunded: number): Purchase {
  const base = (
    second: number,
    id: string,
  ): Pick<Fact, 'provider' | 'aggregate' | 'occurredAt' | 'sourceId'> & { before: null } => ({
    ...{ provider: 'stripe', aggregate: 'stripe:cus_s', before: null },
    ...{ occurredAt: new Date(T + second * 1000), sourceId: `evt_${id}${name}` },
  });
  const [sub, invoice, payment] = [`sub_${name}`, `in_${name}`, `pi_${name}`];
  return {
    subscription: {
      ...base(0, 's'),
      ...{ objectType: 'subscription', objectId: sub, kind: 'subscription.created', payload: SUBSCRIPTION },
    },
    parts: [
      {
        ...base(60, 'r'),
        ...{ objectType: 'refund', objectId: `re_${name}`, kind: 'refund.created' },
        payload: {
          ...{
            paymentRef: payment,
            intentId: null,
            amount: refunded,
            currency: 'USD',
            status: 'succeeded',
            reason: null,
          },
          ...{ failureReason: null, movementRef: 'txn_1', createdAt: iso(60) },
        },
      },
      {
        ...base(1, 'p'),
        ...{ objectType: 'payment', objectId: payment, kind: 'payment.succeeded' },
        payload: {
          ...{ customerRef: 'cus_s', amount: 900, currency: 'USD', status: 'succeeded', declineCode: null },
          ...{ method: null, createdAt: iso(0) },
        },
      },
      {
        ...base(1, 'l'),
        ...{ objectType: 'payment', objectId: payment, kind: 'payment.linked', payload: { invoiceRef: invoice } },
      },
      {
        ...base(1, 'i'),
        ...{ objectType: 'invoice', objectId: invoice, kind: 'invoice.paid' },
        payload: { ...INVOICE, subscriptionRef: sub },
      },
    ],
  };
}

/** Every order of four things, as places. */
const ORDERS = [0, 1, 2, 3].flatMap((a) =>
  [0, 1, 2, 3].flatMap((b) =>
    [0, 1, 2, 3].flatMap((c) => {
      const d = 6 - a - b - c;
      return new Set([a, b, c]).size === 3 ? [[a, b, c, d]] : [];
    }),
  ),
);

const booksOf = async (name: string): Promise<unknown> => {
  const [row] = await bench.rows(
    `SELECT p.amount_refunded::int AS payment, i.amount_refunded::int AS invoice,
       (SELECT count(*)::int FROM entitlement_grants g JOIN subscriptions s ON s.id = g.source_id
        WHERE s.provider_id = $3 AND g.revoked_at IS NULL) > 0 AS access
     FROM payments p, invoices i WHERE p.provider_id = $1 AND i.provider_id = $2`,
    [`pi_${name}`, `in_${name}`, `sub_${name}`],
  );
  return row;
};

describe('a refund, its payment, the payment’s link to the invoice, and the invoice', () => {
  it.each([
    ['in full', 900, { payment: 900, invoice: 900, access: false }],
    ['in part', 899, { payment: 899, invoice: 899, access: true }],
  ])(
    '%s, come to the same in all 24 orders',
    async (_title, amount, expected) => {
      expect(ORDERS).toHaveLength(24);
      for (const order of ORDERS) {
        const name = `${String(amount)}o${order.join('')}`;
        const { subscription, parts } = purchase(name, amount);
        await tell(subscription);
        for (const place of order) await tell(parts[place] as Fact);
        expect([order, await booksOf(name)]).toEqual([order, expected]);
      }
    },
    60_000,
  );

  it('give access back when the refund fails', async () => {
    const { subscription, parts } = purchase('back', 900);
    await tell(subscription, ...parts);
    expect(await booksOf('back')).toMatchObject({ access: false });
    const [refund] = parts;
    if (refund?.objectType !== 'refund') throw new Error('the first part is the refund');
    const failed = { ...refund.payload, status: 'failed' as const, failureReason: 'declined' };
    await tell({
      ...refund,
      kind: 'refund.failed',
      sourceId: 'evt_f',
      occurredAt: new Date(T + 99_000),
      payload: failed,
    });
    expect(await booksOf('back')).toEqual({ payment: 0, invoice: 0, access: true });
  });
});

describe('among 50,000 payments', () => {
  beforeAll(async () => {
    const filled = '$1::int, now(), now()';
    for (const sql of [
      `INSERT INTO invoices (id, customer_id, provider, provider_id, provider_subscription_id, status, currency, total, tax, amount_due,
         amount_paid, amount_remaining, period_start, period_end, attempt_count, lines, last_fact_id, fact_count, created_at, updated_at)
       SELECT 'inv_m' || n, 'cus_1', 'stripe', 'in_m' || n, 'sub_m' || n / 10, 'paid', 'USD', 900, 0, 900, 900, 0, now(), now(), 0, '[]',
         'fact', ${filled} FROM generate_series(1, 50000) n`,
      `INSERT INTO payments (id, customer_id, provider, provider_id, provider_invoice_id, amount, currency, status, last_fact_id, fact_count,
         created_at, updated_at)
       SELECT 'pay_m' || n, 'cus_1', 'stripe', 'pi_m' || n, 'in_m' || n, 900, 'USD', 'succeeded', 'fact', ${filled}
       FROM generate_series(1, 50000) n`,
      `INSERT INTO refunds (id, customer_id, provider, provider_id, provider_payment_id, amount, currency, status, last_fact_id, fact_count,
         created_at, updated_at)
       SELECT 'rfd_m' || n, 'cus_1', 'stripe', 're_m' || n, 'pi_m' || n, 100, 'USD', 'succeeded', 'fact', ${filled}
       FROM generate_series(1, 50000) n`,
      `INSERT INTO disputes (id, customer_id, provider, provider_id, provider_payment_id, amount, currency, status, provider_status, reason,
         has_evidence, evidence_count, last_fact_id, fact_count, created_at, updated_at)
       SELECT 'dsp_m' || n, 'cus_1', 'stripe', 'dp_m' || n, 'pi_m' || n, 100, 'USD', 'won', 'won', 'fraudulent', false, 0, 'fact', ${filled}
       FROM generate_series(1, 50000) n`,
    ]) {
      await bench.rows(sql, [1]);
    }
    const owner = new Client({ connectionString: bench.database.ownerUrl });
    await owner.connect();
    await owner.query('ANALYZE invoices, payments, refunds, disputes');
    await owner.end();
  }, 60_000);

  /** The statement itself, as the repository sends it. */
  async function sentBy(send: (tx: Tx) => Promise<unknown>): Promise<Prisma.Sql> {
    const sent: Prisma.Sql[] = [];
    await inTx((tx) =>
      send(
        new Proxy(tx, {
          get: (target, name) =>
            name === '$queryRaw'
              ? (text: TemplateStringsArray, ...values: unknown[]) => {
                  sent.push(Prisma.sql(text, ...values));
                  return target.$queryRaw(text, ...values);
                }
              : (Reflect.get(target, name) as unknown),
        }),
      ),
    );
    const [only] = sent;
    if (!only || sent.length !== 1) throw new Error('Not one statement');
    return only;
  }

  function expectFewRows(scans: readonly Scan[]): void {
    const large = scans.filter(({ table }) => ['invoices', 'payments', 'refunds', 'disputes'].includes(table));
    expect(new Set(large.map(({ table }) => table)).size).toBe(4);
    expect(large.filter(({ node }) => node === 'Seq Scan')).toEqual([]);
    expect(Math.max(...large.map(({ rows }) => rows))).toBeLessThanOrEqual(100);
  }

  const touched = (n: number): TouchedMoney[] => [
    { provider: 'stripe', aggregate: 'stripe:cus_s', paymentRef: `pi_m${String(n)}`, invoiceRef: null },
    { provider: 'stripe', aggregate: 'stripe:cus_s', paymentRef: null, invoiceRef: `in_m${String(n + 1)}` },
  ];

  it('brings the sums of the few that were touched up to date', async () => {
    const many = Array.from({ length: 10 }, (_, n) => touched(n * 1_000 + 1)).flat();
    const sql = await sentBy((tx) => bench.get(MoneyBack).refresh(tx, many));
    expect(
      await bench.rows('SELECT count(*)::int AS n FROM payments WHERE id LIKE $1 AND amount_refunded = 100', [
        'pay_m%',
      ]),
    ).toEqual([{ n: 20 }]);
    expectFewRows(await scansOf(bench, sql));
  });

  it('looks at the invoices of the periods it is asked about', async () => {
    const periods = Array.from({ length: 5 }, (_, n) => {
      return { provider: 'stripe' as const, providerId: `sub_m${String(n * 900 + 1)}`, since: iso(0) };
    });
    const found: Map<string, PeriodMoney>[] = [];
    const sql = await sentBy(async (tx) => found.push(await bench.get(MoneyBack).ofPeriods(tx, periods)));
    expect([...(found[0]?.values() ?? [])]).toEqual(periods.map(() => ({ refunded: false, disputed: false })));
    expectFewRows(await scansOf(bench, sql));
  });
});
