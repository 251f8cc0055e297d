import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate } from '../src/platform/database/migrate';
import { developmentSecrets } from './dev-secrets';
import { startPostgres, startRedis } from './services';
import { ROOT, STATE_FOLDER } from './services/paths';
import { tryLock } from './setup/lock-file.cjs';

/** What Kassa's processes need in their environment, and the local servers behind it. */
export interface LocalEnvironment {
  env: Record<string, string>;
  /** What the operator should know about where the data is. */
  notes: string[];
  /** The database is the one this clone keeps from run to run. */
  keepsData: boolean;
  /** Tells this clone's other commands what is running here. */
  announce(env: Record<string, string>): void;
  stop(): Promise<void>;
}

const LOCK = path.join(STATE_FOLDER, 'services.lock');
const RUNNING = path.join(STATE_FOLDER, 'running.json');
const WAIT_MS = 200;

/**
 * The settings of the process and of `.env`, completed by this clone's own secrets; PostgreSQL and Redis are started
 * unless their addresses are given. The clone's data folder is one process's at a time: who comes second gets empty
 * servers of its own, gone when it stops.
 */
export async function startLocalEnvironment(): Promise<LocalEnvironment> {
  const given = givenSettings();
  if (given['DATABASE_URL'] !== undefined && given['REDIS_URL'] !== undefined) {
    return nothingStarted(complete(given));
  }
  const unlock = tryLock(LOCK);
  // What a predecessor killed outright announced is not running any more.
  if (unlock !== undefined) rmSync(RUNNING, { force: true });
  const ephemeral = unlock === undefined;
  const notes = ephemeral
    ? ['Another command uses the data of this folder; this one starts empty and keeps nothing.']
    : [];
  const cleanUps: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    if (unlock !== undefined) rmSync(RUNNING, { force: true });
    unlock?.();
  };
  const env = complete(given);
  try {
    if (given['DATABASE_URL'] === undefined) {
      const postgres = await startPostgres({ ephemeral });
      cleanUps.push(() => postgres.stop());
      Object.assign(env, { DATABASE_URL: postgres.appUrl, MIGRATE_DATABASE_URL: postgres.ownerUrl });
    }
    if (given['REDIS_URL'] === undefined) {
      const redis = await startRedis({ ephemeral });
      cleanUps.push(() => redis.stop());
      env['REDIS_URL'] = redis.url;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const keepsData = !ephemeral && given['DATABASE_URL'] === undefined;
  return { env, notes, keepsData, stop, announce: unlock === undefined ? () => undefined : announce };
}

/**
 * For a single command: the environment of the `npm start` that runs in this clone, else one that is started for it, with
 * the database migrated.
 */
export async function borrowLocalEnvironment(): Promise<LocalEnvironment> {
  const given = givenSettings();
  const needsServers = given['DATABASE_URL'] === undefined || given['REDIS_URL'] === undefined;
  for (let attempt = 0; needsServers; attempt += 1) {
    const unlock = tryLock(LOCK);
    unlock?.();
    if (unlock !== undefined) break;
    const env = announced();
    if (env !== undefined) return nothingStarted({ ...env, ...given });
    if (attempt === 0)
      process.stderr.write('Another command of this folder is starting or stopping; waiting for it.\n');
    await delay(WAIT_MS);
  }
  const environment = await startLocalEnvironment();
  if (needsServers) await migrateDatabase(environment.env, (line) => process.stderr.write(`${line}\n`));
  return environment;
}

/** Brings the environment's database up to date. */
export async function migrateDatabase(env: Record<string, string>, log: (line: string) => void): Promise<void> {
  const appUrl = env['DATABASE_URL'] ?? '';
  const appUser = decodeURIComponent(new URL(appUrl).username);
  const url = env['MIGRATE_DATABASE_URL'] ?? appUrl;
  await migrate({ url, log, ...(appUser === '' ? {} : { appUser }) });
}

/** Servers that are somebody else's to keep, to announce and to stop. */
function nothingStarted(env: Record<string, string>): LocalEnvironment {
  return { env, notes: [], keepsData: false, announce: () => undefined, stop: () => Promise.resolve() };
}

function givenSettings(): Record<string, string> {
  const file = path.join(ROOT, '.env');
  // What the process was given wins over the file.
  if (existsSync(file)) process.loadEnvFile(file);
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  );
}

/** Adds this clone's secrets; but what was given in another way must not be made up, and Stripe comes with its sandbox. */
function complete(given: Record<string, string>): Record<string, string> {
  const without = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRETS'];
  if (given['AUTH_JWKS_URL'] !== undefined) without.push('AUTH_JWT_SECRET');
  const secrets = Object.entries(developmentSecrets()).filter(([name]) => !without.includes(name));
  return { ...Object.fromEntries(secrets), ...given };
}

function announce(env: Record<string, string>): void {
  writeFileSync(RUNNING, '', { mode: 0o600 });
  chmodSync(RUNNING, 0o600);
  writeFileSync(RUNNING, JSON.stringify(env));
}

function announced(): Record<string, string> | undefined {
  const content = existsSync(RUNNING) ? readFileSync(RUNNING, 'utf8') : '';
  return content === '' ? undefined : (JSON.parse(content) as Record<string, string>);
}
