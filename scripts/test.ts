import { findBrowser, findOrInstallBrowser } from './browser';
import { runMain } from './run-main';
import { writeSpecGroups } from './spec-groups';
import { runJest, runStaticChecks } from './tools';

const BROWSER_SPECS = '\\.browser\\.e2e-spec\\.ts$';
/** One more than CI has cores: a spec with services waits a quarter of its time, for leases, answers that do not come, and processes. */
const SERVICE_WORKERS = '3';

/**
 * `npm test`: everything there is to check. With arguments they go to Jest, and the static checks are left out:
 * `npm test -- migrate` or `npm test -- --selectProjects e2e`. Jest starts PostgreSQL and Redis where a spec needs them.
 */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  process.exitCode =
    args.length === 0 ? await runEverything() : await runJest([...args, ...browserArguments(findBrowser())]);
}

/** @returns Jest's exit code. @throws when a static check found something. */
async function runEverything(): Promise<number> {
  const browser = await findOrInstallBrowser();
  const leftOut = browserArguments(browser);
  writeSpecGroups(browser === undefined ? new RegExp(BROWSER_SPECS) : undefined);
  process.env['KASSA_SPEC_GROUPS'] = '1';
  // ESLint keeps one core busy long after the other checks are done: the unit specs have the other meanwhile.
  const [unit] = await Promise.all([runJest(['--selectProjects', 'unit', '--maxWorkers', '1']), runStaticChecks()]);
  return unit === 0
    ? runJest([...leftOut, '--selectProjects', 'integration', 'e2e', '--maxWorkers', SERVICE_WORKERS])
    : unit;
}

function browserArguments(browser: string | undefined): string[] {
  if (browser !== undefined) {
    process.env['CHROMIUM_PATH'] = browser;
    return [];
  }
  process.stderr.write('There is no Chromium on the PATH and none was installed: the browser specs are left out.\n');
  return ['--testPathIgnorePatterns', '/node_modules/', BROWSER_SPECS];
}

runMain(main);
