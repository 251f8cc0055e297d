import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';

/** Longer than one call to Google with its retries may take. */
const LEASE_MS = 60_000;
const FIRST_DELAY_MS = 10_000;
const MAX_DELAY_MS = 600_000;

/** A purchase that is granted here, and of which Google has to be told so. */
export interface Granted {
  token: string;
  customerId: string;
  kind: 'subscription' | 'product';
  /** As the catalog names it. */
  productRef: string;
  dueAt: Date;
}

/** One that is to be told now, under a lease. */
export interface Telling {
  token: string;
  kind: 'subscription' | 'product';
  productRef: string;
  /** It is used up by being granted, and can be bought again once Google knows. */
  consumed: boolean;
}

/** Retry times and leases are the database's own time, the limit is business time. */
@Injectable()
export class AcknowledgementsRepository {
  constructor(private readonly clock: Clock) {}

  /** In the transaction that grants them; what is known already stays as it is. */
  async add(tx: Tx, granted: readonly Granted[]): Promise<void> {
    if (granted.length === 0) return;
    await tx.$executeRaw`
      INSERT INTO google_acknowledgements (purchase_token, customer_id, kind, product_ref, due_at, status, next_try_at, created_at)
      SELECT g.token, g."customerId", g.kind, g."productRef", g."dueAt", 'pending', statement_timestamp(), ${this.clock.now()}
      FROM jsonb_to_recordset(${JSON.stringify(granted)}::jsonb)
        AS g (token text, "customerId" text, kind text, "productRef" text, "dueAt" timestamptz)
      ON CONFLICT (purchase_token) DO NOTHING`;
  }

  /** Google knows already, or there is nothing more to tell it of. */
  async settle(tx: Tx, tokens: readonly string[], status: 'done' | 'lost'): Promise<void> {
    if (tokens.length === 0) return;
    await tx.$executeRaw`
      UPDATE google_acknowledgements SET status = ${status}, settled_at = ${this.clock.now()}, lease_until = NULL, last_error = NULL
      WHERE purchase_token = ANY (${tokens}) AND status = 'pending'`;
  }

  /**
   * Those whose turn it is, nearest to their limit first. What nobody sells here is not among them: it grants nothing, and Google
   * is to give the money back.
   */
  async take(tx: Tx, limit: number): Promise<Telling[]> {
    return tx.$queryRaw<Telling[]>`
      WITH due AS (
        SELECT a.purchase_token, p.kind = 'consumable' AS consumed
        FROM google_acknowledgements a JOIN iap_products p ON p.provider = 'google' AND p.product_id = a.product_ref
        WHERE a.status = 'pending' AND a.next_try_at <= statement_timestamp()
          AND (a.lease_until IS NULL OR a.lease_until < statement_timestamp())
        ORDER BY a.due_at LIMIT ${limit} FOR UPDATE OF a SKIP LOCKED)
      UPDATE google_acknowledgements a
      SET attempts = a.attempts + 1, lease_until = statement_timestamp() + ${LEASE_MS} * interval '1 ms'
      FROM due WHERE a.purchase_token = due.purchase_token
      RETURNING a.purchase_token AS token, a.kind, a.product_ref AS "productRef", due.consumed`;
  }

  /** @param error what the failure is called. */
  async retryLater(tx: Tx, token: string, error: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE google_acknowledgements SET lease_until = NULL, last_error = ${error}, next_try_at = statement_timestamp()
        + LEAST(${MAX_DELAY_MS}, ${FIRST_DELAY_MS} * power(2, LEAST(attempts, 12))) * interval '1 ms'
      WHERE purchase_token = ${token} AND status = 'pending'`;
  }

  /** Those that have to be told before the moment, and have not been. */
  async late(tx: Tx, dueBefore: Date): Promise<{ count: number; firstDueAt: Date | null }> {
    const [row] = await tx.$queryRaw<{ count: number; firstDueAt: Date | null }[]>`
      SELECT count(*)::int AS count, min(due_at) AS "firstDueAt" FROM google_acknowledgements
      WHERE status = 'pending' AND due_at < ${dueBefore}`;
    return row ?? { count: 0, firstDueAt: null };
  }
}
