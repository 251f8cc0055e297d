/**
 * Starts the sandbox as a process. Settings come from the environment; README.md lists them.
 */
import path from 'node:path';
import { createSandbox, type SandboxOptions } from './server';

function integer(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`);
  return Number(text);
}

/** Unix seconds, or an ISO 8601 date. */
function instant(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '' || /^\d+$/.test(text)) return integer(name);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error(`${name} must be Unix seconds or an ISO 8601 date, not "${text}"`);
  return Math.floor(ms / 1000);
}

function readOptions(): SandboxOptions {
  const { SANDBOX_HOST: host, SANDBOX_PUBLIC_URL: publicUrl } = process.env;
  const { SANDBOX_WEBHOOK_URL: webhookUrl, SANDBOX_WEBHOOK_SECRET: secret } = process.env;
  const { SANDBOX_STATE: stateFile } = process.env;
  const start = instant('SANDBOX_START');
  const seed = integer('SANDBOX_SEED');
  return {
    port: integer('SANDBOX_PORT') ?? 12111,
    ...(host ? { host } : {}),
    ...(publicUrl ? { publicUrl: publicUrl.replace(/\/$/, '') } : {}),
    ...(start === undefined ? {} : { start }),
    ...(seed === undefined ? {} : { seed }),
    ...(stateFile ? { stateFile: path.resolve(stateFile) } : {}),
    webhooks: webhookUrl ? [{ url: webhookUrl, ...(secret ? { secret } : {}) }] : [],
  };
}

async function main(): Promise<void> {
  const sandbox = await createSandbox(readOptions());
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    sandbox.close().catch(fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  console.log(`sandbox listening on ${sandbox.url} (seed ${sandbox.seed})`);
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

main().catch(fail);
