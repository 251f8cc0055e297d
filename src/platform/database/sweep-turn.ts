import type { Tx } from './prisma.service';
import type { UnitOfWork } from './unit-of-work';

/**
 * One turn of a sweeper that goes round and round over a table. Its row holds where it stands and is the lock of the turn,
 * so that more workers do not make it run faster.
 * @param work from a position ('' is the beginning) to the next one, in the same transaction.
 * @returns null while another process has the turn.
 */
export async function takeSweepTurn<T>(
  tx: Tx,
  name: string,
  work: (position: string) => Promise<{ position: string; result: T }>,
): Promise<T | null> {
  await tx.$executeRaw`
    INSERT INTO sweep_cursors (name, position, updated_at) VALUES (${name}, '', statement_timestamp()) ON CONFLICT (name) DO NOTHING`;
  const [turn] = await tx.$queryRaw<{ position: string }[]>`
    SELECT position FROM sweep_cursors WHERE name = ${name} FOR UPDATE SKIP LOCKED`;
  if (!turn) return null;
  const { position, result } = await work(turn.position);
  await tx.$executeRaw`
    UPDATE sweep_cursors SET position = ${position}, updated_at = statement_timestamp() WHERE name = ${name}`;
  return result;
}

/** What a page of a round came to. */
export interface SweptPage {
  /** Where the next page begins. */
  position: string;
  /** How much was done. */
  count: number;
  /** Whether there may be another one. */
  more: boolean;
}

/**
 * Page after page, each a turn and a transaction of its own: until the round is over, another process has the turn, or as far as
 * one pass goes. @returns how much was done.
 */
export async function takeSweepTurns(
  unitOfWork: UnitOfWork,
  { name, pages }: { name: string; pages: number },
  work: (tx: Tx, position: string) => Promise<SweptPage>,
): Promise<number> {
  let all = 0;
  for (let page = 0; page < pages; page += 1) {
    const swept = await unitOfWork.service((tx) =>
      takeSweepTurn(tx, name, async (from) => {
        const result = await work(tx, from);
        return { position: result.position, result };
      }),
    );
    all += swept?.count ?? 0;
    if (!swept?.more) break;
  }
  return all;
}
