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

/** With Redis away nothing is ever answered, and whoever plans a hundred thousand jobs would hold them all. */
const MAX_UNANSWERED = 5_000;

/**
 * Jobs that come back for a row when it is due. The row is the work: a job that is lost with Redis, or that comes too early
 * or twice, does no harm, because whoever takes it looks at the row first, and a sweeper finds rows without one.
 */
@Injectable()
export class DelayedJobs {
  private readonly logger = new Logger(DelayedJobs.name);
  private readonly queues: ReadonlyMap<string, Queue>;
  private unanswered = 0;

  constructor(@Inject(ALL_QUEUES) queues: readonly Queue[]) {
    this.queues = new Map(queues.map((queue) => [queue.name, queue]));
  }

  /** Never awaited: with Redis away `addBulk` hangs. What is beyond its patience is left to the sweeper. */
  plan(name: QueueName, jobs: readonly DelayedJob[]): void {
    const queue = this.queues.get(name);
    if (!queue || jobs.length === 0 || this.unanswered + jobs.length > MAX_UNANSWERED) return;
    this.unanswered += jobs.length;
    const bulk = jobs.map(({ id, delayMs }) => ({
      data: { id },
      opts: { ...JOB, jobId: id, delay: Math.max(0, delayMs) },
    }));
    void queue
      .addBulk(bulk)
      .catch((error: unknown) => {
        this.logger.warn(`Jobs of ${name} were not planned, the sweeper will find the rows: ${String(error)}`);
      })
      .finally(() => {
        this.unanswered -= jobs.length;
      });
  }
}
