import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import type { Tx } from '../../../platform/database';

/** A purchase of a store, and whom it is given to. */
export interface PurchaseMove {
  provider: 'apple' | 'google';
  /** What all of it is told under, without the store's name. */
  providerId: string;
  aggregate: string;
  fromCustomerId: string;
  toCustomerId: string;
}

export interface MovedRows {
  subscriptions: { id: string; providerId: string }[];
  invoiceIds: string[];
}

@Injectable()
export class PurchaseMovesRepository {
  constructor(private readonly clock: Clock) {}

  /** Makes all that was told under an aggregate the customer's; what stands in the books stays as it was paid. One statement. */
  async move(tx: Tx, { provider, aggregate, toCustomerId: to }: PurchaseMove): Promise<MovedRows> {
    const at = this.clock.wall();
    const [moved] = await tx.$queryRaw<MovedRows[]>`
      WITH told AS (SELECT DISTINCT object_type AS type, object_id AS id FROM facts WHERE aggregate = ${aggregate}),
      s AS (UPDATE subscriptions t SET customer_id = ${to}, updated_at = ${at} FROM told
        WHERE told.type = 'subscription' AND t.provider = ${provider} AND t.provider_id = told.id RETURNING t.id, t.provider_id),
      i AS (UPDATE invoices t SET customer_id = ${to}, updated_at = ${at} FROM told
        WHERE told.type = 'invoice' AND t.provider = ${provider} AND t.provider_id = told.id RETURNING t.id),
      p AS (UPDATE payments t SET customer_id = ${to}, updated_at = ${at} FROM told
        WHERE told.type = 'payment' AND t.provider = ${provider} AND t.provider_id = told.id),
      r AS (UPDATE refunds t SET customer_id = ${to}, updated_at = ${at} FROM told
        WHERE told.type = 'refund' AND t.provider = ${provider} AND t.provider_id = told.id),
      h AS (UPDATE subscription_changes t SET customer_id = ${to} FROM s WHERE t.subscription_id = s.id),
      v AS (UPDATE revenue_schedules t SET customer_id = ${to} FROM i WHERE t.invoice_id = i.id)
      SELECT (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', id, 'providerId', provider_id)), '[]') FROM s) AS subscriptions,
        (SELECT COALESCE(jsonb_agg(id), '[]') FROM i) AS "invoiceIds"`;
    return moved ?? { subscriptions: [], invoiceIds: [] };
  }

  /** @returns its id, and when. */
  async record(
    tx: Tx,
    { provider, providerId, fromCustomerId, toCustomerId }: PurchaseMove,
  ): Promise<{ id: string; at: Date }> {
    const at = this.clock.wall();
    const id = newId('xfer', at.getTime());
    await tx.$executeRaw`
      INSERT INTO purchase_transfers (id, provider, provider_id, from_customer_id, to_customer_id, at)
      VALUES (${id}, ${provider}, ${providerId}, ${fromCustomerId}, ${toCustomerId}, ${at})`;
    return { id, at };
  }
}
