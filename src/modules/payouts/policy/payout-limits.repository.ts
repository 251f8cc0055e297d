import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import type { ApprovalLimit } from './domain/limits';

type Row = Pick<ApprovalLimit, 'role' | 'currency'> &
  Record<'maxPerPayout' | 'dailyMax' | 'secondApprovalAbove', bigint | null>;

@Injectable()
export class PayoutLimitsRepository {
  async list(tx: Tx): Promise<ApprovalLimit[]> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT role, currency, max_per_payout AS "maxPerPayout", daily_max AS "dailyMax",
        second_approval_above AS "secondApprovalAbove"
      FROM payout_limits ORDER BY role, currency`;
    return rows.map(toLimit);
  }

  /** Who replaces them replaces what he has seen: one after the other until their transactions end. */
  async queueUp(tx: Tx): Promise<void> {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('payouts.limits', 0))`;
  }

  async replace(tx: Tx, limits: readonly ApprovalLimit[], at: Date): Promise<void> {
    await tx.$executeRaw`DELETE FROM payout_limits`;
    const rows = limits.map(({ role, currency, maxPerPayout, dailyMax, secondApprovalAbove }) => ({
      ...{ role, currency, max_per_payout: maxPerPayout, daily_max: dailyMax },
      second_approval_above: secondApprovalAbove,
    }));
    await tx.$executeRaw`
      INSERT INTO payout_limits (role, currency, max_per_payout, daily_max, second_approval_above, updated_at)
      SELECT role, currency, max_per_payout, daily_max, second_approval_above, ${at}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n
        (role text, currency text, max_per_payout bigint, daily_max bigint, second_approval_above bigint)`;
  }

  /** Of two approvals of one person at once the second sees the first. */
  async queueUpAs(tx: Tx, approverId: string): Promise<void> {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`payouts.approver:${approverId}`}, 0))`;
  }

  /** What somebody has approved since, from balances in this currency, in its minor units; what was called off does not count. */
  async approvedSince(tx: Tx, { approverId, currency, since, exceptPayoutId }: ApprovedQuestion): Promise<bigint> {
    const [row] = await tx.$queryRaw<{ amount: bigint }[]>`
      SELECT COALESCE(sum(source_amount), 0)::bigint AS amount FROM payouts
      WHERE source_currency = ${currency} AND status NOT IN ('canceled', 'rejected', 'failed')
        AND id IS DISTINCT FROM ${exceptPayoutId}
        AND ((approved_by = ${approverId} AND approved_at >= ${since})
          OR (second_approved_by = ${approverId} AND second_approved_at >= ${since}))`;
    return row?.amount ?? 0n;
  }
}

export interface ApprovedQuestion {
  approverId: string;
  currency: string;
  since: Date;
  exceptPayoutId: string | null;
}

/** The API lets in no more than what a number holds exactly. */
function toLimit({ role, currency, maxPerPayout, dailyMax, secondApprovalAbove }: Row): ApprovalLimit {
  const number = (value: bigint | null): number | null => (value === null ? null : Number(value));
  const figures = { maxPerPayout: number(maxPerPayout), dailyMax: number(dailyMax) };
  return { role, currency, ...figures, secondApprovalAbove: number(secondApprovalAbove) };
}
