import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { INBOX_FAILED, type InboxFailedPayload } from '../webhooks';
import { failedEventPriority } from './domain/failed-event-priority';
import { FailedEventsRepository, type FailedEvent } from './failed-events.repository';
import { SupportTickets } from './support-tickets.service';

/** An event that could not be handled is somebody's work: a ticket with the event, its customer and its payment. */
@Injectable()
export class InboxFailedConsumer implements OutboxConsumer, OnModuleInit {
  /**
   * The name of the first release's consumer, which raised an alert instead. It stands in stored deliveries: one that waits
   * while an installation is upgraded is answered here, and an older process beside us still tells whoever has the name.
   */
  readonly name = 'dead-letter-alert';
  readonly types = [INBOX_FAILED];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly failedEvents: FailedEventsRepository,
    private readonly tickets: SupportTickets,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(told: StoredDomainEvent): Promise<void> {
    const payload = told.payload as unknown as InboxFailedPayload;
    await this.unitOfWork.service(async (tx) => {
      const event = await this.failedEvents.byId(tx, payload.eventId);
      // Told late: an operator has replayed it meanwhile.
      if (!event?.failed) return;
      await this.openTicket(tx, told, payload, event);
    });
  }

  private async openTicket(
    tx: Tx,
    told: StoredDomainEvent,
    { eventId, type, code }: InboxFailedPayload,
    event: FailedEvent,
  ): Promise<void> {
    const { provider, customerId, paymentId, invoiceId } = event;
    const failureClass = event.failureClass ?? 'unknown';
    await this.tickets.open(tx, {
      type: 'webhook_failure',
      priority: failedEventPriority(type, failureClass),
      causeKey: `${INBOX_FAILED}:${eventId}`,
      summary: `${type} from ${provider} could not be handled: ${code}`,
      details: { provider, eventType: type, code, class: failureClass, invoiceId },
      occurrence: { id: told.id, at: told.occurredAt.toISOString(), code },
      eventId,
      customerId,
      paymentId,
      invoiceId,
    });
  }
}
