import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { CustomersService } from '../customers';
import { customerNotFound, managedElsewhere, notPossible, subscriptionNotFound, trialTooLong } from './billing.errors';
import { extendedEnd, extensionLeft } from './domain/trial-extension';
import { SubscriptionUpdateFlow } from './subscription-update.flow';
import { SubscriptionsRepository, type Subscription } from './subscriptions.repository';

/** Support gives a customer more time to try. */
@Injectable()
export class TrialExtensionFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly updates: SubscriptionUpdateFlow,
  ) {}

  /** @throws CUSTOMER_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, ALREADY_SUBSCRIBED_ELSEWHERE, INVALID_STATE_TRANSITION, TRIAL_TOO_LONG. */
  async extend(
    customerId: string,
    { days, reason }: { days: number; reason: string },
    actor: Actor,
  ): Promise<Subscription> {
    const [subscription] = await this.unitOfWork.service(async (tx) => {
      if (!(await this.customers.byId(tx, customerId))) throw customerNotFound();
      return this.subscriptions.openOf(tx, customerId);
    });
    if (!subscription) throw subscriptionNotFound();
    if (subscription.provider !== 'stripe') throw managedElsewhere(subscription.provider);
    const repeated = await this.updates.repeat(subscription, 'extend_trial', actor);
    if (repeated) return repeated;
    const from = endOf(subscription, days);
    return this.updates.run(subscription, {
      update: { action: 'extend_trial', trialEnd: Math.floor(extendedEnd(from, days).getTime() / 1000) },
      actor,
      note: { days, reason },
      check: (fresh) => {
        // Of two at once the second would name the same end as the first, and give nothing.
        if (endOf(fresh, days).getTime() !== from.getTime()) throw notPossible(fresh.status, 'extended twice at once');
      },
    });
  }
}

/** The present end of a trial that may get so many days more. */
function endOf({ status, trialEndsAt, createdAt }: Subscription, days: number): Date {
  if (status !== 'trialing' || trialEndsAt === null) throw notPossible(status, 'given a longer trial');
  const left = extensionLeft(createdAt, trialEndsAt);
  if (days > left) throw trialTooLong(left);
  return trialEndsAt;
}
