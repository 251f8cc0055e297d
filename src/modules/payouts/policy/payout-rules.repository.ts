import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { Observed } from './domain/evaluate';
import type { PayoutRule } from './domain/rule';

export interface StoredPayoutRule extends PayoutRule {
  createdAt: Date;
  updatedAt: Date;
}

type Row = Omit<StoredPayoutRule, 'maxAmount'> & { maxAmount: bigint | null };

/** Which of the payouts a velocity rule counts. */
export interface VelocityQuestion {
  rules: readonly PayoutRule[];
  now: Date;
  beneficiaryId: string;
  /** Not counted: the one that is asked about. */
  exceptPayoutId: string | null;
}

const COLUMNS = Prisma.sql`key, description, kind, action, active, priority, countries, names, match, scope,
  window_seconds AS "windowSeconds", max_count AS "maxCount", max_amount AS "maxAmount", currency,
  created_at AS "createdAt", updated_at AS "updatedAt"`;

@Injectable()
export class PayoutRulesRepository {
  /** In the order in which they give reasons. */
  async list(tx: Tx): Promise<StoredPayoutRule[]> {
    const rows = await tx.$queryRaw<Row[]>`SELECT ${COLUMNS} FROM payout_rules ORDER BY priority, key`;
    return rows.map(toRule);
  }

  async active(tx: Tx): Promise<PayoutRule[]> {
    const rows = await tx.$queryRaw<Row[]>`SELECT ${COLUMNS} FROM payout_rules WHERE active ORDER BY priority, key`;
    return rows.map(toRule);
  }

  /** Held to the end of the transaction: who changes a rule decides on what it is, not on what it was. */
  async lock(tx: Tx, key: string): Promise<StoredPayoutRule | null> {
    const rows = await tx.$queryRaw<Row[]>`SELECT ${COLUMNS} FROM payout_rules WHERE key = ${key} FOR NO KEY UPDATE`;
    return rows[0] ? toRule(rows[0]) : null;
  }

  /** @returns whether it is new; one that is there stays as it is. */
  async insert(tx: Tx, rule: PayoutRule, at: Date): Promise<boolean> {
    const inserted = await tx.$executeRaw`
      INSERT INTO payout_rules (key, description, kind, action, active, priority, countries, names, match, scope, window_seconds,
        max_count, max_amount, currency, created_at, updated_at)
      VALUES (${rule.key}, ${rule.description}, ${rule.kind}, ${rule.action}, ${rule.active}, ${rule.priority},
        ${rule.countries}::text[], ${rule.names}::text[], ${rule.match}, ${rule.scope}, ${rule.windowSeconds}, ${rule.maxCount},
        ${rule.maxAmount}, ${rule.currency}, ${at}, ${at})
      ON CONFLICT (key) DO NOTHING`;
    return inserted === 1;
  }

  async save(tx: Tx, rule: StoredPayoutRule): Promise<void> {
    await tx.$executeRaw`
      UPDATE payout_rules SET description = ${rule.description}, action = ${rule.action}, active = ${rule.active},
        priority = ${rule.priority}, countries = ${rule.countries}::text[], names = ${rule.names}::text[], match = ${rule.match},
        scope = ${rule.scope}, window_seconds = ${rule.windowSeconds}, max_count = ${rule.maxCount},
        max_amount = ${rule.maxAmount}, currency = ${rule.currency}, updated_at = ${rule.updatedAt}
      WHERE key = ${rule.key}`;
  }

  /** One after the other until their transactions end: of two payouts at once the second sees the first. */
  async queueUp(tx: Tx): Promise<void> {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('payouts.velocity', 0))`;
  }

  /** By the key of each rule. An account that was archived and added again is still the same. */
  async observed(
    tx: Tx,
    { rules, now, beneficiaryId, exceptPayoutId }: VelocityQuestion,
  ): Promise<Map<string, Observed>> {
    const windows = rules.map(({ key, scope, windowSeconds, currency }) => ({
      ...{ key, scope, currency },
      since: new Date(now.getTime() - (windowSeconds ?? 0) * 1000),
    }));
    const rows = await tx.$queryRaw<(Observed & { key: string })[]>`
      WITH same AS (
        SELECT id FROM beneficiaries WHERE id = ${beneficiaryId}
          OR fingerprint = (SELECT fingerprint FROM beneficiaries WHERE id = ${beneficiaryId}))
      SELECT r.key, count(p.id)::int AS count,
        COALESCE(sum(p.source_amount) FILTER (WHERE p.source_currency = r.currency), 0)::bigint AS amount
      FROM jsonb_to_recordset(${JSON.stringify(windows)}::jsonb) AS r (key text, scope text, currency text, since timestamptz)
      LEFT JOIN payouts p ON p.prepared_at > r.since AND p.status NOT IN ('canceled', 'rejected', 'failed')
        AND p.id IS DISTINCT FROM ${exceptPayoutId}
        AND (r.scope = 'house' OR p.beneficiary_id IN (SELECT id FROM same))
      GROUP BY r.key`;
    return new Map(rows.map(({ key, count, amount }) => [key, { count, amount }]));
  }
}

/** The table holds no more than what a number holds exactly. */
function toRule(row: Row): StoredPayoutRule {
  return { ...row, maxAmount: row.maxAmount === null ? null : Number(row.maxAmount) };
}
