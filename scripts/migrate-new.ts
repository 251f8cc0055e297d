import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { diffSchemas } from './migrations/schema-engine';
import { committedSchema, ROOT, workingSchema } from './migrations/schema-files';
import { runMain } from './run-main';

const FOLDER = path.join(ROOT, 'prisma/migrations');

/**
 * Writes the next migration: what turns the committed Prisma schema into the one of the working tree.
 *
 *   npm run migrate:new -- add_invoice_number
 *   npm run migrate:new -- add_invoice_number --from <revision>
 *
 * A schema is committed together with its migration, so the committed schema is what the migrations produce. Triggers,
 * policies and partial indexes, which a Prisma schema cannot express, are added to the file by hand.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { from: { type: 'string', default: 'HEAD' } },
  });
  const name = positionals
    .join('_')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  if (name === '') throw new Error('Say what it does: npm run migrate:new -- add_invoice_number');
  const sql = await diffSchemas(committedSchema(values.from), workingSchema());
  if (sql === '')
    throw new Error(`The schema in prisma/schema is the one of ${values.from}: there is nothing to migrate.`);
  const file = path.join(FOLDER, `${nextTimestamp()}_${name}`, 'migration.sql');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, sql);
  process.stdout.write(`${path.relative(ROOT, file)}\n`);
}

/** Now, to the second, but always after the last one: migrations apply in the order of their names. */
function nextTimestamp(): string {
  const now = Number(new Date().toISOString().replace(/\D/g, '').slice(0, 14));
  const existing = existsSync(FOLDER) ? readdirSync(FOLDER).map((name) => Number.parseInt(name, 10)) : [];
  return String(Math.max(now, ...existing.filter(Number.isFinite).map((timestamp) => timestamp + 1)));
}

runMain(main);
