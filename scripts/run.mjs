// `node scripts/run.mjs <task> [arguments]`: sets up what the task needs, then runs it in this very process, so that
// signals and the end of the process reach it without a messenger. Every npm script that needs a set-up goes through here.
import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT, setUp } from './setup/setup.mjs';

const TASKS = {
  bench: { needs: 'build', script: 'bench.ts' },
  build: { needs: 'build' },
  check: { needs: 'generate', script: 'check.ts' },
  demo: { needs: 'build', script: 'demo/main.ts' },
  format: { needs: 'install', script: 'tool.ts', args: ['prettier', '--write', '.'] },
  kassa: { needs: 'build', script: 'kassa.ts' },
  lint: { needs: 'generate', script: 'tool.ts', args: ['eslint', '.'] },
  migrate: { needs: 'build', script: 'kassa.ts', args: ['migrate'] },
  'migrate:diff': { needs: 'install', script: 'migrate-diff.ts' },
  'migrate:new': { needs: 'install', script: 'migrate-new.ts' },
  'migrate:status': { needs: 'install', script: 'migrate-status.ts' },
  sandbox: { needs: 'build', script: 'sandbox.ts' },
  seed: { needs: 'build', script: 'kassa.ts', args: ['seed'] },
  start: { needs: 'build', script: 'start.ts' },
  test: { needs: 'build', script: 'test.ts' },
  'test:deep': { needs: 'build', script: 'test-deep.ts' },
  // Jest takes every word after --selectProjects for a project, so the caller's filter comes before it.
  'test:unit': { needs: 'generate', script: 'tool.ts', args: ['jest'], lastArgs: ['--selectProjects', 'unit'] },
};

async function main() {
  const [name, ...rest] = process.argv.slice(2);
  const task = TASKS[name];
  if (task === undefined) throw new Error(`There is no task "${name}". There are: ${Object.keys(TASKS).join(', ')}.`);
  process.chdir(ROOT);
  await setUp(task.needs);
  if (task.script === undefined) return;
  const script = path.join(ROOT, 'scripts', task.script);
  process.argv = [process.execPath, script, ...(task.args ?? []), ...rest, ...(task.lastArgs ?? [])];
  const require = createRequire(import.meta.url);
  require('@swc-node/register');
  require(script);
}

main().catch((error) => {
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
});
