import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import { Prisma } from '../../../generated/prisma/client';
import type { TouchedMoney } from '../money-back.repository';
import type { StorePurchase } from './domain/purchase-grants';

type Raw = Omit<StorePurchase, 'features'> & { features: { featureId: string; limit: string | null }[] };

const SELECT = Prisma.sql`SELECT i.id AS "invoiceId", i.customer_id AS "customerId", i.provider, i.provider_id AS "providerId",
    l.line ->> 'priceRef' AS "productId", COALESCE((l.line ->> 'quantity')::int4, 1) AS quantity,
    COALESCE(i.paid_at, i.created_at) AS "paidAt", COALESCE((l.line ->> 'returned')::int4, 0) AS returned,
    i.amount_paid > 0 AND i.amount_refunded >= i.amount_paid AS refunded, t.kind,
    (SELECT p.code FROM plans p WHERE p.id = t.plan_id) AS plan,
    CASE t.kind WHEN 'lifetime' THEN (
        SELECT COALESCE(jsonb_agg(jsonb_build_object('featureId', f.feature_id, 'limit', f."limit"::text)), '[]')
        FROM plan_features f WHERE f.plan_id = t.plan_id)
      WHEN 'consumable' THEN jsonb_build_array(jsonb_build_object('featureId', t.feature_id, 'limit', t.quantity::text))
      ELSE '[]' END AS features`;
const PURCHASES = Prisma.sql`CROSS JOIN LATERAL (SELECT i.lines -> 0 AS line) l
  LEFT JOIN iap_products t ON t.provider = i.provider AND t.product_id = l.line ->> 'priceRef' AND t.kind <> 'subscription'`;
/** A store's paid invoice that is no subscription's. */
const BOUGHT_ONCE = Prisma.sql`i.provider IN ('apple', 'google') AND i.provider_subscription_id IS NULL AND i.status = 'paid'`;

@Injectable()
export class StorePurchasesRepository {
  /** Those behind money that was told of, each with the aggregate it was told under. One statement. */
  async among(tx: Tx, touched: readonly TouchedMoney[]): Promise<(StorePurchase & { aggregate: string })[]> {
    const rows = await tx.$queryRaw<(Raw & { aggregate: string })[]>`
      WITH g AS (SELECT * FROM jsonb_to_recordset(${JSON.stringify(touched)}::jsonb)
        AS g (provider text, aggregate text, "paymentRef" text, "invoiceRef" text)),
      named AS (
        SELECT i.id, g.aggregate FROM g JOIN invoices i ON i.provider = g.provider AND i.provider_id = g."invoiceRef"
        UNION SELECT i.id, g.aggregate FROM g JOIN payments p ON p.provider = g.provider AND p.provider_id = g."paymentRef"
          JOIN invoices i ON i.provider = p.provider AND i.provider_id = p.provider_invoice_id)
      ${SELECT}, named.aggregate FROM named JOIN invoices i USING (id) ${PURCHASES} WHERE ${BOUGHT_ONCE} ORDER BY i.id`;
    return rows.map((row) => ({ ...toPurchase(row), aggregate: row.aggregate }));
  }

  /** All there are, in the order of their ids. @param planId only those that give this plan. */
  async next(tx: Tx, afterId: string, limit: number, planId: string | null = null): Promise<StorePurchase[]> {
    const rows = await tx.$queryRaw<Raw[]>`
      ${SELECT} FROM invoices i ${PURCHASES}
      WHERE ${BOUGHT_ONCE} AND i.id > ${afterId} AND (${planId}::text IS NULL OR t.plan_id = ${planId})
      ORDER BY i.id LIMIT ${limit}`;
    return rows.map(toPurchase);
  }

  /** Those of a customer's subscriptions in stores that he does not pay for: what is shared in the family has no invoice. */
  async sharedWith(tx: Tx, customerId: string): Promise<Set<string>> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT s.id FROM subscriptions s WHERE s.customer_id = ${customerId} AND s.provider = 'apple' AND NOT EXISTS (
        SELECT FROM invoices i WHERE i.provider = s.provider AND i.provider_subscription_id = s.provider_id)`;
    return new Set(rows.map(({ id }) => id));
  }

  /** A customer's, newest first, with whether they still stand. */
  async of(tx: Tx, customerId: string, limit: number): Promise<StorePurchase[]> {
    const rows = await tx.$queryRaw<Raw[]>`
      ${SELECT} FROM invoices i ${PURCHASES} WHERE ${BOUGHT_ONCE} AND i.customer_id = ${customerId}
      ORDER BY i.created_at DESC, i.id DESC LIMIT ${limit}`;
    return rows.map(toPurchase);
  }
}

function toPurchase(row: Raw): StorePurchase {
  const features = row.features.map(({ featureId, limit }) => ({
    featureId,
    limit: limit === null ? null : BigInt(limit),
  }));
  return { ...row, features };
}
