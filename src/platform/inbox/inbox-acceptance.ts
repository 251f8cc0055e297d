import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Histogram } from 'prom-client';
import { unavailable } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import { Batcher, binaryByteaArray, isRowsFault, PG_POOL } from '../database';
import { Metrics } from '../metrics';
import type { AcceptedEvent, IncomingEvent } from './inbox.types';

const MIB = 1024 * 1024;
/** What a row holds besides its body, roughly. */
const ROW_BYTES = 1024;
const LIMITS = { maxBatchItems: 256, maxBatchBytes: 4 * MIB, maxItems: 10_000, maxBytes: 64 * MIB } as const;
/** One: more make the batches smaller and cost more than they overlap (npm run bench -- webhook-ingest, 10 connections). */
const LANES = 1;

interface NewRow {
  readonly id: string;
  readonly event: IncomingEvent;
}

/**
 * Stores deliveries: committed before `accept` returns, so that the 2xx that follows is true. Deliveries that come at once
 * share one statement and one commit.
 */
@Injectable()
export class InboxAcceptance implements BeforeApplicationShutdown {
  private readonly inserts: Batcher<NewRow, boolean>;
  private readonly lookUps: Batcher<IncomingEvent, AcceptedEvent>;
  private readonly rowsPerCommit: Histogram;

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.rowsPerCommit = metrics.histogram({
      name: 'kassa_inbox_rows_per_commit',
      help: 'Deliveries that shared one commit; many mean that they come faster than PostgreSQL commits',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    });
    const common = { ...LIMITS, lanes: LANES, isItemsFault: isRowsFault, refusal: tooMany };
    this.inserts = new Batcher({
      ...common,
      run: (batch) => this.insert(batch),
      sizeOf: ({ event }) => event.rawBody.length + ROW_BYTES,
    });
    this.lookUps = new Batcher({ ...common, run: (batch) => this.lookUp(batch), sizeOf: () => ROW_BYTES });
  }

  /**
   * Every delivery of an event gets the id of its one row; only the first stores anything.
   * @throws UNAVAILABLE where too much waits already; what PostgreSQL says otherwise.
   */
  async accept(event: IncomingEvent): Promise<AcceptedEvent> {
    const id = newId('evt', this.clock.wall().getTime());
    if (await this.inserts.submit({ id, event })) return { id, outcome: 'received' };
    return this.lookUps.submit(event);
  }

  /** Before the pool ends: who was let in gets his answer. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.inserts.drain();
    await this.lookUps.drain();
  }

  /** @returns of each row whether it is new. A duplicate in the same batch is none: the first of them is. */
  private async insert(batch: readonly NewRow[]): Promise<boolean[]> {
    // In the same order in every process, or two with the same events would wait for each other's rows.
    const rows = [...batch].sort((a, b) => compare(a.event.eventId, b.event.eventId));
    const column = <T>(of: (event: IncomingEvent) => T): T[] => rows.map(({ event }) => of(event));
    const result = await this.pool.query<{ id: string }>({
      name: 'inbox-accept',
      text: `INSERT INTO inbox_events (id, provider, event_id, type, api_version, livemode, object_type, object_id, aggregate,
               occurred_at, received_at, raw_body, headers, status)
             SELECT id, provider, event_id, type, api_version, livemode, object_type, object_id, aggregate,
               occurred_at, date_trunc('milliseconds', clock_timestamp()), raw_body, headers, 'received'
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::text[], $8::text[],
               $9::text[], $10::timestamptz[], $11::bytea[], $12::jsonb[])
               AS e (id, provider, event_id, type, api_version, livemode, object_type, object_id, aggregate, occurred_at,
                 raw_body, headers)
             ON CONFLICT (provider, event_id) DO NOTHING RETURNING id`,
      values: [
        rows.map(({ id }) => id),
        column((event) => event.provider),
        column((event) => event.eventId),
        column((event) => event.type),
        column((event) => event.apiVersion),
        column((event) => event.livemode),
        column((event) => event.objectType),
        column((event) => event.objectId),
        column((event) => event.aggregate),
        column((event) => event.occurredAt.toISOString()),
        binaryByteaArray(column((event) => event.rawBody)),
        column((event) => JSON.stringify(event.headers)),
      ],
    });
    this.rowsPerCommit.observe(result.rows.length);
    const stored = new Set(result.rows.map(({ id }) => id));
    return batch.map(({ id }) => stored.has(id));
  }

  private async lookUp(events: readonly IncomingEvent[]): Promise<AcceptedEvent[]> {
    const { rows } = await this.pool.query<{ id: string; handled: boolean }>({
      name: 'inbox-known',
      text: `SELECT e.id, e.handled_at IS NOT NULL AS handled
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (provider, event_id, position)
             JOIN inbox_events e ON e.provider = k.provider AND e.event_id = k.event_id ORDER BY k.position`,
      values: [events.map(({ provider }) => provider), events.map(({ eventId }) => eventId)],
    });
    if (rows.length !== events.length) throw new Error('An inbox row that conflicted is gone: rows are never deleted');
    return rows.map(({ id, handled }) => ({ id, outcome: handled ? 'already_processed' : 'already_received' }));
  }
}

/** By code units: the same in every process, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tooMany(): Error {
  return unavailable('INBOX_BUSY', 'More deliveries are waiting than can be stored at the moment', 1);
}
