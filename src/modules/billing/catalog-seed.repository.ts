import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import { lookupKeyOf, type SeedFeature, type SeedPlan } from './domain/catalog-seed';

@Injectable()
export class CatalogSeedRepository {
  constructor(private readonly clock: Clock) {}

  async features(tx: Tx, features: readonly SeedFeature[]): Promise<void> {
    const at = this.clock.wall();
    await tx.feature.createMany({
      data: features.map((feature, position) => ({
        ...feature,
        id: newId('feat', at.getTime()),
        position,
        createdAt: at,
      })),
      skipDuplicates: true,
    });
  }

  /** @returns the new plan's id; null where a plan of this code is there already. */
  async plan(tx: Tx, plan: SeedPlan, position: number): Promise<string | null> {
    const at = this.clock.wall();
    const id = newId('plan', at.getTime());
    const { code, name, description, trialDays } = plan;
    const made = await tx.plan.createMany({
      data: { id, code, name, description, trialDays, position, createdAt: at, updatedAt: at },
      skipDuplicates: true,
    });
    if (made.count === 0) return null;
    await tx.price.createMany({
      data: plan.prices.map((price) => ({
        ...price,
        id: newId('price', at.getTime()),
        planId: id,
        lookupKey: lookupKeyOf(code, price.billingCycle, price.currency),
        createdAt: at,
      })),
    });
    const features = await tx.feature.findMany({ where: { key: { in: Object.keys(plan.features) } } });
    await tx.planFeature.createMany({
      data: features.map((feature) => ({
        planId: id,
        featureId: feature.id,
        limit: plan.features[feature.key] ?? null,
      })),
    });
    return id;
  }
}
