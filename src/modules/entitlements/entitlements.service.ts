import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Tx } from '../../platform/database';
import { accessReason, resolveAccess, type AccessReason, type FeatureAccess } from './domain/resolve-access';
import { featureNotFound } from './entitlements.errors';
import { EntitlementsRepository, type GrantSet } from './entitlements.repository';

/** Answers what a customer may use, and why. */
@Injectable()
export class EntitlementsService {
  constructor(
    private readonly repository: EntitlementsRepository,
    private readonly clock: Clock,
  ) {}

  /** In the caller's transaction. @returns the sources' ids whose access changed. */
  set(tx: Tx, sets: readonly GrantSet[]): Promise<Set<string>> {
    return this.repository.set(tx, sets);
  }

  /** Access to every feature, by key. */
  async ofUser(tx: Tx, userId: string): Promise<Map<string, FeatureAccess>> {
    const at = this.clock.now();
    const features = await this.repository.ofUser(tx, userId, null);
    return new Map(features.map((feature) => [feature.key, resolveAccess(feature, at)]));
  }

  /** @throws FEATURE_NOT_FOUND. */
  async check(tx: Tx, userId: string, key: string): Promise<{ access: FeatureAccess; reason: AccessReason }> {
    const at = this.clock.now();
    const [feature] = await this.repository.ofUser(tx, userId, key);
    if (!feature) throw featureNotFound(key);
    return { access: resolveAccess(feature, at), reason: accessReason(feature, at) };
  }
}
