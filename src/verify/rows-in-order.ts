import type { Client } from 'pg';
import { cursorBatches } from '../platform/database';

/** Rows one by one from a cursor on the server: however many there are, one batch is here. In a transaction; the name is the cursor's. */
export async function* rowsInOrder<T extends object>(
  client: Client,
  name: string,
  sql: string,
  values: readonly unknown[] = [],
): AsyncGenerator<T, void, void> {
  for await (const rows of cursorBatches<T>(client, name, sql, values)) yield* rows;
}
