import { Injectable } from '@nestjs/common';
import { amountToJson } from '../../shared/money';
import type { Tx } from '../../platform/database';
import type { MovementKind, StatementLine } from '../../shared/statement-line';
import { keyOfLine, type BookLine } from './domain/book-lines';
import type { RunWindow } from './domain/compare-movement';
import type { SideRow } from './domain/run-totals';

/** A line as it is kept while a run goes on: amounts as text, because a JSON number would round beyond 2^53. */
interface KeptLine {
  ref: string;
  kind: MovementKind;
  objectRef: string | null;
  paymentRef: string | null;
  aggregate: string | null;
  status: string | null;
  gross: string;
  fee: string;
  net: string;
  currency: string;
  createdAt: string;
  availableAt: string;
}

interface SumRow {
  side: 'provider' | 'books';
  day: string;
  currency: string;
  lines: number;
  gross: bigint;
  fee: bigint;
  net: bigint;
}

/** What a run has seen so far, in the database and not in memory: it may be months, and the run may break off. */
@Injectable()
export class ReconciliationLinesRepository {
  /** Lines met again, after a page was fetched twice, stay as they are. */
  async addStatement(tx: Tx, runId: string, lines: readonly StatementLine[]): Promise<void> {
    if (lines.length === 0) return;
    const rows = lines.map((line) => {
      const kept: KeptLine = {
        ...line,
        ...{ gross: String(line.gross), fee: String(line.fee), net: String(line.net) },
        ...{ createdAt: line.createdAt.toISOString(), availableAt: line.availableAt.toISOString() },
      };
      return { ...kept, key: keyOfLine(line), line: kept };
    });
    await tx.$executeRaw`
      INSERT INTO reconciliation_lines (run_id, side, ref, key, at, currency, gross, fee, net, line)
      SELECT ${runId}, 'provider', ref, key, "createdAt", currency, gross, fee, net, line
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (ref text, key text, "createdAt" timestamptz, currency text,
        gross bigint, fee bigint, net bigint, line jsonb)
      ON CONFLICT (run_id, side, ref) DO NOTHING`;
  }

  /** The provider's lines of the next movements in the order of their keys, all of a movement's together. */
  async nextMovements(tx: Tx, runId: string, after: string, limit: number): Promise<Map<string, StatementLine[]>> {
    const rows = await tx.$queryRaw<{ key: string; line: KeptLine }[]>`
      SELECT l.key, l.line FROM reconciliation_lines l
      WHERE l.run_id = ${runId} AND l.side = 'provider' AND l.key IN (
        SELECT DISTINCT key FROM reconciliation_lines
        WHERE run_id = ${runId} AND side = 'provider' AND key > ${after} ORDER BY key LIMIT ${limit})
      ORDER BY l.key, l.ref`;
    const movements = new Map<string, StatementLine[]>();
    for (const { key, line } of rows) movements.set(key, [...(movements.get(key) ?? []), lineOf(line)]);
    return movements;
  }

  /** What the books say, one row per movement and currency. */
  async addBooks(tx: Tx, runId: string, books: readonly BookLine[]): Promise<void> {
    const rows = books.flatMap((book) =>
      book.sums.map(({ currency, net, fee }) => ({
        ...{ ref: `${refOfBook(book)} ${currency}`, key: book.key, at: book.at, currency },
        ...{ gross: String(net + fee), fee: String(fee), net: String(net) },
      })),
    );
    if (rows.length === 0) return;
    await tx.$executeRaw`
      INSERT INTO reconciliation_lines (run_id, side, ref, key, at, currency, gross, fee, net)
      SELECT ${runId}, 'books', ref, key, at, currency, gross, fee, net
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (ref text, key text, at timestamptz, currency text,
        gross bigint, fee bigint, net bigint)
      ON CONFLICT (run_id, side, ref) DO NOTHING`;
  }

  /** Those of the keys whose movements were compared already: the provider has them in, or about, the window. */
  async comparedAmong(tx: Tx, runId: string, keys: readonly string[]): Promise<Set<string>> {
    const rows = await tx.$queryRaw<{ key: string }[]>`
      SELECT DISTINCT key FROM reconciliation_lines
      WHERE run_id = ${runId} AND side = 'provider' AND key = ANY (${[...keys]}::text[])`;
    return new Set(rows.map(({ key }) => key));
  }

  /** Others' on a shared account. */
  async discount(tx: Tx, runId: string, refs: readonly string[]): Promise<void> {
    if (refs.length === 0) return;
    await tx.$executeRaw`
      UPDATE reconciliation_lines SET is_counted = false
      WHERE run_id = ${runId} AND side = 'provider' AND ref = ANY (${[...refs]}::text[])`;
  }

  async foreignIn(tx: Tx, runId: string): Promise<number> {
    const [row] = await tx.$queryRaw<{ n: number }[]>`
      SELECT count(*)::int AS n FROM reconciliation_lines WHERE run_id = ${runId} AND NOT is_counted`;
    return row?.n ?? 0;
  }

  /** Within the window, per side, day (UTC) and currency. */
  async sums(tx: Tx, runId: string, { from, to }: Pick<RunWindow, 'from' | 'to'>): Promise<SideRow[]> {
    const rows = await tx.$queryRaw<SumRow[]>`
      SELECT side, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, currency, count(*)::int AS lines,
        sum(gross)::bigint AS gross, sum(fee)::bigint AS fee, sum(net)::bigint AS net
      FROM reconciliation_lines
      WHERE run_id = ${runId} AND is_counted AND at >= ${from} AND at < ${to}
      GROUP BY 1, 2, 3`;
    return rows.map(({ gross, fee, net, ...row }) => ({
      ...row,
      ...{ gross: amountToJson(gross), fee: amountToJson(fee), net: amountToJson(net) },
    }));
  }

  async drop(tx: Tx, runId: string): Promise<void> {
    await tx.$executeRaw`DELETE FROM reconciliation_lines WHERE run_id = ${runId}`;
  }
}

function refOfBook({ key, movementRef }: BookLine): string {
  return movementRef ?? key;
}

function lineOf(line: KeptLine): StatementLine {
  return {
    ...line,
    ...{ gross: BigInt(line.gross), fee: BigInt(line.fee), net: BigInt(line.net) },
    ...{ createdAt: new Date(line.createdAt), availableAt: new Date(line.availableAt) },
  };
}
