import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { testServers } from './services';

/** A Redis database of one test file's own: nobody else reads, writes or flushes it. */
export interface TestRedis {
  /** Names the database in its path. */
  url: string;
  /** Empties this database only. */
  flush(): Promise<void>;
  /** Empties it and gives it back. */
  release(): Promise<void>;
}

const RESERVATION = 'kassa:test:reserved';

/**
 * Takes the first database that is empty. Call it in `beforeAll`, and `release` in `afterAll`.
 * @throws when the server's databases are all in use (a Redis of one's own has 16, ours has thousands).
 */
export async function redisDb(): Promise<TestRedis> {
  const client = new Redis(testServers().redisUrl, { maxRetriesPerRequest: 1 });
  try {
    const url = new URL(testServers().redisUrl);
    url.pathname = `/${await reserve(client)}`;
    return {
      url: url.href,
      flush: () => onDatabase(url.href, (own) => own.multi().flushdb().set(RESERVATION, '1').exec()),
      release: () => onDatabase(url.href, (own) => own.flushdb()),
    };
  } finally {
    client.disconnect();
  }
}

/** Atomic, so that two workers never get the same one, and foreign data is never taken for a test's. */
async function reserve(client: Redis): Promise<number> {
  const token = randomBytes(8).toString('hex');
  for (let index = 1; ; index += 1) {
    await client.select(index);
    const taken = await client.eval(
      "if redis.call('DBSIZE') > 0 then return 0 end redis.call('SET', KEYS[1], ARGV[1]) return 1",
      1,
      RESERVATION,
      token,
    );
    if (taken === 1) return index;
  }
}

async function onDatabase(url: string, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    await work(client);
  } finally {
    client.disconnect();
  }
}
