import { Inject, Injectable } from '@nestjs/common';
import { Client } from 'pg';
import { unavailable } from '../../shared/app-error';
import { AppConfig } from '../config';
import { cursorBatches } from './cursor';

/** Connections beside the pool; each may be open for as long as somebody downloads. */
const MAX_OPEN = 4;
const STATEMENT_MS = 120_000;
/** As long as a reader may take for what he was given. */
const IDLE_MS = 60_000;

/** The database as of one moment, read only, for as long as it takes. `close` it. */
export interface Snapshot {
  query<T extends object>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** Batches from a cursor on the server: however many rows there are, only one batch is here. One at a time. */
  stream<T extends object>(sql: string, values?: readonly unknown[]): AsyncGenerator<T[], void, void>;
  /** Safe to call twice. */
  readonly close: () => Promise<void>;
}

/**
 * Opens sessions for what outlasts the time-outs of the pool: exports, searches over everything. Each has a connection of
 * its own, so that requests do not wait for them.
 */
@Injectable()
export class Snapshots {
  private open = 0;

  constructor(@Inject(AppConfig) private readonly config: AppConfig) {}

  /** @throws TRY_LATER (503) where too many are open in this process. */
  async take(): Promise<Snapshot> {
    if (this.open >= MAX_OPEN) throw unavailable('TRY_LATER', 'Too many exports are running; try again in a while', 30);
    this.open += 1;
    const client = this.client();
    const close = once(async () => {
      this.open -= 1;
      await client.end();
    });
    try {
      await client.connect();
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    } catch (error) {
      await close();
      throw error;
    }
    return {
      query: (sql, values) => rowsOf(client, sql, values),
      stream: (sql, values) => cursorBatches(client, 'batches', sql, values),
      close,
    };
  }

  private client(): Client {
    const client = new Client({
      connectionString: this.config.databaseUrl,
      application_name: 'kassa-snapshot',
      options: '-c role=kassa_service',
      connectionTimeoutMillis: 5_000,
      statement_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: IDLE_MS,
    });
    // The statement under way fails with the connection; an idle one's end must not end the process.
    client.on('error', () => undefined);
    return client;
  }
}

async function rowsOf<T extends object>(client: Client, sql: string, values: readonly unknown[] = []): Promise<T[]> {
  return (await client.query<T>(sql, [...values])).rows;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
