import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Cache, type CacheKind } from '../../platform/cache';
import { UnitOfWork } from '../../platform/database';
import { HotReads, type HotRead } from '../../platform/http';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { Clock } from '../../shared/clock';
import { BILLING_EVENTS } from './billing.events';
import { CatalogRepository } from './catalog.repository';
import { toPlan } from './dto/plans.response.dto';

const LIFE_MS = 60_000;
const ALL = 'all';

/** The answer as it is sent: nobody has to read it on the way. */
const PLANS_KIND: CacheKind<string> = {
  name: 'plans',
  version: 1,
  maxLifeMs: LIFE_MS,
  lifeMs: () => LIFE_MS,
  encode: (json) => json,
  decode: (json) => json,
};

/** What is for sale, out of the cache, which forgets it when the catalog changes. */
@Injectable()
export class PlansService implements OutboxConsumer, HotRead, OnModuleInit {
  readonly path = '/billing/plans';
  readonly for = 'everybody';
  readonly name = 'plans-cache';
  readonly types = [BILLING_EVENTS.planChanged];

  constructor(
    private readonly outbox: Outbox,
    private readonly cache: Cache,
    private readonly unitOfWork: UnitOfWork,
    private readonly catalog: CatalogRepository,
    private readonly clock: Clock,
    private readonly hot: HotReads,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
    this.hot.register(this);
  }

  /** As `list`, of what is cached. */
  answer(query: string): Promise<string | undefined> {
    return query === '' ? this.cache.peek(PLANS_KIND, ALL) : Promise.resolve(undefined);
  }

  /** JSON of `PlanResponse[]`. */
  list(): Promise<string> {
    return this.cache.read(PLANS_KIND, ALL, async () => {
      const plans = await this.unitOfWork.service((tx) => this.catalog.plans(tx));
      return JSON.stringify(plans.map(toPlan));
    });
  }

  /** Whatever was cached before an event this old is gone by itself. */
  async handle({ recordedAt }: StoredDomainEvent): Promise<void> {
    if (this.clock.wall().getTime() - recordedAt.getTime() > 3 * LIFE_MS) return;
    await this.cache.evict(PLANS_KIND, ALL);
  }
}
