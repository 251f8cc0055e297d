import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A first line that takes a file out of its transaction, for the one statement that cannot stand in one. */
const NO_TRANSACTION = '-- migrate: no transaction';
const SCRIPT = 'migration.sql';

/** `prisma/migrations` of this repository or image; the same way up from `src` and from `dist`. */
export const MIGRATIONS_FOLDER = path.resolve(__dirname, '../../../../prisma/migrations');

/** One folder `<timestamp>_<name>` with its script. */
export interface MigrationFile {
  name: string;
  sql: string;
  /** SHA-256 of the script in hex, as Prisma records it. */
  checksum: string;
  /** False for a lone `CREATE INDEX CONCURRENTLY` or the like, marked by its first line. */
  transactional: boolean;
}

/** All migrations in the order of their names, which is the order in which they apply. */
export function readMigrations(folder: string): MigrationFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(folder, entry.name, SCRIPT)))
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(path.join(folder, name, SCRIPT), 'utf8');
      return {
        name,
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
        transactional: !sql.startsWith(NO_TRANSACTION),
      };
    });
}
