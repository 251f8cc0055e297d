import { Injectable } from '@nestjs/common';
import type { Tx } from '../database';

/** What operators do with inbox rows. */
@Injectable()
export class InboxOperationsRepository {
  /** The row's status, held to the end of the transaction; null for an unknown row. */
  async lock(tx: Tx, id: string): Promise<{ status: string; handled: boolean } | null> {
    const rows = await tx.$queryRaw<{ status: string; handled: boolean }[]>`
      SELECT status, handled_at IS NOT NULL AS handled FROM inbox_events WHERE id = ${id} FOR NO KEY UPDATE`;
    return rows[0] ?? null;
  }

  /** Puts a settled row back as if it had just come: due now, all its attempts before it. The last error stays to be read. */
  async requeue(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE inbox_events SET status = 'received', handled_at = NULL, ignored_for = NULL, retry_count = 0, next_retry_at = NULL,
        lease_owner = NULL, lease_until = NULL, replay_count = replay_count + 1
      WHERE id = ${id} AND handled_at IS NOT NULL`;
  }
}
