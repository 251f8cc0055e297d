import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { developmentSecrets } from './dev-secrets';
import { migrateDatabase, startLocalEnvironment, type LocalEnvironment } from './local-environment';
import { runMain } from './run-main';
import { freePort, startGuarded, type GuardedProcess } from './services';
import { isPortFree } from './services/free-port';
import { ROOT, STATE_FOLDER } from './services/paths';
import { stopSignal } from './stop-signal';
import { startStripeSandbox } from './stripe-sandbox';

const POLL_MS = 50;

/** `npm start`: the compiled service with everything it needs around it, until Ctrl-C or until one of them ends. */
async function main(): Promise<void> {
  const interrupted = stopSignal();
  const environment = await startLocalEnvironment();
  const processes: GuardedProcess[] = [];
  try {
    const { env, sandbox } = await surroundings(environment, processes);
    await migrateDatabase(env, say);
    await runToEnd(['dist/cli.js', 'seed'], env);
    const service = await spawn(['dist/main.js'], env);
    processes.push(service);
    await untilItListens(service, env['PORT'] ?? '');
    environment.announce(env);
    for (const note of environment.notes) say(note);
    say(`Kassa: http://localhost:${env['PORT'] ?? ''}, its API: http://localhost:${env['PORT'] ?? ''}/docs`);
    if (sandbox !== undefined) say(`Stripe is played by the sandbox: ${sandbox}`);
    say('Ctrl-C stops everything.');
    const endedFirst = await Promise.race([interrupted, ...processes.map(({ ended }) => ended)]);
    if (typeof endedFirst === 'number') throw new Error(`A process ended by itself with exit code ${endedFirst}.`);
  } finally {
    // The service first, while what it finishes its work with is still there.
    for (const process of processes.reverse()) await process.stop();
    await environment.stop();
  }
}

/** Ports, and Stripe's stand-in unless a real key or another address was given. */
async function surroundings(
  { env, keepsData }: LocalEnvironment,
  processes: GuardedProcess[],
): Promise<{ env: Record<string, string>; sandbox?: string }> {
  const port = env['PORT'] ?? String(await preferredPort(3000));
  const own = { PORT: port, PUBLIC_URL: `http://localhost:${port}`, REDIRECT_ALLOW_LIST: `http://localhost:${port}` };
  if (env['STRIPE_SECRET_KEY'] !== undefined || env['STRIPE_API_BASE'] !== undefined)
    return { env: { ...own, ...env } };
  const { STRIPE_SECRET_KEY = '', STRIPE_WEBHOOK_SECRETS = '' } = developmentSecrets();
  const sandboxPort = await preferredPort(12111);
  const sandbox = `http://localhost:${sandboxPort}`;
  processes.push(
    await startStripeSandbox({
      port: sandboxPort,
      webhookUrl: `http://localhost:${port}/v1/webhooks/stripe`,
      webhookSecret: STRIPE_WEBHOOK_SECRETS,
      // A database that is there again tomorrow refers to customers and subscriptions that have to be there as well.
      ...(keepsData ? { stateFile: path.join(STATE_FOLDER, 'sandbox.json') } : {}),
    }),
  );
  return { sandbox, env: { ...own, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS, STRIPE_API_BASE: sandbox, ...env } };
}

/** An address that is told before somebody listens there is a riddle. @throws when the service ends first. */
async function untilItListens(service: GuardedProcess, port: string): Promise<void> {
  while (service.running) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined);
    if (answer?.ok === true) return;
    await delay(POLL_MS);
  }
  throw new Error('The service ended before it listened; its own words are above.');
}

async function preferredPort(port: number): Promise<number> {
  return (await isPortFree(port)) ? port : freePort();
}

function spawn(args: string[], env: Record<string, string>): Promise<GuardedProcess> {
  return startGuarded({ command: process.execPath, args, stopSignal: 'TERM', cwd: ROOT, env });
}

async function runToEnd(args: string[], env: Record<string, string>): Promise<void> {
  const child = await spawn(args, env);
  const code = await child.ended;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with exit code ${code}.`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

runMain(main);
