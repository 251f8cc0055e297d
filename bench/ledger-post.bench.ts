import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { invoiceFinalized, invoicePaid, LedgerService, type JournalDraft } from '../src/modules/ledger';
import { UnitOfWork } from '../src/platform/database';
import { startApp } from '../test/support/app';
import { median, percentile, type Benchmark, type CaseResult } from './support/report';
import { startBenchServices, type BenchServices } from './support/services';

const ROUNDS = 5;
/** Connections, and how many postings share a database transaction: the inbox's worker posts for many events at once. */
const LOADS = [
  { connections: 1, together: 1 },
  { connections: 8, together: 1 },
  { connections: 32, together: 1 },
  { connections: 8, together: 20 },
] as const;
const POOL = Math.max(...LOADS.map(({ connections }) => connections));
type Load = (typeof LOADS)[number];
/** Long enough that the commits of one round outweigh a checkpoint. */
const ROUND_MS = 2_000;

type Side = 'ours' | 'floor';
/** Posts journal transactions durably, in one database transaction. */
type Post = (drafts: readonly JournalDraft[]) => Promise<unknown>;

interface Figures {
  perSecond: number;
  /** Milliseconds each. */
  latencies: number[];
}

/** Posting to the same few accounts from many connections: what every payment waits for. */
export const bench: Benchmark = {
  name: 'ledger-post',
  about:
    'journal transactions of two and three entries, all to the same accounts; ' +
    'floor: the same rows into the same tables by one prepared statement of bare pg',
  run: async (say) => {
    const services = await startBenchServices();
    const { databaseUrl, redisUrl } = services;
    const settings = { ROLE: 'api', DATABASE_POOL_SIZE: String(POOL) };
    const running = await startApp({ databaseUrl, redisUrl, settings });
    const floor = startFloor(services);
    try {
      const [ledger, unitOfWork] = [running.app.get(LedgerService), running.app.get(UnitOfWork)];
      const posts: Record<Side, Post> = {
        ours: (drafts) => unitOfWork.service((tx) => ledger.post(tx, drafts)),
        floor: floor.post,
      };
      const { figures, posted } = await measure(posts, say);
      await expectPosted(services, posted);
      return LOADS.flatMap((each) => casesOf(each, figures));
    } finally {
      await floor.stop();
      await running.close();
      await services.stop();
    }
  },
};

/** Interleaved, and each side first in turn: whatever else the machine does meanwhile, it does to both. */
async function measure(
  posts: Record<Side, Post>,
  say: (line: string) => void,
): Promise<{ figures: Map<string, Figures[]>; posted: number }> {
  const figures = new Map<string, Figures[]>();
  let posted = 0;
  // Round 0 warms up compilers, caches and connections.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const each of LOADS) {
      for (const side of round % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const)) {
        const measured = await load(posts[side], each);
        posted += measured.latencies.length * each.together;
        if (round === 0) continue;
        const key = `${side} ${nameOf(each)}`;
        figures.set(key, [...(figures.get(key) ?? []), measured]);
        say(`round ${round}, ${nameOf(each)}, ${side}: ${Math.round(measured.perSecond)} transactions/s`);
      }
    }
  }
  return { figures, posted };
}

async function load(post: Post, { connections, together }: Load): Promise<Figures> {
  const latencies: number[] = [];
  const begun = performance.now();
  const connection = async (): Promise<void> => {
    while (performance.now() - begun < ROUND_MS) {
      const from = performance.now();
      await post(Array.from({ length: together }, newDraft));
      latencies.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return { perSecond: (latencies.length * together * 1000) / (performance.now() - begun), latencies };
}

let drawn = 0;

/** As invoices come: one finalized with tax, one paid. */
function newDraft(): JournalDraft {
  drawn += 1;
  const object = `in_${randomBytes(8).toString('hex')}`;
  const invoice = {
    ...{ provider: 'stripe' as const, providerRef: object, invoiceId: `inv_${object}`, customerId: null },
    ...{ currency: 'USD' as const, occurredAt: new Date() },
  };
  const draft =
    drawn % 2 === 0
      ? invoiceFinalized({
          ...invoice,
          total: 2_900n,
          tax: 400n,
          amountDue: 2_900n,
          startingBalance: 0n,
          endingBalance: 0n,
        })
      : invoicePaid({ ...invoice, amountPaid: 2_900n, amountPaidOutOfBand: 0n });
  if (!draft) throw new Error('An invoice of 29.00 moves money');
  return draft;
}

/**
 * The same rows into the same tables, past everything of ours: one prepared statement that is its own database transaction, its
 * values made beforehand. What the tables themselves check costs both sides the same.
 */
function startFloor(services: BenchServices): { post: Post; stop: () => Promise<void> } {
  const pool = new Pool({
    connectionString: services.databaseUrl,
    options: '-c role=kassa_service',
    max: POOL,
  });
  const hash = randomBytes(32);
  const post: Post = (drafts) => {
    const entries = drafts.flatMap(({ idempotencyKey, entries: all }) =>
      all.map((entry, position) => ({ ...entry, id: `jtx_${idempotencyKey}`, position })),
    );
    return pool.query({
      name: 'post',
      text: `WITH t AS (
          INSERT INTO journal_transactions (id, type, ts, recorded_at, provider, ref_id, idempotency_key, content_hash, meta)
          SELECT *, '{}' FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::bytea[])
          ON CONFLICT (idempotency_key) DO NOTHING)
        INSERT INTO journal_entries (transaction_id, position, account_code, amount, currency)
        SELECT * FROM unnest($9::text[], $10::int[], $11::text[], $12::bigint[], $13::text[])`,
      values: [
        ...[drafts.map((draft) => `jtx_${draft.idempotencyKey}`), drafts.map(({ type }) => type)],
        ...[drafts.map(({ occurredAt }) => occurredAt), drafts.map(({ occurredAt }) => occurredAt)],
        ...[drafts.map(({ provider }) => provider), drafts.map(({ refId }) => refId)],
        ...[drafts.map((draft) => draft.idempotencyKey), drafts.map(() => hash)],
        ...[entries.map(({ id }) => id), entries.map(({ position }) => position)],
        ...[entries.map(({ account }) => account), entries.map(({ amount }) => String(amount))],
        entries.map(({ currency }) => currency),
      ],
    });
  };
  return { post, stop: () => pool.end() };
}

function casesOf(each: Load, figures: Map<string, Figures[]>): CaseResult[] {
  const of = (side: Side, figure: (round: Figures) => number): number =>
    median((figures.get(`${side} ${nameOf(each)}`) ?? []).map(figure));
  const p99 = ({ latencies }: Figures): number => percentile(latencies, 0.99);
  const perSecond = (round: Figures): number => round.perSecond;
  return [
    {
      ...{ case: nameOf(each), unit: 'transactions/s' },
      ...{ ours: of('ours', perSecond), floor: of('floor', perSecond) },
    },
    { case: `${nameOf(each)}, p99`, unit: 'ms', ours: of('ours', p99), floor: of('floor', p99) },
  ];
}

function nameOf({ connections, together }: Load): string {
  return together === 1 ? `${connections} connections` : `${connections} connections, ${together} together`;
}

/** What was measured must also be there, and balance. */
async function expectPosted(services: BenchServices, posted: number): Promise<void> {
  const [books] = await services.rows<{ transactions: number; off: number }>(
    `SELECT (SELECT count(*)::int FROM journal_transactions) AS transactions,
       (SELECT count(*)::int FROM (SELECT FROM journal_entries GROUP BY transaction_id HAVING sum(amount) <> 0) AS t) AS off`,
  );
  if (books?.transactions === posted && books.off === 0) return;
  throw new Error(`Of ${posted} postings the books have ${JSON.stringify(books)}`);
}
