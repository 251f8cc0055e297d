import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import type { TransferStanding } from './domain/fold-transfer';

/** A transfer as far as the next step hangs on it. */
export interface TransferRow {
  transferRef: string;
  state: TransferStanding['state'];
  funding: TransferStanding['funding'];
  /** Null until its order has been told. */
  payoutId: string | null;
}

/** Transfers as their facts tell them, and whose they are. */
@Injectable()
export class TransfersRepository {
  constructor(private readonly clock: Clock) {}

  /** Those of the keys that we gave, with the payouts they are of. */
  async ours(tx: Tx, transferKeys: readonly string[]): Promise<Map<string, string>> {
    if (transferKeys.length === 0) return new Map();
    const rows = await tx.$queryRaw<{ key: string; payoutId: string }[]>`
      SELECT transfer_key::text AS key, payout_id AS "payoutId" FROM transfer_owners
      WHERE transfer_key = ANY (${[...transferKeys]}::uuid[])`;
    return new Map(rows.map(({ key, payoutId }) => [key, payoutId]));
  }

  async byTransferKey(tx: Tx, transferKey: string): Promise<TransferRow | null> {
    const rows = await tx.$queryRaw<TransferRow[]>`
      SELECT provider_id AS "transferRef", state, funding, payout_id AS "payoutId" FROM transfers
      WHERE transfer_key = ${transferKey}::uuid`;
    return rows[0] ?? null;
  }

  async write(tx: Tx, transferRef: string, transferKey: string, standing: TransferStanding): Promise<void> {
    const at = this.clock.wall();
    const { state, funding, failureCode, course, order, fundedAt, settlement, lastFactId, factCount } = standing;
    const timesSent = course.filter((one) => one.state === 'outgoing_payment_sent').length;
    const wasFunded = fundedAt !== null || settlement?.wasFunded === true;
    const returned = settlement?.wasFunded === true ? (settlement.returned ?? order?.sourceAmount ?? null) : null;
    await tx.$executeRaw`
      INSERT INTO transfers AS t (id, provider, provider_id, transfer_key, payout_id, state, funding, failure_code, times_sent, was_funded,
        returned, last_fact_id, fact_count, verified_at, updated_at)
      VALUES (${newId('trf', at.getTime())}, 'wise', ${transferRef}, ${transferKey}::uuid, ${order?.payoutId ?? null}, ${state}, ${funding},
        ${failureCode}, ${timesSent}, ${wasFunded}, ${returned}, ${lastFactId}, ${factCount}, ${standing.verifiedAt}, ${at})
      ON CONFLICT (provider, provider_id) DO UPDATE SET payout_id = EXCLUDED.payout_id, state = EXCLUDED.state,
        funding = EXCLUDED.funding, failure_code = EXCLUDED.failure_code, times_sent = EXCLUDED.times_sent,
        was_funded = EXCLUDED.was_funded, returned = EXCLUDED.returned, last_fact_id = EXCLUDED.last_fact_id,
        fact_count = EXCLUDED.fact_count, verified_at = GREATEST(t.verified_at, EXCLUDED.verified_at), updated_at = EXCLUDED.updated_at`;
  }
}
