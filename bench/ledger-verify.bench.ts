import { Client } from 'pg';
import { LedgerChecks, LedgerService, Sealing } from '../src/modules/ledger';
import { Snapshots } from '../src/platform/database';
import { startApp } from '../test/support/app';
import { withDatabase } from '../test/support/services';
import { writeJournal } from './support/journal';
import { median, type Benchmark } from './support/report';
import { startBenchServices, type BenchServices } from './support/services';

const ROUNDS = 3;
const ENTRIES = 200_000;
const FETCH = 1_000;

type Running = Awaited<ReturnType<typeof startApp>>;

/** Proving the books: every rule over every entry, and every seal. */
export const bench: Benchmark = {
  name: 'ledger-verify',
  about:
    'entries/s of kassa ledger verify over the journal; floor: a bare pg cursor that reads the same rows and looks at none',
  run: async (say) => {
    const services = await startBenchServices();
    try {
      const app = await startApp({ ...services, settings: { ROLE: 'api' } });
      try {
        return await measure(services, app, say);
      } finally {
        await app.close();
      }
    } finally {
      await services.stop();
    }
  },
};

async function measure(
  services: BenchServices,
  { app }: Running,
  say: (line: string) => void,
): ReturnType<Benchmark['run']> {
  await app.get(LedgerService, { strict: false }).ensureAccounts();
  const owner = withDatabase(services.floorUrl, new URL(services.databaseUrl).pathname.slice(1));
  const entries = await writeJournal(owner, ENTRIES);
  const sealing = await seconds(() => app.get(Sealing, { strict: false }).run());
  const ours: number[] = [];
  const floors: number[] = [];
  // Round 0 warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const floor = entries / (await seconds(() => readAll(services.databaseUrl, entries)));
    const verified = entries / (await seconds(() => verifyAll(app)));
    if (round === 0) continue;
    say(`round ${round}: ${Math.round(verified)} entries/s, floor ${Math.round(floor)} entries/s`);
    ours.push(verified);
    floors.push(floor);
  }
  return [
    { case: 'verified', ours: median(ours), floor: median(floors), unit: 'entries/s' },
    { case: 'sealed', ours: entries / sealing, floor: median(floors), unit: 'entries/s' },
  ];
}

async function verifyAll(app: Running['app']): Promise<void> {
  const snapshot = await app.get(Snapshots, { strict: false }).take();
  let found = 0;
  try {
    for (const check of app.get(LedgerChecks, { strict: false }).all) {
      await check.run({ snapshot, report: () => (found += 1) });
    }
  } finally {
    await snapshot.close();
  }
  if (found > 0) throw new Error(`The books of the benchmark do not hold: ${found} differences`);
}

async function readAll(databaseUrl: string, entries: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, options: '-c role=kassa_service' });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(
      `DECLARE c NO SCROLL CURSOR FOR SELECT t.*, e.position, e.account_code, e.amount, e.currency FROM journal_transactions t
       JOIN journal_entries e ON e.transaction_id = t.id ORDER BY t.xact_id, t.seq`,
    );
    let read = 0;
    for (let count = FETCH; count === FETCH; read += count)
      count = (await client.query(`FETCH ${FETCH} FROM c`)).rows.length;
    if (read !== entries) throw new Error(`The floor read ${read} of ${entries} entries`);
  } finally {
    await client.end();
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}
