import { until } from './until';

/** The horizon is the cluster's: a transaction of another test's holds it back for a while. */
export function allSealable(rows: <T>(sql: string) => Promise<T[]>): Promise<void> {
  return until('no transaction is left that began before the last posting', async () => {
    const [found] = await rows<{ past: boolean }>(
      'SELECT COALESCE(max(xact_id) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint, true) AS past FROM journal_transactions WHERE xact_id < pg_snapshot_xmax(pg_current_snapshot())::text::bigint',
    );
    return found?.past === true;
  });
}
