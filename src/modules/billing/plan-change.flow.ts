import { Injectable } from '@nestjs/common';
import { parseCurrency } from '../../shared/currency';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import type { UserIdentity } from '../../platform/http';
import { StripeSubscriptionGateway, type PricePreview } from '../../providers/stripe';
import { alreadyOnPlan, notPossible, planNotFound, priceNotFound } from './billing.errors';
import { currencyLocked } from './catalog/catalog.errors';
import { CatalogMirrorFlow } from './catalog-mirror.flow';
import { CatalogRepository, type BillingCycle } from './catalog.repository';
import { CurrentSubscription } from './current-subscription.service';
import { isChangeable, prorationOf, termsChange, type Proration, type Terms } from './domain/proration-policy';
import { PaymentGuard, type PaymentOrder } from './fraud/payment-guard.flow';
import { PlanQuotes } from './plan-quotes.service';
import { SubscriptionUpdateFlow } from './subscription-update.flow';
import type { Subscription } from './subscriptions.repository';
import { TaxTermsFlow } from './tax/tax-terms.flow';

/** What is left out stays as it is. */
export interface PlanChangeRequest {
  plan: string;
  billingCycle: BillingCycle | undefined;
  quantity: number | undefined;
  /** In any case; any but the subscription's own is refused. */
  currency: string | undefined;
}

export interface PlanPreview extends PricePreview {
  effectiveAt: Date;
}

/** Where a subscription is to go. */
interface Target {
  terms: Terms;
  priceRef: string;
  proration: Proration;
}

/** Other plans, cycles and quantities: what they cost, by Stripe's own preview, and the change itself at that price. */
@Injectable()
export class PlanChangeFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly current: CurrentSubscription,
    private readonly catalog: CatalogRepository,
    private readonly mirror: CatalogMirrorFlow,
    private readonly stripe: StripeSubscriptionGateway,
    private readonly quotes: PlanQuotes,
    private readonly updates: SubscriptionUpdateFlow,
    private readonly tax: TaxTermsFlow,
    private readonly guard: PaymentGuard,
  ) {}

  /** @throws what `change` throws, but for payments. */
  async preview(user: UserIdentity, request: PlanChangeRequest): Promise<PlanPreview> {
    const subscription = await this.current.ofUser(user);
    const { terms, priceRef, proration } = await this.target(subscription, request);
    await this.makeTaxable(user, priceRef);
    const prorationDate = this.quotes.now();
    const subscriptionRef = subscription.providerId;
    const { automatic: automaticTax } = this.tax;
    const change = { subscriptionRef, priceRef, quantity: terms.quantity, proration, prorationDate, automaticTax };
    const preview = await this.stripe.previewPrice(change);
    await this.quotes.keep(subscription, change, prorationDate);
    return { ...preview, effectiveAt: new Date(prorationDate * 1000) };
  }

  /**
   * @throws SUBSCRIPTION_NOT_FOUND, ALREADY_SUBSCRIBED_ELSEWHERE, PLAN_NOT_FOUND, PRICE_NOT_FOUND, CURRENCY_LOCKED, ALREADY_ON_PLAN,
   *   INVALID_STATE_TRANSITION, REQUEST_IN_PROGRESS, PAYMENT_BLOCKED; PAYMENT_FAILED, and the subscription is as before.
   */
  async change(user: UserIdentity, request: PlanChangeRequest, actor: Actor): Promise<Subscription> {
    const subscription = await this.current.ofUser(user);
    const repeated = await this.updates.repeat(subscription, 'change_plan', actor);
    if (repeated) return repeated;
    const { terms, priceRef, proration } = await this.target(subscription, request);
    await this.makeTaxable(user, priceRef);
    const { quantity } = terms;
    const prorationDate = await this.quotes.prorationDate(subscription, { priceRef, quantity });
    const run = (): Promise<Subscription> =>
      this.updates.run(subscription, {
        update: {
          action: 'change_plan',
          priceRef,
          quantity,
          proration,
          prorationDate,
          automaticTax: this.tax.automatic,
        },
        actor,
        check: (fresh) => {
          assertChange(fresh, terms);
        },
      });
    return proration === 'always_invoice' ? this.guard.attempt(chargeOf(subscription, terms, actor), run) : run();
  }

  /** @throws TAX_ADDRESS_REQUIRED, TAX_ADDRESS_INVALID where tax is on: also for who has bought before it was. */
  private async makeTaxable(user: UserIdentity, priceRef: string): Promise<void> {
    await this.tax.assertTaxable(user.id);
    await this.tax.settleBehavior(priceRef);
  }

  private async target(subscription: Subscription, request: PlanChangeRequest): Promise<Target> {
    const { plan: planCode, billingCycle = subscription.billingCycle, quantity = subscription.quantity } = request;
    const { currency } = subscription;
    if (request.currency !== undefined && parseCurrency(request.currency) !== currency) throw currencyLocked(currency);
    const stays = planCode === subscription.plan.code && billingCycle === subscription.billingCycle;
    if (stays) {
      // Who only wants more or fewer keeps the price he has, also where it, or the plan, is no longer sold.
      const terms = { ...termsOf(subscription), quantity };
      const change = assertChange(subscription, terms);
      const { priceId } = subscription;
      const priceRef =
        priceId && (await this.unitOfWork.service((tx) => this.catalog.mirrorOf(tx, 'stripe', 'price', priceId)));
      if (priceRef === null) throw priceNotFound(planCode, billingCycle, currency);
      return { terms, priceRef, proration: prorationOf(change) };
    }
    const plan = await this.unitOfWork.service((tx) => this.catalog.planByCode(tx, planCode));
    if (!plan) throw planNotFound(planCode);
    const price = plan.prices.find((p) => p.billingCycle === billingCycle && p.currency === currency);
    if (!price) throw priceNotFound(planCode, billingCycle, currency);
    const terms: Terms = { planCode, billingCycle, quantity, unitAmount: price.amount };
    const change = assertChange(subscription, terms);
    return { terms, priceRef: await this.mirror.ensurePrice(plan, price), proration: prorationOf(change) };
  }
}

/** What is charged at once is at most a period of the new terms. */
function chargeOf({ customerId, providerId, currency }: Subscription, terms: Terms, actor: Actor): PaymentOrder {
  const amount = terms.unitAmount * BigInt(terms.quantity);
  const whose = { customerId, methodRef: null, subscriptionRef: providerId };
  return { ...whose, action: 'subscription.change_plan', amount, currency, actor };
}

/** @returns what the change is. @throws INVALID_STATE_TRANSITION, ALREADY_ON_PLAN. */
function assertChange(subscription: Subscription, to: Terms): Exclude<ReturnType<typeof termsChange>, 'none'> {
  if (!isChangeable(subscription.status)) throw notPossible(subscription.status, 'changed');
  const change = termsChange(termsOf(subscription), to);
  if (change === 'none') throw alreadyOnPlan(to.planCode);
  return change;
}

function termsOf({ plan, billingCycle, quantity, amount }: Subscription): Terms {
  return { planCode: plan.code, billingCycle, quantity, unitAmount: amount / BigInt(Math.max(quantity, 1)) };
}
