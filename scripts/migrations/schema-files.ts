import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(__dirname, '../..');
const SCHEMA_FOLDER = 'prisma/schema';

/** One file of the Prisma schema; `path` is relative to the repository. */
export interface SchemaFile {
  path: string;
  content: string;
}

/** The schema as it stands in the working tree. */
export function workingSchema(): SchemaFile[] {
  return readdirSync(path.join(ROOT, SCHEMA_FOLDER))
    .filter((name) => name.endsWith('.prisma'))
    .sort()
    .map((name) => path.posix.join(SCHEMA_FOLDER, name))
    .map((file) => ({ path: file, content: readFileSync(path.join(ROOT, file), 'utf8') }));
}

/** The schema at a commit; empty when there was none yet. */
export function committedSchema(revision: string): SchemaFile[] {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return git('ls-tree', '-r', '--name-only', '-z', revision, '--', SCHEMA_FOLDER)
    .split('\0')
    .filter((name) => name.endsWith('.prisma'))
    .map((file) => ({ path: file, content: git('show', `${revision}:./${file}`) }));
}
