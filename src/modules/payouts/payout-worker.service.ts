import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { InboxRepository } from '../../platform/inbox';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { QUEUES, Sweepers, WakeService } from '../../platform/queue';
import { wiseAggregate } from '../../providers/wise';
import { PayoutStepsFlow } from './payout-steps.flow';
import { PayoutWorkRepository } from './payout-work.repository';
import { PAYOUT_EVENTS } from './payouts.events';

const SWEEP_MS = 5_000;
const POLL_MS = 60_000;
const BATCH = 50;

/** Takes payouts up as soon as they are approved, again when they are due, and looks after those that stay silent. */
@Injectable()
export class PayoutWorker implements OnModuleInit, OutboxConsumer {
  readonly name = 'payout-steps';
  readonly types = [PAYOUT_EVENTS.processing, PAYOUT_EVENTS.failed];

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly work: PayoutWorkRepository,
    private readonly steps: PayoutStepsFlow,
    private readonly inbox: InboxRepository,
    private readonly outbox: Outbox,
    private readonly sweepers: Sweepers,
    private readonly wakes: WakeService,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
    this.sweepers.register({ name: 'payout-steps', everyMs: SWEEP_MS, run: () => this.drain() });
    this.sweepers.register({ name: 'payout-polls', everyMs: POLL_MS, run: () => this.poll() });
  }

  handle({ objectId }: StoredDomainEvent): Promise<void> {
    return this.steps.run(objectId);
  }

  /** Until nothing is due. @returns how many were taken up. */
  async drain(): Promise<number> {
    for (let taken = 0; ;) {
      const due = await this.unitOfWork.service((tx) => this.work.due(tx, BATCH));
      for (const id of due) await this.steps.run(id);
      taken += due.length;
      if (due.length < BATCH) return taken;
    }
  }

  /** Webhooks get lost: whoever has been silent for too long is asked, through the inbox like everybody. @returns how many were. */
  async poll(): Promise<number> {
    const asked = await this.unitOfWork.service(async (tx) => {
      const silent = await this.work.silent(tx, BATCH);
      await this.inbox.requestReads(
        tx,
        silent.map(({ transferRef, transferKey, pollAt }) => ({
          key: { provider: 'wise', objectType: 'transfer', objectId: transferRef },
          aggregate: wiseAggregate(transferKey),
          reason: `silent:${pollAt.toISOString()}`,
        })),
      );
      return silent.length;
    });
    if (asked > 0) this.wakes.wake(QUEUES.webhooks);
    return asked;
  }
}
