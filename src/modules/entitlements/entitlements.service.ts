import { Injectable } from '@nestjs/common';
import { Cache } from '../../platform/cache';
import type { Tx } from '../../platform/database';
import { Clock } from '../../shared/clock';
import { ACCESS_KIND, toFeatureGrants, toKnownAccess, type KnownAccess } from './access-cache';
import { accessReason, resolveAccess, type AccessReason, type FeatureAccess } from './domain/resolve-access';
import { featureNotFound } from './entitlements.errors';
import { EntitlementsRepository, type GrantSet } from './entitlements.repository';

/**
 * Answers what a customer may use, and why. Grants are cached, not answers: whether a grant's end has passed is decided
 * at each question, by the business clock as it then stands.
 */
@Injectable()
export class EntitlementsService {
  constructor(
    private readonly repository: EntitlementsRepository,
    private readonly cache: Cache,
    private readonly clock: Clock,
  ) {}

  /** In the caller's transaction. @returns the sources' ids whose access changed. */
  set(tx: Tx, sets: readonly GrantSet[]): Promise<Set<string>> {
    return this.repository.set(tx, sets);
  }

  /** Gives what sources granted to another customer, in the caller's transaction; both are to be told of it. */
  move(tx: Tx, source: GrantSet['source'], sourceIds: readonly string[], customerId: string): Promise<void> {
    return this.repository.move(tx, source, sourceIds, customerId);
  }

  /** Access to every feature, by key. */
  async ofUser(userId: string): Promise<Map<string, FeatureAccess>> {
    const { features } = await this.read(userId);
    const at = this.clock.now();
    return new Map(features.map((feature) => [feature.key, resolveAccess(toFeatureGrants(feature), at)]));
  }

  /** As `ofUser`, for who has just been given something: nothing from before is used, and nobody gets it from the cache. */
  async ofUserAnew(userId: string): Promise<Map<string, FeatureAccess>> {
    // Where Redis is away, nothing of it is used either; the event of the change evicts once more.
    await this.cache.evict(ACCESS_KIND, userId).catch(() => undefined);
    const at = this.clock.now();
    return new Map((await this.repository.ofUser(userId)).map((one) => [one.key, resolveAccess(one, at)]));
  }

  /** @throws FEATURE_NOT_FOUND. */
  async check(userId: string, key: string): Promise<{ access: FeatureAccess; reason: AccessReason }> {
    const { features } = await this.read(userId);
    const known = ofKey(features, key);
    // A feature added to the catalog a moment ago is not in what was cached before: what is unknown is asked again.
    const feature = known ? toFeatureGrants(known) : ofKey(await this.repository.ofUser(userId), key);
    if (!feature) throw featureNotFound(key);
    const at = this.clock.now();
    return { access: resolveAccess(feature, at), reason: accessReason(feature, at) };
  }

  /** As `check`, of what is cached; null where that does not answer it. */
  async checkCached(userId: string, key: string): Promise<{ access: FeatureAccess; reason: AccessReason } | null> {
    const cached = await this.cache.peek(ACCESS_KIND, userId);
    const known = cached && ofKey(cached.features, key);
    if (!known) return null;
    const feature = toFeatureGrants(known);
    const at = this.clock.now();
    return { access: resolveAccess(feature, at), reason: accessReason(feature, at) };
  }

  private read(userId: string): Promise<KnownAccess> {
    return this.cache.read(ACCESS_KIND, userId, async () =>
      toKnownAccess(await this.repository.ofUser(userId), this.clock.now()),
    );
  }
}

function ofKey<T extends { key: string }>(features: readonly T[], key: string): T | undefined {
  return features.find((feature) => feature.key === key);
}
