import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { diagnose } from './migrations/schema-engine';
import { ROOT } from './migrations/schema-files';
import { runMain } from './run-main';

const FOLDER = path.join(ROOT, 'prisma/migrations');

/** Prints as JSON what Prisma's own engine thinks of the history of the database at MIGRATE_DATABASE_URL or DATABASE_URL. */
async function main(): Promise<void> {
  const url = process.env['MIGRATE_DATABASE_URL'] ?? process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('Set DATABASE_URL.');
  const migrationDirectories = readdirSync(FOLDER)
    .filter((name) => existsSync(path.join(FOLDER, name, 'migration.sql')))
    .sort()
    .map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: readFileSync(path.join(FOLDER, name, 'migration.sql'), 'utf8') },
      },
    }));
  const diagnosis = await diagnose(url, {
    baseDir: FOLDER,
    lockfile: { path: 'migration_lock.toml', content: readFileSync(path.join(FOLDER, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories,
  });
  process.stdout.write(`${JSON.stringify(diagnosis, null, 2)}\n`);
}

runMain(main);
