import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import type { Cluster, Redis } from 'ioredis';
import type { AppConfig } from '../../config';
import { createRedis } from '../../queue/redis-client';

/** Injection token of the edge's own connection: a blocked queue connection must not slow requests down. */
export const EDGE_REDIS = Symbol('EDGE_REDIS');

/** Milliseconds the start of the process waits for Redis at most. */
const FIRST_CONNECTION_MS = 500;

export type EdgeRedis = Redis | Cluster;

/** Milliseconds a request waits for Redis at most. */
export const REDIS_PATIENCE_MS = 250;

/** Nothing waits: without a connection a command fails at once, and a silent server is given up on quickly. */
export function connectEdgeRedis(config: AppConfig): EdgeRedis {
  const redis = createRedis(config, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: REDIS_PATIENCE_MS,
    // With the server gone ioredis would wait its default of two seconds for a goodbye nobody says.
    disconnectTimeout: 100,
  });
  const logger = new Logger('EdgeRedis');
  // Without a listener ioredis writes every attempt to the console; it reconnects by itself.
  redis.on('error', (error: Error) => {
    logger.debug(`Redis: ${error.message}`);
  });
  return redis;
}

/** Waits a moment for the first connection, so that the first requests are already counted together; goes on without. */
export async function firstConnection(redis: EdgeRedis): Promise<void> {
  if (redis.status === 'ready') return;
  await once(redis, 'ready', { signal: AbortSignal.timeout(FIRST_CONNECTION_MS) }).catch(() => undefined);
}
