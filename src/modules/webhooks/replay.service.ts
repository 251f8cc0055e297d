import { Injectable } from '@nestjs/common';
import { AuditLog, type Actor } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { InboxOperationsRepository } from '../../platform/inbox';
import { QUEUES, WakeService } from '../../platform/queue';
import { eventNotFound } from './webhooks.errors';

/** Handles stored events once more. What they did before is not done twice: facts and effects have their keys. */
@Injectable()
export class ReplayService {
  constructor(
    private readonly inbox: InboxOperationsRepository,
    private readonly audit: AuditLog,
    private readonly wakes: WakeService,
  ) {}

  /**
   * Puts a row back to be handled, due now; one that waits or is being handled already is left alone. The caller calls
   * `wake` after the commit.
   * @param eventRowId our id of the event.
   * @throws EVENT_NOT_FOUND
   */
  async requeue(tx: Tx, eventRowId: string, actor: Actor): Promise<void> {
    const row = await this.inbox.lock(tx, eventRowId);
    if (!row) throw eventNotFound(eventRowId);
    if (!row.handled) return;
    await this.inbox.requeue(tx, eventRowId);
    await this.audit.record(tx, {
      actor,
      action: 'inbox_event.replay',
      objectType: 'inbox_event',
      objectId: eventRowId,
      customerId: null,
      before: { status: row.status },
      after: { status: 'received' },
    });
  }

  /** After the commit; a lost call costs at most one sweep's time. */
  wake(): void {
    this.wakes.wake(QUEUES.webhooks);
  }
}
