import type { Tx } from './prisma.service';

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
