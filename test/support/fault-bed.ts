import { Client } from 'pg';
import { ensureBuilt, startService, type ServiceProcess, type ServiceSettings } from './service-process';
import { until } from './until';
import { LOAD_PREFIX, paidInvoices, startLoad, type LoadEvent, type WebhookLoad } from './webhook-load';

type Role = ServiceSettings['role'];
type StartOptions = Partial<Omit<ServiceSettings, 'role'>>;

/** What the processes expect webhooks to be signed with. */
export const BED_SECRET = 'whsec_of_the_fault_bed';
/** A dead worker's lease (5 s here), the sweeper's next round (5 s), and the work itself. */
export const ORPHANS_MS = 40_000;
/** The sweeper's next round and the work itself. */
export const SWEPT_MS = 25_000;

/** Service processes on one database and one Redis, under a load of paid invoices of customers it knows. */
export interface FaultBed {
  readonly customers: readonly string[];
  /** Of another database URL (a proxy's), preload and the like where `options` say so. */
  start(role: Role, options?: StartOptions): Promise<ServiceProcess>;
  /** Kills what `start` has started. */
  killAll(): Promise<void>;
  /** A load of paid invoices on one or several processes in turn, endless where no total is given. */
  load(services: ServiceProcess | readonly ServiceProcess[], total?: number): WebhookLoad;
  /** These very deliveries, over so many connections. */
  loadOf(service: ServiceProcess, deliveries: readonly LoadEvent[], concurrency: number): WebhookLoad;
  /** Until so many more are acked. */
  ackedMore(sent: WebhookLoad, more: number): Promise<void>;
  /** All rows, as the service sees them. */
  ask<T>(sql: string, values?: unknown[]): Promise<T[]>;
  /** A session of the tables' owner, for locks; the caller ends it. */
  owner(): Promise<Client>;
  /** How many of these events were handled. */
  processed(sent: WebhookLoad): Promise<number>;
  /** Until everything acked is processed; then that it was processed exactly once, as the books show. */
  expectAllOnce(sent: WebhookLoad, timeoutMs: number): Promise<Books>;
}

/** What the load came to, of one moment. */
export interface Books {
  /** Events handled, those that told something older than what was known included. */
  events: number;
  facts: number;
  /** Facts whose event was handled; the same number. */
  factsOfEvents: number;
  invoices: number;
  paidInvoices: number;
  finalizedPostings: number;
  paidPostings: number;
  entries: number;
  unbalanced: number;
  /** Minor units in Stripe's clearing account, and what the invoices say was paid. */
  clearing: string;
  paid: string;
  announced: number;
  announcedInvoices: number;
}

export interface BedOptions {
  databaseUrl: string;
  ownerUrl: string;
  redisUrl: string;
  settings?: Readonly<Record<string, string>>;
}

export async function startFaultBed(options: BedOptions): Promise<FaultBed> {
  ensureBuilt();
  const { databaseUrl, ownerUrl, redisUrl } = options;
  const running: ServiceProcess[] = [];
  const ask = <T>(sql: string, values: unknown[] = []): Promise<T[]> => askOnce(databaseUrl, sql, values);
  const customers = await makeCustomers(ask);
  const settings = {
    STRIPE_SECRET_KEY: 'sk_test_processes',
    STRIPE_WEBHOOK_SECRETS: BED_SECRET,
    // Nobody listens there: no load needs to ask the provider, and the real one must not be asked by a test.
    STRIPE_API_BASE: 'http://127.0.0.1:9',
    WORK_LEASE_SECONDS: '5',
    ...options.settings,
  };
  const processed = async ({ acked }: WebhookLoad): Promise<number> => {
    const sql =
      "SELECT count(*)::int AS n FROM inbox_events WHERE event_id = ANY ($1) AND status IN ('processed', 'stale')";
    return (await ask<{ n: number }>(sql, [[...acked.keys()]]))[0]!.n;
  };
  return {
    customers,
    ask,
    processed,
    start: async (role, changes = {}) => {
      const service = await startService({
        databaseUrl,
        redisUrl,
        ...changes,
        role,
        settings: { ...settings, ...changes.settings },
      });
      running.push(service);
      return service;
    },
    killAll: async () => {
      for (const { process } of running.splice(0)) await process.kill();
    },
    load: (services, total) => {
      const urls = [services].flat().map(({ url }) => url);
      let turn = 0;
      const url = (): string => urls[(turn += 1) % urls.length] ?? '';
      return startLoad({ url, secret: BED_SECRET, next: paidInvoices(customers, total) });
    },
    loadOf: ({ url }, deliveries, concurrency) => {
      const left = deliveries.values();
      const next = (): LoadEvent | undefined => left.next().value;
      return startLoad({ url: () => url, secret: BED_SECRET, next, concurrency });
    },
    ackedMore: (sent, more) => {
      const goal = sent.acked.size + more;
      return until(`${more} more are acked`, () => sent.acked.size >= goal, 30_000);
    },
    owner: async () => {
      const client = new Client({ connectionString: ownerUrl });
      await client.connect();
      return client;
    },
    expectAllOnce: async (sent, timeoutMs) => {
      expect(sent.acked.size).toBeGreaterThan(0);
      const all = async (): Promise<boolean> => (await processed(sent)) === sent.acked.size;
      await until('all acked events are processed', all, timeoutMs);
      const books = await booksOf(ask);
      expectOnce(books);
      await expectPaid(ask, sent);
      return books;
    },
  };
}

async function askOnce<T>(url: string, sql: string, values: unknown[]): Promise<T[]> {
  const client = new Client({ connectionString: url, options: '-c role=kassa_service' });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as T[];
  } finally {
    await client.end();
  }
}

type Ask = FaultBed['ask'];

/** As many as keep several workers busy without meeting at every turn, and few enough for them to meet. */
const CUSTOMERS = 20;

async function makeCustomers(ask: Ask): Promise<string[]> {
  await ask(
    `WITH made AS (INSERT INTO customers (id, user_id, created_at, updated_at)
       SELECT 'cust_load_' || n, 'user-' || n, now(), now() FROM generate_series(1, $1) n RETURNING id)
     INSERT INTO customer_accounts (provider, provider_id, customer_id, created_at)
     SELECT 'stripe', 'cus_' || id, id, now() FROM made`,
    [CUSTOMERS],
  );
  return Array.from({ length: CUSTOMERS }, (_, i) => `cus_cust_load_${i + 1}`);
}

/** In one statement, and so of one moment: whatever is going on, what is handled has its effects and nothing else has. */
async function booksOf(ask: Ask): Promise<Books> {
  const [books] = await ask<Books>(
    `WITH told AS (SELECT event_id FROM inbox_events WHERE object_id LIKE $1 AND status IN ('processed', 'stale')),
       told_facts AS (SELECT source_id FROM facts WHERE object_id LIKE $1),
       mirrored AS (SELECT id, status, amount_paid FROM invoices WHERE provider_id LIKE $1),
       posted AS (SELECT t.id, t.type FROM journal_transactions t JOIN mirrored m ON m.id = t.ref_id),
       entries AS (SELECT e.* FROM journal_entries e JOIN posted t ON t.id = e.transaction_id),
       announced AS (SELECT object_id FROM outbox_events o JOIN mirrored m ON m.id = o.object_id WHERE o.type = 'invoice.paid')
     SELECT (SELECT count(*) FROM told)::int AS events,
       (SELECT count(*) FROM told_facts)::int AS facts,
       (SELECT count(*) FROM told_facts f JOIN told ON told.event_id = f.source_id)::int AS "factsOfEvents",
       (SELECT count(*) FROM mirrored)::int AS invoices,
       (SELECT count(*) FROM mirrored WHERE status = 'paid')::int AS "paidInvoices",
       (SELECT count(*) FROM posted WHERE type = 'invoice.finalized')::int AS "finalizedPostings",
       (SELECT count(*) FROM posted WHERE type = 'invoice.paid')::int AS "paidPostings",
       (SELECT count(*) FROM entries)::int AS entries,
       (SELECT count(*) FROM (SELECT currency FROM entries GROUP BY currency HAVING sum(amount) <> 0) x)::int AS unbalanced,
       (SELECT COALESCE(sum(amount), 0) FROM entries WHERE account_code = 'stripe.clearing')::text AS clearing,
       (SELECT COALESCE(sum(amount_paid), 0) FROM mirrored)::text AS paid,
       (SELECT count(*) FROM announced)::int AS announced,
       (SELECT count(DISTINCT object_id) FROM announced)::int AS "announcedInvoices"`,
    [`${LOAD_PREFIX}%`],
  );
  return books!;
}

/** One fact of each event; of each invoice one receivable, of each paid one a payment too; each told to the house once. */
function expectOnce(books: Books): void {
  const { events, invoices, paidInvoices: paid, paid: amount } = books;
  expect(books).toEqual({
    events,
    facts: events,
    factsOfEvents: events,
    invoices,
    paidInvoices: paid,
    finalizedPostings: invoices,
    paidPostings: paid,
    entries: 2 * (invoices + paid),
    unbalanced: 0,
    clearing: amount,
    paid: amount,
    announced: paid,
    announcedInvoices: paid,
  });
}

/** Every invoice that was acked as paid stands in the books with the amount that was told, and no other. */
async function expectPaid(ask: Ask, { acked }: WebhookLoad): Promise<void> {
  const told = new Map([...acked.values()].map(({ invoice, amount }) => [invoice, amount]));
  const rows = await ask<{ ref: string; amount: string }>(
    `SELECT i.provider_id AS ref, sum(e.amount)::text AS amount
     FROM invoices i JOIN journal_transactions t ON t.ref_id = i.id JOIN journal_entries e ON e.transaction_id = t.id
     WHERE i.provider_id = ANY ($1) AND e.account_code = 'stripe.clearing' GROUP BY 1`,
    [[...told.keys()]],
  );
  const booked = new Map(rows.map(({ ref, amount }) => [ref, Number(amount)]));
  expect(booked).toEqual(told);
}
