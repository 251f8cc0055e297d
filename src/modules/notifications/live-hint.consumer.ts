import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Broadcast } from '../../platform/cache';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { LiveEventsRepository } from './live-events.repository';
import { LIVE_CHANNEL, LIVE_TYPES } from './live-types';

/**
 * Tells every process to look for a user's news. Only a hint: the streams read the outbox itself, and look by themselves
 * now and then, so one that is lost costs some seconds and is not worth another attempt.
 */
@Injectable()
export class LiveHint implements OutboxConsumer, OnModuleInit {
  readonly name = 'live-stream';
  readonly types = LIVE_TYPES;

  constructor(
    private readonly outbox: Outbox,
    private readonly broadcast: Broadcast,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: LiveEventsRepository,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle({ customerId }: StoredDomainEvent): Promise<void> {
    if (customerId === null) return;
    const userId = await this.unitOfWork.service((tx) => this.events.userOf(tx, customerId));
    if (userId !== null) await this.broadcast.publish(LIVE_CHANNEL, userId);
  }
}
