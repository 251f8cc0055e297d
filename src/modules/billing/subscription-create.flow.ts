import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import type { Actor } from '../../platform/audit';
import { UnitOfWork, type Tx } from '../../platform/database';
import type { UserIdentity } from '../../platform/http';
import { OwnAnswer } from '../../platform/inbox';
import {
  customerOf,
  Intents,
  type Intent,
  type IntentHandler,
  type IntentSpec,
  type ProviderOutcome,
} from '../../platform/intents';
import { Outbox } from '../../platform/outbox';
import type { ReadResult } from '../../providers/provider.port';
import { StripeGateway, StripeSubscriptionGateway, type CreatedSubscription } from '../../providers/stripe';
import { alreadySubscribed, subscriptionNotFound } from './billing.errors';
import { DiscountHoldsFlow } from './discounts/discount-holds.flow';
import { PaymentGuard } from './fraud/payment-guard.flow';
import { TrialCardsFlow } from './fraud/trial-cards.flow';
import { dedupeKeyOf, PurchaseService, type Purchase, type PurchaseRequest } from './purchase.service';
import { SubscriptionsRepository, type Subscription } from './subscriptions.repository';
import { TaxTermsFlow } from './tax/tax-terms.flow';

const KIND = 'subscription.create';

/** As stored in the intent: what is asked of Stripe, in ids. */
interface Params {
  customerRef: string;
  priceRef: string;
  quantity: number;
  trialDays: number;
  paymentMethodRef: string | null;
  automaticTax: boolean;
  couponRef: string | null;
}

interface Created extends ProviderOutcome {
  snapshot: ReadResult;
}

type CreateRequest = PurchaseRequest & { paymentMethodRef: string | null };

interface StartedSubscription {
  subscription: Subscription;
  clientSecret: string | null;
}

/** Starts a subscription whose first payment the client confirms with the secret it gets back. */
@Injectable()
export class SubscriptionCreateFlow implements IntentHandler<Created>, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly purchases: PurchaseService,
    private readonly stripe: StripeGateway,
    private readonly changes: StripeSubscriptionGateway,
    private readonly answers: OwnAnswer,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
    private readonly tax: TaxTermsFlow,
    private readonly discounts: DiscountHoldsFlow,
    private readonly guard: PaymentGuard,
    private readonly trialCards: TrialCardsFlow,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /** @throws PAYMENT_BLOCKED, and what a purchase throws. */
  async create(user: UserIdentity, request: CreateRequest, actor: Actor): Promise<StartedSubscription> {
    await this.tax.assertTaxable(user.id);
    const purchase = await this.purchases.prepare(user, request, actor);
    const { customer, amount, currency } = purchase;
    const order = { action: KIND, customerId: customer.id, methodRef: request.paymentMethodRef } as const;
    return this.guard.attempt({ ...order, subscriptionRef: null, amount, currency, actor }, () =>
      this.start(purchase, request, actor),
    );
  }

  private async start(purchase: Purchase, request: CreateRequest, actor: Actor): Promise<StartedSubscription> {
    const { customer, customerRef, priceRef, quantity, discount } = purchase;
    const waiting = await this.waitingFor(purchase);
    if (waiting) return { subscription: waiting, clientSecret: await this.stripe.clientSecretOf(waiting.providerId) };
    const { paymentMethodRef } = request;
    const { automatic: automaticTax } = this.tax;
    const couponRef = discount?.couponRef ?? null;
    const trialDays = await this.trialCards.daysWith(purchase, paymentMethodRef);
    const params: Params = { customerRef, priceRef, quantity, trialDays, paymentMethodRef, automaticTax, couponRef };
    const spec: IntentSpec = {
      provider: 'stripe',
      kind: KIND,
      customerId: customer.id,
      dedupeKey: dedupeKeyOf(KIND),
      params: { ...params },
    };
    await this.discounts.giveUpFormer(discount, spec.dedupeKey);
    const result = await this.intents.run(spec, actor, async (tx, intent) => {
      await this.refuseSecond(tx, customer.id);
      await this.discounts.hold(tx, intent, discount);
    });
    this.outbox.wake();
    const subscription = await this.unitOfWork.service((tx) =>
      this.subscriptions.byProviderId(tx, 'stripe', result.providerId),
    );
    if (!subscription) throw subscriptionNotFound();
    // A request resumed after its answer was lost has no secret at hand: Stripe is asked for it again.
    const clientSecret = result.transient?.['clientSecret'] ?? (await this.stripe.clientSecretOf(result.providerId));
    return { subscription, clientSecret };
  }

  /**
   * Who asks again for what still waits for its first payment gets that one, not a second. One that waits for something
   * else is called off first, so that its payment cannot go through as well.
   */
  private async waitingFor({
    customer,
    customerRef,
    priceId,
    quantity,
    discount,
  }: Purchase): Promise<Subscription | null> {
    const open = await this.unitOfWork.service((tx) => this.subscriptions.openOf(tx, customer.id));
    const waiting = open.find(({ provider, status }) => provider === 'stripe' && status === 'incomplete');
    if (!waiting) return null;
    const same =
      waiting.priceId === priceId &&
      waiting.quantity === quantity &&
      (await this.unitOfWork.service((tx) => this.discounts.isOf(tx, waiting.id, discount))) &&
      !(await this.tax.isOutdated(waiting.providerId, customerRef));
    if (same) return waiting;
    const { providerId, id } = waiting;
    try {
      const { snapshot } = await this.changes.cancel(providerId, `${id}:replaced`, `kassa-replace-${id}`);
      await this.answers.take(customer.id, snapshot);
    } catch (error) {
      // A request beside this one has called it off, and commits what Stripe answered; until then `refuseSecond` sees it.
      if (!isAppError(error) || error.code !== 'PROVIDER_OBJECT_NOT_FOUND') throw error;
    }
    return null;
  }

  /** Sees what a request beside this one has committed since `prepare` looked. */
  private async refuseSecond(tx: Tx, customerId: string): Promise<void> {
    const [other] = await this.subscriptions.openOf(tx, customerId);
    if (other) throw alreadySubscribed(other.id);
  }

  async call(intent: Intent, idempotencyKey: string): Promise<Created> {
    const params = intent.params as unknown as Params;
    const owner = { customerId: customerOf(intent), intentId: intent.id };
    return toOutcome(await this.stripe.createSubscription({ ...owner, ...params }, idempotencyKey));
  }

  async find(intent: Intent): Promise<Created | null> {
    const { customerRef } = intent.params as unknown as Params;
    const subscriptionRef = await this.stripe.findSubscription(customerRef, intent.id);
    return subscriptionRef ? toOutcome(await this.stripe.subscriptionWithSecret(subscriptionRef, intent.id)) : null;
  }

  async commit(tx: Tx, intent: Intent, result: Created): Promise<void> {
    await this.answers.apply(tx, customerOf(intent), result.snapshot);
  }

  release(tx: Tx, intent: Intent): Promise<void> {
    return this.discounts.release(tx, intent);
  }
}

function toOutcome(created: CreatedSubscription): Created {
  const { providerId, snapshot, clientSecret } = created;
  return { providerId, outcome: {}, transient: { clientSecret }, snapshot };
}
