import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { nextDelayMs } from '../../shared/retry-policy';
import { Clock } from '../../shared/clock';
import { Alerts } from '../alerts';
import { failureClassOfError, UnitOfWork, type Tx } from '../database';
import { jitter, Sweepers } from '../queue';
import { OutboxRepository, type ClaimedDelivery } from './outbox.repository';
import { Outbox } from './outbox.service';

const BATCH = 50;
const SWEEP_MS = 5_000;

/** Carries events from the outbox to their consumers, at least once each. */
@Injectable()
export class OutboxRelay implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(OutboxRelay.name);
  private readonly owner = `relay-${randomUUID()}`;
  private stopping = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: OutboxRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly sweepers: Sweepers,
    private readonly alerts: Alerts,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'outbox', everyMs: SWEEP_MS, run: () => this.drain() });
  }

  /** Before the shutdown that waits for jobs and sweepers: under load there is always more, and a pass would never end. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** Works until nothing is due, or until this process stops. @returns how many deliveries were attempted. */
  async drain(): Promise<number> {
    let attempted = 0;
    for (;;) {
      const batch = await this.unitOfWork.service((tx) => this.repository.claim(tx, this.owner, BATCH));
      for (const delivery of batch) await this.deliver(delivery);
      attempted += batch.length;
      if (batch.length < BATCH || this.stopping) return attempted;
    }
  }

  private async deliver(delivery: ClaimedDelivery): Promise<void> {
    const consumer = this.outbox.consumer(delivery.consumer);
    try {
      if (!consumer) throw new Error(`Nobody answers to the name ${delivery.consumer} in this release`);
      await consumer.handle(delivery.event);
    } catch (error) {
      await this.postpone(delivery, error);
      return;
    }
    await this.unitOfWork.service((tx) => this.repository.delivered(tx, this.owner, delivery.id));
  }

  private async postpone(delivery: ClaimedDelivery, error: unknown): Promise<void> {
    const failureClass = failureClassOfError(error);
    // A consumer may be mended by the next release: even what looks permanent is tried as often as the unknown.
    const delay = nextDelayMs(failureClass === 'transient' ? 'transient' : 'unknown', delivery.attempts + 1, jitter());
    const message = error instanceof Error ? error.message : String(error);
    this.logger.warn(`Consumer ${delivery.consumer} failed on ${delivery.event.id}: ${message}`);
    const context = { class: failureClass, message, at: this.clock.wall().toISOString() };
    await this.unitOfWork.service(async (tx) => {
      await this.repository.failed(tx, this.owner, delivery.id, delay, context);
      if (delay === null) await this.alertOn(tx, delivery, message);
    });
  }

  private alertOn(tx: Tx, { id, consumer, event }: ClaimedDelivery, message: string): Promise<void> {
    return this.alerts.raise(tx, {
      kind: 'outbox.dead_letter',
      severity: 'critical',
      causeKey: `outbox.dead_letter:${id}`,
      message: `${consumer} could not be told of ${event.type}`,
      details: { deliveryId: id, eventId: event.id, consumer, type: event.type, reason: message },
    });
  }
}
