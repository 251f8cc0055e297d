/**
 * Of each table how many rows it has and a digest over all that is in them, but for the columns in `without`. Sequences are
 * left out: they move on in what is rolled back too. So are folded balances: a sweeper brings them up to the journal whenever it
 * comes.
 */
export async function databaseDigest(
  rows: <T>(sql: string, values?: unknown[]) => Promise<T[]>,
  without: readonly string[] = [],
): Promise<Record<string, { rows: number; digest: string | null }>> {
  const tables = await rows<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('public', 'kassa_archive') AND tablename NOT IN ('_prisma_migrations', 'account_day_balances', 'balance_marks')
     ORDER BY 1`,
  );
  const digests: Record<string, { rows: number; digest: string | null }> = {};
  for (const { name } of tables) {
    const [table] = await rows<{ rows: number; digest: string | null }>(
      `SELECT count(*)::int AS rows, md5(string_agg(r, E'\\n' ORDER BY r)) AS digest
       FROM (SELECT (to_jsonb(t) - $1::text[])::text AS r FROM ${name} t) AS t`,
      [without],
    );
    if (table) digests[name] = table;
  }
  return digests;
}
