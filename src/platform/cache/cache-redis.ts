import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Cluster, Redis } from 'ioredis';
import { AppConfig } from '../config';
import { createRedis } from '../queue/redis-client';

/** After a failure Redis is left alone for this long; then one command finds out for all. */
const PAUSE_MS = 1_000;

/**
 * The cache's own connection. Nothing waits for it: without a connection, or while a frozen server is left alone, a
 * command is not even sent; a silent server costs one request its patience.
 */
@Injectable()
export class CacheRedis implements OnApplicationShutdown {
  private readonly logger = new Logger('Cache');
  private readonly redis: Redis | Cluster;
  private failing = false;
  private pausedUntil = 0;

  constructor(private readonly config: AppConfig) {
    this.redis = createRedis(config, {
      enableOfflineQueue: false,
      // What was sent over a connection that broke is not sent again: nobody waits for it any more.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      disconnectTimeout: 100,
    });
    // Without a listener ioredis writes every attempt to the console; it reconnects by itself.
    this.redis.on('error', (error: Error) => {
      this.logger.debug(`Redis: ${error.message}`);
    });
  }

  /** The command's answer, or undefined where Redis did not give one in time. Never throws. */
  async ask<T>(command: (redis: Redis | Cluster) => Promise<T>): Promise<T | undefined> {
    if (!this.mayAsk()) return undefined;
    try {
      const answer = await within(this.config.cachePatienceMs, command(this.redis));
      this.failing = false;
      return answer;
    } catch (error) {
      this.leaveAlone(error);
      return undefined;
    }
  }

  /** For what must arrive: waits longer, ignores the pause, and throws. */
  async insist<T>(milliseconds: number, command: (redis: Redis | Cluster) => Promise<T>): Promise<T> {
    return within(milliseconds, command(this.redis));
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }

  private mayAsk(): boolean {
    if (this.redis.status !== 'ready') return false;
    if (!this.failing) return true;
    const now = performance.now();
    if (now < this.pausedUntil) return false;
    // This one finds out; the others go on without meanwhile.
    this.pausedUntil = now + PAUSE_MS;
    return true;
  }

  private leaveAlone(error: unknown): void {
    this.pausedUntil = performance.now() + PAUSE_MS;
    if (this.failing) return;
    this.failing = true;
    this.logger.warn(
      `Redis does not answer (${error instanceof Error ? error.message : 'unknown'}): nothing is cached`,
    );
  }
}

/**
 * Rejects where the answer has not come in time. When our own event loop was held up, the timer is due before the answer
 * that has long arrived was read: it therefore gives way to one more look at the sockets.
 */
function within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      setImmediate(() => {
        reject(new Error(`No answer within ${milliseconds} ms`));
      });
    }, milliseconds);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
