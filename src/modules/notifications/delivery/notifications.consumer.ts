import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../../platform/outbox';
import { QUEUES, WakeService } from '../../../platform/queue';
import type { Recipient } from '../domain/recipient';
import { channelsFor, type Channel } from '../domain/topics';
import { MESSAGES } from '../messages';
import { NEWS_FOR_MS } from '../messages/message';
import { RecipientsRepository } from '../recipients.repository';
import { SubjectsRepository } from '../subjects.repository';
import { NotificationsRepository, type NewNotification } from './notifications.repository';

/** Writes down who has to be told of an event, and by which channels; others send it. */
@Injectable()
export class NotificationsConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'notifications';
  readonly types = [...new Set(MESSAGES.flatMap(({ on }) => on))];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly recipients: RecipientsRepository,
    private readonly subjects: SubjectsRepository,
    private readonly notifications: NotificationsRepository,
    private readonly wakes: WakeService,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(event: StoredDomainEvent): Promise<void> {
    const { customerId, occurredAt } = event;
    if (customerId === null || occurredAt.getTime() < this.clock.now().getTime() - NEWS_FOR_MS) return;
    const added = await this.unitOfWork.service(async (tx) => {
      const told = await this.toldOf(tx, event, customerId);
      return told.length === 0 ? 0 : this.notifications.add(tx, { customerId, occurredAt }, told);
    });
    if (added > 0) this.wakes.wake(QUEUES.notifications);
  }

  private async toldOf(tx: Tx, event: StoredDomainEvent, customerId: string): Promise<NewNotification[]> {
    const look = this.subjects.look(tx);
    const messages = MESSAGES.filter(({ on }) => on.includes(event.type));
    const caused = [];
    for (const { template, causes } of messages) caused.push({ template, causes: await causes(event, look) });
    if (caused.every(({ causes }) => causes.length === 0)) return [];
    const recipient = await this.recipients.byCustomer(tx, customerId);
    if (!recipient || recipient.isErased) return [];
    return caused.flatMap(({ template, causes }) =>
      channelsFor(template.topic, recipient.preferences)
        .filter((channel) => this.reaches(recipient, channel))
        .flatMap((channel) => causes.map((cause) => ({ ...cause, template: template.key, channel }))),
    );
  }

  private reaches({ email, devices }: Recipient, channel: Channel): boolean {
    if (channel === 'email') return email !== null;
    return channel === 'in_app' || (this.config.messages.expo !== undefined && devices.length > 0);
  }
}
