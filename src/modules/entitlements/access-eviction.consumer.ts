import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Cache } from '../../platform/cache';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { Clock } from '../../shared/clock';
import { ACCESS_KIND } from './access-cache';
import { ENTITLEMENTS_UPDATED } from './entitlements.events';
import { EntitlementsRepository } from './entitlements.repository';

/** Nothing cached before the event was written can still be alive: a Redis away for longer need not be told. */
const MOOT_AFTER_MS = 2 * ACCESS_KIND.maxLifeMs + 60_000;

/** Changed grants are forgotten by the cache. With Redis away this is tried again, until it no longer matters. */
@Injectable()
export class AccessEviction implements OutboxConsumer, OnModuleInit {
  readonly name = 'access-cache';
  readonly types = [ENTITLEMENTS_UPDATED];

  constructor(
    private readonly outbox: Outbox,
    private readonly cache: Cache,
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: EntitlementsRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle({ customerId, recordedAt }: StoredDomainEvent): Promise<void> {
    if (customerId === null || this.clock.wall().getTime() - recordedAt.getTime() > MOOT_AFTER_MS) return;
    const userId = await this.unitOfWork.service((tx) => this.repository.userOf(tx, customerId));
    if (userId !== null) await this.cache.evict(ACCESS_KIND, userId);
  }
}
