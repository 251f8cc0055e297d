import { Injectable } from '@nestjs/common';
import { UnitOfWork, type Tx } from '../../platform/database';
import type { UserIdentity } from '../../platform/http';
import { managedElsewhere, subscriptionNotFound } from './billing.errors';
import { SubscriptionsRepository, type Subscription } from './subscriptions.repository';

/** The subscription a user asks us to change. */
@Injectable()
export class CurrentSubscription {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionsRepository,
  ) {}

  /**
   * Who pays here and in a store means the one here: the other is the store's to change.
   * @throws SUBSCRIPTION_NOT_FOUND, ALREADY_SUBSCRIBED_ELSEWHERE for a store's.
   */
  async ofUser(user: UserIdentity): Promise<Subscription> {
    const { current, ours } = await this.unitOfWork.user(user.id, async (tx) => {
      const newest = await this.subscriptions.currentOfUser(tx, user.id);
      if (newest === null || newest.provider === 'stripe') return { current: newest, ours: newest };
      return { current: newest, ours: await this.subscriptions.openAtStripe(tx, user.id) };
    });
    if (!current) throw subscriptionNotFound();
    if (!ours) throw managedElsewhere(current.provider);
    return ours;
  }

  /** The same one as it is by now. @throws SUBSCRIPTION_NOT_FOUND */
  async again(tx: Tx, { providerId }: Subscription): Promise<Subscription> {
    const found = await this.subscriptions.byProviderId(tx, 'stripe', providerId);
    if (!found) throw subscriptionNotFound();
    return found;
  }
}
