import { Injectable } from '@nestjs/common';
import type { Provider } from '../../shared/facts';
import type { Tx } from '../../platform/database';

export type BillingCycle = 'monthly' | 'annual';

export interface PlanFeatureItem {
  featureId: string;
  key: string;
  name: string;
  type: 'boolean' | 'limit' | 'metered';
  limit: bigint | null;
}

export interface CatalogPriceItem {
  id: string;
  billingCycle: BillingCycle;
  amount: bigint;
  currency: string;
  lookupKey: string;
}

export interface CatalogPlan {
  id: string;
  code: string;
  name: string;
  description: string;
  trialDays: number;
  graceDays: number;
  prices: CatalogPriceItem[];
  features: PlanFeatureItem[];
}

/** A provider's price as ours. */
interface KnownPrice {
  priceRef: string;
  priceId: string;
  planId: string;
  billingCycle: BillingCycle;
}

@Injectable()
export class CatalogRepository {
  /**
   * Active plans with their active prices and features, in display order; the currency a plan was first sold in comes first,
   * also after its price has changed. One statement.
   */
  async plans(tx: Tx): Promise<CatalogPlan[]> {
    return this.select(tx, null);
  }

  async planByCode(tx: Tx, code: string): Promise<CatalogPlan | null> {
    return (await this.select(tx, code))[0] ?? null;
  }

  /** Which of a provider's prices are ours. */
  async ours(tx: Tx, provider: Provider, priceRefs: readonly string[]): Promise<Set<string>> {
    if (priceRefs.length === 0) return new Set();
    const rows = await tx.$queryRaw<{ ref: string }[]>`
      SELECT provider_id AS ref FROM catalog_mirrors
      WHERE provider = ${provider} AND object_type = 'price' AND provider_id = ANY (${priceRefs})
      UNION SELECT product_id FROM iap_products WHERE provider = ${provider} AND product_id = ANY (${priceRefs})`;
    return new Set(rows.map(({ ref }) => ref));
  }

  /** What the plans behind these prices of a provider, or a store's products, give, by their id there. One statement. */
  async termsOf(tx: Tx, provider: Provider, priceRefs: readonly string[]): Promise<Map<string, PriceTerms>> {
    if (priceRefs.length === 0) return new Map();
    const rows = await tx.$queryRaw<(Omit<PriceTerms, 'features'> & { features: RawGrant[] })[]>`
      WITH sold AS (
        SELECT m.provider_id AS "priceRef", p.id AS "priceId", p.plan_id AS "planId", p.billing_cycle AS "billingCycle"
        FROM catalog_mirrors m JOIN prices p ON p.id = m.object_id
        WHERE m.provider = ${provider} AND m.object_type = 'price' AND m.provider_id = ANY (${priceRefs})
        UNION ALL
        SELECT i.product_id, NULL, i.plan_id, i.billing_cycle FROM iap_products i
        WHERE i.provider = ${provider} AND i.product_id = ANY (${priceRefs}) AND i.kind = 'subscription')
      SELECT s.*, l.grace_days AS "graceDays", l.refund_access AS "refundAccess", l.dispute_access AS "disputeAccess",
        (SELECT coalesce(jsonb_agg(jsonb_build_object('featureId', f.feature_id, 'limit', f."limit"::text)), '[]')
          FROM plan_features f WHERE f.plan_id = s."planId") AS features
      FROM sold s JOIN plans l ON l.id = s."planId"`;
    return new Map(
      rows.map((row) => {
        const features = row.features.map(({ featureId, limit }) => ({
          featureId,
          limit: limit === null ? null : BigInt(limit),
        }));
        return [row.priceRef, { ...row, features }];
      }),
    );
  }

  /** What a customer was billed in last by a provider; null for who never was. One statement. */
  async currencyOf(tx: Tx, provider: Provider, customerId: string): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ currency: string }[]>`
      SELECT currency FROM (
        SELECT currency, created_at FROM subscriptions WHERE customer_id = ${customerId} AND provider = ${provider}
        UNION ALL SELECT currency, created_at FROM invoices WHERE customer_id = ${customerId} AND provider = ${provider}) b
      ORDER BY created_at DESC LIMIT 1`;
    return row?.currency ?? null;
  }

  async mirrorOf(tx: Tx, provider: Provider, objectType: 'plan' | 'price', objectId: string): Promise<string | null> {
    const where = { provider_objectType_objectId: { provider, objectType, objectId } };
    return (await tx.catalogMirror.findUnique({ where }))?.providerId ?? null;
  }

  async saveMirror(tx: Tx, mirror: MirrorRow): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO catalog_mirrors (provider, object_type, object_id, provider_id, synced_at)
      VALUES (${mirror.provider}, ${mirror.objectType}, ${mirror.objectId}, ${mirror.providerId}, ${mirror.syncedAt})
      ON CONFLICT (provider, object_type, object_id)
      DO UPDATE SET provider_id = EXCLUDED.provider_id, synced_at = EXCLUDED.synced_at`;
  }

  private async select(tx: Tx, code: string | null): Promise<CatalogPlan[]> {
    const rows = await tx.$queryRaw<
      (Omit<CatalogPlan, 'prices' | 'features'> & { prices: RawPrice[]; features: RawFeature[] })[]
    >`
      SELECT p.id, p.code, p.name, p.description, p.trial_days AS "trialDays", p.grace_days AS "graceDays",
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'billingCycle', r.billing_cycle, 'amount', r.amount::text,
            'currency', r.currency, 'lookupKey', r.lookup_key) ORDER BY r.since, r.currency, r.billing_cycle DESC), '[]')
          FROM (SELECT q.*, min(q.id) OVER (PARTITION BY q.currency) AS since FROM prices q WHERE q.plan_id = p.id) r
          WHERE r.active) AS prices,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('featureId', f.id, 'key', f.key, 'name', f.name, 'type', f.type,
            'limit', pf."limit"::text) ORDER BY f.position, f.key), '[]')
          FROM plan_features pf JOIN features f ON f.id = pf.feature_id WHERE pf.plan_id = p.id) AS features
      FROM plans p WHERE p.active AND (${code}::text IS NULL OR p.code = ${code})
      ORDER BY p.position, p.code`;
    return rows.map((row) => ({
      ...row,
      prices: row.prices.map((price) => ({ ...price, amount: BigInt(price.amount) })),
      features: row.features.map((feature) => ({
        ...feature,
        limit: feature.limit === null ? null : BigInt(feature.limit),
      })),
    }));
  }
}

/** A provider's price as ours, and what its plan gives. */
export interface PriceTerms extends Omit<KnownPrice, 'priceId'> {
  /** Null for a store's product: its prices are the store's. */
  priceId: string | null;
  graceDays: number;
  /** Whether access ends when all that was paid for the current period is given back. */
  refundAccess: 'end' | 'keep';
  /** Whether access rests while a payment of the current period is disputed, or the dispute was lost. */
  disputeAccess: 'suspend' | 'keep';
  features: { featureId: string; limit: bigint | null }[];
}

interface RawGrant {
  featureId: string;
  limit: string | null;
}

export interface MirrorRow {
  provider: Provider;
  objectType: 'plan' | 'price';
  objectId: string;
  providerId: string;
  syncedAt: Date;
}

type RawPrice = Omit<CatalogPriceItem, 'amount'> & { amount: string };
type RawFeature = Omit<PlanFeatureItem, 'limit'> & { limit: string | null };
