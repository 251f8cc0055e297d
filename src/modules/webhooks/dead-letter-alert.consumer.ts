import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Alerts } from '../../platform/alerts';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { INBOX_FAILED } from './failure.service';

/** An event that could not be handled is somebody's work: it shows among the operators' alerts. */
@Injectable()
export class DeadLetterAlert implements OutboxConsumer, OnModuleInit {
  readonly name = 'dead-letter-alert';
  readonly types = [INBOX_FAILED];

  constructor(
    private readonly outbox: Outbox,
    private readonly alerts: Alerts,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(event: StoredDomainEvent): Promise<void> {
    await this.unitOfWork.service((tx) =>
      this.alerts.raise(tx, {
        kind: INBOX_FAILED,
        severity: 'critical',
        causeKey: `${INBOX_FAILED}:${event.objectId}`,
        message: `The event ${event.objectId} could not be handled and waits for an operator`,
        details: event.payload,
      }),
    );
  }
}
