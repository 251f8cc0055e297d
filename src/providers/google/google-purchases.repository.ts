import { Injectable } from '@nestjs/common';
import type { PurchasePayload } from '../../shared/facts';
import type { Tx } from '../../platform/database';

/** A purchase as it was told last. */
export interface KnownPurchase {
  token: string;
  aggregate: string;
  payload: PurchasePayload;
}

/** An order as it was told last. */
export interface KnownOrder {
  orderId: string;
  /** ISO 8601. */
  createdAt: string;
  /** Nobody paid anything for it: a trial's, or a tester's. */
  free: boolean;
}

/**
 * What our own facts say of Google's purchases: Google forgets a purchase 60 days after its end, and never says what has come
 * after one.
 */
@Injectable()
export class GooglePurchases {
  /** All that belongs together with a token, itself included if it is known. */
  async chainOf(tx: Tx, token: string, aggregateOfToken: string): Promise<KnownPurchase[]> {
    return tx.$queryRaw<KnownPurchase[]>`
      SELECT DISTINCT ON (f.object_id) f.object_id AS token, f.aggregate, f.payload FROM facts f
      WHERE f.provider = 'google' AND f.object_type = 'purchase' AND f.aggregate IN (
        SELECT ${aggregateOfToken}
        UNION SELECT k.aggregate FROM facts k
        WHERE k.provider = 'google' AND k.object_type = 'purchase' AND k.object_id = ${token})
      ORDER BY f.object_id, f.occurred_at DESC, f.seq DESC`;
  }

  /** Every order that was told under an aggregate. */
  async ordersOf(tx: Tx, aggregate: string): Promise<KnownOrder[]> {
    return tx.$queryRaw<KnownOrder[]>`
      SELECT DISTINCT ON (object_id) object_id AS "orderId", payload ->> 'createdAt' AS "createdAt",
        payload ->> 'total' = '0' AS free
      FROM facts WHERE provider = 'google' AND object_type = 'invoice' AND aggregate = ${aggregate}
      ORDER BY object_id, occurred_at DESC, seq DESC`;
  }

  /** Purchases that more is to come of and that were not read since, in the order of their tokens. */
  async open(tx: Tx, readBefore: Date, after: string, limit: number): Promise<string[]> {
    const rows = await tx.$queryRaw<{ token: string }[]>`
      SELECT token FROM (
        SELECT DISTINCT ON (object_id) object_id AS token, occurred_at, payload FROM facts
        WHERE provider = 'google' AND object_type = 'purchase' AND object_id > ${after}
        ORDER BY object_id, occurred_at DESC, seq DESC) last
      WHERE payload ->> 'ended' = 'false' AND occurred_at < ${readBefore}
      ORDER BY token LIMIT ${limit}`;
    return rows.map(({ token }) => token);
  }
}
