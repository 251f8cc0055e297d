import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Tx } from '../../platform/database';

/** Longer than any one call to the provider with its retries may take. */
const LEASE_SECONDS = 60;
/** The wait doubles from two seconds to a quarter of an hour. */
const LONGEST_WAIT_SECONDS = 900;

/** What is due of payouts. Due times and leases of steps are the database's own time, of polls business time. */
@Injectable()
export class PayoutWorkRepository {
  constructor(private readonly clock: Clock) {}

  async due(tx: Tx, limit: number): Promise<string[]> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM payouts WHERE step_at <= statement_timestamp() AND (lease_until IS NULL OR lease_until < statement_timestamp())
      ORDER BY step_at, id LIMIT ${limit}`;
    return rows.map(({ id }) => id);
  }

  /**
   * The caller may now call the provider for it, and nobody else.
   * @returns the number of his turn, by which all that he writes is told from what whoever takes over writes; null where it is not his.
   */
  async take(tx: Tx, id: string): Promise<number | null> {
    const rows = await tx.$queryRaw<{ attempts: number }[]>`
      UPDATE payouts SET lease_until = statement_timestamp() + ${LEASE_SECONDS} * interval '1 s', attempts = attempts + 1
      WHERE id = ${id} AND step_at <= statement_timestamp() AND (lease_until IS NULL OR lease_until < statement_timestamp())
      RETURNING attempts`;
    return rows[0]?.attempts ?? null;
  }

  /** Once more the whole lease, for a call that must not be made by two. @returns whether the turn is still his. */
  async hold(tx: Tx, id: string, turn: number): Promise<boolean> {
    const count = await tx.$executeRaw`
      UPDATE payouts SET lease_until = statement_timestamp() + ${LEASE_SECONDS} * interval '1 s'
      WHERE id = ${id} AND attempts = ${turn}`;
    return count === 1;
  }

  /** Somebody is to look what comes next, at once. */
  async wake(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`UPDATE payouts SET step_at = statement_timestamp() WHERE id = ${id}`;
  }

  /** The step is done; the next one may follow. */
  async release(tx: Tx, id: string, turn: number): Promise<void> {
    await tx.$executeRaw`UPDATE payouts SET lease_until = NULL, failures = 0 WHERE id = ${id} AND attempts = ${turn}`;
  }

  /** Nothing is to be done for now, unless somebody has asked for something meanwhile. */
  async rest(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`UPDATE payouts SET lease_until = NULL, failures = 0, step_at = NULL WHERE id = ${id}`;
  }

  /**
   * The provider did not answer, or not so that anybody knows.
   * @param askedSeconds how long it has asked us to wait at least
   * @returns how often in a row; 0 where the turn is another's by now
   */
  async postpone(tx: Tx, id: string, turn: number, askedSeconds: number): Promise<number> {
    const rows = await tx.$queryRaw<{ failures: number }[]>`
      UPDATE payouts SET lease_until = NULL, failures = failures + 1, step_at = statement_timestamp()
        + greatest(least(2 ^ least(failures + 1, 20), ${LONGEST_WAIT_SECONDS}), ${askedSeconds}) * interval '1 s'
      WHERE id = ${id} AND attempts = ${turn} RETURNING failures`;
    return rows[0]?.failures ?? 0;
  }

  /** Transfers that have been silent for too long; the next look at each is put off meanwhile. */
  async silent(
    tx: Tx,
    limit: number,
  ): Promise<{ id: string; transferRef: string; transferKey: string; pollAt: Date }[]> {
    return tx.$queryRaw`
      WITH silent AS (
        SELECT id, poll_at FROM payouts WHERE poll_at <= ${this.clock.now()} AND transfer_ref IS NOT NULL
        ORDER BY poll_at, id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      UPDATE payouts p SET poll_at = ${new Date(this.clock.now().getTime() + 3_600_000)} FROM silent s WHERE p.id = s.id
      RETURNING p.id, p.transfer_ref AS "transferRef", p.transfer_key::text AS "transferKey", s.poll_at AS "pollAt"`;
  }

  async pollAt(tx: Tx, id: string, at: Date | null): Promise<void> {
    await tx.$executeRaw`UPDATE payouts SET poll_at = ${at} WHERE id = ${id}`;
  }

  /** Written once it is known. @returns false where another transfer stands there: two were made, and one too many. */
  async carriedBy(tx: Tx, id: string, transferRef: string): Promise<boolean> {
    const count = await tx.$executeRaw`
      UPDATE payouts SET transfer_ref = ${transferRef} WHERE id = ${id} AND (transfer_ref IS NULL OR transfer_ref = ${transferRef})`;
    return count === 1;
  }
}
