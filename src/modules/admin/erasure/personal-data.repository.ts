import { Injectable } from '@nestjs/common';
import type { Snapshot } from '../../../platform/database';
import { asInBodies, patternOf } from './domain/words';

/** Where something was found, and in how many rows. */
export interface FoundPlace {
  table: string;
  column: string;
  rows: number;
}

export interface SearchResult {
  tables: number;
  columns: number;
  found: FoundPlace[];
}

interface Column {
  table: string;
  column: string;
  isBytes: boolean;
}

/** What came in of somebody since he was erased, or is not handled yet: it loses its body within a minute of that. */
const ON_ITS_WAY = `SELECT FROM erased_aggregates x WHERE x.aggregate = inbox_events.aggregate
  AND (inbox_events.handled_at IS NULL OR inbox_events.received_at >= x.erased_at)`;

/** Looks into every column of every table that can hold a text, whoever owns it and whatever it is for. */
@Injectable()
export class PersonalDataRepository {
  /** Of his events those that have their bodies still. */
  async pending(snapshot: Snapshot, customerId: string): Promise<number> {
    const [row] = await snapshot.query<{ n: number }>(
      `SELECT count(*)::int4 AS n FROM inbox_events e JOIN erased_aggregates x ON x.aggregate = e.aggregate
       WHERE x.customer_id = $1 AND e.raw_body IS NOT NULL`,
      [customerId],
    );
    return row?.n ?? 0;
  }

  /** @param words case does not matter; they are found where they stand by themselves. */
  async search(snapshot: Snapshot, words: readonly string[]): Promise<SearchResult> {
    const columns = await this.columns(snapshot);
    const tables = new Map<string, Column[]>();
    for (const column of columns) tables.set(column.table, [...(tables.get(column.table) ?? []), column]);
    const pattern = patternOf(words);
    const found: FoundPlace[] = [];
    if (pattern !== null) {
      // In a body every byte beyond ASCII is written as its octal escape, a backslash twice.
      const [bytes] = await snapshot.query<{ pattern: string[] }>(
        `SELECT array_agg(lower(encode(convert_to(w, 'UTF8'), 'escape'))) AS pattern FROM unnest($1::text[]) w`,
        [asInBodies(words)],
      );
      const patterns = [pattern, patternOf(bytes?.pattern ?? [])];
      for (const [table, its] of tables) found.push(...(await this.searchTable(snapshot, table, its, patterns)));
    }
    return { tables: tables.size, columns: columns.length, found };
  }

  private async searchTable(
    snapshot: Snapshot,
    table: string,
    columns: readonly Column[],
    patterns: readonly (string | null)[],
  ): Promise<FoundPlace[]> {
    const counts = columns.map(
      ({ column, isBytes }, i) =>
        `count(*) FILTER (WHERE ${isBytes ? `lower(encode(${column}, 'escape')) ~ $2` : `lower(${column}::text) ~ $1`})::int4 AS c${i}`,
    );
    const rest = table === 'public.inbox_events' ? `AND NOT EXISTS (${ON_ITS_WAY})` : '';
    // Both are used, whatever the columns: a parameter that nobody names has no type.
    const [row] = await snapshot.query<Record<string, number>>(
      `SELECT ${counts.join(', ')} FROM ${table} WHERE $1::text IS NOT NULL AND $2::text IS NOT NULL ${rest}`,
      patterns,
    );
    return columns.flatMap(({ column }, i) => {
      const rows = row?.[`c${i}`] ?? 0;
      return rows === 0 ? [] : [{ table, column, rows }];
    });
  }

  /** Names are quoted. Partitions are read through their table. */
  private columns(snapshot: Snapshot): Promise<Column[]> {
    return snapshot.query<Column>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS "table", quote_ident(a.attname) AS "column",
         a.atttypid = 'bytea'::regtype AS "isBytes"
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type item ON item.oid = t.typelem AND t.typcategory = 'A'
       WHERE n.nspname IN ('public', 'kassa_archive') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND a.attnum > 0 AND NOT a.attisdropped
         AND (t.typcategory = 'S' OR item.typcategory = 'S' OR a.atttypid IN ('json'::regtype, 'jsonb'::regtype, 'bytea'::regtype))
       ORDER BY 1, a.attnum`,
    );
  }
}
