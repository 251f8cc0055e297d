import { Redis } from 'ioredis';
import { Cache, type CacheKind } from '../../src/platform/cache';
import { CacheRedis } from '../../src/platform/cache/cache-redis';
import { loadConfig } from '../../src/platform/config';
import { Metrics } from '../../src/platform/metrics';
import { BusinessClock } from '../../src/platform/clock';
import { startBench, type Bench } from '../support/bench';
import { redisDb, type TestRedis } from '../support/redis';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';
import { TEST_AUTH } from '../support/tokens';
import { until } from '../support/until';

const KIND: CacheKind<string> = {
  name: 'test',
  version: 1,
  maxLifeMs: 30_000,
  lifeMs: () => 30_000,
  encode: (value) => value,
  decode: (text) => text,
};
const VALUE_KEY = (id: string): string => `kassa:cache:{test:1:${id}}:value`;

let redis: TestRedis;
let proxy: TcpProxy;
let bench: Bench;
let cache: Cache;
let direct: Redis;

beforeAll(async () => {
  redis = await redisDb();
  proxy = await startTcpProxy(redis.url);
  bench = await startBench({ REDIS_URL: proxy.url, CACHE_PATIENCE_MS: '500' });
  cache = bench.get(Cache);
  direct = new Redis(redis.url);
  await until('the cache has its connection', async () => {
    await cache.read(KIND, 'warm', () => Promise.resolve('x'));
    return (await direct.exists(VALUE_KEY('warm'))) === 1;
  });
});

afterAll(async () => {
  direct.disconnect();
  await bench.close();
  await proxy.close();
  await redis.release();
});

/** A load that ends when the test says so. */
function slowLoad(): { load: () => Promise<string>; begun: Promise<void>; finish: (value: string) => void } {
  let finish!: (value: string) => void;
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const value = new Promise<string>((resolve) => {
    finish = resolve;
  });
  return {
    begun,
    finish,
    load: () => {
      begin();
      return value;
    },
  };
}

const loads = (value: string): jest.Mock<Promise<string>, []> => jest.fn(() => Promise.resolve(value));

describe('the cache', () => {
  it('loads once and keeps the value, with an end in Redis too', async () => {
    const load = loads('one');
    await expect(cache.read(KIND, 'a', load)).resolves.toBe('one');
    await expect(cache.read(KIND, 'a', load)).resolves.toBe('one');
    expect(load).toHaveBeenCalledTimes(1);
    const left = await direct.pttl(VALUE_KEY('a'));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(30_000);
  });

  it('keeps nothing whose life is over, and throws what the load throws', async () => {
    await cache.read({ ...KIND, lifeMs: () => 0 }, 'b', loads('one'));
    await expect(direct.exists(VALUE_KEY('b'))).resolves.toBe(0);
    await expect(cache.read(KIND, 'b', () => Promise.reject(new Error('no database')))).rejects.toThrow('no database');
    await expect(cache.read(KIND, 'b', loads('two'))).resolves.toBe('two');
  });

  it('does not keep a value that was read before an eviction and comes after it', async () => {
    const old = slowLoad();
    const reading = cache.read(KIND, 'c', old.load);
    await old.begun;
    await cache.evict(KIND, 'c');
    old.finish('old');
    await reading;
    await expect(direct.exists(VALUE_KEY('c'))).resolves.toBe(0);
    await expect(cache.read(KIND, 'c', loads('new'))).resolves.toBe('new');
  });

  it('lets nobody who asks after an eviction share a load from before it, and all others share one', async () => {
    const old = slowLoad();
    const shared = loads('never called');
    const [first, second] = [cache.read(KIND, 'd', old.load), cache.read(KIND, 'd', shared)];
    await old.begun;
    await cache.evict(KIND, 'd');
    await expect(cache.read(KIND, 'd', loads('new'))).resolves.toBe('new');
    old.finish('old');
    await expect(Promise.all([first, second])).resolves.toEqual(['old', 'old']);
    expect(shared).not.toHaveBeenCalled();
    await expect(cache.read(KIND, 'd', loads('newer'))).resolves.toBe('new');
  });

  it('reads anew after a flush', async () => {
    await cache.read(KIND, 'e', loads('old'));
    await redis.flush();
    await expect(cache.read(KIND, 'e', loads('new'))).resolves.toBe('new');
  });

  it.each([
    ['whose end has passed', -1],
    ['whose end nobody of us has set', 3_600_000],
  ])('takes nothing from a Redis that comes back with old data, %s', async (_name, offset) => {
    await direct.set(VALUE_KEY('f'), `${Date.now() + offset};old`);
    await expect(cache.read(KIND, 'f', loads('new'))).resolves.toBe('new');
    await cache.evict(KIND, 'f');
  });

  it('answers from the load while Redis is silent, soon without waiting, and is back by itself', async () => {
    await cache.read(KIND, 'g', loads('old'));
    proxy.holdReplies();
    await expect(cache.read(KIND, 'g', loads('new'))).resolves.toBe('new');
    const begun = performance.now();
    for (let i = 0; i < 200; i += 1) await expect(cache.read(KIND, 'g', loads('new'))).resolves.toBe('new');
    // 200 times the patience would be 10 s.
    expect(performance.now() - begun).toBeLessThan(2_000);
    proxy.releaseReplies();
    await until('it hits again', async () => {
      const load = loads('loaded');
      await cache.read(KIND, 'g', load);
      return load.mock.calls.length === 0;
    });
  });

  it('stores nothing late that Redis took in while it was silent', async () => {
    const old = slowLoad();
    const reading = cache.read(KIND, 'h', old.load);
    await old.begun;
    proxy.holdReplies();
    old.finish('old');
    await reading;
    const evicting = cache.evict(KIND, 'h');
    proxy.releaseReplies();
    await evicting;
    await until('the cache is used again', async () => {
      await expect(cache.read(KIND, 'h', loads('new'))).resolves.toBe('new');
      return (await direct.get(VALUE_KEY('h')))?.endsWith(';new') === true;
    });
  });
});

describe('a Redis that is away', () => {
  it('costs nothing, keeps nothing, and an eviction says so', async () => {
    const config = loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: bench.database.appUrl,
      REDIS_URL: 'redis://127.0.0.1:1',
      AUTH_JWT_SECRET: TEST_AUTH.secret,
      AUTH_ISSUER: TEST_AUTH.issuer,
      AUTH_AUDIENCE: TEST_AUTH.audience,
    });
    const connection = new CacheRedis(config);
    const away = new Cache(connection, bench.get(BusinessClock), new Metrics());
    const load = loads('from the database');
    const begun = performance.now();
    for (let i = 0; i < 100; i += 1) await away.read(KIND, 'a', load);
    expect(load).toHaveBeenCalledTimes(100);
    expect(performance.now() - begun).toBeLessThan(1_000);
    await expect(away.evict(KIND, 'a')).rejects.toThrow();
    await away.set('a', { b: 1 }, 60);
    await expect(away.get('a')).resolves.toBeNull();
    connection.onApplicationShutdown();
  });
});

describe('a note', () => {
  it('is kept for a while, and is null to whoever asks too late', async () => {
    await cache.set('note', { at: 1 }, 60);
    await expect(cache.get('note')).resolves.toEqual({ at: 1 });
    await redis.flush();
    await expect(cache.get('note')).resolves.toBeNull();
  });
});
