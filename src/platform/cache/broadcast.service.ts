import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Cluster, Redis } from 'ioredis';
import { AppConfig } from '../config';
import { createRedis } from '../queue/redis-client';
import { CacheRedis } from './cache-redis';

export interface Listener {
  heard(message: string): void;
  /** Listening begins, again after each time it was interrupted: what was said meanwhile is lost. */
  joined(): void;
}

/** Tells all processes something, now or never: nothing is kept for whoever does not listen. */
@Injectable()
export class Broadcast implements OnApplicationShutdown {
  private readonly logger = new Logger('Broadcast');
  private subscriber: Redis | Cluster | undefined;
  private joined = false;

  constructor(
    private readonly config: AppConfig,
    private readonly redis: CacheRedis,
  ) {}

  /** @returns false where Redis did not take it. */
  async publish(channel: string, message: string): Promise<boolean> {
    return (await this.redis.ask((redis) => redis.publish(channel, message))) !== undefined;
  }

  /** Once per process: a connection that listens can do nothing else. */
  listen(channel: string, listener: Listener): void {
    if (this.subscriber) throw new Error('This process listens already');
    const subscriber = createRedis(this.config, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      // Done below, where its success is known.
      autoResubscribe: false,
      disconnectTimeout: 100,
    });
    this.subscriber = subscriber;
    subscriber.on('error', (error: Error) => {
      this.logger.debug(`Redis: ${error.message}`);
    });
    subscriber.on('close', () => {
      this.joined = false;
    });
    subscriber.on('ready', () => {
      void this.join(subscriber, channel, listener);
    });
    subscriber.on('message', (_channel: string, message: string) => {
      listener.heard(message);
    });
  }

  /** While false, whoever listens has to look for himself. */
  get isListening(): boolean {
    return this.joined;
  }

  onApplicationShutdown(): void {
    this.subscriber?.disconnect();
  }

  private async join(subscriber: Redis | Cluster, channel: string, listener: Listener): Promise<void> {
    try {
      await subscriber.subscribe(channel);
      this.joined = true;
      listener.joined();
    } catch (error) {
      // The connection has broken again; its next `ready` comes here.
      this.logger.debug(`Not listening yet: ${String(error)}`);
    }
  }
}
