import { spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import path from 'node:path';
import { freePort, startGuarded, type GuardedProcess } from '../../scripts/services';
import { fetchAnswer } from './http-client';
import { TEST_AUTH } from './tokens';
import { until } from './until';

const ROOT = path.resolve(__dirname, '../..');

/** The compiled service as a process of its own. */
export interface ServiceProcess {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly process: GuardedProcess;
}

export interface ServiceSettings {
  readonly role: 'all' | 'api' | 'worker';
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly settings: Readonly<Record<string, string>>;
  /** A CommonJS file beside this one that Node reads before anything of ours. */
  readonly preload?: string;
  /** Where to write what it says, from warnings on. */
  readonly log?: string;
}

/** Builds the service where its sources have changed. Call it once, before the first process. */
export function ensureBuilt(): void {
  const built = spawnSync(process.execPath, ['scripts/run.mjs', 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`The build failed: ${built.stderr}`);
}

/** Starts it and waits until it is alive; it ends with this process at the latest. */
export async function startService(options: ServiceSettings): Promise<ServiceProcess> {
  const port = await freePort();
  const child = await launch('dist/main.js', { ...options, settings: { ...options.settings, PORT: String(port) } });
  const url = `http://127.0.0.1:${port}`;
  await until(
    'the service is alive',
    async () => {
      if (!child.running) throw new Error(`The service ended with exit code ${await child.ended}`);
      return fetchAnswer(`${url}/health/live`).then(
        ({ status }) => status === 200,
        () => false,
      );
    },
    20_000,
  );
  return { url, process: child };
}

/** `npm run seed`, compiled. */
export async function seedCatalog(options: Omit<ServiceSettings, 'role'>): Promise<void> {
  const child = await launch('dist/cli.js', { ...options, role: 'all' }, 'seed');
  const code = await child.ended;
  if (code !== 0) throw new Error(`The seed ended with exit code ${code}`);
}

function launch(file: string, options: ServiceSettings, ...args: string[]): Promise<GuardedProcess> {
  const preload = options.preload === undefined ? [] : ['--require', path.join(__dirname, options.preload)];
  const isShown = process.env['TEST_LOG'] !== undefined;
  return startGuarded({
    command: process.execPath,
    args: [...preload, file, ...args],
    stopSignal: 'TERM',
    cwd: ROOT,
    // TEST_LOG=1 shows what it says, and the shell's word on each one that is killed.
    ...(isShown && options.log === undefined ? {} : { output: options.log ?? devNull }),
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      ROLE: options.role,
      LOG_LEVEL: isShown ? 'debug' : options.log === undefined ? 'silent' : 'warn',
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      AUTH_JWT_SECRET: TEST_AUTH.secret,
      AUTH_ISSUER: TEST_AUTH.issuer,
      AUTH_AUDIENCE: TEST_AUTH.audience,
      INTERNAL_API_KEY: TEST_AUTH.internalApiKey,
      CRON_SECRET: TEST_AUTH.cronSecret,
      ...options.settings,
    },
  });
}
