import { execFile } from 'node:child_process';
import { devNull } from 'node:os';
import path from 'node:path';
import { startGuarded, type GuardedProcess } from '../../scripts/services';
import { WEBHOOK_SECRET, type House } from './house';
import { TEST_AUTH } from './tokens';

const ROOT = path.resolve(__dirname, '../..');

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** `npm run kassa -- <args>`, compiled, on the database of a house. `ensureBuilt()` before the first. */
export function kassa(house: House, ...args: string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['dist/cli.js', ...args],
      { cwd: ROOT, env: environmentOf(house), timeout: 30_000 },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      },
    );
  });
}

/** The same as a process that can be killed; what it says is nobody's business. */
export function startKassa(house: House, ...args: string[]): Promise<GuardedProcess> {
  return startGuarded({
    command: process.execPath,
    args: ['dist/cli.js', ...args],
    stopSignal: 'TERM',
    cwd: ROOT,
    output: devNull,
    env: environmentOf(house),
  });
}

function environmentOf(house: House): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    NODE_ENV: 'test',
    DATABASE_URL: house.database.appUrl,
    REDIS_URL: house.redis.url,
    AUTH_JWT_SECRET: TEST_AUTH.secret,
    AUTH_ISSUER: TEST_AUTH.issuer,
    AUTH_AUDIENCE: TEST_AUTH.audience,
    STRIPE_SECRET_KEY: 'sk_test_house',
    STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET,
    STRIPE_API_BASE: house.box.sandbox.url,
  };
}
