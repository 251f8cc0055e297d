import { randomInt } from 'node:crypto';
import { runMain } from './run-main';
import { runJest } from './tools';

/** How many times the usual number of runs. */
const FACTOR = 100;
/** A bound against hanging, not a claim about speed. */
const TIMEOUT_MS = 6 * 3_600_000;
/** Every spec that takes its number of runs from here is part of the deep run. */
const HELPER = 'test/support/deep.ts';

/**
 * `npm run test:deep`: the property and fault specs with many times their usual runs. SEED=<n> repeats a run, KASSA_DEEP=<n>
 * sets the factor; arguments are patterns of the specs' paths, e.g. `npm run test:deep -- stripe-life`.
 */
async function main(): Promise<void> {
  const seed = process.env['SEED'] ?? String(randomInt(2 ** 31));
  const factor = process.env['KASSA_DEEP'] ?? String(FACTOR);
  Object.assign(process.env, { SEED: seed, KASSA_DEEP: factor });
  process.stderr.write(`Deep run: ${factor} times the usual runs, SEED=${seed}\n`);
  const patterns = process.argv.slice(2);
  // With --findRelatedTests Jest takes patterns for files, so what fits none of them is left out instead.
  const only = patterns.length > 0 ? ['--testPathIgnorePatterns', `^(?!.*(?:${patterns.join('|')}))`] : [];
  process.exitCode = await runJest(['--findRelatedTests', HELPER, '--testTimeout', String(TIMEOUT_MS), ...only]);
  process.stderr.write(`Deep run: SEED=${seed}\n`);
}

runMain(main);
