import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Queue } from 'bull';
import { ALL_QUEUES, type QueueName } from './queue-names';

/** A row that is to be looked at later. */
export interface DelayedJob {
  /** The row's id, and the job's: the same row is waited for once. */
  id: string;
  delayMs: number;
}

/** What went wrong stands in the row, and so does whether it is tried again. */
const JOB = { attempts: 1, removeOnComplete: true, removeOnFail: true, timeout: 120_000 } as const;

/**
 * Jobs that come back for a row when it is due. The row is the work: a job that is lost with Redis, or that comes too early
 * or twice, does no harm, because whoever takes it looks at the row first, and a sweeper finds rows without one.
 */
@Injectable()
export class DelayedJobs {
  private readonly logger = new Logger(DelayedJobs.name);
  private readonly queues: ReadonlyMap<string, Queue>;

  constructor(@Inject(ALL_QUEUES) queues: readonly Queue[]) {
    this.queues = new Map(queues.map((queue) => [queue.name, queue]));
  }

  /** Never awaited: with Redis away `addBulk` hangs. */
  plan(name: QueueName, jobs: readonly DelayedJob[]): void {
    if (jobs.length === 0) return;
    const bulk = jobs.map(({ id, delayMs }) => ({
      data: { id },
      opts: { ...JOB, jobId: id, delay: Math.max(0, delayMs) },
    }));
    void this.queues
      .get(name)
      ?.addBulk(bulk)
      .catch((error: unknown) => {
        this.logger.warn(`Jobs of ${name} were not planned, the sweeper will find the rows: ${String(error)}`);
      });
  }
}
