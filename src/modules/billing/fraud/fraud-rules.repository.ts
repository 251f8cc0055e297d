import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { FraudRule } from './domain/rule';

export interface StoredRule extends FraudRule {
  createdAt: Date;
  updatedAt: Date;
}

type Row = Omit<StoredRule, 'threshold' | 'maxAmount'> & { threshold: bigint; maxAmount: bigint | null };

const COLUMNS = Prisma.sql`key, description, signal, window_seconds AS "windowSeconds", threshold, currency,
  max_amount AS "maxAmount", outcome, active, priority, created_at AS "createdAt", updated_at AS "updatedAt"`;

@Injectable()
export class FraudRulesRepository {
  /** In the order in which they give reasons. */
  async list(tx: Tx): Promise<StoredRule[]> {
    const rows = await tx.$queryRaw<Row[]>`SELECT ${COLUMNS} FROM fraud_rules ORDER BY priority, key`;
    return rows.map(toRule);
  }

  async active(tx: Tx): Promise<FraudRule[]> {
    const rows = await tx.$queryRaw<Row[]>`SELECT ${COLUMNS} FROM fraud_rules WHERE active ORDER BY priority, key`;
    return rows.map(toRule);
  }

  /** Held to the end of the transaction: who changes a rule decides on what it is, not on what it was. */
  async lock(tx: Tx, key: string): Promise<StoredRule | null> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT ${COLUMNS} FROM fraud_rules WHERE key = ${key} FOR NO KEY UPDATE`;
    return rows[0] ? toRule(rows[0]) : null;
  }

  /** @returns whether it is new; one that is there stays as it is. */
  async insert(tx: Tx, rule: FraudRule, at: Date): Promise<boolean> {
    const inserted = await tx.$executeRaw`
      INSERT INTO fraud_rules (key, description, signal, window_seconds, threshold, currency, max_amount, outcome, active, priority,
        created_at, updated_at)
      VALUES (${rule.key}, ${rule.description}, ${rule.signal}, ${rule.windowSeconds}, ${rule.threshold}, ${rule.currency},
        ${rule.maxAmount}, ${rule.outcome}, ${rule.active}, ${rule.priority}, ${at}, ${at})
      ON CONFLICT (key) DO NOTHING`;
    return inserted === 1;
  }

  async save(tx: Tx, rule: StoredRule): Promise<void> {
    await tx.$executeRaw`
      UPDATE fraud_rules SET description = ${rule.description}, window_seconds = ${rule.windowSeconds},
        threshold = ${rule.threshold}, currency = ${rule.currency}, max_amount = ${rule.maxAmount}, outcome = ${rule.outcome},
        active = ${rule.active}, priority = ${rule.priority}, updated_at = ${rule.updatedAt}
      WHERE key = ${rule.key}`;
  }
}

/** The table holds no more than what a number holds exactly. */
function toRule(row: Row): StoredRule {
  return {
    ...row,
    threshold: Number(row.threshold),
    maxAmount: row.maxAmount === null ? null : Number(row.maxAmount),
  };
}
