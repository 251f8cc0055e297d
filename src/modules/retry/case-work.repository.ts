import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { completePolicy, type DunningPolicy } from '../billing';
import type { Tx } from '../../platform/database';
import { CASE_COLUMNS } from './case-derivation.repository';
import { timeZoneOf } from './domain/smart-timing';
import { LIVE_STATUSES } from './domain/case-standing';
import type { PlanFacts } from './domain/case-plan';
import type { AttemptStatus, Strategy } from './domain/schedule';
import type { DunningCase, StoredHold } from './dunning-case';

/** A case with all that its next steps follow from. */
export interface LoadedCase extends PlanFacts {
  case: DunningCase;
  /** How many scheduled attempts were made. */
  made: number;
}

export interface CaseUpdate {
  id: string;
  hold: StoredHold | null;
  nextActionAt: Date | null;
  /** Somebody is about to call the provider for it. */
  isCalling: boolean;
}

interface Row extends DunningCase {
  dunning: Partial<DunningPolicy> | null;
  isRetriedThere: boolean;
  invoiceStatus: string;
  subscriptionStatus: string;
  firstDeclineCode: string | null;
  adviceCode: string | null;
  networkAdviceCode: string | null;
  brand: string | null;
  country: string | null;
  attempts: AttemptJson[];
  told: number[];
  charges: string[];
  successHours: number[];
}

interface AttemptJson {
  strategy: Strategy;
  status: AttemptStatus;
  dueAt: string;
  finishedAt: string | null;
  methodRef: string | null;
  declineCode: string | null;
  adviceCode: string | null;
  networkAdviceCode: string | null;
}

/** What is due, what it follows from, and what came of it. Many cases at once; leases are the database's own time. */
@Injectable()
export class CaseWorkRepository {
  constructor(private readonly clock: Clock) {}

  /** Held to the end of the transaction; what others hold is left to them. @param ids only these; null: whatever is due. */
  async claim(tx: Tx, limit: number, ids: readonly string[] | null): Promise<{ id: string; subscriptionId: string }[]> {
    return tx.$queryRaw<{ id: string; subscriptionId: string }[]>`
      SELECT id, subscription_id AS "subscriptionId" FROM dunning_cases
      WHERE status = 'open' AND next_action_at <= ${this.clock.now()} AND (${ids}::text[] IS NULL OR id = ANY (${ids}))
        AND (lease_until IS NULL OR lease_until < statement_timestamp())
      ORDER BY next_action_at, id LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
  }

  /** One case, waited for. @returns null where there is none. */
  async lock(tx: Tx, id: string): Promise<DunningCase | null> {
    const [row] = await tx.$queryRaw<DunningCase[]>`
      SELECT ${CASE_COLUMNS} FROM dunning_cases c WHERE c.id = ${id} FOR UPDATE`;
    return row ?? null;
  }

  /** Open ones only. */
  async load(tx: Tx, ids: readonly string[]): Promise<LoadedCase[]> {
    if (ids.length === 0) return [];
    const since = new Date(this.clock.now().getTime() - 30 * 86_400_000);
    const rows = await tx.$queryRaw<Row[]>`
      SELECT ${CASE_COLUMNS}, pl.dunning, i.next_retry_at IS NOT NULL AS "isRetriedThere", i.status AS "invoiceStatus",
        s.status AS "subscriptionStatus", COALESCE(c.decline_code, pay.decline_code) AS "firstDeclineCode",
        c.advice_code AS "adviceCode", c.network_advice_code AS "networkAdviceCode", pay.method_brand AS brand,
        (SELECT m.country FROM payment_methods m WHERE m.customer_id = c.customer_id AND m.status = 'attached'
         ORDER BY m.created_at DESC, m.id DESC LIMIT 1) AS country,
        COALESCE((SELECT jsonb_agg(jsonb_build_object('strategy', a.strategy, 'status', a.status, 'dueAt', a.due_at,
            'finishedAt', a.finished_at, 'methodRef', a.method_ref, 'declineCode', a.decline_code, 'adviceCode', a.advice_code,
            'networkAdviceCode', a.network_advice_code) ORDER BY a.number)
          FROM payment_recovery_attempts a WHERE a.case_id = c.id), '[]') AS attempts,
        ARRAY(SELECT r.day FROM dunning_reminders r WHERE r.case_id = c.id) AS told,
        COALESCE((SELECT jsonb_agg(h.at) FROM (
            SELECT a.finished_at AS at FROM payment_recovery_attempts a
            WHERE a.customer_id = c.customer_id AND a.status IN ('succeeded', 'failed') AND a.finished_at > ${since}
            UNION ALL
            SELECT o.opened_at FROM dunning_cases o WHERE o.customer_id = c.customer_id AND o.opened_at > ${since}) h), '[]') AS charges,
        ARRAY(SELECT extract(hour FROM p.created_at AT TIME ZONE 'UTC')::int FROM payments p
          WHERE p.customer_id = c.customer_id AND p.status = 'succeeded' ORDER BY p.created_at DESC LIMIT 12) AS "successHours"
      FROM dunning_cases c JOIN subscriptions s ON s.id = c.subscription_id JOIN plans pl ON pl.id = s.plan_id
      JOIN invoices i ON i.id = c.invoice_id
      LEFT JOIN LATERAL (
        SELECT p.decline_code, p.method_brand FROM payments p
        WHERE p.customer_id = i.customer_id AND p.provider = i.provider AND p.currency = i.currency
          AND p.amount = i.amount_remaining AND p.created_at >= i.created_at
        ORDER BY p.created_at DESC, p.id DESC LIMIT 1) pay ON true
      WHERE c.id = ANY (${ids}) AND c.status = 'open' ORDER BY c.id`;
    return rows.map(toLoaded);
  }

  /** Until when nobody else takes it up is the database's own time. */
  async update(tx: Tx, updates: readonly CaseUpdate[], leaseMs: number): Promise<void> {
    if (updates.length === 0) return;
    await tx.$executeRaw`
      UPDATE dunning_cases c SET hold_reason = n.hold, next_action_at = n."nextActionAt", updated_at = ${this.clock.wall()},
        lease_until = CASE WHEN n."isCalling" THEN statement_timestamp() + ${leaseMs} * interval '1 ms' END
      FROM jsonb_to_recordset(${JSON.stringify(updates)}::jsonb)
        AS n (id text, hold text, "nextActionAt" timestamptz, "isCalling" boolean)
      WHERE c.id = n.id AND c.status = 'open'`;
  }

  /** To be looked at again now. */
  async touch(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE dunning_cases SET next_action_at = ${this.clock.now()}, lease_until = NULL, failures = 0, error_context = NULL,
        updated_at = ${this.clock.wall()}
      WHERE id = ${id} AND status = 'open'`;
  }

  async takenOver(
    tx: Tx,
    id: string,
    decline: { declineCode: string | null; adviceCode: string | null; networkAdviceCode: string | null },
  ): Promise<void> {
    await tx.$executeRaw`
      UPDATE dunning_cases SET taken_over_at = ${this.clock.now()}, decline_code = COALESCE(${decline.declineCode}, decline_code),
        advice_code = ${decline.adviceCode}, network_advice_code = ${decline.networkAdviceCode}, next_action_at = ${this.clock.now()},
        lease_until = NULL, failures = 0, error_context = NULL, updated_at = ${this.clock.wall()}
      WHERE id = ${id} AND status = 'open'`;
  }

  /** @returns how often it has failed now. */
  async failed(tx: Tx, id: string, hold: StoredHold | null, again: Date, context: object): Promise<number> {
    const [row] = await tx.$queryRaw<{ failures: number }[]>`
      UPDATE dunning_cases SET failures = failures + 1, hold_reason = COALESCE(${hold}, hold_reason), next_action_at = ${again},
        lease_until = NULL, error_context = ${JSON.stringify(context)}::jsonb, updated_at = ${this.clock.wall()}
      WHERE id = ${id} AND status = 'open' RETURNING failures`;
    return row?.failures ?? 0;
  }

  /** From now on the end is carried out, whatever the plan says by then. */
  async beginEnd(tx: Tx, id: string, { endAction, endInvoice }: DunningPolicy): Promise<void> {
    await tx.$executeRaw`
      UPDATE dunning_cases SET ending_at = COALESCE(ending_at, ${this.clock.now()}), end_action = COALESCE(end_action, ${endAction}),
        end_invoice = COALESCE(end_invoice, ${endInvoice}), updated_at = ${this.clock.wall()}
      WHERE id = ${id} AND status = 'open'`;
  }

  /** @returns false where it is closed already. */
  async exhausted(tx: Tx, id: string): Promise<boolean> {
    const count = await tx.$executeRaw`
      UPDATE dunning_cases SET status = 'exhausted', close_reason = 'grace_over', closed_at = ${this.clock.now()}, next_action_at = NULL,
        hold_reason = NULL, lease_until = NULL, failures = 0, error_context = NULL, updated_at = ${this.clock.wall()}
      WHERE id = ${id} AND status = 'open'`;
    return count === 1;
  }

  async remind(
    tx: Tx,
    reminders: readonly {
      caseId: string;
      customerId: string;
      day: number;
      dueAt: Date;
      status: 'sent' | 'skipped' | 'final';
    }[],
  ): Promise<void> {
    if (reminders.length === 0) return;
    await tx.$executeRaw`
      INSERT INTO dunning_reminders (case_id, day, customer_id, due_at, status, told_at)
      SELECT "caseId", day, "customerId", "dueAt", status, ${this.clock.now()}
      FROM jsonb_to_recordset(${JSON.stringify(reminders)}::jsonb)
        AS n ("caseId" text, day int, "customerId" text, "dueAt" timestamptz, status text)
      ON CONFLICT (case_id, day) DO NOTHING`;
  }
}

function toLoaded(row: Row): LoadedCase {
  const { dunning, isRetriedThere, firstDeclineCode, adviceCode, networkAdviceCode, brand, country, ...rest } = row;
  const { attempts, told, charges, successHours, invoiceStatus, subscriptionStatus, ...one } = rest;
  const isLive = invoiceStatus === 'open' && LIVE_STATUSES.some((status) => status === subscriptionStatus);
  const plan = attempts.find(({ strategy, status }) => strategy === 'scheduled' && status === 'scheduled');
  const planned = plan ? new Date(plan.dueAt) : null;
  return {
    case: one,
    policy: completePolicy(dunning ?? {}),
    isRetriedThere,
    told,
    planned,
    made: attempts.filter(({ strategy, status }) => strategy === 'scheduled' && status === 'failed').length,
    schedule: {
      ...{ caseId: one.id, openedAt: one.openedAt, graceUntil: one.graceUntil, brand },
      standing: isLive ? 'due' : invoiceStatus === 'paid' ? 'paid' : 'ended',
      firstDecline: { declineCode: firstDeclineCode, adviceCode, networkAdviceCode },
      attempts: attempts.map(({ strategy, status, finishedAt, methodRef, ...decline }) => ({
        ...{ strategy, status, methodRef, finishedAt: finishedAt === null ? null : new Date(finishedAt) },
        decline:
          status === 'failed'
            ? {
                declineCode: decline.declineCode,
                adviceCode: decline.adviceCode,
                networkAdviceCode: decline.networkAdviceCode,
              }
            : null,
      })),
      charges: charges.map((at) => new Date(at)),
      timing: { timeZone: timeZoneOf(country), successHours },
    },
  };
}
