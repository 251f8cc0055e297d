import { unavailable } from '../../shared/app-error';
import type { Tx } from './prisma.service';

/**
 * The one lock per customer aggregate, held to the end of the transaction. Tried, not waited for: who does not get it
 * puts the work back.
 * @throws TRY_AGAIN where another unit of work holds it; see `retryWhileBusy`.
 */
export async function lockAggregate(tx: Tx, aggregate: string): Promise<void> {
  if ((await tryLockAggregates(tx, [aggregate])).has(aggregate)) return;
  throw unavailable('TRY_AGAIN', 'The customer is being worked on; try again in a moment', 1);
}

/** The locks of many aggregates, each tried. Nothing waits, so no two units of work can wait for each other. @returns those that were got. */
export async function tryLockAggregates(tx: Tx, aggregates: readonly string[]): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ aggregate: string; locked: boolean }[]>`
    SELECT a.aggregate, pg_try_advisory_xact_lock(hashtextextended(a.aggregate, 0)) AS locked FROM unnest(${aggregates}::text[]) AS a (aggregate)`;
  return new Set(rows.flatMap(({ aggregate, locked }) => (locked ? [aggregate] : [])));
}
