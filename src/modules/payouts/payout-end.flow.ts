import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { retryWhileBusy, UnitOfWork, type Tx } from '../../platform/database';
import { Outbox } from '../../platform/outbox';
import { PayoutRecord, personOf, type PayoutActor } from './payout-record.service';
import { PayoutStepsFlow } from './payout-steps.flow';
import { PayoutWorkRepository } from './payout-work.repository';
import { notCancelable, notPossible, payoutNotFound } from './payouts.errors';
import { PayoutsRepository, type Payout } from './payouts.repository';

/** Ends a payout: before it is approved for good, and after that as long as the provider lets it be called back. */
@Injectable()
export class PayoutEndFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly payouts: PayoutsRepository,
    private readonly work: PayoutWorkRepository,
    private readonly record: PayoutRecord,
    private readonly steps: PayoutStepsFlow,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** @throws PAYOUT_NOT_FOUND, INVALID_STATE_TRANSITION. */
  reject(payoutId: string, reason: string | null, actor: PayoutActor): Promise<Payout> {
    return this.change(payoutId, async (tx, payout) => {
      if (payout.decision === 'rejected') return;
      if (!isUndecided(payout)) throw notPossible(payout.status, 'rejected');
      await this.end(tx, payout, 'rejected', reason, actor);
    });
  }

  /**
   * One that is on its way is called back at the provider. While the provider does not answer, the payout is told as it stands, and
   * called back when it does.
   * @throws PAYOUT_NOT_FOUND, INVALID_STATE_TRANSITION, PAYOUT_NOT_CANCELABLE.
   */
  async cancel(payoutId: string, reason: string | null, actor: PayoutActor): Promise<Payout> {
    const asked = await this.change(payoutId, async (tx, payout) => {
      if (payout.status === 'canceled') return;
      // Never taken up by a worker: the provider knows nothing of it.
      if (isUndecided(payout) || (payout.decision === 'approved' && payout.attempts === 0)) {
        return this.end(tx, payout, 'canceled', reason, actor);
      }
      if (payout.status !== 'processing' && payout.status !== 'requires_manual_funding') {
        throw notPossible(payout.status, 'canceled');
      }
      await this.payouts.change(tx, payout.id, { cancelRequestedAt: this.clock.now() });
      await this.work.wake(tx, payout.id);
      await this.record.audited(tx, payout, 'payout.request_cancel', actor, { reason });
    });
    if (asked.cancelRequestedAt === null) return asked;
    await this.steps.run(payoutId);
    const after = await this.unitOfWork.service((tx) => this.payouts.byId(tx, payoutId));
    if (!after) throw payoutNotFound(payoutId);
    if (after.status !== 'canceled' && after.cancelRequestedAt === null) throw notCancelable();
    return after;
  }

  private async end(
    tx: Tx,
    payout: Payout,
    decision: 'rejected' | 'canceled',
    reason: string | null,
    actor: PayoutActor,
  ): Promise<void> {
    const person = personOf(actor);
    await this.record.decide(...([tx, payout, decision, { endedBy: person, endReason: reason }] as const), {
      source: 'person',
      actor: person,
      reason,
    });
    await this.record.release(tx, payout);
    await this.record.audited(tx, payout, `payout.${decision}`, actor, { reason });
  }

  private async change(payoutId: string, work: (tx: Tx, payout: Payout) => Promise<void>): Promise<Payout> {
    const changed = await retryWhileBusy(() =>
      this.unitOfWork.service(async (tx) => {
        const payout = await this.payouts.lock(tx, payoutId);
        if (!payout) throw payoutNotFound(payoutId);
        await work(tx, payout);
        return (await this.payouts.byId(tx, payoutId)) ?? payout;
      }),
    );
    this.outbox.wake();
    return changed;
  }
}

function isUndecided({ decision }: Payout): boolean {
  return decision === 'queued' || decision === 'awaiting_second_approval';
}
