import Redis, { Cluster, type RedisOptions } from 'ioredis';
import type { AppConfig } from '../config';

/** Reconnects for ever, at most every 2 s: a Redis that comes back is found soon, one that is away costs nothing. */
const retryStrategy = (attempt: number): number => Math.min(attempt * 100, 2_000);

/** A connection, or a cluster's, as the settings say. The caller gives it an `error` listener and ends it. */
export function createRedis(config: AppConfig, options: RedisOptions = {}): Redis | Cluster {
  const redisOptions: RedisOptions = { retryStrategy, connectTimeout: 2_000, ...options };
  if (config.redisClusterNodes.length === 0) return new Redis(config.redisUrl, redisOptions);
  const { username, password, protocol } = new URL(config.redisUrl);
  return new Cluster(
    config.redisClusterNodes.map(({ host, port }) => ({ host, port })),
    {
      clusterRetryStrategy: retryStrategy,
      redisOptions: {
        ...redisOptions,
        ...(username ? { username: decodeURIComponent(username) } : {}),
        ...(password ? { password: decodeURIComponent(password) } : {}),
        ...(protocol === 'rediss:' ? { tls: {} } : {}),
      },
    },
  );
}
