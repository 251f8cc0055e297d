import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { newId } from '../../shared/ids';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { RunCounts, RunTotal } from './domain/run-totals';

/** A run nobody has renewed for so long belongs to nobody: its worker is dead or blocked. */
const LEASE_MS = 120_000;

/** What a run is at; each step begins where its cursor says, and commits the next with what it has done. */
export type RunCursor =
  /** Fetching the statement, page by page. */
  | { phase: 'statement'; page: string | null }
  /** Fetching what customers moved who are known here, in the order of their ids, where the statement may lack some of it. */
  | { phase: 'customers'; after: string }
  /** Comparing what was fetched, movement by movement, in the order of their keys. */
  | { phase: 'movements'; after: string }
  /** Looking at what only the books have, in the order of time. */
  | { phase: 'books'; after: { at: string; id: string } | null }
  | { phase: 'end' };

export const RUN_STATUSES = ['running', 'finished', 'failed'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface Run {
  id: string;
  provider: Provider;
  /** Inclusive. */
  from: Date;
  /** Exclusive. */
  to: Date;
  status: RunStatus;
  cursor: RunCursor;
  attempts: number;
  counts: RunCounts | null;
  totals: RunTotal[] | null;
  errorContext: { code: string; message: string } | null;
  startedAt: Date;
  finishedAt: Date | null;
}

const COLUMNS = Prisma.sql`id, provider, window_from AS "from", window_to AS "to", status, cursor, attempts, counts, totals,
  error_context AS "errorContext", started_at AS "startedAt", finished_at AS "finishedAt"`;
const BEGIN: RunCursor = { phase: 'statement', page: null };

/** Leases are the database's own time: processes whose clocks disagree must not take over each other's runs. */
@Injectable()
export class ReconciliationRunsRepository {
  constructor(private readonly clock: Clock) {}

  /** The run of this window that is under way, or a new one. */
  async begin(tx: Tx, provider: Provider, from: Date, to: Date): Promise<{ run: Run; isNew: boolean }> {
    const id = newId('rcn', this.clock.wall().getTime());
    const [made] = await tx.$queryRaw<Run[]>`
      INSERT INTO reconciliation_runs (id, provider, window_from, window_to, status, cursor, next_at, started_at)
      VALUES (${id}, ${provider}, ${from}, ${to}, 'running', ${JSON.stringify(BEGIN)}::jsonb, statement_timestamp(),
        ${this.clock.now()})
      ON CONFLICT (provider, window_from, window_to) WHERE status = 'running' DO NOTHING
      RETURNING ${COLUMNS}`;
    if (made) return { run: made, isNew: true };
    const [known] = await tx.$queryRaw<Run[]>`
      SELECT ${COLUMNS} FROM reconciliation_runs
      WHERE provider = ${provider} AND window_from = ${from} AND window_to = ${to} AND status = 'running'`;
    // It has ended between the two statements.
    return known ? { run: known, isNew: false } : this.begin(tx, provider, from, to);
  }

  async byId(tx: Tx, id: string): Promise<Run | null> {
    const [run] = await tx.$queryRaw<Run[]>`SELECT ${COLUMNS} FROM reconciliation_runs WHERE id = ${id}`;
    return run ?? null;
  }

  /** Newest first. @param after keyset: runs older than (startedAt, id). */
  async list(
    tx: Tx,
    { provider = null, status = null }: { provider?: Provider | null; status?: RunStatus | null },
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Run[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<Run[]>`
      SELECT ${COLUMNS} FROM reconciliation_runs
      WHERE (${provider}::text IS NULL OR provider = ${provider}) AND (${status}::text IS NULL OR status = ${status})
        AND (${at}::timestamptz IS NULL OR (started_at, id) < (${at}, ${after?.id ?? null}))
      ORDER BY started_at DESC, id DESC LIMIT ${limit}`;
  }

  /** A run that is due and that nobody is at, under a lease. @param id only this one. */
  async claim(tx: Tx, owner: string, id: string | null): Promise<Run | null> {
    const [run] = await tx.$queryRaw<Run[]>`
      UPDATE reconciliation_runs SET lease_owner = ${owner}, lease_until = statement_timestamp() + ${LEASE_MS} * interval '1 ms'
      WHERE id = (
        SELECT id FROM reconciliation_runs
        WHERE status = 'running' AND (${id}::text IS NULL AND next_at <= statement_timestamp() OR id = ${id})
          AND (lease_until IS NULL OR lease_until < statement_timestamp())
        ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING ${COLUMNS}`;
    return run ?? null;
  }

  /** With what the step has written; the lease goes on. @returns false where it was lost. */
  async advance(tx: Tx, owner: string, id: string, cursor: RunCursor): Promise<boolean> {
    const changed = await tx.$executeRaw`
      UPDATE reconciliation_runs SET cursor = ${JSON.stringify(cursor)}::jsonb, attempts = 0,
        lease_until = statement_timestamp() + ${LEASE_MS} * interval '1 ms'
      WHERE id = ${id} AND lease_owner = ${owner} AND status = 'running'`;
    return changed === 1;
  }

  /** For whoever comes next, after a while. */
  async putBack(tx: Tx, owner: string, id: string, delayMs: number, error: Run['errorContext']): Promise<void> {
    await tx.$executeRaw`
      UPDATE reconciliation_runs SET lease_owner = NULL, lease_until = NULL,
        attempts = attempts + CASE WHEN ${error !== null} THEN 1 ELSE 0 END,
        next_at = statement_timestamp() + ${delayMs} * interval '1 ms', error_context = ${json(error)}::jsonb
      WHERE id = ${id} AND lease_owner = ${owner} AND status = 'running'`;
  }

  /** @returns false where the lease was lost. */
  async end(
    tx: Tx,
    owner: string,
    id: string,
    end: Pick<Run, 'status' | 'counts' | 'totals' | 'errorContext'>,
  ): Promise<boolean> {
    const changed = await tx.$executeRaw`
      UPDATE reconciliation_runs SET status = ${end.status}, counts = ${json(end.counts)}::jsonb, totals = ${json(end.totals)}::jsonb,
        error_context = ${json(end.errorContext)}::jsonb, cursor = '{"phase":"end"}', lease_owner = NULL, lease_until = NULL,
        finished_at = ${this.clock.now()}
      WHERE id = ${id} AND lease_owner = ${owner} AND status = 'running'`;
    return changed === 1;
  }
}

function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
