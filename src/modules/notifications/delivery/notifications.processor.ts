import { Process, Processor, QUEUES } from '../../../platform/queue';
import { NotificationDelivery } from './notification-delivery.flow';

/** A wake-up says "look"; what there is to tell stands in PostgreSQL. */
@Processor(QUEUES.notifications)
export class NotificationsProcessor {
  constructor(private readonly delivery: NotificationDelivery) {}

  @Process()
  async look(): Promise<void> {
    await this.delivery.drain();
  }
}
