import type { Client } from 'pg';

const BATCH = 500;

/** Rows one by one from a cursor on the server: however many there are, one batch is here. In a transaction; the name is the cursor's. */
export async function* rowsInOrder<T extends object>(
  client: Client,
  name: string,
  sql: string,
  values: readonly unknown[] = [],
): AsyncGenerator<T, void, void> {
  await client.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`, [...values]);
  try {
    for (let full = true; full;) {
      const { rows } = await client.query<T>(`FETCH ${BATCH} FROM ${name}`);
      full = rows.length === BATCH;
      yield* rows;
    }
  } finally {
    // Fails where the connection is gone, and with it the cursor.
    await client.query(`CLOSE ${name}`).catch(() => undefined);
  }
}
