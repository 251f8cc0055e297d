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

  /** @throws SUBSCRIPTION_NOT_FOUND, ALREADY_SUBSCRIBED_ELSEWHERE for a store's. */
  async ofUser(user: UserIdentity): Promise<Subscription> {
    const current = await this.unitOfWork.user(user.id, (tx) => this.subscriptions.currentOfUser(tx, user.id));
    if (!current) throw subscriptionNotFound();
    if (current.provider !== 'stripe') throw managedElsewhere(current.provider);
    return current;
  }

  /** The same one as it is by now. @throws SUBSCRIPTION_NOT_FOUND */
  async again(tx: Tx, { providerId }: Subscription): Promise<Subscription> {
    const found = await this.subscriptions.byProviderId(tx, 'stripe', providerId);
    if (!found) throw subscriptionNotFound();
    return found;
  }
}
