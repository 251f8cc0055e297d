import { Process, Processor, QUEUES } from '../queue';
import { OutboxRelay } from './outbox-relay.service';

/** A wake-up says "look"; what there is to do stands in PostgreSQL. */
@Processor(QUEUES.outbox)
export class OutboxProcessor {
  constructor(private readonly relay: OutboxRelay) {}

  @Process()
  async look(): Promise<void> {
    await this.relay.drain();
  }
}
