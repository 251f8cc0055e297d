import fc from 'fast-check';
import { LedgerInvariants } from '../../src/modules/reconciliation';
import type Stripe from 'stripe';
import { StripeAdapter } from '../../src/providers/stripe';
import {
  toCreditNotePayload,
  toDisputePayload,
  toRefundPayload,
} from '../../src/providers/stripe/stripe-money-objects';
import { toInvoicePayload, toPaymentPayload, toSubscriptionPayload } from '../../src/providers/stripe/stripe-objects';
import { readListedEvent } from '../../src/providers/stripe/stripe-webhook';
import {
  differencesOf,
  disordered,
  inOrder,
  ReplayHouse,
  type GivenRows,
  type KnownObject,
  type Outcome,
  type RecordedItem,
  type Step,
} from '../../src/verify';
import { startBench, type Bench } from '../support/bench';
import { runs, seedOf, within } from '../support/deep';
import { anyLife, fullLife, moneyLife, pausedLife, play, type Life, type PlayedLife } from '../support/stripe-life';
import { TEST_AUTH } from '../support/tokens';

/**
 * Promise 2 on real PostgreSQL: generated lives of subscriptions, told in any order, twice and through crashes, end where
 * they end in order, and where the provider itself has ended.
 */
const SECRET = 'whsec_of_the_convergence';

let bench: Bench;
let house: ReplayHouse;

beforeAll(async () => {
  bench = await startBench({ STRIPE_SECRET_KEY: 'sk_test_house', STRIPE_WEBHOOK_SECRETS: SECRET });
  await bench.rows(
    `INSERT INTO features (id, key, name, type, position, created_at) VALUES ('feat_1', 'seats', 'Seats', 'limit', 1, now())`,
  );
  // Whose they are is told by links that each run makes.
  const given = { customer_accounts: [] as object[] } as unknown as GivenRows;
  house = await ReplayHouse.open({
    url: bench.database.appUrl,
    environment: {
      ...{ NODE_ENV: 'test', REDIS_URL: 'redis://127.0.0.1:1', STRIPE_SECRET_KEY: 'sk_test_house' },
      ...{ AUTH_JWT_SECRET: TEST_AUTH.secret, AUTH_ISSUER: TEST_AUTH.issuer, AUTH_AUDIENCE: TEST_AUTH.audience },
      STRIPE_WEBHOOK_SECRETS: SECRET,
    },
    recording: { given, livemode: { stripe: false } },
    adapters: [bench.get(StripeAdapter)],
  });
});
afterAll(async () => {
  await house.close();
  await bench.close();
});

/** A life with ids of its own, so that many can be lived in one database. */
interface Copy {
  name: string;
  customerId: string;
  items: readonly RecordedItem[];
  known: readonly KnownObject[];
}

const ID = /\b(cus|sub|in|pi|ch|py|pm|si|il|inpay|cs|re|du|cn|txn|int)_([0-9A-Za-z]{10,}|ours)\b/g;

/** The sandbox's ids and ours, made unique; what is sold is the same for all. */
function renamed<T>(value: T, name: string): T {
  return JSON.parse(JSON.stringify(value).replace(ID, `$1_$2${name}`)) as T;
}

function copyOf(played: PlayedLife, number: number, letter: string): Copy {
  const name = `x${number}${letter}`;
  const events = played.events.map((told): RecordedItem => {
    const body = Buffer.from(JSON.stringify({ ...renamed(told, name), id: `${told.id}${name}` }));
    const event = readListedEvent(body);
    return { kind: 'event', aggregate: event.aggregate, event: { ...event, provider: 'stripe', headers: {} } };
  });
  const readings = played.readings.map((fact, n): RecordedItem => {
    // The ids of readings say in which order they were begun.
    const [by = ''] = fact.sourceId.split('_');
    const sourceId = `${by}_01k${String(number * 10_000 + (letter === 'a' ? 0 : 5_000) + n).padStart(23, '0')}`;
    const { occurredAt } = fact;
    const own = { ...renamed(fact, name), occurredAt, sourceId };
    return { kind: 'reading', aggregate: own.aggregate, provider: 'stripe', sourceId, facts: [own] };
  });
  const at = ({ item }: { item: RecordedItem }): number =>
    item.kind === 'event' ? item.event.occurredAt.getTime() : (item.facts[0]?.occurredAt.getTime() ?? 0);
  const items = [...events, ...readings].map((item, i) => ({ item, i })).sort((a, b) => at(a) - at(b) || a.i - b.i);
  const known = objectIdsOf(played)
    .flatMap((id) => played.lastLook(id))
    .map((fact): KnownObject => {
      const { provider, objectType, objectId, aggregate, payload } = renamed(fact, name);
      return { provider, objectType, objectId, aggregate, payload, occurredAt: fact.occurredAt };
    });
  return { name, customerId: `cus_ours${name}`, items: items.map(({ item }) => item), known };
}

function objectIdsOf(played: PlayedLife): string[] {
  const ids = played.events.map(({ data }) => (data.object as { id?: string }).id ?? '');
  return [...new Set(ids)].filter((id) => /^(?:sub|in|pi|ch|re|du|cn)_/.test(id));
}

/** The customer, his account, and whatever he may have bought. */
async function give(copy: Copy, played: PlayedLife): Promise<void> {
  const [account] = copy.known.map(({ aggregate }) => aggregate.slice('stripe:'.length));
  await bench.rows('INSERT INTO customers (id, user_id, created_at, updated_at) VALUES ($1, $1, now(), now())', [
    copy.customerId,
  ]);
  await bench.rows(
    "INSERT INTO customer_accounts (provider, provider_id, customer_id, created_at) VALUES ('stripe', $1, $2, now())",
    [account, copy.customerId],
  );
  const prices = new Set(JSON.stringify(played.events).match(/\bprice_[0-9A-Za-z]+/g));
  for (const price of prices) {
    await bench.rows(
      `WITH plan AS (
         INSERT INTO plans (id, code, name, description, position, created_at, updated_at)
         VALUES ('plan of ' || $1, 'P' || upper(md5($1)), $1, '', 1, now(), now()) ON CONFLICT DO NOTHING RETURNING id),
       price AS (
         INSERT INTO prices (id, plan_id, billing_cycle, amount, currency, lookup_key, created_at)
         SELECT 'ours of ' || $1, id, 'monthly', 100, 'USD', $1, now() FROM plan RETURNING id),
       feature AS (INSERT INTO plan_features (plan_id, feature_id, "limit") SELECT id, 'feat_1', 3 FROM plan)
       INSERT INTO catalog_mirrors (provider, object_type, object_id, provider_id, synced_at)
       SELECT 'stripe', 'price', id, $1, now() FROM price`,
      [price],
    );
  }
}

async function tell(copy: Copy, steps: readonly Step[]): Promise<Outcome> {
  house.learn(copy.known);
  await house.take(steps, copy.items);
  expect(await house.settle()).toBe(0);
  const readings = copy.items.flatMap((item) => (item.kind === 'reading' ? [item.sourceId] : []));
  return house.outcome({ readings, customerIds: [copy.customerId] });
}

/** Without the names: what is left must be the same of every copy. */
function nameless(outcome: Outcome, { name }: Copy): Outcome {
  const text = JSON.stringify([...outcome].map(([table, rows]) => [table, [...rows]]))
    .replaceAll(name, '')
    // What readings are called says only when they were begun.
    .replace(/_01k0*\d+/g, '');
  const tables = JSON.parse(text) as [string, [string, never][]][];
  return new Map(tables.map(([table, rows]) => [table, new Map(rows)]));
}

const iso = (value: unknown): string | null => (typeof value === 'string' ? new Date(value).toISOString() : null);

/** Every object of the outcome is what the provider has. */
function expectTruth(outcome: Outcome, played: PlayedLife): void {
  const rows = (table: string): [string, Readonly<Record<string, unknown>>][] =>
    [...(outcome.get(table) ?? [])].map(([key, { row }]) => [key.slice('stripe:'.length), row]);
  for (const [id, row] of rows('subscriptions')) {
    const truth = toSubscriptionPayload(played.object(id) as Stripe.Subscription);
    expect({ ...row, current_period_end: iso(row['current_period_end']) }).toMatchObject({
      status: truth.status,
      quantity: truth.quantity,
      cancel_at_period_end: truth.cancelAtPeriodEnd,
      current_period_end: truth.currentPeriodEnd,
      price_id: `ours of ${truth.priceRef}`,
    });
  }
  for (const [id, row] of rows('invoices')) {
    const truth = toInvoicePayload(played.object(id) as Stripe.Invoice);
    expect(row).toMatchObject({
      status: truth.status,
      amount_paid: truth.amountPaid,
      amount_remaining: truth.amountRemaining,
    });
  }
  for (const [id, row] of rows('payments')) {
    expect(row).toMatchObject({ status: toPaymentPayload(played.object(id) as Stripe.PaymentIntent).status });
  }
  expectMoneyTruth(rows, played);
}

type RowsOf = (table: string) => [id: string, row: Readonly<Record<string, unknown>>][];

/** What happened to money after it was paid, and the sums of it. */
function expectMoneyTruth(rows: RowsOf, played: PlayedLife): void {
  const refunded = new Map<string, number>();
  for (const [id, row] of rows('refunds')) {
    const truth = toRefundPayload(played.object(id) as Stripe.Refund);
    expect(row).toMatchObject({ status: truth.status, amount: truth.amount, provider_payment_id: truth.paymentRef });
    const stands = truth.status !== 'failed' && truth.status !== 'canceled';
    refunded.set(truth.paymentRef, (refunded.get(truth.paymentRef) ?? 0) + (stands ? truth.amount : 0));
  }
  for (const [id, row] of rows('payments')) expect(row).toMatchObject({ amount_refunded: refunded.get(id) ?? 0 });
  for (const [id, row] of rows('disputes')) {
    const { status, hasEvidence } = toDisputePayload(played.object(id) as Stripe.Dispute);
    expect(row).toMatchObject({ status, has_evidence: hasEvidence });
  }
  for (const [id, row] of rows('credit_notes')) {
    const { status, total, prePayment } = toCreditNotePayload(played.object(id) as Stripe.CreditNote);
    expect(row).toMatchObject({ status, total, pre_payment: prePayment });
  }
}

let number = 0;

async function expectConvergence(life: Life, seed: number): Promise<void> {
  const played = play(life);
  number += 1;
  const [ordered, stirred] = [copyOf(played, number, 'a'), copyOf(played, number, 'b')];
  for (const copy of [ordered, stirred]) await give(copy, played);
  const all = ordered.items.map((_, i) => i);
  const expected = nameless(await tell(ordered, inOrder(all)), ordered);
  const chaos = { shuffle: true, duplicate: true, crash: true };
  const actual = nameless(await tell(stirred, disordered(all, chaos, seed)), stirred);
  expect(differencesOf(expected, actual)).toEqual([]);
  expect(expected.get('subscriptions')?.size).toBe(1);
  expectTruth(actual, played);
}

/** Its invoice is given up, and read before the event of it comes. */
const givenUpLife: Life = {
  trialDays: 0,
  steps: [
    { do: 'collection', behavior: 'mark_uncollectible' },
    { do: 'fail', behavior: 'insufficient_funds' },
    { do: 'quantity', quantity: 1 },
    { do: 'read', what: 'subscription' },
    { do: 'wait', days: 1 },
    { do: 'read', what: 'subscription' },
    { do: 'pay' },
  ],
};

it.each([
  ['a full life', fullLife, seedOf()],
  ['a paused one', pausedLife, seedOf()],
  ['one with money that goes back', moneyLife, seedOf()],
  ['one that is given up', givenUpLife, 0],
])('%s ends the same in any order', async (_title, life, seed) => {
  await expectConvergence(life, seed);
});

it(
  'every life ends the same in any order, twice and through crashes',
  async () => {
    await fc.assert(fc.asyncProperty(anyLife, fc.nat(), expectConvergence), runs(12));
  },
  within(60_000),
);

it('has crashed on the way, and left rows that their facts make', async () => {
  expect(house.crashed).toBeGreaterThan(0);
  expect([...(await house.refold()).keys()]).toEqual([]);
  // Lives without end: what the books promise at any moment holds of them all.
  expect(await bench.get(LedgerInvariants).look()).toEqual([]);
  expect(await bench.rows("SELECT kind, cause_key FROM alerts WHERE kind LIKE 'ledger%'")).toEqual([]);
});
