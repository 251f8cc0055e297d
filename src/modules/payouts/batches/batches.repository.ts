import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';

export const LINE_STATUSES = ['pending', 'invalid', 'prepared', 'failed', 'canceled'] as const;
export type LineStatus = (typeof LINE_STATUSES)[number];

export interface LineError {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

export interface Batch {
  id: string;
  preparedBy: string;
  createdAt: Date;
  canceledAt: Date | null;
  /** Lines by their status. */
  counts: Partial<Record<LineStatus, number>>;
}

export interface BatchLineRow {
  number: number;
  status: LineStatus;
  payoutId: string | null;
  /** As it stands now. */
  payoutStatus: string | null;
  error: LineError | null;
}

export interface NewBatch {
  id: string;
  fileHash: string;
  requestKey: string | null;
  confirmDuplicate: boolean;
  preparedBy: string;
  roles: readonly string[];
}

export type NewLine = { number: number } & ({ sealed: string } | { error: LineError });

/** A line that a worker holds. */
export interface TakenLine {
  batchId: string;
  number: number;
  sealed: string;
  attempts: number;
  confirmDuplicate: boolean;
  preparedBy: string;
  roles: string[];
  isCanceled: boolean;
}

/** What has become of a line. */
export type LineOutcome =
  { status: 'prepared'; payoutId: string } | { status: 'failed'; error: LineError } | { status: 'canceled' };

const BATCH = Prisma.sql`b.id, b.prepared_by AS "preparedBy", b.created_at AS "createdAt", b.canceled_at AS "canceledAt", (
  SELECT COALESCE(jsonb_object_agg(c.status, c.n), '{}') FROM (
    SELECT status, count(*)::int AS n FROM payout_batch_lines WHERE batch_id = b.id GROUP BY status) AS c) AS counts`;

@Injectable()
export class BatchesRepository {
  constructor(private readonly clock: Clock) {}

  /** The id is part of what is sealed, so it is there before the row is. */
  newBatchId(): string {
    return newId('pob', this.clock.wall().getTime());
  }

  /** Of two of the same file at once the second sees the first. @returns the last one since. */
  async sameFile(tx: Tx, fileHash: string, since: Date): Promise<string | null> {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`payout-batch:${fileHash}`}, 0))`;
    const [row] = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM payout_batches WHERE file_hash = ${fileHash} AND created_at > ${since} ORDER BY created_at DESC LIMIT 1`;
    return row?.id ?? null;
  }

  async byRequestKey(tx: Tx, requestKey: string): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM payout_batches WHERE request_key = ${requestKey}`;
    return row?.id ?? null;
  }

  async insert(tx: Tx, batch: NewBatch, lines: readonly NewLine[]): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO payout_batches (id, file_hash, request_key, confirm_duplicate, prepared_by, roles, created_at)
      VALUES (${batch.id}, ${batch.fileHash}, ${batch.requestKey}, ${batch.confirmDuplicate}, ${batch.preparedBy},
        ${batch.roles}::text[], ${this.clock.wall()})`;
    await tx.$executeRaw`
      INSERT INTO payout_batch_lines (batch_id, number, status, sealed, error, attempts, due_at)
      SELECT ${batch.id}, n.number, CASE WHEN n.sealed IS NULL THEN 'invalid' ELSE 'pending' END, n.sealed, n.error, 0,
        statement_timestamp()
      FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) AS n (number int, sealed text, error jsonb)`;
  }

  async byId(tx: Tx, id: string): Promise<Batch | null> {
    const [batch] = await tx.$queryRaw<Batch[]>`SELECT ${BATCH} FROM payout_batches b WHERE b.id = ${id}`;
    return batch ?? null;
  }

  /** Newest first. */
  async list(tx: Tx, limit: number, after: { createdAt: Date; id: string } | null): Promise<Batch[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<Batch[]>`
      SELECT ${BATCH} FROM payout_batches b
      WHERE ${at}::timestamptz IS NULL OR (b.created_at, b.id) < (${at}, ${after?.id ?? null})
      ORDER BY b.created_at DESC, b.id DESC LIMIT ${limit}`;
  }

  /** In the order of the file. */
  async lines(tx: Tx, batchId: string): Promise<BatchLineRow[]> {
    return tx.$queryRaw<BatchLineRow[]>`
      SELECT l.number, l.status, l.payout_id AS "payoutId", p.status AS "payoutStatus", l.error
      FROM payout_batch_lines l LEFT JOIN payouts p ON p.id = l.payout_id WHERE l.batch_id = ${batchId} ORDER BY l.number`;
  }

  /** Prepared lines behind a place in the file whose payouts wait for somebody's approval. */
  async approvable(tx: Tx, batchId: string, afterLine: number, limit: number): Promise<ApprovableLine[]> {
    return tx.$queryRaw<ApprovableLine[]>`
      SELECT l.number, l.payout_id AS "payoutId"
      FROM payout_batch_lines l JOIN payouts p ON p.id = l.payout_id
      WHERE l.batch_id = ${batchId} AND l.number > ${afterLine} AND p.status IN ('queued', 'awaiting_second_approval')
      ORDER BY l.number LIMIT ${limit}`;
  }

  /** The line that has waited longest, held for as long as said. Whoever dies with it leaves it to the next one. */
  async take(tx: Tx, leaseMs: number): Promise<TakenLine | null> {
    const [line] = await tx.$queryRaw<TakenLine[]>`
      UPDATE payout_batch_lines l SET attempts = l.attempts + 1, due_at = statement_timestamp() + ${leaseMs} * interval '1 ms'
      FROM payout_batches b
      WHERE b.id = l.batch_id AND (l.batch_id, l.number) = (
        SELECT batch_id, number FROM payout_batch_lines
        WHERE status = 'pending' AND due_at <= statement_timestamp()
        ORDER BY due_at, batch_id, number LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING l.batch_id AS "batchId", l.number, l.sealed, l.attempts, b.confirm_duplicate AS "confirmDuplicate",
        b.prepared_by AS "preparedBy", b.roles, b.canceled_at IS NOT NULL AS "isCanceled"`;
    return line ?? null;
  }

  async settle(tx: Tx, { batchId, number }: TakenLine, outcome: LineOutcome): Promise<void> {
    const payoutId = outcome.status === 'prepared' ? outcome.payoutId : null;
    const error = outcome.status === 'failed' ? JSON.stringify(outcome.error) : null;
    await tx.$executeRaw`
      UPDATE payout_batch_lines SET status = ${outcome.status}, payout_id = ${payoutId}, error = ${error}::jsonb, sealed = NULL
      WHERE batch_id = ${batchId} AND number = ${number} AND status = 'pending'`;
  }

  async postpone(tx: Tx, { batchId, number }: TakenLine, ms: number): Promise<void> {
    await tx.$executeRaw`
      UPDATE payout_batch_lines SET due_at = statement_timestamp() + ${ms} * interval '1 ms'
      WHERE batch_id = ${batchId} AND number = ${number} AND status = 'pending'`;
  }

  /** What a worker that died with the line may have made. */
  async payoutOf(tx: Tx, requestKey: string): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM payouts WHERE request_key = ${requestKey}`;
    return row?.id ?? null;
  }

  /** Lines that nobody has begun end at once; those a worker has or had are looked at by one. @returns how many; null where it was canceled before. */
  async cancel(tx: Tx, id: string, by: string): Promise<number | null> {
    const canceled = await tx.$executeRaw`
      UPDATE payout_batches SET canceled_at = ${this.clock.wall()}, canceled_by = ${by} WHERE id = ${id} AND canceled_at IS NULL`;
    if (canceled === 0) return null;
    return tx.$executeRaw`
      UPDATE payout_batch_lines SET status = 'canceled', sealed = NULL
      WHERE batch_id = ${id} AND status = 'pending' AND attempts = 0`;
  }
}

export interface ApprovableLine {
  number: number;
  payoutId: string;
}
