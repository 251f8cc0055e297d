/** A row of a table as JSON, under the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

export interface TableRow {
  table: string;
  /** The columns of its primary key. */
  key: Readonly<Record<string, string | number>>;
  row: Row;
}

/** What becomes of a row. Before is null for a new one, after for one that is gone. */
export interface RowChange {
  table: string;
  key: TableRow['key'];
  before: Row | null;
  after: Row | null;
}

/** When a row was touched says nothing of what it holds. */
const BOOKKEEPING = new Set(['updated_at']);

/** Pure: what differs between two pictures of the same tables, by primary key, in the order of the tables in them. */
export function rowChanges(before: readonly TableRow[], after: readonly TableRow[]): RowChange[] {
  const rows = new Map<string, RowChange>();
  for (const { table, key, row } of before) rows.set(keyText(table, key), { table, key, before: row, after: null });
  for (const { table, key, row } of after) {
    const known = rows.get(keyText(table, key));
    if (known) known.after = row;
    else rows.set(keyText(table, key), { table, key, before: null, after: row });
  }
  const changed = [...rows.values()].filter((change) => !isSame(change.before, change.after));
  const tables = [...new Set([...before, ...after].map(({ table }) => table))];
  return tables.flatMap((table) => changed.filter((change) => change.table === table));
}

function keyText(table: string, key: TableRow['key']): string {
  return JSON.stringify([
    table,
    ...Object.keys(key)
      .sort()
      .map((column) => key[column]),
  ]);
}

/** Rows come from jsonb, which has one order of keys for one set of them, at every depth. */
function isSame(a: Row | null, b: Row | null): boolean {
  if (a === null || b === null) return a === b;
  return contentOf(a) === contentOf(b);
}

function contentOf(row: Row): string {
  return JSON.stringify(Object.entries(row).filter(([column]) => !BOOKKEEPING.has(column)));
}
