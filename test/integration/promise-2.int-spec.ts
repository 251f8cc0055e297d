import { MirrorInvariant } from '../../src/modules/billing';
import { InboxWorker } from '../../src/modules/webhooks';
import { InboxAcceptance, READ_REQUEST, type IncomingEvent } from '../../src/platform/inbox';
import { GIVEN_TABLES } from '../../src/verify/recording';
import { startBench, type Bench } from '../support/bench';
import { createTestDatabase } from '../support/database';
import { stirred } from '../support/shuffle';
import { RETURN_ORIGIN, startHouse, WEBHOOK_SECRET, type House } from '../support/house';

/** Order does not matter: the webhooks of one life, in any order and twice, make the same books, rows and access. */
const DAY_MS = 86_400_000;
const START = new Date('2026-01-15T10:00:00Z');

let house: House;
let told: readonly IncomingEvent[];

interface Refs {
  sub: string;
  cus: string;
}

/** Buys on the hosted page. */
async function buy(user: string, plan: string): Promise<Refs> {
  const checkout = { plan, successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
  const opened = await house.as(user, 'POST', '/billing/checkout', checkout);
  await house.box.submit(new URL(opened.body['url'] as string).pathname, { card: '4242424242424242' });
  await house.settle();
  const [refs] = await house.rows<Refs>(
    `SELECT s.provider_id AS sub, a.provider_id AS cus FROM subscriptions s JOIN customer_accounts a USING (customer_id)
     JOIN customers c ON c.id = s.customer_id WHERE c.user_id = $1`,
    [user],
  );
  if (!refs) throw new Error(`${user} has bought nothing`);
  return refs;
}

const on = (days: number): Promise<void> => house.advance(new Date(START.getTime() + days * DAY_MS));
const card = (customer: string, behavior: string): Promise<unknown> =>
  house.box.control('POST', 'cards', { customer, behavior });

async function move(sub: string, plan: string): Promise<void> {
  const { stripe } = house.box;
  const { items } = await stripe.subscriptions.retrieve(sub);
  const { data } = await stripe.prices.list({ lookup_keys: [`kassa_${plan}_monthly_usd`] });
  const item = { id: items.data[0]?.id ?? '', price: data[0]?.id ?? '' };
  await stripe.subscriptions.update(sub, { items: [item], proration_behavior: 'always_invoice' });
}

/** Money that goes back: a refund in part, a dispute that is won, a credit note in money and credit. Nobody told us. */
async function giveBack(invoice: string): Promise<void> {
  const { creditNotes, invoicePayments, refunds } = house.box.stripe;
  const { data } = await invoicePayments.list({ invoice });
  const payment = data[0]?.payment.payment_intent as string;
  await refunds.create({ payment_intent: payment, amount: 300 });
  const { id } = await house.box.control<{ id: string }>('POST', 'disputes', { paymentIntent: payment, amount: 500 });
  await on(50);
  await house.box.control('POST', `disputes/${id}`, { status: 'won' });
  await on(51);
  await creditNotes.create({ invoice, amount: 200, refund_amount: 150, credit_amount: 50 });
}

/** Another card is charged from now on; the old one, which its network has renewed meanwhile, is given up. */
async function changeCard({ sub, cus }: Refs): Promise<void> {
  const { stripe } = house.box;
  const old = (await stripe.subscriptions.retrieve(sub)).default_payment_method as string;
  await house.box.control('POST', 'cards/renew', { paymentMethod: old, expMonth: 1, expYear: 2031 });
  const next = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: cus });
  await stripe.customers.update(cus, { invoice_settings: { default_payment_method: next.id } });
  await stripe.subscriptions.update(sub, { default_payment_method: next.id });
  await stripe.paymentMethods.detach(old);
}

/**
 * Ada's trial, renewal, failure and recovery, money back, downgrade with credit, upgrade and end; and cleo, who is behind with
 * her last payment and lives on her grace. All of it Stripe's doing, so that only events tell.
 */
async function live(): Promise<void> {
  const ada = await buy('ada', 'PRO');
  const cleo = await buy('cleo', 'BASIC');
  const { subscriptions, invoices } = house.box.stripe;
  await on(16);
  await card(ada.cus, 'insufficient_funds');
  await on(48);
  await card(ada.cus, 'succeeds');
  const past = await subscriptions.retrieve(ada.sub);
  await invoices.pay(past.latest_invoice as string);
  await giveBack(past.latest_invoice as string);
  await on(55);
  await move(ada.sub, 'basic');
  await on(80);
  await move(ada.sub, 'pro');
  for (const planned of [true, false, true]) await subscriptions.update(ada.sub, { cancel_at_period_end: planned });
  await changeCard(cleo);
  await on(115);
  await card(cleo.cus, 'insufficient_funds');
  await on(124);
}

beforeAll(async () => {
  house = await startHouse({ start: START });
  await live();
  told = await house.rows<IncomingEvent>(
    `SELECT provider, event_id AS "eventId", type, api_version AS "apiVersion", livemode, object_type AS "objectType",
       object_id AS "objectId", aggregate, occurred_at AS "occurredAt", raw_body AS "rawBody", headers
     FROM inbox_events WHERE type <> $1 ORDER BY received_at, id`,
    [READ_REQUEST],
  );
}, 60_000);
afterAll(() => house.close());

/** A Kassa that has heard nothing yet, with the same Stripe behind it. */
async function freshHouse(): Promise<Bench> {
  const database = await createTestDatabase();
  const bench = await startBench(
    {
      STRIPE_SECRET_KEY: 'sk_test_house',
      STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET,
      STRIPE_API_BASE: house.box.sandbox.url,
    },
    database,
  );
  for (const table of GIVEN_TABLES) {
    const rows = await house.rows<{ row: object }>(`SELECT to_jsonb(t) AS row FROM ${table} t`);
    await bench.rows(
      `INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1) ON CONFLICT DO NOTHING`,
      [JSON.stringify(rows.map(({ row }) => row))],
    );
  }
  await bench.rows('UPDATE customers SET trial_used_at = NULL');
  return bench;
}

/** Takes deliveries in this order, works now and then, and in the end until nothing is left. */
async function hear(bench: Bench, events: readonly IncomingEvent[], chunk: number): Promise<void> {
  const inbox = bench.get(InboxAcceptance);
  const worker = bench.get(InboxWorker);
  for (let from = 0; from < events.length; from += chunk) {
    for (const event of events.slice(from, from + chunk)) await inbox.accept(event);
    await worker.drain();
  }
  for (let pass = 0; pass < 20; pass += 1) {
    // Retries are due later; the test does not wait for them.
    const left = await bench.rows('UPDATE inbox_events SET next_retry_at = NULL WHERE handled_at IS NULL RETURNING id');
    if (left.length === 0) break;
    await worker.drain();
  }
  expect(
    await bench.rows(
      "SELECT type, status, error_context FROM inbox_events WHERE status NOT IN ('processed', 'ignored', 'stale')",
    ),
  ).toEqual([]);
}

/** All that a life comes to, by the provider's ids; without what names facts, rows of ours or the time of writing. */
async function outcome(rows: <T>(sql: string) => Promise<T[]>): Promise<Record<string, unknown[]>> {
  const ours = `'id', 'last_fact_id', 'fact_count', 'verified_at', 'updated_at', 'subscription_id', 'fact_id', 'source_id',
    'created_at', 'source'`;
  const table = async (sql: string): Promise<unknown[]> => {
    const stripped = `SELECT to_jsonb(t) - ARRAY[${ours}] AS row FROM (${sql}) t`;
    const found = await rows<{ row: object }>(`SELECT row FROM (${stripped}) s ORDER BY row::text COLLATE "C"`);
    return found.map(({ row }) => row);
  };
  return {
    subscriptions: await table('SELECT * FROM subscriptions'),
    invoices: await table('SELECT * FROM invoices'),
    payments: await table('SELECT * FROM payments'),
    methods: await table('SELECT * FROM payment_methods'),
    defaults: await table('SELECT * FROM provider_customers'),
    refunds: await table('SELECT * FROM refunds'),
    disputes: await table('SELECT * FROM disputes'),
    creditNotes: await table('SELECT * FROM credit_notes'),
    // What was taken away keeps traces of how it was had, and those depend on what was heard first.
    grants: await table('SELECT * FROM entitlement_grants WHERE revoked_at IS NULL'),
    balances: await table('SELECT account_code, currency, sum(amount) AS sum FROM journal_entries GROUP BY 1, 2'),
    postings: await table(
      `SELECT t.idempotency_key, t.type, t.customer_id, t.ts, e.account_code, e.amount, e.currency
       FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id`,
    ),
    history: await table(
      `SELECT s.provider_id, h.position, h.at, h.type, h.from_plan_id, h.to_plan_id, h.from_status, h.to_status
       FROM subscription_changes h JOIN subscriptions s ON s.id = h.subscription_id`,
    ),
    customers: await table('SELECT user_id, trial_used_at FROM customers'),
    breaks: await table("SELECT kind, cause_key FROM alerts WHERE kind LIKE 'ledger%'"),
  };
}

async function replay(events: readonly IncomingEvent[], chunk: number): Promise<Record<string, unknown[]>> {
  const bench = await freshHouse();
  try {
    await hear(bench, events, chunk);
    expect((await bench.get(MirrorInvariant).checkAll()).differences).toEqual([]);
    return await outcome(bench.rows);
  } finally {
    await bench.close();
    await bench.database.drop();
  }
}

it('has lived full lives, and its books agree with Stripe', async () => {
  const now = await outcome(house.rows);
  const statuses = await house.rows(
    `SELECT c.user_id AS user, s.status, (SELECT count(*)::int FROM entitlement_grants g WHERE g.customer_id = c.id
       AND g.revoked_at IS NULL AND g.until = s.grace_until) AS grants
     FROM subscriptions s JOIN customers c ON c.id = s.customer_id ORDER BY 1`,
  );
  expect(statuses).toEqual([
    { user: 'ada', status: 'canceled', grants: 0 },
    { user: 'cleo', status: 'past_due', grants: 3 },
  ]);
  const history = await house.rows<{ type: string }>(
    `SELECT h.type FROM subscription_changes h JOIN customers c ON c.id = h.customer_id WHERE c.user_id = 'ada' ORDER BY h.position`,
  );
  expect(history.map(({ type }) => type)).toEqual([
    'created',
    'trial_started',
    'activated',
    'payment_failed',
    'recovered',
    'downgraded',
    'upgraded',
    'cancellation_scheduled',
    'cancellation_revoked',
    'cancellation_scheduled',
    'canceled',
  ]);
  expect(now['breaks']).toEqual([]);
  const methods = now['methods'] as { status: string; brand: string; exp_year: number }[];
  expect(methods.map(({ status, brand }) => `${brand} ${status}`).sort()).toEqual([
    'mastercard attached',
    'visa attached',
    'visa detached',
  ]);
  expect(methods.find(({ status }) => status === 'detached')?.exp_year).toBe(2031);
  expect(now['refunds']).toHaveLength(2);
  expect(now['disputes']).toMatchObject([{ status: 'won', amount: 500 }]);
  expect(now['creditNotes']).toMatchObject([{ refunded: 150, credited: 50 }]);
  const [paid] = await house.rows<{ sum: string }>(
    'SELECT sum(amount_paid) - (SELECT sum(amount) FROM refunds) AS sum FROM invoices',
  );
  const balances = now['balances'] as { account_code: string; currency: string; sum: number }[];
  const sumOf = (code: string): number => balances.find(({ account_code }) => account_code === code)?.sum ?? 0;
  expect(sumOf('disputes.held')).toBe(0);
  // What was paid and not given back is at Stripe, but for what Stripe has kept.
  expect(sumOf('fees.stripe')).toBeGreaterThan(0);
  expect(sumOf('stripe.clearing') + sumOf('fees.stripe')).toBe(Number(paid?.sum));
}, 60_000);

it('comes to the same when it is told again, to one who knows nothing', async () => {
  expect(await replay(told, 10)).toEqual(await outcome(house.rows));
}, 60_000);

it.each([
  ['in reverse', 0, 1],
  ['shuffled, one at a time', 1, 1],
  ['shuffled, in small batches', 2, 7],
  ['shuffled, in small batches', 3, 7],
  ['shuffled, all at once', 4, 1000],
])(
  'comes to the same %s (seed %i, batches of %i)',
  async (_title, seed, chunk) => {
    const events = seed === 0 ? [...told].reverse() : stirred(told, seed);
    expect(await replay(events, chunk)).toEqual(await outcome(house.rows));
  },
  60_000,
);
