import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { MigrationFile } from './migration-files';

/** Prisma's own table, column for column, so that `prisma migrate` and its engine read the same history. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                  VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"            VARCHAR(64) NOT NULL,
    "finished_at"         TIMESTAMPTZ,
    "migration_name"      VARCHAR(255) NOT NULL,
    "logs"                TEXT,
    "rolled_back_at"      TIMESTAMPTZ,
    "started_at"          TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

const UNDEFINED_TABLE = '42P01';

/** An attempt that counts: applied, or begun and left unfinished. Attempts that were rolled back are history only. */
export interface RecordedMigration {
  name: string;
  checksum: string;
  finished: boolean;
}

/** What may be asked for the history: a client, a pool, or a transaction. */
export type Queryable = Pick<ClientBase, 'query'>;

export async function ensureHistory(client: Queryable): Promise<void> {
  await client.query(TABLE);
}

/** The recorded migrations by name; empty when nothing was ever migrated here. */
export async function readHistory(client: Queryable): Promise<Map<string, RecordedMigration>> {
  try {
    const { rows } = await client.query<RecordedMigration>(
      `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
         FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY started_at`,
    );
    return new Map(rows.map((row) => [row.name, row]));
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return new Map();
    throw error;
  }
}

/** Records the attempt before it is made. @returns its id */
export async function recordStart(client: Queryable, migration: MigrationFile): Promise<string> {
  const id = randomUUID();
  await client.query(`INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ($1, $2, $3)`, [
    id,
    migration.checksum,
    migration.name,
  ]);
  return id;
}

/** SQL text without parameters, so that it can stand in one message, and so in one transaction, with the migration. */
export function finishStatement(id: string): string {
  return `UPDATE "_prisma_migrations" SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = '${id}'`;
}

/** @param rolledBack whether it is certain that nothing of the attempt is left in the database */
export async function recordFailure(client: Queryable, id: string, logs: string, rolledBack: boolean): Promise<void> {
  await client.query(
    `UPDATE "_prisma_migrations" SET logs = $2, rolled_back_at = CASE WHEN $3 THEN clock_timestamp() END WHERE id = $1`,
    [id, logs, rolledBack],
  );
}

/** @returns whether there was an unfinished attempt of that name */
export async function recordRollback(client: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE "_prisma_migrations" SET rolled_back_at = clock_timestamp()
      WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`,
    [name],
  );
  return (rowCount ?? 0) > 0;
}
