import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ThrottlerStorageService, type ThrottlerStorage } from '@nestjs/throttler';
import type { Result } from 'ioredis';
import type { Counter } from 'prom-client';
import { Metrics } from '../../metrics';
import { EDGE_REDIS, type EdgeRedis } from './edge-redis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** The throttler's script; defined below. @returns hits, milliseconds until they expire, 1 if blocked, and for how long. */
    countRequest(
      hitsKey: string,
      blockedKey: string,
      name: string,
      ttl: number,
      limit: number,
      blockDuration: number,
    ): Result<[number, number, number, number], Context>;
  }
}

type Increment = ThrottlerStorage['increment'];
/** After a failure Redis is left alone for this long, so that a frozen one costs one request its patience, not all. */
const PAUSE_MS = 2_000;

/**
 * Counts in Redis, so that all processes share a limit; while Redis is away, in this process's memory. A lost Redis then
 * loosens limits (each process counts alone) but neither refuses customers nor lets anybody through without counting.
 */
@Injectable()
export class FallbackThrottlerStorage implements ThrottlerStorage, OnApplicationShutdown {
  private readonly logger = new Logger('RateLimit');
  private readonly memory = new ThrottlerStorageService();
  private readonly fallbacks: Counter;
  private pausedUntil = 0;
  private away = false;

  constructor(
    @Inject(EDGE_REDIS) private readonly redis: EdgeRedis,
    metrics: Metrics,
  ) {
    // Two overloads, neither of which takes the union.
    const library =
      'nodes' in redis ? new ThrottlerStorageRedisService(redis) : new ThrottlerStorageRedisService(redis);
    // The library sends its script of a kilobyte with every request; defined, it is sent once and called by its hash.
    redis.defineCommand('countRequest', { numberOfKeys: 2, lua: library.scriptSrc });
    this.fallbacks = metrics.counter({
      name: 'kassa_rate_limit_fallbacks_total',
      help: 'Times the rate limits had to leave Redis for the memory of one process',
    });
  }

  async increment(...[key, ttl, limit, blockDuration, name]: Parameters<Increment>): ReturnType<Increment> {
    if (performance.now() >= this.pausedUntil) {
      try {
        const record = await this.count(key, ttl, limit, blockDuration, name);
        if (this.away) this.logger.log('Redis is back: rate limits are shared again');
        this.away = false;
        return record;
      } catch (error) {
        this.fallBack(error);
      }
    }
    return this.memory.increment(key, ttl, limit, blockDuration, name);
  }

  onApplicationShutdown(): void {
    this.memory.onApplicationShutdown();
  }

  private async count(...[key, ttl, limit, blockDuration, name]: Parameters<Increment>): ReturnType<Increment> {
    const slot = `{${key}:${name}}`;
    const [totalHits, expiresMs, blocked, blockExpiresMs] = await this.redis.countRequest(
      `${slot}:hits`,
      `${slot}:blocked`,
      name,
      ttl,
      limit,
      blockDuration,
    );
    return {
      totalHits,
      timeToExpire: Math.ceil(expiresMs / 1000),
      isBlocked: blocked === 1,
      timeToBlockExpire: Math.ceil(blockExpiresMs / 1000),
    };
  }

  private fallBack(error: unknown): void {
    this.pausedUntil = performance.now() + PAUSE_MS;
    // Once per outage: a line per request would bury everything else exactly when it is needed.
    if (this.away) return;
    this.away = true;
    this.fallbacks.inc();
    this.logger.warn(
      `Redis is away (${error instanceof Error ? error.message : 'unknown'}): rate limits count per process`,
    );
  }
}
