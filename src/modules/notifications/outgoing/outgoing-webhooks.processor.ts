import { Process, Processor, QUEUES } from '../../../platform/queue';
import { OutgoingDelivery } from './outgoing-delivery.flow';

/** A wake-up says "look"; what there is to do stands in PostgreSQL. */
@Processor(QUEUES.outgoingWebhooks)
export class OutgoingWebhooksProcessor {
  constructor(private readonly delivery: OutgoingDelivery) {}

  @Process({ concurrency: 1 })
  async look(): Promise<void> {
    await this.delivery.look();
  }
}
