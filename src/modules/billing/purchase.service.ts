import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { parseCurrency } from '../../shared/currency';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { IdempotencyContext, type UserIdentity } from '../../platform/http';
import { CustomersService, type Customer } from '../customers';
import { alreadySubscribed, managedElsewhere, planNotFound, priceNotFound } from './billing.errors';
import { CatalogMirrorFlow } from './catalog-mirror.flow';
import { CatalogRepository, type BillingCycle, type CatalogPlan, type CatalogPriceItem } from './catalog.repository';
import { DiscountHoldsFlow, type ChosenDiscount } from './discounts/discount-holds.flow';
import { StripeCustomerFlow } from './stripe-customer.flow';
import { SubscriptionsRepository } from './subscriptions.repository';

export interface PurchaseRequest {
  plan: string;
  billingCycle: BillingCycle;
  quantity: number;
  /** Undefined: the plan's own trial. */
  trialDays: number | undefined;
  /** As typed; null without one. */
  discountCode: string | null;
  /** In any case. Undefined: the customer's own, else the one the plan was first sold in. */
  currency: string | undefined;
}

/** All that a purchase at Stripe needs, checked and in place. */
export interface Purchase {
  customer: Customer;
  customerRef: string;
  priceId: string;
  priceRef: string;
  quantity: number;
  trialDays: number;
  /** Of one period, in minor units, before discounts and tax. */
  amount: bigint;
  currency: string;
  /** Checked, but not taken yet: the guard of the purchase's intent does that. */
  discount: ChosenDiscount | null;
}

/** What checkout and direct subscription have in common. */
@Injectable()
export class PurchaseService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly catalog: CatalogRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly stripeCustomers: StripeCustomerFlow,
    private readonly mirror: CatalogMirrorFlow,
    private readonly discounts: DiscountHoldsFlow,
  ) {}

  /**
   * @throws PLAN_NOT_FOUND, PRICE_NOT_FOUND, UNKNOWN_CURRENCY, ALREADY_SUBSCRIBED, ALREADY_SUBSCRIBED_ELSEWHERE,
   *   DISCOUNT_NOT_APPLICABLE, and Stripe's failures.
   */
  async prepare(user: UserIdentity, request: PurchaseRequest, actor: Actor): Promise<Purchase> {
    const plan = await this.unitOfWork.service((tx) => this.catalog.planByCode(tx, request.plan));
    if (!plan) throw planNotFound(request.plan);
    const customer = await this.unitOfWork.user(user.id, (tx) =>
      this.customers.ensure(tx, { id: user.id, email: user.email ?? null }),
    );
    await this.refuseSecond(customer.id);
    const price = await this.choose(plan, request, customer.id);
    const offer = { customerId: customer.id, planId: plan.id, currencies: [price.currency] };
    const discount = await this.discounts.choose(request.discountCode, offer);
    const customerRef = await this.stripeCustomers.ensure(customer, actor);
    const priceRef = await this.mirror.ensurePrice(plan, price);
    return {
      customer,
      customerRef,
      priceId: price.id,
      priceRef,
      quantity: request.quantity,
      trialDays: trialDaysOf(plan, customer, request),
      amount: price.amount * BigInt(request.quantity),
      currency: price.currency,
      discount,
    };
  }

  /** Whether a customer may change his currency is Stripe's to say: not while anything of his runs in the former one. */
  private async choose(plan: CatalogPlan, request: PurchaseRequest, customerId: string): Promise<CatalogPriceItem> {
    const { billingCycle } = request;
    const currency =
      request.currency === undefined
        ? await this.unitOfWork.service((tx) => this.catalog.currencyOf(tx, 'stripe', customerId))
        : parseCurrency(request.currency);
    const price = plan.prices.find(
      (one) => one.billingCycle === billingCycle && (currency === null || one.currency === currency),
    );
    if (!price) throw priceNotFound(plan.code, billingCycle, currency);
    return price;
  }

  /** One that still waits for its first payment is no hindrance: it is taken up again, or expires by itself. */
  private async refuseSecond(customerId: string): Promise<void> {
    const open = await this.unitOfWork.service((tx) => this.subscriptions.openOf(tx, customerId));
    const other = open.find(({ status }) => status !== 'incomplete');
    if (!other) return;
    throw other.provider === 'stripe' ? alreadySubscribed(other.id) : managedElsewhere(other.provider);
  }
}

/** Trials are policy: what is asked for is capped by the plan, and given once per person. */
function trialDaysOf(plan: CatalogPlan, customer: Customer, request: PurchaseRequest): number {
  if (customer.trialUsedAt) return 0;
  return Math.min(request.trialDays ?? plan.trialDays, plan.trialDays);
}

/** The caller's Idempotency-Key where he sent one, so that a request repeated after a crash resumes its own intent. */
export function dedupeKeyOf(kind: string): string {
  const request = IdempotencyContext.current();
  return request ? `${kind}:${request.scope}:${request.key}` : `${kind}:${randomUUID()}`;
}
