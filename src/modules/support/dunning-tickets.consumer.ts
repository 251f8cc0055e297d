import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { RETRY_EVENTS } from '../retry';
import { causeKeyOf, causeOfDunning } from './domain/dunning-cause';
import { DunningTicketsRepository } from './dunning-tickets.repository';
import { SupportTickets } from './support-tickets.service';
import { TicketDesk } from './ticket-desk.service';

interface DunningPayload {
  caseId: string;
  attemptId?: string | null;
  declineCode?: string | null;
}

/** Renewals that a person has to look at; and those he need not look at any more, because they were paid. */
@Injectable()
export class DunningTicketsConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'dunning-tickets';
  readonly types = [
    RETRY_EVENTS.reminderDue,
    RETRY_EVENTS.methodRequired,
    RETRY_EVENTS.exhausted,
    RETRY_EVENTS.lateSuccess,
    RETRY_EVENTS.stuck,
    RETRY_EVENTS.recovered,
  ];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly cases: DunningTicketsRepository,
    private readonly tickets: SupportTickets,
    private readonly desk: TicketDesk,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(told: StoredDomainEvent): Promise<void> {
    const payload = told.payload as unknown as DunningPayload;
    await this.unitOfWork.service((tx) =>
      told.type === RETRY_EVENTS.recovered ? this.close(tx, told, payload) : this.open(tx, told, payload),
    );
  }

  private async open(tx: Tx, told: StoredDomainEvent, payload: DunningPayload): Promise<void> {
    const { caseId, attemptId = null, declineCode = null } = payload;
    const now = await this.cases.caseOf(tx, caseId);
    const cause = now && causeOfDunning({ type: told.type, caseId, declineCode }, now);
    if (!cause) return;
    // Told late: its end is known by now.
    const isStuck = told.type === RETRY_EVENTS.stuck;
    if (isStuck && attemptId !== null && !(await this.cases.isOpenAttempt(tx, attemptId))) return;
    const { customerId, subscriptionId, invoiceId, paymentId } = now;
    await this.tickets.open(tx, {
      ...cause,
      occurrence: { id: told.id, at: told.occurredAt.toISOString(), code: String(cause.details['code']) },
      ...{ eventId: null, customerId, paymentId, invoiceId, subscriptionId },
    });
  }

  private async close(tx: Tx, told: StoredDomainEvent, { caseId }: DunningPayload): Promise<void> {
    const now = await this.cases.caseOf(tx, caseId);
    if (now?.status !== 'recovered') return;
    for (const what of ['unpaid', 'stuck'] as const) {
      await this.desk.moot(tx, causeKeyOf(caseId, what), 'The renewal was paid meanwhile', told.id);
    }
  }
}
