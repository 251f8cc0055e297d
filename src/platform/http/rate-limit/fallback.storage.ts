import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ThrottlerStorageService, type ThrottlerStorage } from '@nestjs/throttler';
import type { Counter } from 'prom-client';
import { Metrics } from '../../metrics';
import { EDGE_REDIS, type EdgeRedis } from './edge-redis';

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
  private readonly shared: ThrottlerStorageRedisService;
  private readonly fallbacks: Counter;
  private pausedUntil = 0;
  private away = false;

  constructor(@Inject(EDGE_REDIS) redis: EdgeRedis, metrics: Metrics) {
    // Two overloads, neither of which takes the union.
    this.shared = 'nodes' in redis ? new ThrottlerStorageRedisService(redis) : new ThrottlerStorageRedisService(redis);
    this.fallbacks = metrics.counter({
      name: 'kassa_rate_limit_fallbacks_total',
      help: 'Times the rate limits had to leave Redis for the memory of one process',
    });
  }

  async increment(...[key, ttl, limit, blockDuration, name]: Parameters<Increment>): ReturnType<Increment> {
    if (performance.now() >= this.pausedUntil) {
      try {
        const record = await this.shared.increment(key, ttl, limit, blockDuration, name);
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
