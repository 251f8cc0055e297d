import { Injectable } from '@nestjs/common';
import { AuditLog, type Actor } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { InboxOperationsRepository, type InboxFilter, type InboxStatus } from '../../platform/inbox';
import { QUEUES, WakeService } from '../../platform/queue';
import { eventBodyExpired, eventUnderWay, filterEmpty } from './operators.errors';
import { eventNotFound } from './webhooks.errors';

/** The statuses an operator may replay by; what is received or in a worker's hands is on its way already. */
export const REPLAYABLE_STATUSES = [
  'failed',
  'retrying',
  'processed',
  'ignored',
  'stale',
] as const satisfies InboxStatus[];
/** What one statement puts back. */
export const MAX_REPLAY = 10_000;

/** Puts inbox rows back to work. What was told before is told again: facts that are known change nothing. */
@Injectable()
export class ReplayService {
  constructor(
    private readonly inbox: InboxOperationsRepository,
    private readonly audit: AuditLog,
    private readonly wakes: WakeService,
  ) {}

  /**
   * A handled row starts over; one that waits for its retry is due now. Audited. `wake` after the commit.
   * @throws EVENT_NOT_FOUND; TRY_AGAIN (409) while a worker has it in hand; EVENT_BODY_EXPIRED where nothing is left to read.
   */
  async requeue(tx: Tx, eventId: string, actor: Actor): Promise<void> {
    const state = await this.inbox.lock(tx, eventId);
    if (!state) throw eventNotFound(eventId);
    if (state.underWay) throw eventUnderWay(eventId);
    if (state.bodyExpired) throw eventBodyExpired(eventId);
    await this.inbox.requeue(tx, eventId);
    const { status, retryCount, replayCount } = state;
    await this.audit.record(tx, {
      actor,
      action: 'webhook_event.replay',
      objectType: 'inbox_event',
      objectId: eventId,
      customerId: null,
      before: { status, retryCount, replayCount },
    });
  }

  /**
   * All that match, the oldest first, up to `limit`; failed ones where no status is named. Audited with the filter.
   * @returns how many were put back. @throws INVALID_INPUT for a filter that names nothing: nobody means all there ever was.
   */
  async requeueMatching(tx: Tx, filter: InboxFilter, limit: number, actor: Actor): Promise<number> {
    const wanted = wantedOf(filter);
    const requeued = await this.inbox.requeueMatching(tx, wanted, limit);
    await this.audit.record(tx, {
      actor,
      action: 'webhook_event.replay_matching',
      objectType: 'inbox',
      objectId: 'events',
      customerId: null,
      after: { filter: wanted, limit, requeued },
    });
    return requeued;
  }

  /** How many `requeueMatching` would find, without its limit. */
  countMatching(tx: Tx, filter: InboxFilter): Promise<number> {
    return this.inbox.countMatching(tx, wantedOf(filter));
  }

  /** After the commit of the unit of work that requeued; a lost call costs at most one sweep's time. */
  wake(): void {
    this.wakes.wake(QUEUES.webhooks);
  }
}

function wantedOf(filter: InboxFilter): InboxFilter {
  if (Object.values(filter).every((value) => value === undefined)) throw filterEmpty();
  return { ...filter, statuses: filter.statuses ?? ['failed'] };
}
