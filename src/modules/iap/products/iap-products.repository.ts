import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';
import type { Store } from '../domain/store';
import type { IapProduct, ProductTerms } from './domain/product';

/** Our ids of what a product gives. */
export interface ResolvedTerms {
  planId: string | null;
  featureId: string | null;
  featureType: 'boolean' | 'limit' | 'metered' | null;
}

export interface ProductFilter {
  store?: Store | undefined;
  active?: boolean | undefined;
}

// A subscription's facts name its product; what is bought once is on its invoice.
const USED = Prisma.sql`(EXISTS (SELECT FROM facts f WHERE f.provider IN ('apple', 'google') AND f.object_type = 'subscription'
    AND f.provider = i.provider AND f.payload ->> 'priceRef' = i.product_id)
  OR EXISTS (SELECT FROM invoices v WHERE v.provider IN ('apple', 'google')
    AND v.provider = i.provider AND v.lines -> 0 ->> 'priceRef' = i.product_id))`;
const SELECT = Prisma.sql`SELECT i.provider AS store, i.product_id AS "productId", i.kind, p.code AS plan,
    i.billing_cycle AS "billingCycle", f.key AS feature, i.quantity, i.active, ${USED} AS used, i.created_at AS "createdAt",
    i.updated_at AS "updatedAt"
  FROM iap_products i LEFT JOIN plans p ON p.id = i.plan_id LEFT JOIN features f ON f.id = i.feature_id`;

@Injectable()
export class IapProductsRepository {
  constructor(private readonly clock: Clock) {}

  /** The newest first. @param after keyset of the last one shown, its id being `store:product`. */
  async list(
    tx: Tx,
    { store, active }: ProductFilter,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<IapProduct[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<IapProduct[]>`
      ${SELECT} WHERE (${store ?? null}::text IS NULL OR i.provider = ${store ?? null})
        AND (${active ?? null}::boolean IS NULL OR i.active = ${active ?? null})
        AND (${at}::timestamptz IS NULL OR (i.created_at, i.provider || ':' || i.product_id) < (${at}, ${after?.id ?? null}))
      ORDER BY i.created_at DESC, i.provider || ':' || i.product_id DESC LIMIT ${limit}`;
  }

  async find(tx: Tx, store: Store, productId: string): Promise<IapProduct | null> {
    const rows = await tx.$queryRaw<IapProduct[]>`
      ${SELECT} WHERE i.provider = ${store} AND i.product_id = ${productId}`;
    return rows[0] ?? null;
  }

  /** By whichever stores sell it under this id. */
  async byProductId(tx: Tx, productId: string): Promise<IapProduct[]> {
    return tx.$queryRaw<IapProduct[]>`${SELECT} WHERE i.product_id = ${productId} ORDER BY i.provider`;
  }

  /** Held to the end of the transaction. @returns false where there is none. */
  async lock(tx: Tx, store: Store, productId: string): Promise<boolean> {
    const rows = await tx.$queryRaw<object[]>`
      SELECT FROM iap_products WHERE provider = ${store} AND product_id = ${productId} FOR UPDATE`;
    return rows.length > 0;
  }

  async resolve(tx: Tx, { plan, feature }: Pick<ProductTerms, 'plan' | 'feature'>): Promise<ResolvedTerms> {
    const [row] = await tx.$queryRaw<ResolvedTerms[]>`
      SELECT (SELECT id FROM plans WHERE code = ${plan}) AS "planId", (SELECT id FROM features WHERE key = ${feature}) AS "featureId",
        (SELECT type FROM features WHERE key = ${feature}) AS "featureType"`;
    return row ?? { planId: null, featureId: null, featureType: null };
  }

  /** @returns false where the store's product is known already. */
  async insert(
    tx: Tx,
    product: Pick<IapProduct, 'store' | 'productId' | 'kind' | 'billingCycle' | 'quantity' | 'active'>,
    { planId, featureId }: ResolvedTerms,
  ): Promise<boolean> {
    const at = this.clock.wall();
    const { store, productId, kind, billingCycle, quantity, active } = product;
    const inserted = await tx.$executeRaw`
      INSERT INTO iap_products (provider, product_id, kind, plan_id, billing_cycle, feature_id, quantity, active, created_at, updated_at)
      VALUES (${store}, ${productId}, ${kind}, ${planId}, ${billingCycle}, ${featureId}, ${quantity}, ${active}, ${at}, ${at})
      ON CONFLICT DO NOTHING`;
    return inserted === 1;
  }

  async update(
    tx: Tx,
    { store, productId, billingCycle, quantity, active }: IapProduct,
    { planId, featureId }: ResolvedTerms,
  ): Promise<void> {
    await tx.$executeRaw`
      UPDATE iap_products SET plan_id = ${planId}, billing_cycle = ${billingCycle}, feature_id = ${featureId}, quantity = ${quantity},
        active = ${active}, updated_at = ${this.clock.wall()}
      WHERE provider = ${store} AND product_id = ${productId}`;
  }

  async remove(tx: Tx, store: Store, productId: string): Promise<void> {
    await tx.$executeRaw`DELETE FROM iap_products WHERE provider = ${store} AND product_id = ${productId}`;
  }
}
