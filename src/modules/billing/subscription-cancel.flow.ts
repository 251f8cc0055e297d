import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/audit';
import type { UserIdentity } from '../../platform/http';
import { notCancelable } from './billing.errors';
import { CurrentSubscription } from './current-subscription.service';
import { SubscriptionUpdateFlow } from './subscription-update.flow';
import type { Subscription } from './subscriptions.repository';

/** Cancels at the end of the period, or now. */
@Injectable()
export class SubscriptionCancelFlow {
  constructor(
    private readonly current: CurrentSubscription,
    private readonly updates: SubscriptionUpdateFlow,
  ) {}

  /** @throws SUBSCRIPTION_NOT_FOUND, ALREADY_SUBSCRIBED_ELSEWHERE for a store's, INVALID_STATE_TRANSITION for an ended one. */
  async cancel(user: UserIdentity, atPeriodEnd: boolean, actor: Actor): Promise<Subscription> {
    const subscription = await this.current.ofUser(user);
    assertCancelable(subscription);
    if (atPeriodEnd && subscription.cancelAtPeriodEnd) return subscription;
    const update = { action: atPeriodEnd ? 'cancel_at_period_end' : 'cancel' } as const;
    return this.updates.run(subscription, { update, actor, check: assertCancelable });
  }
}

function assertCancelable({ status }: Subscription): void {
  if (status === 'canceled') throw notCancelable(status);
}
