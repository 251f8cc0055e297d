import { findBrowser, findOrInstallBrowser } from './browser';
import { runMain } from './run-main';
import { writeSpecGroups } from './spec-groups';
import { runJest, runStaticChecks } from './tools';

const BROWSER_SPECS = '\\.browser\\.e2e-spec\\.ts$';

/**
 * `npm test`: everything there is to check. With arguments they go to Jest, and the static checks are left out:
 * `npm test -- migrate` or `npm test -- --selectProjects e2e`. Jest starts PostgreSQL and Redis where a spec needs them.
 */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const everything = args.length === 0;
  if (everything) await runStaticChecks();
  const browser = everything ? await findOrInstallBrowser() : findBrowser();
  if (everything) {
    writeSpecGroups(browser === undefined ? new RegExp(BROWSER_SPECS) : undefined);
    process.env['KASSA_SPEC_GROUPS'] = '1';
  }
  process.exitCode = await runJest([...args, ...browserArguments(browser)]);
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
