import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { IAP_EVENTS, type OwnershipConflictPayload } from '../iap';
import { priorityOf } from './domain/priority-rules';
import { SupportTickets } from './support-tickets.service';

const CODE = 'ownership_conflict';

/** Somebody has shown a purchase that is another's: a second account of one person, or somebody else's receipt. */
@Injectable()
export class OwnershipConflictsConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'ownership-conflicts';
  readonly types = [IAP_EVENTS.ownershipConflict];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly tickets: SupportTickets,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle({ id, customerId, payload, occurredAt }: StoredDomainEvent): Promise<void> {
    const { provider, providerId, productId, ownerId } = payload as unknown as OwnershipConflictPayload;
    await this.unitOfWork.service((tx) =>
      this.tickets.open(tx, {
        ...{ type: 'store_purchase', priority: priorityOf('store_purchase', CODE) },
        causeKey: `${CODE}:${provider}:${providerId}:${customerId ?? ''}`,
        summary: `A purchase of ${productId} was shown by a customer whose it is not: transfer it, or leave it`,
        details: { provider, providerId, productId, ownerId, claimantId: customerId },
        occurrence: { id, at: occurredAt.toISOString(), code: CODE },
        ...{ eventId: null, customerId, paymentId: null },
      }),
    );
  }
}
