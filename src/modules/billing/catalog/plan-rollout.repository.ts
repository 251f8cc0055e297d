import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Provider } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';

/** One plan whose subscriptions are still to be told what it gives now. */
export interface Rollout {
  planId: string;
  /** The subscription up to which they have been told; empty before the first. */
  position: string;
  /** No database transaction that may have read the plan as it was is running any more, or was when this round began. */
  isLast: boolean;
}

export interface PlanSubscription {
  id: string;
  provider: Provider;
  providerId: string;
  customerId: string;
}

@Injectable()
export class PlanRolloutRepository {
  constructor(private readonly clock: Clock) {}

  /** In the transaction of the change. One that is under way begins anew. */
  async request(tx: Tx, planIds: readonly string[]): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO catalog_rollouts (plan_id, requested_at) SELECT id, ${this.clock.wall()} FROM unnest(${planIds}::text[]) AS p (id)
      ON CONFLICT (plan_id) DO UPDATE
        SET position = '', barrier = NULL, is_last = false, requested_at = EXCLUDED.requested_at`;
  }

  /** The row is held to the end of the transaction. @returns null where there is none, or another process has it. */
  async take(tx: Tx): Promise<Rollout | null> {
    const [row] = await tx.$queryRaw<(Rollout & { barrier: bigint | null })[]>`
      SELECT plan_id AS "planId", position, barrier, is_last AS "isLast" FROM catalog_rollouts
      ORDER BY barrier IS NOT NULL AND position = '', requested_at, plan_id LIMIT 1 FOR UPDATE SKIP LOCKED`;
    if (!row) return null;
    const { planId, position, barrier } = row;
    if (position !== '') return { planId, position, isLast: row.isLast };
    // Only now, behind the lock: whoever runs and is not in this snapshot has begun after the change was committed.
    const [seen] = await tx.$queryRaw<{ barrier: bigint; clear: boolean }[]>`
      WITH s AS (SELECT pg_current_snapshot() AS shot),
      b AS (SELECT COALESCE(${barrier?.toString() ?? null}::text::xid8, pg_snapshot_xmax(shot)) AS barrier FROM s)
      SELECT b.barrier::text::bigint AS barrier,
        NOT EXISTS (SELECT FROM pg_snapshot_xip(s.shot) AS x (xid) WHERE x.xid < b.barrier) AS clear
      FROM s, b`;
    const isLast = seen?.clear ?? false;
    // A round that is not the last has been made already: another one would be none either.
    if (barrier !== null && !isLast) return null;
    await tx.$executeRaw`
      UPDATE catalog_rollouts SET barrier = ${seen?.barrier ?? null}, is_last = ${isLast} WHERE plan_id = ${planId}`;
    return { planId, position, isLast };
  }

  /** Of any status: what has ended keeps a grace that follows from the plan's days. */
  async subscriptions(tx: Tx, { planId, position }: Rollout, limit: number): Promise<PlanSubscription[]> {
    return tx.$queryRaw<PlanSubscription[]>`
      SELECT id, provider, provider_id AS "providerId", customer_id AS "customerId" FROM subscriptions
      WHERE plan_id = ${planId} AND id > ${position} ORDER BY id LIMIT ${limit}`;
  }

  async moveTo(tx: Tx, planId: string, position: string): Promise<void> {
    await tx.$executeRaw`UPDATE catalog_rollouts SET position = ${position} WHERE plan_id = ${planId}`;
  }

  async finish(tx: Tx, planId: string): Promise<void> {
    await tx.$executeRaw`DELETE FROM catalog_rollouts WHERE plan_id = ${planId}`;
  }
}
