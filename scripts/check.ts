import { runMain } from './run-main';
import { runJest, runStaticChecks } from './tools';

/** `npm run check`: what needs no server. Seconds, for before every commit. */
runMain(async () => {
  await runStaticChecks();
  process.exitCode = await runJest([...process.argv.slice(2), '--selectProjects', 'unit']);
});
