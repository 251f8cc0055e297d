import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { InvoiceStatus } from '../../shared/facts';
import { newId } from '../../shared/ids';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { Decline } from './domain/decline';
import type { AttemptStatus, Strategy } from './domain/schedule';
import type { RecoveryAttempt } from './recovery-attempt';

const COLUMNS = Prisma.sql`a.id, a.case_id AS "caseId", a.invoice_id AS "invoiceId", a.customer_id AS "customerId", a.number,
  a.strategy, a.status, a.due_at AS "dueAt", a.method_ref AS "methodRef", a.requested_by AS "requestedBy", a.runs,
  a.intent_id AS "intentId", a.started_at AS "startedAt", a.finished_at AS "finishedAt", a.last_error_type AS "lastErrorType",
  a.decline_code AS "declineCode", a.advice_code AS "adviceCode", a.network_advice_code AS "networkAdviceCode",
  a.ticket_id AS "ticketId", a.created_at AS "createdAt"`;

export interface NewAttempt {
  caseId: string;
  invoiceId: string;
  customerId: string;
  strategy: Strategy;
  dueAt: Date;
  methodRef: string | null;
  /** What asks for it: the same is asked for once. */
  requestKey: string;
  requestedBy: string | null;
}

export interface AttemptEnd {
  status: Exclude<AttemptStatus, 'scheduled' | 'charging' | 'unknown'>;
  errorType: string | null;
  decline: Decline | null;
  intentId: string | null;
}

/** A place in the order in which attempts are due. */
export interface DuePlace {
  id: string;
  /** As PostgreSQL spells it. */
  dueAt: string;
}

/** Leases are the database's own time, due times business time. */
@Injectable()
export class AttemptsRepository {
  constructor(private readonly clock: Clock) {}

  /** Of several for one case, numbered in the order given. @returns those that are new. */
  async plan(tx: Tx, attempts: readonly NewAttempt[]): Promise<RecoveryAttempt[]> {
    if (attempts.length === 0) return [];
    const at = this.clock.wall();
    const rows = attempts.map((attempt, position) => ({ ...attempt, position, id: newId('att', at.getTime()) }));
    return tx.$queryRaw<RecoveryAttempt[]>`
      INSERT INTO payment_recovery_attempts AS a (id, case_id, invoice_id, customer_id, number, strategy, status, due_at, method_ref,
        request_key, requested_by, created_at, updated_at)
      SELECT n.id, n."caseId", n."invoiceId", n."customerId",
        row_number() OVER (PARTITION BY n."caseId" ORDER BY n.position)
          + COALESCE((SELECT max(o.number) FROM payment_recovery_attempts o WHERE o.case_id = n."caseId"), 0),
        n.strategy, 'scheduled', n."dueAt", n."methodRef", n."requestKey", n."requestedBy", ${at}, ${at}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n (id text, "caseId" text, "invoiceId" text, "customerId" text,
        strategy text, "dueAt" timestamptz, "methodRef" text, "requestKey" text, "requestedBy" text, position int)
      ON CONFLICT (request_key) DO NOTHING
      RETURNING ${COLUMNS}`;
  }

  async byId(tx: Tx, id: string): Promise<RecoveryAttempt | null> {
    const [row] = await tx.$queryRaw<RecoveryAttempt[]>`
      SELECT ${COLUMNS} FROM payment_recovery_attempts a WHERE a.id = ${id}`;
    return row ?? null;
  }

  async byRequest(tx: Tx, requestKey: string): Promise<RecoveryAttempt | null> {
    const [row] = await tx.$queryRaw<RecoveryAttempt[]>`
      SELECT ${COLUMNS} FROM payment_recovery_attempts a WHERE a.request_key = ${requestKey}`;
    return row ?? null;
  }

  ofCase(tx: Tx, caseId: string): Promise<RecoveryAttempt[]> {
    return tx.$queryRaw<RecoveryAttempt[]>`
      SELECT ${COLUMNS} FROM payment_recovery_attempts a WHERE a.case_id = ${caseId} ORDER BY a.number`;
  }

  /**
   * A page of what is due, and of what somebody has begun and nobody holds any more.
   * @param until business time; @param after the last one of the page before.
   */
  async due(tx: Tx, { until, after }: { until: Date; after: DuePlace | null }, limit: number): Promise<DuePlace[]> {
    const behind = after ? Prisma.sql`AND (due_at, id) > (${after.dueAt}::timestamptz, ${after.id})` : Prisma.empty;
    return tx.$queryRaw<DuePlace[]>`
      SELECT id, due_at::text AS "dueAt" FROM (
        (SELECT id, due_at FROM payment_recovery_attempts WHERE status = 'scheduled' AND due_at <= ${until} ${behind}
         ORDER BY due_at, id LIMIT ${limit})
        UNION ALL
        (SELECT id, due_at FROM payment_recovery_attempts WHERE status IN ('charging', 'unknown')
           AND (lease_until IS NULL OR lease_until < statement_timestamp()) ${behind}
         ORDER BY due_at, id LIMIT ${limit})) d
      ORDER BY due_at, id LIMIT ${limit}`;
  }

  /** Whether another one of the invoice's is under way. */
  async hasOther(tx: Tx, { id, invoiceId }: RecoveryAttempt): Promise<boolean> {
    const [row] = await tx.$queryRaw<{ other: boolean }[]>`
      SELECT EXISTS (SELECT FROM payment_recovery_attempts
        WHERE invoice_id = ${invoiceId} AND id <> ${id} AND status IN ('charging', 'unknown')) AS other`;
    return row?.other ?? false;
  }

  /** Nobody holds it, by the database's time. */
  async isFree(tx: Tx, id: string): Promise<boolean> {
    const [row] = await tx.$queryRaw<{ free: boolean }[]>`
      SELECT lease_until IS NULL OR lease_until < statement_timestamp() AS free FROM payment_recovery_attempts WHERE id = ${id}`;
    return row?.free ?? false;
  }

  /** @param isNewRun begun, not gone on with. @returns it as it is then. */
  async begin(tx: Tx, id: string, isNewRun: boolean, leaseMs: number): Promise<RecoveryAttempt> {
    const [row] = await tx.$queryRaw<RecoveryAttempt[]>`
      UPDATE payment_recovery_attempts a SET status = 'charging', runs = runs + CASE WHEN ${isNewRun} THEN 1 ELSE 0 END,
        started_at = CASE WHEN ${isNewRun} THEN ${this.clock.now()} ELSE started_at END, updated_at = ${this.clock.wall()},
        lease_until = statement_timestamp() + ${leaseMs} * interval '1 ms'
      WHERE id = ${id} RETURNING ${COLUMNS}`;
    if (!row) throw new Error('An attempt that was locked is gone');
    return row;
  }

  async unknown(tx: Tx, id: string, errorType: string, leaseMs: number): Promise<void> {
    await tx.$executeRaw`
      UPDATE payment_recovery_attempts SET status = 'unknown', last_error_type = ${errorType}, updated_at = ${this.clock.wall()},
        lease_until = statement_timestamp() + ${leaseMs} * interval '1 ms'
      WHERE id = ${id} AND status IN ('charging', 'unknown')`;
  }

  async postpone(tx: Tx, id: string, dueAt: Date): Promise<void> {
    await tx.$executeRaw`
      UPDATE payment_recovery_attempts SET status = 'scheduled', due_at = ${dueAt}, lease_until = NULL, updated_at = ${this.clock.wall()}
      WHERE id = ${id} AND finished_at IS NULL`;
  }

  /** @returns null where somebody has ended it meanwhile. */
  async end(tx: Tx, id: string, { status, errorType, decline, intentId }: AttemptEnd): Promise<RecoveryAttempt | null> {
    const [row] = await tx.$queryRaw<RecoveryAttempt[]>`
      UPDATE payment_recovery_attempts a SET status = ${status}, finished_at = ${this.clock.now()}, lease_until = NULL,
        last_error_type = ${errorType}, decline_code = ${decline?.declineCode ?? null}, advice_code = ${decline?.adviceCode ?? null},
        network_advice_code = ${decline?.networkAdviceCode ?? null}, intent_id = COALESCE(${intentId}, intent_id),
        updated_at = ${this.clock.wall()}
      WHERE id = ${id} AND finished_at IS NULL RETURNING ${COLUMNS}`;
    return row ?? null;
  }

  async cancelPlanned(tx: Tx, caseIds: readonly string[], strategies: readonly Strategy[]): Promise<void> {
    if (caseIds.length === 0) return;
    await tx.$executeRaw`
      UPDATE payment_recovery_attempts SET status = 'canceled', finished_at = ${this.clock.now()}, updated_at = ${this.clock.wall()}
      WHERE case_id = ANY (${caseIds}) AND status = 'scheduled' AND strategy = ANY (${[...strategies]})`;
  }

  async linkTicket(tx: Tx, id: string, ticketId: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE payment_recovery_attempts SET ticket_id = ${ticketId}, updated_at = ${this.clock.wall()} WHERE id = ${id}`;
  }

  /** What became of a debit that was under way: the invoice, and the last payment of what was due on it. */
  async debitStanding(
    tx: Tx,
    invoiceId: string,
  ): Promise<{ invoiceStatus: InvoiceStatus; hasFailed: boolean; declineCode: string | null }> {
    const [row] = await tx.$queryRaw<
      { invoiceStatus: InvoiceStatus; hasFailed: boolean; declineCode: string | null }[]
    >`
      SELECT i.status AS "invoiceStatus", COALESCE(p.status = 'failed', false) AS "hasFailed", p.decline_code AS "declineCode"
      FROM invoices i LEFT JOIN LATERAL (
        SELECT p.status, p.decline_code FROM payments p
        WHERE p.customer_id = i.customer_id AND p.provider = i.provider AND p.currency = i.currency AND p.amount = i.amount_due
          AND p.created_at >= i.created_at
        ORDER BY p.created_at DESC, p.id DESC LIMIT 1) p ON true
      WHERE i.id = ${invoiceId}`;
    if (!row) throw new Error('The invoice of an attempt is gone');
    return row;
  }
}
