import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import type { Tx } from '../database';

export type AlertSeverity = 'info' | 'warning' | 'critical';

export interface AlertInput {
  /** e.g. `inbox.dead_letter`. */
  kind: string;
  severity: AlertSeverity;
  /** Same cause, same open alert. */
  causeKey: string;
  message: string;
  details: Record<string, unknown>;
}

export interface Alert extends AlertInput {
  id: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
  resolvedAt: Date | null;
}

/** What an operator must look at. A storm of the same cause is one open row with a count. */
@Injectable()
export class Alerts {
  private readonly logger = new Logger(Alerts.name);

  constructor(private readonly clock: Clock) {}

  async raise(tx: Tx, alert: AlertInput): Promise<void> {
    const at = this.clock.wall();
    this.logger.warn(`${alert.severity} alert ${alert.kind}: ${alert.message}`);
    await tx.$executeRaw`
      INSERT INTO alerts (id, kind, severity, cause_key, message, details, first_at, last_at)
      VALUES (${newId('alr', at.getTime())}, ${alert.kind}, ${alert.severity}, ${alert.causeKey}, ${alert.message},
        ${JSON.stringify(alert.details)}::jsonb, ${at}, ${at})
      ON CONFLICT (cause_key) WHERE resolved_at IS NULL
      DO UPDATE SET count = alerts.count + 1, last_at = EXCLUDED.last_at, details = EXCLUDED.details`;
  }

  /** What of a kind is no longer met. @param causeKeys those that still are. */
  async resolveOthers(tx: Tx, kind: string, causeKeys: readonly string[]): Promise<void> {
    await tx.$executeRaw`
      UPDATE alerts SET resolved_at = ${this.clock.wall()}
      WHERE kind = ${kind} AND resolved_at IS NULL AND NOT cause_key = ANY (${causeKeys}::text[])`;
  }

  /** Somebody has seen to it; if its cause is met again, that is another alert. Twice is once. @returns null where there is none. */
  async resolve(tx: Tx, id: string): Promise<{ alert: Alert; wasOpen: boolean } | null> {
    const rows = await tx.$queryRaw<(Alert & { wasOpen: boolean })[]>`
      WITH held AS (SELECT id, resolved_at IS NULL AS open FROM alerts WHERE id = ${id} FOR NO KEY UPDATE)
      UPDATE alerts a SET resolved_at = COALESCE(a.resolved_at, ${this.clock.wall()}) FROM held WHERE a.id = held.id
      RETURNING a.id, a.kind, a.severity, a.cause_key AS "causeKey", a.message, a.details, a.count, a.first_at AS "firstAt",
        a.last_at AS "lastAt", a.resolved_at AS "resolvedAt", held.open AS "wasOpen"`;
    if (!rows[0]) return null;
    const { wasOpen, ...alert } = rows[0];
    return { alert, wasOpen };
  }

  /** Newest first. @param before keyset: rows older than (lastAt, id). */
  async list(tx: Tx, limit: number, before: { at: Date; id: string } | null): Promise<Alert[]> {
    const at = before?.at ?? null;
    return tx.$queryRaw<Alert[]>`
      SELECT id, kind, severity, cause_key AS "causeKey", message, details, count, first_at AS "firstAt", last_at AS "lastAt",
        resolved_at AS "resolvedAt"
      FROM alerts WHERE ${at}::timestamptz IS NULL OR (last_at, id) < (${at}, ${before?.id ?? null})
      ORDER BY last_at DESC, id DESC LIMIT ${limit}`;
  }
}
