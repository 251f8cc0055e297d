import { parseArgs } from 'node:util';
import { markRolledBack, migrate } from './migrate';

/**
 * `npm run migrate`, and a container's migration step. It needs the database's address and nothing else of the
 * configuration: MIGRATE_DATABASE_URL (the owner's; default DATABASE_URL) and DATABASE_URL (the service's login).
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'rolled-back': { type: 'string' } } });
  const appUrl = process.env['DATABASE_URL'];
  const url = process.env['MIGRATE_DATABASE_URL'] ?? appUrl;
  if (url === undefined)
    throw new Error('Set DATABASE_URL, or MIGRATE_DATABASE_URL for the role that owns the tables.');
  if (values['rolled-back'] !== undefined) {
    await markRolledBack(url, values['rolled-back']);
    process.stdout.write(`Recorded as rolled back: ${values['rolled-back']}\n`);
    return;
  }
  const log = (line: string) => process.stdout.write(`${line}\n`);
  const appUser = appUrl === undefined ? undefined : decodeURIComponent(new URL(appUrl).username);
  const { applied } = await migrate({ url, log, ...(appUser ? { appUser } : {}) });
  if (applied.length === 0) log('The database is up to date.');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
