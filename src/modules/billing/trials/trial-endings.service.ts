import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { takeSweepTurns, UnitOfWork, type SweptPage, type Tx } from '../../../platform/database';
import { Outbox } from '../../../platform/outbox';
import { Sweepers } from '../../../platform/queue';
import { BILLING_EVENTS } from '../billing.events';
import { TrialEndingsRepository } from './trial-endings.repository';

const TURN = 'ending-trials';
const SWEEP_MS = 60_000;
/** As Stripe's own `customer.subscription.trial_will_end`; ours is for every provider, and follows a trial that is moved. */
const NOTICE_MS = 3 * 86_400_000;
const PAGE = 200;
const PAGES = 50;

/** Tells of trials three days before they end, once for each end: a trial that is extended is told of again. */
@Injectable()
export class TrialEndings implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly trials: TrialEndingsRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: TURN, everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** To the end, or as far as a pass goes. @returns how many trials were told of. */
  async sweep(): Promise<number> {
    const told = await takeSweepTurns(this.unitOfWork, { name: TURN, pages: PAGES }, (tx, from) =>
      this.tellNext(tx, from),
    );
    if (told > 0) this.outbox.wake();
    return told;
  }

  private async tellNext(tx: Tx, position: string): Promise<SweptPage> {
    const now = this.clock.now();
    const window = { after: now, until: new Date(now.getTime() + NOTICE_MS) };
    const trials = await this.trials.untold(tx, window, PAGE);
    await this.outbox.append(
      tx,
      trials.map(({ subscriptionId, customerId, trialEndsAt }) => ({
        type: BILLING_EVENTS.trialEnding,
        objectType: 'subscription',
        objectId: subscriptionId,
        customerId,
        payload: { subscriptionId, trialEndsAt: trialEndsAt.toISOString() },
        occurredAt: now,
      })),
    );
    // Who was told of is not found again.
    return { position, count: trials.length, more: trials.length === PAGE };
  }
}
