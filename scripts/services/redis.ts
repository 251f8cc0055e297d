import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Redis as Client } from 'ioredis';
import { dataFolder, type DataFolder } from './data-folder';
import { findProgram } from './find-program';
import { freePort } from './free-port';
import { launchServer, type ServerCommand } from './launch-server';
import { installProgram } from './system-packages';

/** A running Redis of our own on 127.0.0.1, with a password. */
export interface Redis {
  readonly url: string;
  stop(): Promise<void>;
  /** SIGKILL, after which `restart()` starts it again with what was on disk. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Forgets everything, as FLUSHALL does. */
  flush(): Promise<void>;
}

export interface RedisOptions {
  /** True: empty, and gone with the process. False: the clone's, with an append-only file. */
  ephemeral: boolean;
}

const PROGRAMS = ['redis-server', 'valkey-server'];
/** Tests take a database each and never give one back. */
const DATABASES = 4096;

/** @throws one clear sentence when there is no Redis and none can be installed. */
export async function startRedis({ ephemeral }: RedisOptions): Promise<Redis> {
  const program = await redisProgram();
  const data = dataFolder({ name: 'redis', ephemeral });
  const password = randomBytes(24).toString('base64url');
  let port = 0;
  const url = () => `redis://:${password}@127.0.0.1:${port}`;
  const command = () => redisCommand(program, data, { port, password, ephemeral, url: url() });
  let server = await launchServer(async () => {
    port = await freePort();
    return command();
  });
  return {
    url: url(),
    stop: async () => {
      await server.stop();
      if (ephemeral) data.remove();
    },
    kill: () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await launchServer(() => Promise.resolve(command()));
    },
    flush: () => withClient(url(), (client) => client.flushall()).then(() => undefined),
  };
}

async function redisProgram(): Promise<string> {
  const found = findProgram(PROGRAMS) ?? (await installProgram('Redis', PROGRAMS, PACKAGES));
  if (found !== undefined) return found;
  throw new Error(
    'There is no redis-server or valkey-server on the PATH and this account may not install one: ' +
      'install Redis (for example "apt-get install redis-server" or "brew install redis") or set REDIS_URL.',
  );
}

const PACKAGES = {
  'apt-get': ['redis-server', 'valkey-server'],
  apk: ['redis', 'valkey'],
  dnf: ['redis', 'valkey'],
  brew: ['redis', 'valkey'],
};

interface Instance {
  port: number;
  password: string;
  ephemeral: boolean;
  url: string;
}

function redisCommand(program: string, data: DataFolder, instance: Instance): ServerCommand {
  // In a file, because everybody can read a command line.
  const configuration = path.join(data.base, 'redis.conf');
  writeFileSync(
    configuration,
    [
      `port ${instance.port}`,
      'bind 127.0.0.1',
      `requirepass ${instance.password}`,
      `databases ${DATABASES}`,
      'save ""',
      `appendonly ${instance.ephemeral ? 'no' : 'yes'}`,
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  return {
    command: program,
    args: [configuration],
    stopSignal: 'TERM',
    cwd: data.folder,
    output: path.join(data.base, 'redis.log'),
    isReady: () =>
      withClient(instance.url, (client) => client.ping()).then(
        () => true,
        () => false,
      ),
  };
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  // A refused connection is the answer of `connect`; the event alone would be printed as unhandled.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    // On a connection that never was, it would only leave its two seconds' timer behind.
    if (client.status !== 'end') client.disconnect();
  }
}
