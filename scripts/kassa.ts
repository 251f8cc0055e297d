import { borrowLocalEnvironment } from './local-environment';
import { runMain } from './run-main';
import { startGuarded } from './services';
import { ROOT } from './services/paths';
import { stopSignal } from './stop-signal';

/**
 * One command of the compiled service (`migrate`, `seed`, `token`, ...): against the servers that were given, or those of
 * the `npm start` that runs in this clone, or servers started for it. Its exit code is ours.
 */
async function main(): Promise<void> {
  const [command, ...rest] = process.argv.slice(2);
  const program =
    command === 'migrate' ? ['dist/platform/database/migrate/main.js'] : ['dist/cli.js', command ?? '--help'];
  const interrupted = stopSignal();
  const environment = await borrowLocalEnvironment();
  try {
    const child = await startGuarded({
      command: process.execPath,
      args: [...program, ...rest],
      stopSignal: 'TERM',
      cwd: ROOT,
      env: environment.env,
    });
    const code = await Promise.race([child.ended, interrupted]);
    await child.stop();
    process.exitCode = code ?? 130;
  } finally {
    await environment.stop();
  }
}

runMain(main);
