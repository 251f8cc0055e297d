import type { Client } from 'pg';
import { canonicalJson } from '../shared/canonical-json';
import type { Fact, Provider } from '../shared/facts';
import { idBody } from '../shared/ids';
import { cursorBatches } from '../platform/database';
import { READ_REQUEST, type IncomingEvent } from '../platform/inbox';
import { rowsInOrder } from './rows-in-order';
import {
  GIVEN_TABLES,
  type GivenRows,
  type GivenTable,
  type RecordedEvent,
  type RecordedReading,
  type Recording,
} from './recording';

/** What a row holds besides what a recording is to carry: personal data, and what the events themselves tell. */
const LEFT_OUT: Readonly<Partial<Record<GivenTable, readonly string[]>>> = { customers: ['email', 'trial_used_at'] };

type EventRow = Omit<IncomingEvent, 'rawBody'> & { id: string; rawBody: Buffer | null };
type FactRow = Fact & { id: string };

/** What was told, whose events are still to be worked, and what can be told no more. */
export interface Recorded {
  recording: Recording;
  /** Customers' aggregates that something waits for in the inbox; null stands for rows nobody knows the owner of. */
  pending: ReadonlySet<string | null>;
  /** Events beyond the retention, whose bodies were let go. */
  forgotten: number;
}

/** The caller's transaction is one snapshot: what was told and what came of it belong together. */
export async function recordFrom(client: Client, livemode: Recording['livemode']): Promise<Recorded> {
  const given = await givenFrom(client);
  const events = await eventsFrom(client);
  const readings = await readingsFrom(client);
  const told = [...events.kept, ...readings].sort((a, b) => (a.place < b.place ? -1 : 1));
  return {
    recording: { given, livemode, items: told.map(({ item }) => item) },
    pending: await pendingFrom(client),
    forgotten: events.forgotten,
  };
}

async function givenFrom(client: Client): Promise<GivenRows> {
  const given: Partial<Record<GivenTable, object[]>> = {};
  for (const table of GIVEN_TABLES) {
    const { rows } = await client.query<{ row: object }>(
      `SELECT to_jsonb(t) - $1::text[] AS row FROM ${table} t ORDER BY 1`,
      [LEFT_OUT[table] ?? []],
    );
    given[table] = rows.map(({ row }) => row);
  }
  return given as GivenRows;
}

interface Placed<T> {
  /** Both kinds are named by ids that sort by the time they were recorded at. */
  place: string;
  item: T;
}

async function eventsFrom(client: Client): Promise<{ kept: Placed<RecordedEvent>[]; forgotten: number }> {
  const { rows } = await client.query<EventRow>(
    `SELECT e.id, e.provider, e.event_id AS "eventId", e.type, e.api_version AS "apiVersion", e.livemode,
       e.object_type AS "objectType", e.object_id AS "objectId", e.aggregate, e.occurred_at AS "occurredAt", e.headers,
       COALESCE(e.raw_body, (SELECT b.raw_body FROM kassa_archive.inbox_bodies b
         WHERE b.received_at = e.received_at AND b.id = e.id)) AS "rawBody"
     FROM inbox_events e WHERE e.type <> $1`,
    [READ_REQUEST],
  );
  const kept = rows.flatMap(({ id, rawBody, ...event }): Placed<RecordedEvent>[] => {
    if (!rawBody) return [];
    const { aggregate } = event;
    return [{ place: idBody(id) ?? id, item: { kind: 'event', aggregate, event: { ...event, rawBody } } }];
  });
  return { kept, forgotten: rows.length - kept.length };
}

/** Facts that no stored event told: the answers to our own calls, and what was read. */
async function readingsFrom(client: Client): Promise<Placed<RecordedReading>[]> {
  const { rows } = await client.query<FactRow>(
    `SELECT f.id, f.provider, f.kind, f.object_type AS "objectType", f.object_id AS "objectId", f.aggregate,
       f.occurred_at AS "occurredAt", f.source_id AS "sourceId", f.payload, f.before
     FROM facts f
     WHERE NOT EXISTS (SELECT FROM inbox_events e WHERE e.provider = f.provider AND e.event_id = f.source_id)
     ORDER BY f.seq`,
  );
  const readings = new Map<string, Placed<RecordedReading> & { item: { facts: Fact[] } }>();
  for (const { id, ...fact } of rows) {
    const { provider, sourceId, aggregate } = fact;
    const key = canonicalJson([provider, sourceId, aggregate]);
    const reading = readings.get(key) ?? {
      place: idBody(id) ?? id,
      item: { kind: 'reading', aggregate, provider, sourceId, facts: [] },
    };
    readings.set(key, reading);
    reading.item.facts.push(fact);
  }
  return [...readings.values()];
}

/**
 * Every fact there is, by who told it, in recorded order: what a rebuild tells again. Bodies of events are not needed, so it reaches
 * back beyond their retention. In a transaction.
 */
export async function* toldFrom(client: Client): AsyncGenerator<RecordedReading, void, void> {
  let reading = null as (RecordedReading & { facts: Fact[] }) | null;
  const facts = rowsInOrder<Fact>(
    client,
    'told',
    `SELECT f.provider, f.kind, f.object_type AS "objectType", f.object_id AS "objectId", f.aggregate,
       f.occurred_at AS "occurredAt", f.source_id AS "sourceId", f.payload, f.before FROM facts f ORDER BY f.seq`,
  );
  for await (const fact of facts) {
    const { provider, sourceId, aggregate } = fact;
    const isSame = reading?.provider === provider && reading.sourceId === sourceId && reading.aggregate === aggregate;
    if (reading && isSame) {
      reading.facts.push(fact);
      continue;
    }
    if (reading) yield reading;
    reading = { kind: 'reading', aggregate, provider, sourceId, facts: [fact] };
  }
  if (reading) yield reading;
}

async function pendingFrom(client: Client): Promise<Set<string | null>> {
  const { rows } = await client.query<{ aggregate: string | null }>(
    'SELECT DISTINCT aggregate FROM inbox_events WHERE handled_at IS NULL',
  );
  return new Set(rows.map(({ aggregate }) => aggregate));
}

/** Livemode as the events themselves have it: a provider's events of the other mode are ignored, in a replay too. */
export function livemodeOf(
  adapters: readonly { provider: Provider; livemode: boolean | null }[],
): Recording['livemode'] {
  return Object.fromEntries(
    adapters.flatMap(({ provider, livemode }) => (livemode === null ? [] : [[provider, livemode] as const])),
  );
}

/** Writes what is given into a fresh database. */
export async function give(client: Client, given: GivenRows): Promise<void> {
  for (const table of GIVEN_TABLES) await giveRows(client, table, given[table]);
}

/** The same from database to database, a batch at a time. `from` is in a transaction. */
export async function copyGiven(from: Client, to: Client): Promise<void> {
  for (const table of GIVEN_TABLES) {
    const sql = `SELECT to_jsonb(t) - $1::text[] AS row FROM ${table} t`;
    for await (const rows of cursorBatches<{ row: object }>(from, 'given', sql, [LEFT_OUT[table] ?? []])) {
      const given = rows.map(({ row }) => row);
      await giveRows(to, table, given);
    }
  }
}

async function giveRows(client: Client, table: GivenTable, rows: readonly object[]): Promise<void> {
  await client.query(
    `INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb) ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}
