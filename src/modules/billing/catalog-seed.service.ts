import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { UnitOfWork } from '../../platform/database';
import { Outbox } from '../../platform/outbox';
import { BILLING_EVENTS } from './billing.events';
import { CatalogSeedRepository } from './catalog-seed.repository';
import { SEED_FEATURES, SEED_PLANS } from './domain/catalog-seed';

/** Puts the first catalog in place. What an administrator has changed since is left as it is. */
@Injectable()
export class CatalogSeedService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: CatalogSeedRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Idempotent; concurrent runs make one catalog. @returns codes of the plans that were new. */
  async seed(): Promise<string[]> {
    const created = await this.unitOfWork.service(async (tx) => {
      await this.repository.features(tx, SEED_FEATURES);
      const plans: { id: string; code: string }[] = [];
      for (const [position, plan] of SEED_PLANS.entries()) {
        const id = await this.repository.plan(tx, plan, position);
        if (id) plans.push({ id, code: plan.code });
      }
      const occurredAt = this.clock.now();
      await this.outbox.append(
        tx,
        plans.map(({ id }) => ({
          type: BILLING_EVENTS.planChanged,
          objectType: 'plan',
          objectId: id,
          customerId: null,
          payload: { planId: id },
          occurredAt,
        })),
      );
      return plans.map(({ code }) => code);
    });
    this.outbox.wake();
    return created;
  }
}
