import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { newId } from '../../shared/ids';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { MovementKind, StatementLine } from '../../shared/statement-line';
import type { BookLine } from './domain/book-lines';
import type { BreakType, Finding } from './domain/compare-movement';
import type { Run } from './reconciliation-runs.repository';

/** `repairing`: the provider has been asked; where the next run still sees it, it becomes `open`. */
export const BREAK_STATUSES = ['open', 'repairing', 'resolved', 'ignored'] as const;
export type BreakStatus = (typeof BREAK_STATUSES)[number];

/** What one side says of a movement. Amounts in minor units, as text: they may be beyond 2^53. */
export interface BreakSide {
  gross: string;
  fee: string;
  net: string;
  currency: string;
  at: string;
  status: string | null;
}

export interface Break {
  id: string;
  provider: Provider;
  type: BreakType;
  /** Of the cause. */
  key: string;
  status: BreakStatus;
  /** The provider's id of the movement; null where it has none. */
  providerRef: string | null;
  objectRef: string | null;
  movement: MovementKind;
  /** Our journal transactions. */
  transactionIds: string[];
  currency: string;
  difference: bigint | null;
  /** By our books, per currency. */
  expected: BreakSide[] | null;
  /** By the provider. */
  actual: BreakSide | null;
  occurredAt: Date;
  firstSeenRunId: string;
  firstSeenAt: Date;
  lastSeenAt: Date;
  ticketedAt: Date | null;
  resolvedAt: Date | null;
  ignoredReason: string | null;
}

/** A break that is still seen so long after people were told of it is told again. Runs of a day see a movement for a week. */
const TELL_AGAIN_MS = 3 * 86_400_000;

/** A break as a run has met it. */
export interface MetBreak extends Pick<
  Break,
  | 'id'
  | 'type'
  | 'key'
  | 'movement'
  | 'providerRef'
  | 'objectRef'
  | 'currency'
  | 'difference'
  | 'occurredAt'
  | 'firstSeenAt'
> {
  isNew: boolean;
  /** Nothing repairs it by itself, and it was not told to people, or long ago. */
  needsTicket: boolean;
}

/** A break that needs nobody any more, and whether people were told of it. */
export type SettledBreak = Pick<Break, 'id' | 'provider' | 'key' | 'ticketedAt'>;

const COLUMNS = Prisma.sql`b.id, b.provider, b.type, b.key, b.status, b.provider_ref AS "providerRef", b.object_ref AS "objectRef",
  b.movement, b.transaction_ids AS "transactionIds", b.currency, b.difference, b.expected, b.actual,
  b.occurred_at AS "occurredAt", b.first_seen_run_id AS "firstSeenRunId", b.first_seen_at AS "firstSeenAt",
  b.last_seen_at AS "lastSeenAt", b.ticketed_at AS "ticketedAt", b.resolved_at AS "resolvedAt",
  b.ignored_reason AS "ignoredReason"`;

@Injectable()
export class ReconciliationBreaksRepository {
  constructor(private readonly clock: Clock) {}

  /**
   * What a run has found, each once per cause: known ones are seen again, and what was being repaired and is still there is
   * open from now on. @param repaired keys of those whose objects are asked for.
   */
  async meet(tx: Tx, run: Run, findings: readonly Finding[], repaired: ReadonlySet<string>): Promise<MetBreak[]> {
    // Two lines may show the same cause; a statement may touch a row once.
    const causes = [...new Map(findings.map((finding) => [finding.key, finding])).values()];
    if (causes.length === 0) return [];
    const at = this.clock.wall().getTime();
    const longAgo = new Date(this.clock.now().getTime() - TELL_AGAIN_MS);
    const rows = causes.map((finding) => ({
      id: newId('brk', at),
      status: repaired.has(finding.key) ? 'repairing' : 'open',
      ...columnsOf(finding),
    }));
    const met = await tx.$queryRaw<MetBreak[]>`
      INSERT INTO reconciliation_breaks AS b (id, provider, type, key, status, provider_ref, object_ref, movement, transaction_ids,
        currency, difference, expected, actual, occurred_at, first_seen_run_id, first_seen_at, last_seen_at)
      SELECT r.id, ${run.provider}, r.type, r.key, r.status, r.provider_ref, r.object_ref, r.movement,
        r.transaction_ids, r.currency, r.difference,
        NULLIF(r.expected, 'null'::jsonb), NULLIF(r.actual, 'null'::jsonb), r.at, ${run.id}, ${run.startedAt}, ${run.startedAt}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id text, type text, key text, status text, provider_ref text,
        object_ref text, movement text, transaction_ids jsonb, currency text, difference bigint, expected jsonb, actual jsonb,
        at timestamptz)
      ON CONFLICT (provider, key) WHERE status <> 'resolved' DO UPDATE SET
        status = CASE WHEN b.status = 'repairing' AND b.first_seen_run_id <> EXCLUDED.first_seen_run_id
          AND b.first_seen_at < EXCLUDED.first_seen_at THEN 'open' ELSE b.status END,
        transaction_ids = EXCLUDED.transaction_ids, difference = EXCLUDED.difference, expected = EXCLUDED.expected,
        actual = EXCLUDED.actual, occurred_at = EXCLUDED.occurred_at,
        last_seen_at = GREATEST(b.last_seen_at, EXCLUDED.last_seen_at)
      RETURNING b.id, b.type, b.key, b.movement, b.provider_ref AS "providerRef", b.object_ref AS "objectRef", b.currency,
        b.difference, b.occurred_at AS "occurredAt", b.first_seen_at AS "firstSeenAt", b.xmax = 0 AS "isNew",
        b.status = 'open' AND (b.ticketed_at IS NULL OR b.ticketed_at <= ${longAgo}) AS "needsTicket"`;
    const ids = met.map(({ id }) => id);
    await tx.$executeRaw`
      INSERT INTO reconciliation_sightings (run_id, break_id) SELECT ${run.id}, unnest(${ids}::text[]) ON CONFLICT DO NOTHING`;
    return met;
  }

  async ticketed(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.$executeRaw`
      UPDATE reconciliation_breaks SET ticketed_at = ${this.clock.now()} WHERE id = ANY (${[...ids]}::text[])`;
  }

  /** What lies in the run's window and is no longer seen. A break that a later run has seen is that one's to settle. */
  async resolveUnseen(tx: Tx, run: Run): Promise<SettledBreak[]> {
    return tx.$queryRaw<SettledBreak[]>`
      UPDATE reconciliation_breaks b SET status = 'resolved', resolved_at = ${this.clock.now()}
      WHERE b.provider = ${run.provider} AND b.status IN ('open', 'repairing')
        AND b.occurred_at >= ${run.from} AND b.occurred_at < ${run.to} AND b.last_seen_at <= ${run.startedAt}
        AND NOT EXISTS (SELECT FROM reconciliation_sightings s WHERE s.run_id = ${run.id} AND s.break_id = b.id)
      RETURNING b.id, b.provider, b.key, b.ticketed_at AS "ticketedAt"`;
  }

  /** Whether the cause waits for people, whichever break of it that is. */
  async isOpen(tx: Tx, provider: string, key: string): Promise<boolean> {
    const [row] = await tx.$queryRaw<{ open: boolean }[]>`
      SELECT EXISTS (
        SELECT FROM reconciliation_breaks WHERE provider = ${provider} AND key = ${key} AND status = 'open') AS open`;
    return row?.open === true;
  }

  async countsOf(tx: Tx, runId: string): Promise<{ breaks: number; unresolved: number }> {
    const [row] = await tx.$queryRaw<{ breaks: number; unresolved: number }[]>`
      SELECT count(*)::int AS breaks, count(*) FILTER (WHERE b.status IN ('open', 'repairing'))::int AS unresolved
      FROM reconciliation_sightings s JOIN reconciliation_breaks b ON b.id = s.break_id WHERE s.run_id = ${runId}`;
    return row ?? { breaks: 0, unresolved: 0 };
  }

  /** What a run has seen, newest first seen first. @param after keyset: rows older than (firstSeenAt, id). */
  async ofRun(
    tx: Tx,
    runId: string,
    { status = null, type = null }: { status?: BreakStatus | null; type?: BreakType | null },
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Break[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<Break[]>`
      SELECT ${COLUMNS} FROM reconciliation_sightings s JOIN reconciliation_breaks b ON b.id = s.break_id
      WHERE s.run_id = ${runId} AND (${status}::text IS NULL OR b.status = ${status}) AND (${type}::text IS NULL OR b.type = ${type})
        AND (${at}::timestamptz IS NULL OR (b.first_seen_at, b.id) < (${at}, ${after?.id ?? null}))
      ORDER BY b.first_seen_at DESC, b.id DESC LIMIT ${limit}`;
  }

  /** Held to the end of the transaction. */
  async lockById(tx: Tx, id: string): Promise<Break | null> {
    const [row] = await tx.$queryRaw<Break[]>`
      SELECT ${COLUMNS} FROM reconciliation_breaks b WHERE b.id = ${id} FOR NO KEY UPDATE`;
    return row ?? null;
  }

  async ignore(tx: Tx, id: string, reason: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE reconciliation_breaks SET status = 'ignored', ignored_reason = ${reason} WHERE id = ${id}`;
  }
}

function columnsOf({ type, key, line, book, status, at, difference, currency }: Finding): Record<string, unknown> {
  return {
    ...{ type, key, at, currency, difference: difference === null ? null : String(difference) },
    provider_ref: line?.ref ?? book?.movementRef ?? null,
    object_ref: line?.objectRef ?? book?.objectRef ?? null,
    movement: line?.kind ?? book?.kind ?? 'other',
    transaction_ids: book?.transactions ?? [],
    expected: book && expectedOf(book, status),
    actual: line && actualOf(line),
  };
}

function expectedOf({ sums, at }: BookLine, status: string | null): BreakSide[] {
  return sums.map(({ currency, net, fee }) => ({
    ...{ gross: String(net + fee), fee: String(fee), net: String(net), currency },
    ...{ at: at.toISOString(), status },
  }));
}

function actualOf({ gross, fee, net, currency, createdAt, status }: StatementLine): BreakSide {
  return {
    ...{ gross: String(gross), fee: String(fee), net: String(net), currency },
    ...{ at: createdAt.toISOString(), status },
  };
}
