import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AuditLog, SYSTEM } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { OwnAnswer } from '../../../platform/inbox';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../../platform/outbox';
import { StripeCardGateway, StripeSubscriptionGateway } from '../../../providers/stripe';
import { BILLING_EVENTS } from '../billing.events';
import type { Purchase } from '../purchase.service';
import { SubscriptionsRepository, type Subscription } from '../subscriptions.repository';
import { Pseudonyms } from './pseudonyms.service';
import { TrialFingerprintsRepository } from './trial-fingerprints.repository';

/**
 * One trial per card, whichever account it is on. A card named at the purchase is looked at before; one confirmed later is
 * looked at when Stripe tells of the subscription, and a trial it does not give is called off without a charge: nobody who
 * was promised a trial may be billed the minute after (docs/decisions/0016).
 */
@Injectable()
export class TrialCardsFlow implements OutboxConsumer, OnModuleInit {
  readonly name = 'trial-cards';
  readonly types = [BILLING_EVENTS.trialTold];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly fingerprints: TrialFingerprintsRepository,
    private readonly pseudonyms: Pseudonyms,
    private readonly cards: StripeCardGateway,
    private readonly stripe: StripeSubscriptionGateway,
    private readonly answers: OwnAnswer,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  /** The days a customer gets with a card he names: all, or none where it gave somebody else his trial. */
  async daysWith({ customer, customerRef, trialDays }: Purchase, methodRef: string | null): Promise<number> {
    if (trialDays === 0 || methodRef === null) return trialDays;
    const fingerprint = await this.cards.fingerprintOf(customerRef, methodRef);
    if (fingerprint === null) return trialDays;
    return (await this.isOwn(customer.id, fingerprint)) ? trialDays : 0;
  }

  async handle({ payload }: StoredDomainEvent): Promise<void> {
    const subscriptionRef = String(payload['subscriptionRef']);
    const subscription = await this.unitOfWork.service((tx) =>
      this.subscriptions.byProviderId(tx, 'stripe', subscriptionRef),
    );
    if (subscription?.status !== 'trialing') return;
    const { isTrialing, fingerprint } = await this.cards.ofTrial(subscriptionRef);
    if (!isTrialing || fingerprint === null || (await this.isOwn(subscription.customerId, fingerprint))) return;
    await this.callOff(subscription);
  }

  private async isOwn(customerId: string, fingerprint: string): Promise<boolean> {
    const card = this.pseudonyms.of('card', fingerprint);
    const at = this.clock.now();
    const owner = await this.unitOfWork.service((tx) => this.fingerprints.claim(tx, card, customerId, at));
    return owner === customerId;
  }

  /** Told again after a crash it finds the trial over, and does nothing. */
  private async callOff({ id, providerId, customerId }: Subscription): Promise<void> {
    const { snapshot } = await this.stripe.cancel(providerId, `${id}:trial-card`, `kassa-trial-card-${id}`);
    await this.answers.take(customerId, snapshot, (tx) =>
      this.audit.record(tx, {
        actor: SYSTEM,
        action: 'subscription.trial_refused',
        objectType: 'subscription',
        objectId: id,
        customerId,
        after: { reason: 'the card has given another account its trial' },
      }),
    );
  }
}
