import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { IAP_EVENTS, type ProductAddedPayload } from '../iap';
import { TicketDesk } from './ticket-desk.service';
import { TicketRetriesRepository } from './ticket-retries.repository';

/** Whoever adds a product has seen to the tickets that its purchases have left: each closes with its event. */
@Injectable()
export class KnownProductsConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'known-products';
  readonly types = [IAP_EVENTS.productAdded];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly retries: TicketRetriesRepository,
    private readonly desk: TicketDesk,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle({ payload }: StoredDomainEvent): Promise<void> {
    const { provider, productId } = payload as unknown as ProductAddedPayload;
    await this.unitOfWork.service(async (tx) => {
      for (const { ticketId, eventId } of await this.retries.ofProduct(tx, provider, productId)) {
        await this.desk.follow(tx, ticketId, eventId, 'The product is known by now: its event is worked once more');
      }
    });
  }
}
