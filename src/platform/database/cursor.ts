import type { Client } from 'pg';

/** Small enough to die young: a thousand rows with their texts do not, and the process grows by 200 MiB. */
const BATCH = 100;

/**
 * Batches from a cursor on the server: however many rows there are, one batch is here. In a transaction, and one cursor of a name at
 * a time.
 */
export async function* cursorBatches<T extends object>(
  client: Client,
  name: string,
  sql: string,
  values: readonly unknown[] = [],
): AsyncGenerator<T[], void, void> {
  await client.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`, [...values]);
  try {
    for (let full = true; full;) {
      const rows = await fetched<T>(client, `FETCH ${BATCH} FROM ${name}`);
      full = rows.length === BATCH;
      if (rows.length > 0) yield rows;
    }
  } finally {
    // Fails where the connection is gone, and with it the cursor.
    await client.query(`CLOSE ${name}`).catch(() => undefined);
  }
}

/**
 * By pg's callback: what its promises answer all outlives V8's young generation, so that the process grows by whatever it
 * reads until a full collection (300,000 small rows: 125 MB, and by the callback 10).
 */
function fetched<T extends object>(client: Client, sql: string): Promise<T[]> {
  return new Promise((resolve, reject) => {
    client.query<T>(sql, (error: Error | null, result) => {
      if (error) reject(error);
      else resolve(result.rows);
    });
  });
}
