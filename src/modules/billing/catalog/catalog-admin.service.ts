import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { parseCurrency } from '../../../shared/currency';
import { money } from '../../../shared/money';
import { AuditLog, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { invalidInput } from '../../../platform/http';
import { Outbox } from '../../../platform/outbox';
import { toStripePrice } from '../../../providers/stripe';
import { BILLING_EVENTS } from '../billing.events';
import type { BillingCycle } from '../catalog.repository';
import {
  CatalogAdminRepository,
  type AdminPlan,
  type AdminPrice,
  type CatalogFeature,
  type FeatureLimit,
  type FeatureType,
  type NewPrice,
  type PlanTerms,
} from './catalog-admin.repository';
import {
  catalogPlanNotFound,
  catalogPriceNotFound,
  featureExists,
  featuresNotFound,
  planExists,
  priceUnchanged,
} from './catalog.errors';
import { policyErrors, type DunningPolicy } from './domain/dunning-policy';
import { changesOf, planRecord, reachesSubscribers } from './domain/plan-record';
import { PlanRolloutRepository } from './plan-rollout.repository';

/** A price as an administrator asks for it. */
export interface AskedPrice {
  billingCycle: BillingCycle;
  /** Minor units per period; 0 is free. */
  amount: number;
  /** In any case. */
  currency: string;
}

export interface AskedFeature {
  key: string;
  /** Undefined or null: no limit. */
  limit?: number | null | undefined;
}

export interface NewPlan extends PlanTerms {
  code: string;
  /** Null: behind the others. */
  position: number | null;
  prices: readonly AskedPrice[];
  features: readonly AskedFeature[];
}

/** What is undefined stays as it is. */
export type PlanChanges = { [K in keyof PlanTerms]?: PlanTerms[K] | undefined } & {
  position?: number | undefined;
  features?: readonly AskedFeature[] | undefined;
};

/**
 * Changes of what is for sale. Each is one transaction with its audit entry and the event that the cache, Stripe and the
 * plan's subscribers follow; what changes nothing leaves no trace.
 */
@Injectable()
export class CatalogAdmin {
  constructor(
    private readonly catalog: CatalogAdminRepository,
    private readonly rollouts: PlanRolloutRepository,
    private readonly audit: AuditLog,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** @throws PLAN_NOT_FOUND. */
  async plan(tx: Tx, idOrCode: string): Promise<AdminPlan> {
    const plan = await this.catalog.byIdOrCode(tx, idOrCode);
    if (!plan) throw catalogPlanNotFound(idOrCode);
    return plan;
  }

  /** @throws PLAN_EXISTS, FEATURE_NOT_FOUND, UNKNOWN_CURRENCY, CURRENCY_NOT_SUPPORTED, AMOUNT_NOT_CHARGEABLE, INVALID_INPUT. */
  async create(tx: Tx, input: NewPlan, actor: Actor): Promise<AdminPlan> {
    const { code, position, prices, features, ...terms } = input;
    assertPolicy(terms.dunning);
    const asked = newPrices(prices);
    const limits = await this.limits(tx, features);
    const id = await this.catalog.insertPlan(tx, code, terms, position);
    if (id === null) throw planExists(code);
    await this.catalog.setFeatures(tx, id, limits);
    await this.catalog.replacePrices(tx, { id, code }, asked);
    const plan = await this.plan(tx, id);
    await this.record(tx, actor, 'plan.create', { type: 'plan', id }, null, planRecord(plan));
    await this.tell(tx, [id]);
    return plan;
  }

  /** @throws PLAN_NOT_FOUND, FEATURE_NOT_FOUND, INVALID_INPUT. */
  async update(tx: Tx, idOrCode: string, changes: PlanChanges, actor: Actor): Promise<AdminPlan> {
    const before = await this.locked(tx, idOrCode);
    const { features, position = before.position, ...terms } = changes;
    assertPolicy(changes.dunning);
    const { id } = before;
    if (features) await this.catalog.setFeatures(tx, id, await this.limits(tx, features));
    await this.catalog.updatePlan(tx, id, merged(before, terms), position);
    const after = await this.plan(tx, id);
    const difference = changesOf(planRecord(before), planRecord(after));
    if (!difference) return before;
    if (reachesSubscribers(difference)) await this.rollouts.request(tx, [id]);
    await this.record(tx, actor, 'plan.update', { type: 'plan', id }, difference.before, difference.after);
    await this.tell(tx, [id]);
    return after;
  }

  /**
   * A new price in place of the one of the same cycle and currency, whose subscribers keep it.
   * @throws PLAN_NOT_FOUND, PRICE_UNCHANGED, UNKNOWN_CURRENCY, CURRENCY_NOT_SUPPORTED, AMOUNT_NOT_CHARGEABLE.
   */
  async addPrice(tx: Tx, idOrCode: string, asked: AskedPrice, actor: Actor): Promise<AdminPrice> {
    const [price] = newPrices([asked]);
    if (!price) throw new Error('One price was asked for');
    const plan = await this.locked(tx, idOrCode);
    const former = plan.prices.find(
      ({ active, billingCycle, currency }) =>
        active && billingCycle === price.billingCycle && currency === price.currency,
    );
    if (former?.amount === price.amount) throw priceUnchanged(former.id);
    const [id] = await this.catalog.replacePrices(tx, plan, [price]);
    const made = (await this.plan(tx, plan.id)).prices.find((one) => one.id === id);
    if (!made) throw new Error('An insert made no price');
    const before = former ? { priceId: former.id, amount: Number(former.amount) } : null;
    await this.record(tx, actor, 'price.create', { type: 'price', id: made.id }, before, {
      planId: plan.id,
      ...{ billingCycle: made.billingCycle, amount: Number(made.amount), currency: made.currency },
    });
    await this.tell(tx, [plan.id]);
    return made;
  }

  /** Nobody new gets it. Whoever has it keeps it. @throws PRICE_NOT_FOUND. */
  async retirePrice(tx: Tx, priceId: string, actor: Actor): Promise<AdminPrice> {
    const planId = await this.catalog.planOfPrice(tx, priceId);
    if (planId === null) throw catalogPriceNotFound(priceId);
    const price = (await this.locked(tx, planId)).prices.find(({ id }) => id === priceId);
    if (!price) throw catalogPriceNotFound(priceId);
    if (!price.active) return price;
    await this.catalog.retirePrice(tx, priceId);
    const of = { type: 'price', id: priceId };
    await this.record(tx, actor, 'price.retire', of, { active: true }, { active: false });
    await this.tell(tx, [planId]);
    return { ...price, active: false };
  }

  /** @throws FEATURE_EXISTS. */
  async createFeature(
    tx: Tx,
    input: { key: string; name: string; type: FeatureType },
    actor: Actor,
  ): Promise<CatalogFeature> {
    const feature = await this.catalog.insertFeature(tx, input);
    if (!feature) throw featureExists(input.key);
    await this.record(tx, actor, 'feature.create', { type: 'feature', id: feature.id }, null, input);
    return feature;
  }

  /** @throws FEATURE_NOT_FOUND. */
  async renameFeature(tx: Tx, idOrKey: string, name: string, actor: Actor): Promise<CatalogFeature> {
    const renamed = await this.catalog.renameFeature(tx, idOrKey, name);
    if (!renamed) throw featuresNotFound([idOrKey.slice(0, 64)]);
    const { formerName, ...feature } = renamed;
    if (formerName === name) return feature;
    const of = { type: 'feature', id: feature.id };
    await this.record(tx, actor, 'feature.update', of, { name: formerName }, { name });
    await this.tell(tx, await this.catalog.plansWith(tx, feature.id));
    return feature;
  }

  private async locked(tx: Tx, idOrCode: string): Promise<AdminPlan> {
    const id = await this.catalog.lock(tx, idOrCode);
    if (id === null) throw catalogPlanNotFound(idOrCode);
    return this.plan(tx, id);
  }

  /** @throws FEATURE_NOT_FOUND; INVALID_INPUT for a limit on what one has or has not. */
  private async limits(tx: Tx, features: readonly AskedFeature[]): Promise<FeatureLimit[]> {
    const keys = features.map(({ key }) => key);
    const known = new Map((await this.catalog.featuresByKey(tx, keys)).map((feature) => [feature.key, feature]));
    const unknown = keys.filter((key) => !known.has(key));
    if (unknown.length > 0) throw featuresNotFound(unknown);
    const faults = features.flatMap(({ key, limit }, i) =>
      known.get(key)?.type === 'boolean' && limit !== undefined && limit !== null
        ? [{ field: `features.${i}.limit`, message: `${key} is had or not, and takes no limit` }]
        : [],
    );
    if (faults.length > 0) throw invalidInput(faults);
    return features.map(({ key, limit = null }) => ({
      featureId: known.get(key)?.id ?? '',
      limit: limit === null ? null : BigInt(limit),
    }));
  }

  private record(
    tx: Tx,
    actor: Actor,
    action: string,
    object: { type: string; id: string },
    before: object | null,
    after: object,
  ): Promise<void> {
    const { type: objectType, id: objectId } = object;
    return this.audit.record(tx, {
      actor,
      action,
      objectType,
      objectId,
      customerId: null,
      after,
      ...(before && { before }),
    });
  }

  private tell(tx: Tx, planIds: readonly string[]): Promise<void> {
    const occurredAt = this.clock.now();
    return this.outbox.append(
      tx,
      planIds.map((planId) => ({
        type: BILLING_EVENTS.planChanged,
        objectType: 'plan',
        objectId: planId,
        customerId: null,
        payload: { planId },
        occurredAt,
      })),
    );
  }
}

/** @throws UNKNOWN_CURRENCY, CURRENCY_NOT_SUPPORTED, AMOUNT_NOT_CHARGEABLE: no price that Stripe could not carry; INVALID_INPUT for two of one kind. */
function newPrices(prices: readonly AskedPrice[]): NewPrice[] {
  const made = prices.map(({ billingCycle, amount, currency: code }) => {
    const currency = parseCurrency(code);
    toStripePrice(money(BigInt(amount), currency));
    return { billingCycle, amount: BigInt(amount), currency };
  });
  const kinds = made.map(({ billingCycle, currency }) => `${billingCycle} ${currency}`);
  const twice = kinds.findIndex((kind, i) => kinds.indexOf(kind) !== i);
  if (twice === -1) return made;
  throw invalidInput([{ field: `prices.${twice}`, message: `${kinds[twice]} is there already` }]);
}

/** @throws INVALID_INPUT for days or delays that do not ascend. */
function assertPolicy(policy: DunningPolicy | null | undefined): void {
  const faults = policy ? policyErrors(policy) : [];
  if (faults.length > 0) throw invalidInput(faults);
}

function merged(before: PlanTerms, changes: PlanChanges): PlanTerms {
  return {
    name: changes.name ?? before.name,
    description: changes.description ?? before.description,
    trialDays: changes.trialDays ?? before.trialDays,
    graceDays: changes.graceDays ?? before.graceDays,
    active: changes.active ?? before.active,
    refundAccess: changes.refundAccess ?? before.refundAccess,
    disputeAccess: changes.disputeAccess ?? before.disputeAccess,
    dunning: changes.dunning === undefined ? before.dunning : changes.dunning,
  };
}
