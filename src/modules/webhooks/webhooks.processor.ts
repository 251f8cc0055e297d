import { Process, Processor, QUEUES } from '../../platform/queue';
import { InboxWorker } from './inbox-worker.service';

/** Passes at once per process: more would only wait for connections of the pool. */
const CONCURRENCY = 4;

/** A wake-up says "look"; what there is to do stands in PostgreSQL. */
@Processor(QUEUES.webhooks)
export class WebhooksProcessor {
  constructor(private readonly worker: InboxWorker) {}

  @Process({ concurrency: CONCURRENCY })
  async look(): Promise<void> {
    await this.worker.drain();
  }
}
