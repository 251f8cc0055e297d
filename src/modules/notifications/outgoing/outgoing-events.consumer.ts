import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../../platform/outbox';
import { QUEUES, WakeService } from '../../../platform/queue';
import { DeliveriesRepository } from './deliveries.repository';
import { EndpointsRepository } from './endpoints.repository';
import { MessagesRepository, type NewMessage } from './messages.repository';
import { EVENT_TYPES, toPublicEvent } from './public-events';

/**
 * Turns domain events into messages and a delivery for each endpoint that takes them: rows only, nothing is sent here. Twice
 * is once, by the event's id. Messages about one object are numbered in the order in which its events were written, whoever
 * is told of which first.
 */
@Injectable()
export class OutgoingEvents implements OutboxConsumer, OnModuleInit {
  readonly name = 'outgoing-webhooks';
  readonly types = Object.keys(EVENT_TYPES);

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: EndpointsRepository,
    private readonly messages: MessagesRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly wakes: WakeService,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(event: StoredDomainEvent): Promise<void> {
    const made = await this.unitOfWork.service((tx) => this.tell(tx, event));
    if (made > 0) this.wakes.wake(QUEUES.outgoingWebhooks);
  }

  private async tell(tx: Tx, event: StoredDomainEvent): Promise<number> {
    // A disabled one counts: what it misses can be sent later.
    if ((await this.endpoints.count(tx)) === 0) return 0;
    const last = await this.messages.lockSequence(tx, event);
    const untold = await this.messages.untold(tx, this.name, event);
    const news = untold.flatMap((one): NewMessage[] => {
      const told = toPublicEvent(one);
      return told ? [{ eventId: one.id, event: told }] : [];
    });
    if (news.length === 0) return 0;
    return this.deliveries.fanOut(tx, await this.messages.insert(tx, event, last, news));
  }
}
