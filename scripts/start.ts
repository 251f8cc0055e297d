import { rmSync } from 'node:fs';
import path from 'node:path';
import { signIn } from './demo/kassa-api';
import { developmentSecrets } from './dev-secrets';
import { migrateDatabase, startLocalEnvironment, type LocalEnvironment } from './local-environment';
import { runMain } from './run-main';
import { keeperIn, notifyKassa, sellProducts, storeSettings, storesToPlay, type StoreName } from './sandbox-stores';
import { openWise, playsWise, wiseSettings } from './sandbox-wise';
import { freePort, startGuarded, type GuardedProcess } from './services';
import { isPortFree } from './services/free-port';
import { ROOT, STATE_FOLDER } from './services/paths';
import { stopSignal } from './stop-signal';
import { startStripeSandbox } from './stripe-sandbox';
import { untilItListens } from './until-it-listens';

/** What plays the providers. */
interface Sandbox {
  url: string;
  stores: readonly StoreName[];
  /** Whether it plays Wise. */
  wise: boolean;
}

const STORE_NAMES = { apple: 'the App Store', google: 'Google Play' };

/** `npm start`: the compiled service with everything it needs around it, until Ctrl-C or until one of them ends. */
async function main(): Promise<void> {
  const interrupted = stopSignal();
  const environment = await startLocalEnvironment();
  const processes: GuardedProcess[] = [];
  const folders: string[] = [];
  try {
    const { env, sandbox } = await surroundings(environment, processes, folders);
    await migrateDatabase(env, say);
    await runToEnd(['dist/cli.js', 'seed'], env);
    const service = await spawn(['dist/main.js'], env);
    processes.push(service);
    const kassa = `http://localhost:${env['PORT'] ?? ''}`;
    await untilItListens('service', service, `http://127.0.0.1:${env['PORT'] ?? ''}/health/live`);
    environment.announce(env);
    if (sandbox !== undefined) await sellInStores(kassa, sandbox, env);
    for (const note of environment.notes) say(note);
    say(`Kassa: ${kassa}, its API: ${kassa}/docs`);
    if (sandbox !== undefined) sayWhatIsPlayed(sandbox);
    say('Ctrl-C stops everything.');
    const endedFirst = await Promise.race([interrupted, ...processes.map(({ ended }) => ended)]);
    if (typeof endedFirst === 'number') throw new Error(`A process ended by itself with exit code ${endedFirst}.`);
  } finally {
    // The service first, while what it finishes its work with is still there.
    for (const process of processes.reverse()) await process.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await environment.stop();
  }
}

/**
 * Ports, and Stripe's stand-in unless a real key or another address was given; it plays the stores and Wise too where
 * those were not given. @param folders takes what is to be removed at the end.
 */
async function surroundings(
  { env, keepsData }: LocalEnvironment,
  processes: GuardedProcess[],
  folders: string[],
): Promise<{ env: Record<string, string>; sandbox?: Sandbox }> {
  const port = env['PORT'] ?? String(await preferredPort(3000));
  const own = { PORT: port, PUBLIC_URL: `http://localhost:${port}`, REDIRECT_ALLOW_LIST: `http://localhost:${port}` };
  if (env['STRIPE_SECRET_KEY'] !== undefined || env['STRIPE_API_BASE'] !== undefined)
    return { env: { ...own, ...env } };
  const { STRIPE_SECRET_KEY = '', STRIPE_WEBHOOK_SECRETS = '' } = developmentSecrets();
  const sandboxPort = await preferredPort(12111);
  const url = `http://localhost:${sandboxPort}`;
  const process = await startStripeSandbox({
    port: sandboxPort,
    webhookUrl: `http://localhost:${port}/v1/webhooks/stripe`,
    webhookSecret: STRIPE_WEBHOOK_SECRETS,
    // A database that is there again tomorrow refers to customers and subscriptions that have to be there as well.
    ...(keepsData ? { stateFile: path.join(STATE_FOLDER, 'sandbox.json') } : {}),
  });
  processes.push(process);
  await untilItListens('sandbox', process, `${url}/sandbox/clock`);
  // No other sandbox has this port, and so none this folder.
  const folder = path.join(STATE_FOLDER, `stores-${sandboxPort}`);
  folders.push(folder);
  const [stores, wise, kassa] = [storesToPlay(env), playsWise(env), `http://localhost:${port}`];
  const played = {
    ...(await storeSettings(url, stores, folder)),
    ...(wise && (await wiseSettings(url, keeperIn(folder)))),
  };
  await notifyKassa(url, stores, kassa);
  if (wise) await openWise(url, kassa);
  return {
    sandbox: { url, stores, wise },
    env: { ...own, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS, STRIPE_API_BASE: url, ...played, ...env },
  };
}

/** Where the database's catalog is another than the seeded one, or tokens are somebody else's, that is for the user to do. */
async function sellInStores(kassa: string, { stores }: Sandbox, env: Record<string, string>): Promise<void> {
  const { AUTH_JWT_SECRET: secret, AUTH_ISSUER: issuer = '', AUTH_AUDIENCE: audience = '' } = env;
  try {
    if (secret === undefined) throw new Error('Only your identity provider can sign a token for it.');
    const starter = { userId: 'npm-start', email: 'npm-start@kassa.localhost', roles: ['admin'] };
    await sellProducts(kassa, stores, signIn(starter, { secret, issuer, audience }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`What the stores sell is not in the catalog (POST /v1/admin/iap/products puts it there): ${why}`);
  }
}

function sayWhatIsPlayed({ url, stores, wise }: Sandbox): void {
  say(`Stripe is played by the sandbox: ${url}`);
  for (const store of stores) say(`So is ${STORE_NAMES[store]}: ${url}/sandbox/${store}`);
  if (wise) say(`So is Wise: ${url}/sandbox/wise`);
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
