import { execFile } from 'node:child_process';
import path from 'node:path';
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
  const env = {
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
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['dist/cli.js', ...args],
      { cwd: ROOT, env, timeout: 30_000 },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      },
    );
  });
}
