import type { Prisma } from '../../src/generated/prisma/client';
import type { Bench } from './bench';

/** One look into a table, as PostgreSQL carried it out. */
export interface Scan {
  /** `Index Scan`, `Seq Scan`, … */
  node: string;
  table: string;
  index: string | null;
  /** Rows read, those that a condition threw away included. */
  rows: number;
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** Carries a statement out, and tells how it read its tables. */
export async function scansOf(bench: Bench, sql: Prisma.Sql): Promise<Scan[]> {
  const [row] = await bench.rows<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${sql.text}`,
    sql.values,
  );
  if (!row) throw new Error('PostgreSQL explained nothing');
  return scansIn(row['QUERY PLAN'][0].Plan);
}

function scansIn(plan: PlanNode): Scan[] {
  const below = (plan.Plans ?? []).flatMap(scansIn);
  const table = plan['Relation Name'];
  if (table === undefined) return below;
  const rows = (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'];
  return [{ node: plan['Node Type'], table, index: plan['Index Name'] ?? null, rows }, ...below];
}
