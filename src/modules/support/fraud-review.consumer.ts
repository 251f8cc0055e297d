import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { BILLING_EVENTS, type FraudReviewPayload } from '../billing';
import { priorityOf } from './domain/priority-rules';
import { SupportTickets } from './support-tickets.service';

/** A payment attempt that a rule wants looked at is somebody's work; the payment itself went on. */
@Injectable()
export class FraudReviewConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'fraud-review';
  readonly types = [BILLING_EVENTS.fraudReview];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly tickets: SupportTickets,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(told: StoredDomainEvent): Promise<void> {
    const { cause, decisionId, action, reason, description } = told.payload as unknown as FraudReviewPayload;
    const { customerId } = told;
    await this.unitOfWork.service((tx) =>
      this.tickets.open(tx, {
        type: 'fraud_review',
        priority: priorityOf('fraud_review', reason.rule),
        causeKey: cause,
        summary: `Payment to be reviewed: ${description}`,
        details: { decisionId, action, ...reason },
        occurrence: { id: told.id, at: told.occurredAt.toISOString(), code: reason.rule },
        eventId: null,
        customerId,
        paymentId: null,
      }),
    );
  }
}
