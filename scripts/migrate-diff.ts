import { parseArgs } from 'node:util';
import { diffSchemas } from './migrations/schema-engine';
import { committedSchema, workingSchema } from './migrations/schema-files';
import { runMain } from './run-main';

/**
 * Prints the SQL between two states of the Prisma schema; needs no database.
 *
 *   npm run migrate:diff                    committed schema (HEAD) -> working schema
 *   npm run migrate:diff -- --from <rev>    schema at a git revision -> working schema
 *   npm run migrate:diff -- --from-empty    nothing -> working schema
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { from: { type: 'string', default: 'HEAD' }, 'from-empty': { type: 'boolean', default: false } },
  });
  const from = values['from-empty'] ? [] : committedSchema(values.from);
  const sql = await diffSchemas(from, workingSchema());
  process.stdout.write(sql === '' ? '-- No difference.\n' : sql);
}

runMain(main);
