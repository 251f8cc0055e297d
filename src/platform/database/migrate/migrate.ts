import { setTimeout as delay } from 'node:timers/promises';
import { Client, DatabaseError, escapeIdentifier, type Pool } from 'pg';
import { MIGRATIONS_FOLDER, readMigrations, type MigrationFile } from './migration-files';
import {
  ensureHistory,
  finishStatement,
  readHistory,
  recordFailure,
  recordRollback,
  recordStart,
  type RecordedMigration,
} from './migration-history';

/** The lock Prisma's own engine takes, so that it and this runner keep out of each other's way. */
const ADVISORY_LOCK = 72707369;
const LOCK_POLL_MS = 100;
/** The roles that the first migration makes and the service's login must be able to become. */
const SERVICE_ROLE = 'kassa_service';
const SESSION_ROLES = [SERVICE_ROLE, 'kassa_user'];
/** A block's BEGIN in PL/pgSQL has no semicolon. */
const TRANSACTION_CONTROL = /^\s*(BEGIN|START TRANSACTION|COMMIT|ROLLBACK)\s*;/im;

export interface MigrateOptions {
  /** Connection of the role that owns the tables. */
  url: string;
  /** Login of the service (the user of DATABASE_URL); it is given the session roles. Default: the one of `url`. */
  appUser?: string;
  log?: (line: string) => void;
  /** Where the migrations are; default: this repository's. */
  folder?: string;
}

/** A refusal or a failure that the operator must see to; the message says what and how. */
export class MigrationError extends Error {}

/**
 * Brings the database up to date. Safe to run by several processes at once: one applies, the others wait and then find
 * nothing to do. Each file is one transaction together with its record, unless it opts out.
 * @throws MigrationError when an applied file was changed, an earlier attempt is unfinished, or a file fails.
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: string[] }> {
  const { url, log = () => undefined, folder = MIGRATIONS_FOLDER } = options;
  return withLockedClient(url, log, async (client) => {
    await ensureHistory(client);
    const history = await readHistory(client);
    const files = readMigrations(folder);
    refuseUnsound(files, history);
    for (const name of unknownTo(files, history))
      log(`The database has a migration this version does not know: ${name}`);
    const applied: string[] = [];
    for (const file of files.filter(({ name }) => !history.has(name))) {
      await apply(client, file);
      applied.push(file.name);
      log(`Applied ${file.name}`);
    }
    await grantSessionRoles(client, options.appUser);
    return { applied };
  });
}

/** Names of the migrations that this version brings and the database lacks; for readiness. */
export async function pendingMigrations(pool: Pool, folder: string = MIGRATIONS_FOLDER): Promise<string[]> {
  const history = await readHistory(pool);
  return readMigrations(folder)
    .map(({ name }) => name)
    .filter((name) => history.get(name)?.finished !== true);
}

/**
 * Says that nothing of an unfinished attempt is left in the database, so that `migrate` may try that file again.
 * @throws MigrationError when no attempt of that name is unfinished.
 */
export async function markRolledBack(url: string, name: string): Promise<void> {
  await withLockedClient(
    url,
    () => undefined,
    async (client) => {
      await ensureHistory(client);
      if (!(await recordRollback(client, name))) {
        throw new MigrationError(`There is no unfinished migration ${name}.`);
      }
    },
  );
}

async function withLockedClient<T>(url: string, log: (line: string) => void, work: (client: Client) => Promise<T>) {
  const client = new Client({ connectionString: url, application_name: 'kassa-migrate' });
  // The statement under way fails with the connection; an idle connection's end must not end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await lock(client, log);
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Asks again and again: a session that waits inside PostgreSQL would be waited for by CREATE INDEX CONCURRENTLY. */
async function lock(client: Client, log: (line: string) => void): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      ADVISORY_LOCK,
    ]);
    if (rows[0]?.locked === true) return;
    if (attempt === 0) log('Another migration is running; waiting for it.');
    await delay(LOCK_POLL_MS);
  }
}

function refuseUnsound(files: MigrationFile[], history: Map<string, RecordedMigration>): void {
  for (const { name, finished } of history.values()) {
    if (finished) continue;
    throw new MigrationError(
      `Migration ${name} was begun and never finished, so the database may hold a part of it. Remove that part, then run ` +
        `"npm run migrate -- --rolled-back ${name}" and migrate again.`,
    );
  }
  for (const { name, checksum } of files) {
    const recorded = history.get(name);
    if (recorded === undefined || recorded.checksum === checksum) continue;
    throw new MigrationError(
      `Migration ${name} was changed after it had been applied. Restore the file and put the change into a new migration.`,
    );
  }
}

/** Left alone: an older version may run against a newer database while a release is rolled out or back. */
function unknownTo(files: MigrationFile[], history: Map<string, RecordedMigration>): string[] {
  const known = new Set(files.map(({ name }) => name));
  return [...history.keys()].filter((name) => !known.has(name));
}

async function apply(client: Client, file: MigrationFile): Promise<void> {
  if (TRANSACTION_CONTROL.test(file.sql)) {
    throw new MigrationError(`Migration ${file.name} begins or ends a transaction: it is one already.`);
  }
  const id = await recordStart(client, file);
  try {
    // Several statements in one message are one transaction, the record's included.
    if (file.transactional) await client.query(`${file.sql}\n;\n${finishStatement(id)}`);
    else {
      await client.query(file.sql);
      await client.query(finishStatement(id));
    }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const reason = describe(error, file.sql);
    await recordFailure(client, id, reason, file.transactional);
    const consequence = file.transactional
      ? 'It was rolled back: correct it and migrate again.'
      : 'It has no transaction, so a part of it may be left.';
    throw new MigrationError(`Migration ${file.name} failed: ${reason} ${consequence}`, { cause: error });
  }
}

function describe(error: DatabaseError, sql: string): string {
  const line = error.position === undefined ? '' : ` (line ${sql.slice(0, Number(error.position)).split('\n').length})`;
  return `${error.message}${line}.`;
}

/**
 * Lets the service's login become the session roles and read the history. Also where that login is the migrating one:
 * since PostgreSQL 16 whoever makes a role administers it but may not become it.
 */
async function grantSessionRoles(client: Client, appUser: string | undefined): Promise<void> {
  const { rows } = await client.query<{ login: string; role: string }>(
    `SELECT login, r.rolname AS role
       FROM coalesce($1, current_user) AS login
       CROSS JOIN pg_roles r
      WHERE r.rolname = ANY ($2)
        AND NOT pg_has_role(login::name, r.oid, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)`,
    [appUser ?? null, SESSION_ROLES],
  );
  for (const { login, role } of rows) {
    await client.query(`GRANT ${escapeIdentifier(role)} TO ${escapeIdentifier(login)}`);
  }
  // Readiness asks as the service role what is pending.
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [SERVICE_ROLE]);
  if (rowCount !== 0) await client.query(`GRANT SELECT ON "_prisma_migrations" TO ${escapeIdentifier(SERVICE_ROLE)}`);
}
