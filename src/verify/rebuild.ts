import type { Client } from 'pg';
import type { Environment } from '../platform/config';
import { differenceOf, type Difference } from './differences';
import { merge } from './merge';
import { rebuiltStatements, RELEASED, type KeyedRow } from './outcome.repository';
import { copyGiven, toldFrom } from './recording.repository';
import type { RecordedReading } from './recording';
import { ReplayHouse } from './replay-house';
import { rowsInOrder } from './rows-in-order';
import { ScratchDatabases, type ScratchLogins } from './scratch-databases';
import { serviceSession, withClient } from './sessions';

/** Sources told in one transaction. */
const BATCH = 100;
const SHOWN = 50;
const TOLD_EVERY = 10_000;

export interface RebuildOptions {
  environment: Environment;
  /** Whose facts are told again; only read. */
  databaseUrl: string;
  /** Where the scratch database is made. */
  logins: ScratchLogins;
  signal?: AbortSignal;
  onDifference?: (difference: Difference) => void;
  onProgress?: (line: string) => void;
}

export interface Rebuilt {
  facts: number;
  /** Rows compared, by table. */
  compared: Readonly<Record<string, number>>;
  /** Invoices whose release was due and not made yet when we looked: how much of them is released was not compared. */
  due: number;
  differences: number;
  /** The first of them. */
  shown: readonly Difference[];
}

type Progress = Pick<RebuildOptions, 'onProgress' | 'signal'>;
type ReleasedRow = KeyedRow & { due: boolean };

/**
 * Makes books, mirrors and access anew, in a database of their own, from the facts of an installation, by the modules themselves;
 * and holds what comes of it against what is there, row by row. Streams: facts and rows are here a batch at a time.
 * @throws ScratchError.
 */
export function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  return withClient(serviceSession(options.databaseUrl), async (live) => {
    await live.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const databases = await ScratchDatabases.open(options.logins, (to) => copyGiven(live, to));
    try {
      const url = await databases.copy();
      const house = await ReplayHouse.open({ url, environment: options.environment, adapters: [] });
      try {
        const facts = await tell(house, live, options);
        await house.release();
        await house.session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return { facts, ...(await compare(live, house, options)) };
      } finally {
        await house.close();
      }
    } finally {
      await databases.close();
    }
  });
}

async function tell(house: ReplayHouse, live: Client, { onProgress, signal }: Progress): Promise<number> {
  let facts = 0;
  let batch: RecordedReading[] = [];
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    if (batch.length > 0) await house.apply(batch);
    batch = [];
  };
  for await (const reading of toldFrom(live)) {
    batch.push(reading);
    const before = facts;
    facts += reading.facts.length;
    if (batch.length >= BATCH) await flush();
    if (Math.floor(before / TOLD_EVERY) < Math.floor(facts / TOLD_EVERY)) onProgress?.(`${facts} facts told`);
  }
  await flush();
  onProgress?.(`${facts} facts told`);
  return facts;
}

async function compare(
  live: Client,
  house: ReplayHouse,
  { onProgress, onDifference, signal }: RebuildOptions,
): Promise<Omit<Rebuilt, 'facts'>> {
  const result = { compared: {} as Record<string, number>, due: 0, differences: 0, shown: [] as Difference[] };
  const differ = (difference: Difference): void => {
    result.differences += 1;
    if (result.shown.length < SHOWN) result.shown.push(difference);
    onDifference?.(difference);
  };
  for (const { table, sql, values } of rebuiltStatements()) {
    let rows = 0;
    const pairs = merge(
      rowsInOrder<KeyedRow>(live, 'live', sql, values),
      rowsInOrder<KeyedRow>(house.session, 'rebuilt', sql, values),
    );
    for await (const { key, left, right } of pairs) {
      signal?.throwIfAborted();
      rows += 1;
      const difference = differenceOf(right ?? undefined, left ?? undefined);
      if (difference) differ({ table, key, ...difference });
    }
    result.compared[table] = rows;
    onProgress?.(`${rows} ${table} compared`);
  }
  result.due = await compareReleases(live, house, differ);
  return result;
}

/** What days have earned: the rebuilt books have it from one run of the job, the live ones from many. */
async function compareReleases(
  live: Client,
  house: ReplayHouse,
  differ: (difference: Difference) => void,
): Promise<number> {
  let due = 0;
  const values = [house.now];
  const pairs = merge(
    rowsInOrder<ReleasedRow>(live, 'live', RELEASED, values),
    rowsInOrder<ReleasedRow>(house.session, 'rebuilt', RELEASED, values),
  );
  for await (const { key, left, right } of pairs) {
    // Missing on one side only is told with the invoices.
    if (!left || !right) continue;
    if (left.due) due += 1;
    else {
      const difference = differenceOf(right, left);
      if (difference) differ({ table: 'revenue.released', key, ...difference });
    }
  }
  return due;
}
