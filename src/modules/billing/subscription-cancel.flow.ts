import { Injectable } from '@nestjs/common';
import { newId } from '../../shared/ids';
import { Clock } from '../../shared/clock';
import { AuditLog, type Actor } from '../../platform/audit';
import { retryWhileBusy, UnitOfWork } from '../../platform/database';
import type { UserIdentity } from '../../platform/http';
import { Outbox } from '../../platform/outbox';
import { StripeGateway } from '../../providers/stripe';
import { managedElsewhere, notCancelable, subscriptionNotFound } from './billing.errors';
import { OwnAnswer } from './own-answer.service';
import { SubscriptionsRepository, type Subscription } from './subscriptions.repository';

/** Cancels at the end of the period, or now. Asking twice is asking once: the call names the state wanted. */
@Injectable()
export class SubscriptionCancelFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly stripe: StripeGateway,
    private readonly answers: OwnAnswer,
    private readonly audit: AuditLog,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** @throws SUBSCRIPTION_NOT_FOUND, ALREADY_SUBSCRIBED_ELSEWHERE for a store's, INVALID_STATE_TRANSITION for an ended one. */
  async cancel(user: UserIdentity, atPeriodEnd: boolean, actor: Actor): Promise<Subscription> {
    const current = await this.unitOfWork.user(user.id, (tx) => this.subscriptions.currentOfUser(tx, user.id));
    if (!current) throw subscriptionNotFound();
    if (current.provider !== 'stripe') throw managedElsewhere(current.provider);
    if (current.status === 'canceled') throw notCancelable(current.status);
    if (atPeriodEnd && current.cancelAtPeriodEnd) return current;
    const attempt = newId('int', this.clock.wall().getTime());
    const answer = await this.stripe.cancelSubscription(
      current.providerId,
      atPeriodEnd,
      `answer:${attempt}`,
      `kassa-${attempt}`,
    );
    const canceled = await retryWhileBusy(() =>
      this.unitOfWork.service(async (tx) => {
        await this.answers.apply(tx, current.customerId, answer);
        await this.audit.record(tx, {
          actor,
          action: 'subscription.cancel',
          objectType: 'subscription',
          objectId: current.id,
          customerId: current.customerId,
          before: { status: current.status, cancelAtPeriodEnd: current.cancelAtPeriodEnd },
          after: { atPeriodEnd },
        });
        return this.subscriptions.byProviderId(tx, 'stripe', current.providerId);
      }),
    );
    this.outbox.wake();
    if (!canceled) throw subscriptionNotFound();
    return canceled;
  }
}
