import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import type { Keyset } from '../../../platform/http';
import type { Tx } from '../../../platform/database';
import type { BillingCycle, PlanFeatureItem } from '../catalog.repository';
import { lookupKeyOf } from '../domain/catalog-seed';
import type { DunningPolicy } from './domain/dunning-policy';

export type FeatureType = PlanFeatureItem['type'];

export interface CatalogFeature {
  id: string;
  key: string;
  name: string;
  type: FeatureType;
  createdAt: Date;
}

export interface AdminPrice {
  id: string;
  billingCycle: BillingCycle;
  /** Minor units per period. */
  amount: bigint;
  currency: string;
  lookupKey: string;
  active: boolean;
  createdAt: Date;
  /** At Stripe; null where it has not been needed there yet. */
  providerId: string | null;
}

/** A plan with everything it ever had, also what is no longer sold. */
export interface AdminPlan extends PlanTerms {
  id: string;
  code: string;
  position: number;
  prices: AdminPrice[];
  features: PlanFeatureItem[];
  providerId: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** What may change about a plan itself. */
export interface PlanTerms {
  name: string;
  description: string;
  trialDays: number;
  graceDays: number;
  active: boolean;
  /** Whether access ends with a full refund of the current period. */
  refundAccess: 'end' | 'keep';
  /** Whether access rests while a payment of the current period is disputed, or the dispute was lost. */
  disputeAccess: 'suspend' | 'keep';
  /** How a declined renewal is followed up; null: as the house does it. */
  dunning: DunningPolicy | null;
}

export interface NewPrice {
  billingCycle: BillingCycle;
  amount: bigint;
  currency: string;
}

export interface FeatureLimit {
  featureId: string;
  limit: bigint | null;
}

/** The catalog as administrators see and change it. */
@Injectable()
export class CatalogAdminRepository {
  constructor(private readonly clock: Clock) {}

  /** In the order they were made. @param after the place of the last one of the page before. */
  list(tx: Tx, limit: number, after: Keyset | null): Promise<AdminPlan[]> {
    return this.select(tx, null, limit, after);
  }

  /** @param idOrCode ids are lower case and codes upper case, so that no text is both. */
  async byIdOrCode(tx: Tx, idOrCode: string): Promise<AdminPlan | null> {
    return (await this.select(tx, idOrCode, 1, null))[0] ?? null;
  }

  /** Whoever changes a plan holds its row to the end, so that changes come one after the other. @returns its id. */
  async lock(tx: Tx, idOrCode: string): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM plans WHERE id = ${idOrCode} OR code = ${idOrCode} FOR NO KEY UPDATE`;
    return row?.id ?? null;
  }

  /** At the end of the display order unless `position` says otherwise. @returns its id; null where the code is taken. */
  async insertPlan(tx: Tx, code: string, terms: PlanTerms, position: number | null): Promise<string | null> {
    const at = this.clock.wall();
    const { name, description, trialDays, graceDays, active, refundAccess, disputeAccess } = terms;
    const dunning = terms.dunning === null ? null : JSON.stringify(terms.dunning);
    const [row] = await tx.$queryRaw<{ id: string }[]>`
      INSERT INTO plans (id, code, name, description, trial_days, grace_days, position, active, refund_access, dispute_access,
        dunning, created_at, updated_at)
      VALUES (${newId('plan', at.getTime())}, ${code}, ${name}, ${description}, ${trialDays}, ${graceDays},
        COALESCE(${position}::int, (SELECT COALESCE(max(position), -1) + 1 FROM plans)), ${active}, ${refundAccess}, ${disputeAccess},
        ${dunning}::jsonb, ${at}, ${at})
      ON CONFLICT (code) DO NOTHING RETURNING id`;
    return row?.id ?? null;
  }

  async updatePlan(tx: Tx, id: string, terms: PlanTerms, position: number): Promise<void> {
    const { name, description, trialDays, graceDays, active, refundAccess, disputeAccess } = terms;
    const dunning = terms.dunning === null ? null : JSON.stringify(terms.dunning);
    await tx.$executeRaw`
      UPDATE plans SET name = ${name}, description = ${description}, trial_days = ${trialDays}, grace_days = ${graceDays},
        active = ${active}, refund_access = ${refundAccess}, dispute_access = ${disputeAccess}, dunning = ${dunning}::jsonb, position = ${position},
        updated_at = ${this.clock.wall()}
      WHERE id = ${id}`;
  }

  /** Makes the plan's features exactly these. One statement. */
  async setFeatures(tx: Tx, planId: string, features: readonly FeatureLimit[]): Promise<void> {
    const rows = features.map(({ featureId, limit }) => ({ feature_id: featureId, limit: limit?.toString() ?? null }));
    await tx.$executeRaw`
      WITH f AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS f (feature_id text, "limit" bigint)),
      gone AS (
        DELETE FROM plan_features WHERE plan_id = ${planId} AND feature_id NOT IN (SELECT feature_id FROM f))
      INSERT INTO plan_features (plan_id, feature_id, "limit") SELECT ${planId}, feature_id, "limit" FROM f
      ON CONFLICT (plan_id, feature_id) DO UPDATE SET "limit" = EXCLUDED."limit"`;
  }

  /** Puts prices on sale in place of those of the same cycle and currency. @returns the new ids, in the order given. */
  async replacePrices(tx: Tx, plan: { id: string; code: string }, prices: readonly NewPrice[]): Promise<string[]> {
    const at = this.clock.wall();
    const rows = prices.map(({ billingCycle, amount, currency }) => {
      const id = newId('price', at.getTime());
      const lookupKey = lookupKeyOf(plan.code, billingCycle, currency, id);
      return { id, billing_cycle: billingCycle, amount: amount.toString(), currency, lookup_key: lookupKey };
    });
    const given = JSON.stringify(rows);
    await tx.$executeRaw`
      UPDATE prices p SET active = false
      FROM jsonb_to_recordset(${given}::jsonb) AS n (billing_cycle text, currency text)
      WHERE p.plan_id = ${plan.id} AND p.active AND (p.billing_cycle, p.currency) = (n.billing_cycle, n.currency)`;
    await tx.$executeRaw`
      INSERT INTO prices (id, plan_id, billing_cycle, amount, currency, lookup_key, created_at)
      SELECT id, ${plan.id}, billing_cycle, amount, currency, lookup_key, ${at}
      FROM jsonb_to_recordset(${given}::jsonb) AS n (id text, billing_cycle text, amount bigint, currency text, lookup_key text)`;
    return rows.map(({ id }) => id);
  }

  async planOfPrice(tx: Tx, priceId: string): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ planId: string }[]>`
      SELECT plan_id AS "planId" FROM prices WHERE id = ${priceId}`;
    return row?.planId ?? null;
  }

  async retirePrice(tx: Tx, priceId: string): Promise<void> {
    await tx.$executeRaw`UPDATE prices SET active = false WHERE id = ${priceId}`;
  }

  features(tx: Tx, limit: number, after: Keyset | null): Promise<CatalogFeature[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<CatalogFeature[]>`
      SELECT id, key, name, type, created_at AS "createdAt" FROM features
      WHERE ${at}::timestamptz IS NULL OR (created_at, id) > (${at}, ${after?.id ?? null})
      ORDER BY created_at, id LIMIT ${limit}`;
  }

  featuresByKey(tx: Tx, keys: readonly string[]): Promise<CatalogFeature[]> {
    return tx.$queryRaw<CatalogFeature[]>`
      SELECT id, key, name, type, created_at AS "createdAt" FROM features WHERE key = ANY (${keys})`;
  }

  /** Behind the others. @returns null where the key is taken. */
  async insertFeature(
    tx: Tx,
    feature: { key: string; name: string; type: FeatureType },
  ): Promise<CatalogFeature | null> {
    const at = this.clock.wall();
    const [row] = await tx.$queryRaw<CatalogFeature[]>`
      INSERT INTO features (id, key, name, type, position, created_at)
      VALUES (${newId('feat', at.getTime())}, ${feature.key}, ${feature.name}, ${feature.type},
        (SELECT COALESCE(max(position), -1) + 1 FROM features), ${at})
      ON CONFLICT (key) DO NOTHING RETURNING id, key, name, type, created_at AS "createdAt"`;
    return row ?? null;
  }

  /** @returns the feature with its former name; null where there is none. */
  async renameFeature(
    tx: Tx,
    idOrKey: string,
    name: string,
  ): Promise<(CatalogFeature & { formerName: string }) | null> {
    const [row] = await tx.$queryRaw<(CatalogFeature & { formerName: string })[]>`
      WITH former AS (SELECT id, name FROM features WHERE id = ${idOrKey} OR key = ${idOrKey} FOR NO KEY UPDATE)
      UPDATE features f SET name = ${name} FROM former WHERE f.id = former.id
      RETURNING f.id, f.key, f.name, f.type, f.created_at AS "createdAt", former.name AS "formerName"`;
    return row ?? null;
  }

  async plansWith(tx: Tx, featureId: string): Promise<string[]> {
    const rows = await tx.$queryRaw<{ planId: string }[]>`
      SELECT plan_id AS "planId" FROM plan_features WHERE feature_id = ${featureId}`;
    return rows.map(({ planId }) => planId);
  }

  private async select(tx: Tx, idOrCode: string | null, limit: number, after: Keyset | null): Promise<AdminPlan[]> {
    const at = after?.createdAt ?? null;
    const rows = await tx.$queryRaw<RawPlan[]>`
      SELECT p.id, p.code, p.name, p.description, p.trial_days AS "trialDays", p.grace_days AS "graceDays", p.position, p.active,
        p.refund_access AS "refundAccess", p.dispute_access AS "disputeAccess", p.dunning,
        p.created_at AS "createdAt", p.updated_at AS "updatedAt", m.provider_id AS "providerId",
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'billingCycle', r.billing_cycle, 'amount', r.amount::text,
            'currency', r.currency, 'lookupKey', r.lookup_key, 'active', r.active, 'createdAt', r.created_at,
            'providerId', n.provider_id) ORDER BY r.id), '[]')
          FROM prices r LEFT JOIN catalog_mirrors n ON (n.provider, n.object_type, n.object_id) = ('stripe', 'price', r.id)
          WHERE r.plan_id = p.id) AS prices,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('featureId', f.id, 'key', f.key, 'name', f.name, 'type', f.type,
            'limit', pf."limit"::text) ORDER BY f.position, f.key), '[]')
          FROM plan_features pf JOIN features f ON f.id = pf.feature_id WHERE pf.plan_id = p.id) AS features
      FROM plans p LEFT JOIN catalog_mirrors m ON (m.provider, m.object_type, m.object_id) = ('stripe', 'plan', p.id)
      WHERE (${idOrCode}::text IS NULL OR p.id = ${idOrCode} OR p.code = ${idOrCode})
        AND (${at}::timestamptz IS NULL OR (p.created_at, p.id) > (${at}, ${after?.id ?? null}))
      ORDER BY p.created_at, p.id LIMIT ${limit}`;
    return rows.map(toAdminPlan);
  }
}

type RawPlan = Omit<AdminPlan, 'prices' | 'features'> & {
  prices: (Omit<AdminPrice, 'amount' | 'createdAt'> & { amount: string; createdAt: string })[];
  features: (Omit<PlanFeatureItem, 'limit'> & { limit: string | null })[];
};

function toAdminPlan(row: RawPlan): AdminPlan {
  return {
    ...row,
    prices: row.prices.map((price) => ({
      ...price,
      amount: BigInt(price.amount),
      createdAt: new Date(price.createdAt),
    })),
    features: row.features.map((feature) => ({
      ...feature,
      limit: feature.limit === null ? null : BigInt(feature.limit),
    })),
  };
}
