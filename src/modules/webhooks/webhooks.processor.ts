import { Process, Processor, QUEUES } from '../../platform/queue';
import { InboxWorker } from './inbox-worker.service';

/** A wake-up says "look"; what there is to do stands in PostgreSQL. */
@Processor(QUEUES.webhooks)
export class WebhooksProcessor {
  constructor(private readonly worker: InboxWorker) {}

  /** One at a time: a process has one lane, and a job that waited for it would hold its lock for nothing. */
  @Process({ concurrency: 1 })
  async look(): Promise<void> {
    await this.worker.look();
  }
}
