import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Queue } from 'bull';
import { ALL_QUEUES, type QueueName } from './queue-names';

/** Wake-ups are lost without harm, so none is tried twice, and none is kept. */
const JOB = { attempts: 1, removeOnComplete: true, removeOnFail: true, timeout: 60_000 } as const;

/** Under load a wake-up per commit would cost more than the commits: whoever is woken works until nothing is left. */
const PAUSE_MS = 20;

/**
 * Tells workers to look. Never awaited by a request: with Redis away `add` hangs, and the sweeper finds the row anyway.
 * One wake-up per queue is under way per process; calls meanwhile are folded into one more, a moment after it.
 */
@Injectable()
export class WakeService {
  private readonly logger = new Logger(WakeService.name);
  private readonly queues: ReadonlyMap<string, Queue>;
  private readonly state = new Map<QueueName, 'sending' | 'again'>();

  constructor(@Inject(ALL_QUEUES) queues: readonly Queue[]) {
    this.queues = new Map(queues.map((queue) => [queue.name, queue]));
    for (const queue of queues) {
      queue.on('error', (error) => {
        this.logger.warn(`Queue ${queue.name}: ${error.message}`);
      });
    }
  }

  /** For work that is due in a moment; lost with the process, and then the sweeper finds it. */
  wakeAfter(name: QueueName, milliseconds: number): void {
    setTimeout(() => {
      this.wake(name);
    }, milliseconds).unref();
  }

  wake(name: QueueName): void {
    if (this.state.has(name)) {
      this.state.set(name, 'again');
      return;
    }
    this.state.set(name, 'sending');
    void this.send(name)
      .catch((error: unknown) => {
        this.logger.warn(`Wake-up of ${name} was not sent, the sweeper will find the work: ${String(error)}`);
      })
      .finally(() => {
        setTimeout(() => {
          const again = this.state.get(name) === 'again';
          this.state.delete(name);
          if (again) this.wake(name);
        }, PAUSE_MS).unref();
      });
  }

  private async send(name: QueueName): Promise<void> {
    await this.queues.get(name)?.add({}, JOB);
  }
}
