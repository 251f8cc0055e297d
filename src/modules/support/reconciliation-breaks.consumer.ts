import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { BreakDesk, RECONCILIATION_EVENTS, type BreakOpenedPayload, type BreakSettledPayload } from '../reconciliation';
import { priorityOf, stepped } from './domain/priority-rules';
import { SupportTickets } from './support-tickets.service';
import { TicketDesk } from './ticket-desk.service';
import { TicketsRepository } from './tickets.repository';

const SAID: Readonly<Record<BreakOpenedPayload['type'], string>> = {
  missing_here: 'is not in the books',
  missing_there: 'is in the books and not in the statement',
  amount: 'has another amount in the books',
  currency: 'has another currency in the books',
  date: 'has another day in the books',
  duplicate: 'stands twice in the statement',
  status: 'stands otherwise here',
};
const SETTLED: Readonly<Record<BreakSettledPayload['status'], string>> = {
  resolved: 'The books and the statement agree now',
  ignored: 'Finance has decided that nothing is to be done; the reason stands with the break',
};

/**
 * Differences between a provider's statement and the books that nothing repairs by itself: one ticket to each cause for as
 * long as it stands. Whichever telling comes last, what the break is now decides.
 */
@Injectable()
export class ReconciliationBreaksConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'reconciliation-tickets';
  readonly types = [RECONCILIATION_EVENTS.breakOpened, RECONCILIATION_EVENTS.breakSettled];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly breaks: BreakDesk,
    private readonly repository: TicketsRepository,
    private readonly tickets: SupportTickets,
    private readonly desk: TicketDesk,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(told: StoredDomainEvent): Promise<void> {
    const { provider, key } = told.payload as unknown as BreakOpenedPayload | BreakSettledPayload;
    const causeKey = `reconciliation:${provider}:${key}`;
    await this.unitOfWork.service(async (tx) => {
      // First: who waits here sees what the one before him has made of the ticket.
      await this.repository.lockCause(tx, causeKey);
      const isOpen = await this.breaks.isOpen(tx, provider, key);
      if (told.type === RECONCILIATION_EVENTS.breakOpened) {
        if (isOpen) await this.open(tx, causeKey, told);
      } else if (!isOpen) {
        const { status } = told.payload as unknown as BreakSettledPayload;
        await this.desk.moot(tx, causeKey, SETTLED[status], told.id);
      }
    });
  }

  /** What has grown old and has no ticket any more, because somebody has closed it, begins a step higher. */
  private async open(tx: Tx, causeKey: string, told: StoredDomainEvent): Promise<void> {
    const payload = told.payload as unknown as BreakOpenedPayload;
    const { type, provider, movement, providerRef, objectRef, ageDays } = payload;
    await this.tickets.open(tx, {
      type: 'reconciliation_break',
      priority: stepped(priorityOf('reconciliation_break', type), ageDays > 0 ? 1 : 0),
      causeKey,
      summary: `A ${movement} at ${provider} (${providerRef ?? objectRef ?? 'no id'}) ${SAID[type]}`,
      details: { ...payload },
      occurrence: { id: told.id, at: told.occurredAt.toISOString(), code: type },
      eventId: null,
      customerId: null,
      paymentId: null,
    });
  }
}
