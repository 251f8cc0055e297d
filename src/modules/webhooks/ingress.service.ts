import { Injectable } from '@nestjs/common';
import { InboxAcceptance, type IncomingEvent } from '../../platform/inbox';
import { QUEUES, WakeService } from '../../platform/queue';
import type { WebhookAcceptedResponse } from './dto/webhooks.response.dto';

/** Stores a verified delivery and wakes a worker. The answer is given after the commit, whatever Redis does. */
@Injectable()
export class IngressService {
  constructor(
    private readonly inbox: InboxAcceptance,
    private readonly wakes: WakeService,
  ) {}

  async accept(event: IncomingEvent): Promise<WebhookAcceptedResponse> {
    const { id, outcome } = await this.inbox.accept(event);
    if (outcome === 'already_processed') return { received: true, status: outcome, id };
    this.wakes.wake(QUEUES.webhooks);
    return outcome === 'received' ? { received: true, id } : { received: true, status: outcome, id };
  }
}
