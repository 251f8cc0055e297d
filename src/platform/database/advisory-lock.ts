import type { Tx } from './prisma.service';

/**
 * The one lock per customer aggregate, held to the end of the transaction. Tried, not waited for: who does not get it
 * puts the work back. Never nested, so no two can wait for each other.
 */
export async function tryLockAggregate(tx: Tx, aggregate: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ locked: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${aggregate}, 0)) AS locked`;
  return row?.locked === true;
}
