import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from './database';
import { CATALOG_ROWS, insertOf, ROW_FACTORIES, type RowValues } from './rows';
import { testServers, withDatabase } from './services';

/** SQLSTATEs by which the database defends itself. */
export const RESTRICT = '23001';
export const UNIQUE = '23505';
export const CHECK = '23514';
export const DENIED = '42501';

export interface Guarded {
  database: TestDatabase;
  /** The service, as the application connects. */
  app: Client;
  /** A superuser: past every grant and every policy, so that only triggers and checks stand in the way. */
  admin: Client;
  close(): Promise<void>;
}

/** A database with a catalog and the customer `cus_1`, for what it refuses. `close` in `afterAll`. */
export async function startGuarded(): Promise<Guarded> {
  const database = await createTestDatabase();
  const app = new Client({ connectionString: database.appUrl, options: '-c role=kassa_service' });
  const name = new URL(database.appUrl).pathname.slice(1);
  const admin = new Client({ connectionString: withDatabase(testServers().adminUrl, name) });
  for (const client of [app, admin]) await client.connect();
  for (const [table, row] of CATALOG_ROWS) await app.query(insertOf(table, row));
  await insert(app, 'customers', { id: 'cus_1' });
  const close = async (): Promise<void> => {
    await app.end();
    await admin.end();
    await database.drop();
  };
  return { database, app, admin, close };
}

/** A row of the table as its factory makes it, with changes. */
export async function insert(client: Client, table: string, changes: RowValues = {}): Promise<RowValues> {
  const row = { ...ROW_FACTORIES[table]?.({ customerId: 'cus_1' }), ...changes };
  await client.query(insertOf(table, row));
  return row;
}

/** SQLSTATE of the refusal, or 'accepted'. Leaves nothing behind. */
export async function stateOf(client: Client, work: () => Promise<unknown>): Promise<string> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('SET CONSTRAINTS ALL IMMEDIATE');
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await client.query('ROLLBACK');
  }
}
