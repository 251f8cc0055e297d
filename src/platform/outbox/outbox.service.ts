import { Injectable } from '@nestjs/common';
import type { Tx } from '../database';
import { QUEUES, WakeService } from '../queue';
import { OutboxRepository } from './outbox.repository';
import type { DomainEvent, OutboxConsumer } from './outbox.types';

/** What a module tells the rest of the house: written with the change itself, delivered after the commit. */
@Injectable()
export class Outbox {
  private readonly consumers = new Map<string, OutboxConsumer>();

  constructor(
    private readonly repository: OutboxRepository,
    private readonly wakes: WakeService,
  ) {}

  /** Called at start-up, in every role: the process that appends must know who is to hear. */
  register(consumer: OutboxConsumer): void {
    if (this.consumers.has(consumer.name)) throw new Error(`Outbox consumer ${consumer.name} is registered twice`);
    this.consumers.set(consumer.name, consumer);
  }

  consumer(name: string): OutboxConsumer | undefined {
    return this.consumers.get(name);
  }

  async append(tx: Tx, events: readonly DomainEvent[]): Promise<void> {
    await this.repository.append(tx, events, (type) =>
      [...this.consumers.values()].filter((consumer) => consumer.types.includes(type)).map(({ name }) => name),
    );
  }

  /** After the commit of the unit of work that appended; a lost call costs at most one sweep's time. */
  wake(): void {
    this.wakes.wake(QUEUES.outbox);
  }
}
