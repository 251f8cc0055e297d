import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { InboxWorker } from '../src/modules/webhooks';
import { startApp } from '../test/support/app';
import { seedCatalog } from '../test/support/service-process';
import { until } from '../test/support/until';
import { startFloor } from './support/floor';
import { EVENTS_PER_LIFE, knowCatalog, newLives, putIntoInbox } from './support/lives';
import { load } from './support/load';
import { median, type Benchmark } from './support/report';
import { startBenchServices, WEBHOOK_SECRET, type BenchServices } from './support/services';

const ROUNDS = 3;
const EVENTS = 5_000;
const CONNECTIONS = 50;
/** A bound against hanging, not a claim about speed. */
const PATIENCE_MS = 300_000;
/** Asking must not be a load of its own. */
const ASK_EVERY_MS = 500;

/** Working the inbox: facts, mirror rows, journal, grants, outbox; by one worker process. */
export const bench: Benchmark = {
  name: 'webhook-process',
  about: `events of many customers, from the inbox to the outbox, by one worker; floor: requests/s of bare Fastify with one INSERT each`,
  run: async (say) => {
    const services = await startBenchServices();
    try {
      await seedCatalog({ databaseUrl: services.databaseUrl, redisUrl: services.redisUrl, settings: {} });
      await knowCatalog(services);
      const sql = await countStatements(services);
      const floor = await startFloor(services);
      await services.startKassa('worker');
      const ours: number[] = [];
      const floors: number[] = [];
      // Round 0 warms up.
      for (let round = 0; round <= ROUNDS; round += 1) {
        const sent = await load({ url: floor.url, secret: WEBHOOK_SECRET, connections: CONNECTIONS, requests: EVENTS });
        const worked = await eventsPerSecond(services);
        if (round === 0) continue;
        say(`round ${round}: ${Math.round(worked)} events/s, floor ${Math.round(sent.requestsPerSecond)} requests/s`);
        ours.push(worked);
        floors.push(sent.requestsPerSecond);
      }
      floor.stop();
      await expectBooks(services);
      return [
        { case: 'worked', ours: median(ours), floor: median(floors), unit: 'events/s' },
        { case: 'SQL', ours: sql, floor: 1, unit: 'statements/event' },
      ];
    } finally {
      await services.stop();
    }
  },
};

const customersFor = (events: number): number => Math.ceil(events / EVENTS_PER_LIFE);

/**
 * By the database's clock, from the first row that was handled to the last: the wait for the sweeper that finds the work
 * is not the work.
 */
async function eventsPerSecond(services: BenchServices): Promise<number> {
  const rows = await newLives(services, customersFor(EVENTS));
  await putIntoInbox(services, rows);
  await until(
    'all events are handled',
    () => delay(ASK_EVERY_MS).then(async () => (await unhandled(services)) === 0),
    PATIENCE_MS,
  );
  const [figures] = await services.rows<{ processed: number; after: number; seconds: number }>(
    `WITH handled AS (SELECT status, handled_at, min(handled_at) OVER () AS first FROM inbox_events WHERE event_id = ANY ($1))
     SELECT count(*) FILTER (WHERE status IN ('processed', 'stale'))::int AS processed, count(*) FILTER (WHERE handled_at > first)::int AS after,
       EXTRACT(epoch FROM max(handled_at) - min(handled_at))::float8 AS seconds FROM handled`,
    [rows.map(({ id }) => id)],
  );
  if (figures?.processed !== rows.length) {
    const found = await services.rows(
      'SELECT status, ignored_for, error_context, count(*)::int FROM inbox_events GROUP BY 1, 2, 3',
    );
    throw new Error(`Not all ${rows.length} events were processed: ${JSON.stringify(found.slice(0, 5))}`);
  }
  return figures.after / figures.seconds;
}

async function unhandled(services: BenchServices): Promise<number> {
  const [row] = await services.rows<{ n: number }>(
    'SELECT count(*)::int AS n FROM inbox_events WHERE handled_at IS NULL',
  );
  return row?.n ?? 0;
}

/**
 * Statements per event, BEGIN, COMMIT and looks at an empty inbox included; in this process, by counting calls of the
 * driver's own method, and not timed.
 */
async function countStatements(services: BenchServices): Promise<number> {
  const { databaseUrl, redisUrl } = services;
  const settings = { ROLE: 'api', STRIPE_SECRET_KEY: 'sk_test_bench', STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET };
  const running = await startApp({ databaseUrl, redisUrl, settings });
  const worker = running.app.get(InboxWorker, { strict: false });
  const drain = async (): Promise<void> => {
    while ((await worker.drain()) > 0);
  };
  try {
    const many = await newLives(services, customersFor(1_000));
    await putIntoInbox(services, many);
    const together = await counted(drain);
    if ((await unhandled(services)) > 0) throw new Error('Events were left over');
    return together / many.length;
  } finally {
    await running.close();
  }
}

async function counted(work: () => Promise<void>): Promise<number> {
  const original = Object.getOwnPropertyDescriptor(Client.prototype, 'query') as PropertyDescriptor;
  const query = original.value as (...args: unknown[]) => unknown;
  let statements = 0;
  Object.defineProperty(Client.prototype, 'query', {
    ...original,
    value(this: Client, ...args: unknown[]) {
      statements += 1;
      return query.apply(this, args);
    },
  });
  try {
    await work();
    return statements;
  } finally {
    Object.defineProperty(Client.prototype, 'query', original);
  }
}

/** What was measured must also be right: every life has its money in books that balance, and its access. */
async function expectBooks(services: BenchServices): Promise<void> {
  const [books] = await services.rows<{
    customers: number;
    posted: number;
    granted: number;
    off: number;
    told: number;
  }>(
    `SELECT (SELECT count(*)::int FROM customers) AS customers,
       (SELECT count(DISTINCT customer_id)::int FROM journal_transactions) AS posted,
       (SELECT count(DISTINCT customer_id)::int FROM entitlement_grants) AS granted,
       (SELECT COALESCE(sum(amount), 0)::int FROM journal_entries) AS off,
       (SELECT count(DISTINCT customer_id)::int FROM outbox_events) AS told`,
  );
  const { customers, posted, granted, off, told } = books ?? { customers: 0, posted: 0, granted: 0, off: 0, told: 0 };
  if (customers === 0 || posted !== customers || granted !== customers || told !== customers || off !== 0) {
    throw new Error(`The events were not worked out: ${JSON.stringify(books)}`);
  }
}
