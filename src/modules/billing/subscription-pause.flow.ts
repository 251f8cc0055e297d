import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/audit';
import type { UserIdentity } from '../../platform/http';
import { notPossible } from './billing.errors';
import { CurrentSubscription } from './current-subscription.service';
import { PaymentGuard } from './fraud/payment-guard.flow';
import { SubscriptionUpdateFlow } from './subscription-update.flow';
import type { Subscription } from './subscriptions.repository';

/** Pauses a subscription, and takes a pause or a scheduled cancellation back. */
@Injectable()
export class SubscriptionPauseFlow {
  constructor(
    private readonly current: CurrentSubscription,
    private readonly updates: SubscriptionUpdateFlow,
    private readonly guard: PaymentGuard,
  ) {}

  /** A paused one stays as it is. @throws INVALID_STATE_TRANSITION for what is not paid for. */
  async pause(user: UserIdentity, actor: Actor): Promise<Subscription> {
    const subscription = await this.current.ofUser(user);
    if (subscription.status === 'paused') return subscription;
    assertPausable(subscription);
    return this.updates.run(subscription, { update: { action: 'pause' }, actor, check: assertPausable });
  }

  /** @throws INVALID_STATE_TRANSITION where there is nothing to take back; PAYMENT_BLOCKED for a new period. */
  async resume(user: UserIdentity, actor: Actor): Promise<Subscription> {
    let subscription = await this.current.ofUser(user);
    const repeated =
      (await this.updates.repeat(subscription, 'resume', actor)) ??
      (await this.updates.repeat(subscription, 'keep', actor));
    if (repeated && !isResumable(repeated)) return repeated;
    assertResumable(subscription);
    // The cancellation first: what is set to end is not worth a new period.
    if (subscription.cancelAtPeriodEnd) {
      subscription = await this.updates.run(subscription, {
        update: { action: 'keep' },
        actor,
        check: assertResumable,
      });
    }
    if (subscription.status !== 'paused') return subscription;
    const { customerId, providerId: subscriptionRef, amount, currency } = subscription;
    const order = { customerId, methodRef: null, subscriptionRef, amount, currency, actor };
    const paused = subscription;
    return this.guard.attempt({ ...order, action: 'subscription.resume' }, () =>
      this.updates.run(paused, { update: { action: 'resume' }, actor, check: assertResumable }),
    );
  }
}

function assertPausable({ status }: Subscription): void {
  if (status !== 'active') throw notPossible(status, 'paused');
}

function isResumable({ status, cancelAtPeriodEnd }: Subscription): boolean {
  if (status === 'canceled' || status === 'incomplete_expired') return false;
  return status === 'paused' || cancelAtPeriodEnd;
}

function assertResumable(subscription: Subscription): void {
  if (!isResumable(subscription)) throw notPossible(subscription.status, 'resumed');
}
