import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Snapshot, Tx } from '../../../platform/database';
import type { NextRange, SealHead } from './domain/seal-plan';
import type { Seal, SealedTransaction } from './domain/seal';

const SEAL_PAGE = 500;

/** A journal transaction as it is sealed and verified, by one spelling for both. */
const SEALED_COLUMNS = `t.id, t.seq::text AS seq, t.xact_id::text AS "xactId", t.type, extract(epoch FROM t.ts)::text AS ts,
  extract(epoch FROM t.recorded_at)::text AS "recordedAt", t.provider, t.ref_id AS "refId", t.customer_id AS "customerId",
  t.idempotency_key AS "idempotencyKey", encode(t.content_hash, 'hex') AS "contentHash", t.reverses_id AS "reversesId",
  t.meta::text AS meta, (
    SELECT COALESCE(json_agg(json_build_array(e.position, e.account_code, e.amount::text, e.currency) ORDER BY e.position), '[]')
    FROM journal_entries e WHERE e.transaction_id = t.id) AS entries`;

const SEAL_COLUMNS = `number::text AS number, encode(previous_hash, 'hex') AS "previousHash", encode(hash, 'hex') AS hash,
  encode(content_hash, 'hex') AS "contentHash", after_seq::text AS "afterSeq", last_xact_id::text AS "lastXactId",
  last_seq::text AS "lastSeq", max_seq::text AS "maxSeq", transactions, entries, sealed_at AS "sealedAt"`;

type SealRow = Pick<Seal, 'previousHash' | 'hash' | 'contentHash' | 'transactions' | 'entries' | 'sealedAt'> &
  Record<'number' | 'afterSeq' | 'lastXactId' | 'lastSeq' | 'maxSeq', string>;

/** Rows that wait for a seal. */
export interface Unsealed {
  transactions: number;
  /** By the wall clock; null where none waits. */
  oldestRecordedAt: Date | null;
}

@Injectable()
export class SealsRepository {
  /** Where the chain stands, and whether the rows were written in this cluster. */
  async head(tx: Tx): Promise<SealHead> {
    const [row] = await tx.$queryRaw<SealRow[]>(
      Prisma.sql`SELECT ${Prisma.raw(SEAL_COLUMNS)} FROM ledger_seals ORDER BY ledger_seals.number DESC LIMIT 1`,
    );
    const last = row ? sealOfRow(row) : null;
    // What is visible and was written here has ended, and what has ended lies below xmax.
    const [move] = await tx.$queryRaw<{ moved: boolean; seq: bigint | null }[]>`
      WITH now AS MATERIALIZED (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xmax),
      foreign_rows AS (
        -- OFFSET: else the planner looks for the highest seq first, and goes through the whole journal.
        SELECT max(seq) AS seq FROM (
          SELECT t.seq FROM journal_transactions t
          WHERE t.xact_id >= (SELECT xmax FROM now) AND t.seq > ${last?.afterSeq ?? 0n} OFFSET 0) t),
      move AS MATERIALIZED (
        SELECT seq, seq IS NOT NULL OR ${last?.last.xactId ?? 0n}::bigint >= (SELECT xmax FROM now) AS moved FROM foreign_rows)
      SELECT moved, CASE WHEN moved THEN GREATEST(seq, (SELECT max(max_seq) FROM ledger_seals)) END AS seq FROM move`;
    return { last, moved: move?.moved ?? false, movedSeq: move?.seq ?? 0n };
  }

  /** The oldest transaction that is still running: all below it have ended, and those that begin later lie above it. */
  async horizon(tx: Tx): Promise<bigint> {
    const [row] = await tx.$queryRaw<{ xmin: bigint }[]>`
      SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin`;
    return row?.xmin ?? 0n;
  }

  /**
   * The next rows to seal. Nothing can ever come to lie before or between them: the transaction id is stamped by the database
   * itself, every transaction below the horizon has ended (prepared ones included) before it was asked for, and so is seen by
   * every statement after it; those that begin later get higher ids.
   */
  async next(
    tx: Tx,
    { afterSeq, after, throughSeq }: NextRange,
    horizon: bigint,
    limit: number,
  ): Promise<SealedTransaction[]> {
    return tx.$queryRaw<SealedTransaction[]>`
      SELECT ${Prisma.raw(SEALED_COLUMNS)} FROM journal_transactions t
      WHERE (t.xact_id, t.seq) > (${after.xactId}, ${after.seq}) AND t.seq > ${afterSeq}
        AND CASE WHEN ${throughSeq}::bigint IS NULL THEN t.xact_id < ${horizon} ELSE t.seq <= ${throughSeq} END
      ORDER BY t.xact_id, t.seq LIMIT ${limit}`;
  }

  /** The chain's own constraints refuse whatever does not follow the last one. */
  async insert(tx: Tx, seal: Seal): Promise<void> {
    const { number, previousHash, hash, contentHash, afterSeq, last, maxSeq, transactions, entries, sealedAt } = seal;
    await tx.$executeRaw`
      INSERT INTO ledger_seals (number, previous_hash, hash, content_hash, after_seq, last_xact_id, last_seq, max_seq, transactions,
        entries, sealed_at)
      VALUES (${number}, decode(${previousHash}, 'hex'), decode(${hash}, 'hex'), decode(${contentHash}, 'hex'), ${afterSeq},
        ${last.xactId}, ${last.seq}, ${maxSeq}, ${transactions}, ${entries}, ${sealedAt})`;
  }

  /** What is committed and was not sealed, below the horizon or not. */
  async unsealed(tx: Tx, { afterSeq, after }: NextRange): Promise<Unsealed> {
    const [row] = await tx.$queryRaw<Unsealed[]>`
      SELECT count(*)::int AS transactions, min(recorded_at) AS "oldestRecordedAt" FROM journal_transactions t
      WHERE (t.xact_id, t.seq) > (${after.xactId}, ${after.seq}) AND t.seq > ${afterSeq}`;
    return row ?? { transactions: 0, oldestRecordedAt: null };
  }

  /** The chain from its beginning, a page at a time; another stream may be open on the same snapshot. */
  async *chain(snapshot: Snapshot): AsyncGenerator<Seal, void, void> {
    for (let after = '0'; ;) {
      const rows = await snapshot.query<SealRow>(
        `SELECT ${SEAL_COLUMNS} FROM ledger_seals WHERE ledger_seals.number > $1 ORDER BY ledger_seals.number LIMIT ${SEAL_PAGE}`,
        [after],
      );
      for (const row of rows) yield sealOfRow(row);
      const last = rows.at(-1);
      if (!last || rows.length < SEAL_PAGE) return;
      after = last.number;
    }
  }

  /** Where each stretch of transaction ids ends: the `afterSeq` of the next; none where the database has never moved. */
  async moves(snapshot: Snapshot): Promise<bigint[]> {
    const rows = await snapshot.query<{ seq: string }>(
      'SELECT DISTINCT after_seq::text AS seq, after_seq FROM ledger_seals WHERE after_seq > 0 ORDER BY after_seq',
    );
    return rows.map(({ seq }) => BigInt(seq));
  }

  /** The journal in the order in which it is sealed. @param through null is the end. */
  journal(
    snapshot: Snapshot,
    afterSeq: bigint,
    through: bigint | null,
  ): AsyncGenerator<SealedTransaction[], void, void> {
    const bounds = through === null ? [] : [String(afterSeq), String(through)];
    // The usual case has no condition, so that it is a bare walk along the index.
    const where = through === null ? (afterSeq === 0n ? '' : 'WHERE t.seq > $1') : 'WHERE t.seq > $1 AND t.seq <= $2';
    const values = through === null && afterSeq > 0n ? [String(afterSeq)] : bounds;
    return snapshot.stream<SealedTransaction>(
      `SELECT ${SEALED_COLUMNS} FROM journal_transactions t ${where} ORDER BY t.xact_id, t.seq`,
      values,
    );
  }
}

function sealOfRow({ number, afterSeq, lastXactId, lastSeq, maxSeq, ...row }: SealRow): Seal {
  return {
    ...row,
    number: BigInt(number),
    afterSeq: BigInt(afterSeq),
    last: { xactId: BigInt(lastXactId), seq: BigInt(lastSeq) },
    maxSeq: BigInt(maxSeq),
  };
}
