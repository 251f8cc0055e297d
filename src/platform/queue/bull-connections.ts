import { Injectable } from '@nestjs/common';
import type Redis from 'ioredis';
import type { Queue } from 'bull';
import { AppConfig } from '../config';
import { createRedis } from './redis-client';

/** A running job is one bounded pass over what is due. */
const FINISH_WITHIN_MS = 10_000;
/** With Redis away a queue never finishes closing; whatever it still held is in PostgreSQL. */
const CLOSE_WITHIN_MS = 3_000;

/** The connections Bull works on. Bull ends only those it has made itself, so ours are ended here. */
@Injectable()
export class BullConnections {
  private readonly connections = new Set<Redis>();

  constructor(private readonly config: AppConfig) {}

  /** Bull's blocking connection refuses any other value of these two options. */
  create(): Redis {
    const client = createRedis(this.config, { maxRetriesPerRequest: null, enableReadyCheck: false }) as Redis;
    this.connections.add(client);
    return client;
  }

  /** This process takes no more jobs; resolves when those it runs are done. */
  async finishJobs(queues: readonly Queue[]): Promise<void> {
    await within(FINISH_WITHIN_MS, Promise.allSettled(queues.map((queue) => queue.pause(true))));
  }

  async close(queues: readonly Queue[]): Promise<void> {
    await within(CLOSE_WITHIN_MS, Promise.allSettled(queues.map((queue) => queue.close(true))));
    for (const connection of this.connections) connection.disconnect();
  }
}

/** Waits for work, but no longer than this, whatever Redis does. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
