import { canonicalJson } from '../shared/canonical-json';
import type { Outcome, OutcomeRow } from './outcome.repository';

/** A row that did not come out the same. */
export interface Difference {
  table: string;
  key: string;
  customerId: string | null;
  aggregate: string | null;
  /** The columns that differ; null where there is no such row. */
  expected: Readonly<Record<string, unknown>> | null;
  actual: Readonly<Record<string, unknown>> | null;
}

/** Pure. What one outcome has other than the other, table by table. Tables that only one of them has are passed over. */
export function differencesOf(expected: Outcome, actual: Outcome): Difference[] {
  const differences: Difference[] = [];
  for (const [table, rows] of expected) {
    const others = actual.get(table);
    if (!others) continue;
    for (const key of new Set([...rows.keys(), ...others.keys()])) {
      const difference = differenceOf(rows.get(key), others.get(key));
      if (difference) differences.push({ table, key, ...difference });
    }
  }
  return differences;
}

/** Pure. Null where both are the same. */
export function differenceOf(expected?: OutcomeRow, actual?: OutcomeRow): Omit<Difference, 'table' | 'key'> | null {
  const { customerId = null, aggregate = null } = expected ?? actual ?? {};
  const whose = { customerId, aggregate };
  if (!expected || !actual) return { ...whose, expected: expected?.row ?? null, actual: actual?.row ?? null };
  const columns = [...new Set([...Object.keys(expected.row), ...Object.keys(actual.row)])].filter(
    (column) => canonicalJson(expected.row[column] ?? null) !== canonicalJson(actual.row[column] ?? null),
  );
  if (columns.length === 0) return null;
  const only = (row: OutcomeRow['row']): Record<string, unknown> =>
    Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
  return { ...whose, expected: only(expected.row), actual: only(actual.row) };
}
