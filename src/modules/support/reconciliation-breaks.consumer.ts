import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { RECONCILIATION_EVENTS, type BreakOpenedPayload } from '../reconciliation';
import { priorityOf } from './domain/priority-rules';
import { SupportTickets } from './support-tickets.service';

const SAID: Readonly<Record<BreakOpenedPayload['type'], string>> = {
  missing_here: 'is not in the books',
  missing_there: 'is in the books and not in the statement',
  amount: 'has another amount in the books',
  currency: 'has another currency in the books',
  date: 'has another day in the books',
  duplicate: 'stands twice in the statement',
  status: 'stands otherwise here',
};

/** A difference between a provider's statement and the books that nothing repairs by itself: one ticket for each. */
@Injectable()
export class ReconciliationBreaksConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'reconciliation-tickets';
  readonly types = [RECONCILIATION_EVENTS.breakOpened];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly tickets: SupportTickets,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(told: StoredDomainEvent): Promise<void> {
    const payload = told.payload as unknown as BreakOpenedPayload;
    const { breakId, type, provider, movement, providerRef, objectRef } = payload;
    await this.unitOfWork.service((tx) =>
      this.tickets.open(tx, {
        type: 'reconciliation_break',
        priority: priorityOf('reconciliation_break', type),
        causeKey: `reconciliation:${breakId}`,
        summary: `A ${movement} at ${provider} (${providerRef ?? objectRef ?? 'no id'}) ${SAID[type]}`,
        details: { ...payload },
        occurrence: { id: told.id, at: told.occurredAt.toISOString(), code: type },
        eventId: null,
        customerId: null,
        paymentId: null,
      }),
    );
  }
}
