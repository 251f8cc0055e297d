import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import { AuditLog, type Actor } from '../../platform/audit';
import { UnitOfWork, type Tx } from '../../platform/database';
import { IdempotencyContext } from '../../platform/http';
import { OwnAnswer } from '../../platform/inbox';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../platform/intents';
import { Outbox } from '../../platform/outbox';
import type { ReadResult } from '../../providers/provider.port';
import {
  StripeSubscriptionGateway,
  type ChangedSubscription,
  type StripeProration,
  type SubscriptionStanding,
} from '../../providers/stripe';
import { CurrentSubscription } from './current-subscription.service';
import { dedupeKeyOf } from './purchase.service';
import type { Subscription } from './subscriptions.repository';

const KIND = 'subscription.update';

/** What is asked of Stripe. Each names the state wanted, so that asking twice is asking once. */
export type SubscriptionUpdate =
  | {
      action: 'change_plan';
      priceRef: string;
      quantity: number;
      proration: StripeProration;
      /** Unix seconds. */
      prorationDate: number;
      automaticTax: boolean;
    }
  | { action: 'pause' }
  | { action: 'resume' }
  | { action: 'keep' }
  | { action: 'cancel_at_period_end' }
  | { action: 'cancel' }
  /** It goes on, and nothing is collected for it. */
  | { action: 'stop_collection' }
  | { action: 'resume_collection' }
  /** `trialEnd` in Unix seconds. */
  | { action: 'extend_trial'; trialEnd: number };

type Params = SubscriptionUpdate & { subscriptionRef: string };

interface Updated extends ProviderOutcome {
  snapshot: ReadResult;
}

export interface UpdateOrder {
  update: SubscriptionUpdate;
  actor: Actor;
  /** For the audit log, beside the update itself. */
  note?: object;
  /** Looks once more, with what is committed by now. */
  check: (fresh: Subscription) => void;
  /** What is asked for by no request: the same key is the same update. A refused one may be asked for again. */
  dedupeKey?: string;
}

/** Changes a subscription at Stripe; a customer's changes come one after the other. */
@Injectable()
export class SubscriptionUpdateFlow implements IntentHandler<Updated>, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly stripe: StripeSubscriptionGateway,
    private readonly answers: OwnAnswer,
    private readonly current: CurrentSubscription,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /**
   * Goes on with what this very request, by its Idempotency-Key, has begun before a crash or a lost answer: by now the
   * subscription may look as if there were nothing left to ask. Null for a request that is new.
   */
  async repeat(
    subscription: Subscription,
    action: SubscriptionUpdate['action'],
    actor: Actor,
  ): Promise<Subscription | null> {
    if (!IdempotencyContext.current()) return null;
    const known = await this.intents.known(keyOf(action));
    if (!known) return null;
    const update = known.params as unknown as Params;
    return this.run(subscription, { update, actor, check: () => undefined });
  }

  /** @throws REQUEST_IN_PROGRESS beside another change, what `check` throws, and Stripe's refusals. */
  async run(subscription: Subscription, { update, actor, note, check, dedupeKey }: UpdateOrder): Promise<Subscription> {
    const params: Params = { ...update, subscriptionRef: subscription.providerId };
    await this.intents.run(
      {
        provider: 'stripe',
        kind: KIND,
        customerId: subscription.customerId,
        dedupeKey: dedupeKey ?? keyOf(update.action),
        reopen: dedupeKey !== undefined,
        alone: true,
        params: { ...params },
      },
      actor,
      async (tx) => {
        const fresh = await this.current.again(tx, subscription);
        check(fresh);
        await this.audit.record(tx, {
          actor,
          action: `subscription.${update.action}`,
          objectType: 'subscription',
          objectId: fresh.id,
          customerId: fresh.customerId,
          before: termsOf(fresh),
          after: { ...update, ...note },
        });
      },
    );
    this.outbox.wake();
    return this.unitOfWork.service((tx) => this.current.again(tx, subscription));
  }

  async call(intent: Intent, idempotencyKey: string): Promise<Updated> {
    try {
      return toOutcome(await this.send(intent.params as unknown as Params, intent.id, idempotencyKey));
    } catch (error) {
      // Refused because it has come about already, by somebody else's hand or by itself, is done.
      const refused = isAppError(error) && (error.kind === 'not_found' || error.code === 'PROVIDER_REFUSED');
      const done = refused ? await this.find(intent) : null;
      if (done) return done;
      throw error;
    }
  }

  async find(intent: Intent): Promise<Updated | null> {
    const params = intent.params as unknown as Params;
    const standing = await this.stripe.standing(params.subscriptionRef, intent.id);
    return isDone(params, standing, intent.id) ? toOutcome(standing) : null;
  }

  async commit(tx: Tx, intent: Intent, result: Updated): Promise<void> {
    await this.answers.apply(tx, customerOf(intent), result.snapshot);
  }

  private send(params: Params, intentId: string, key: string): Promise<ChangedSubscription> {
    const { subscriptionRef } = params;
    switch (params.action) {
      case 'change_plan':
        return this.stripe.changePrice(params, intentId, key);
      case 'pause':
        return this.stripe.pause(subscriptionRef, intentId, key);
      case 'resume':
        return this.stripe.resume(subscriptionRef, intentId, key);
      case 'keep':
        return this.stripe.keep(subscriptionRef, intentId, key);
      case 'cancel_at_period_end':
        return this.stripe.cancelAtPeriodEnd(subscriptionRef, intentId, key);
      case 'cancel':
        return this.stripe.cancel(subscriptionRef, intentId, key);
      case 'stop_collection':
        return this.stripe.stopCollection(subscriptionRef, intentId, key);
      case 'resume_collection':
        return this.stripe.resumeCollection(subscriptionRef, intentId, key);
      case 'extend_trial':
        return this.stripe.extendTrial(subscriptionRef, params.trialEnd, intentId, key);
    }
  }
}

/** Pure: whether a reading shows that Stripe carried an update out. */
function isDone(params: Params, standing: SubscriptionStanding, intentId: string): boolean {
  switch (params.action) {
    case 'change_plan':
    case 'extend_trial':
      return standing.changeId === intentId;
    case 'pause':
      return standing.status === 'paused';
    case 'resume':
      return standing.status !== 'paused';
    case 'keep':
      return !standing.cancelAtPeriodEnd;
    case 'cancel_at_period_end':
      return standing.cancelAtPeriodEnd || standing.status === 'canceled';
    case 'cancel':
      return standing.status === 'canceled';
    case 'resume_collection':
      return !standing.isCollectionStopped;
    case 'stop_collection':
      return standing.isCollectionStopped || standing.status === 'canceled';
  }
}

function termsOf({ plan, billingCycle, quantity, status, cancelAtPeriodEnd, trialEndsAt }: Subscription): object {
  return { plan: plan.code, billingCycle, quantity, status, cancelAtPeriodEnd, trialEndsAt };
}

/** One request may make several updates. */
function keyOf(action: SubscriptionUpdate['action']): string {
  return dedupeKeyOf(`${KIND}.${action}`);
}

function toOutcome({ providerId, snapshot }: ChangedSubscription): Updated {
  return { providerId, outcome: {}, snapshot };
}
