import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { IdempotencyContext, type UserIdentity } from '../../platform/http';
import { CustomersService, type Customer } from '../customers';
import { alreadySubscribed, managedElsewhere, planNotFound, priceNotFound } from './billing.errors';
import { CatalogMirrorFlow } from './catalog-mirror.flow';
import { CatalogRepository, type BillingCycle, type CatalogPlan, type CatalogPriceItem } from './catalog.repository';
import { StripeCustomerFlow } from './stripe-customer.flow';
import { SubscriptionsRepository } from './subscriptions.repository';

export interface PurchaseRequest {
  plan: string;
  billingCycle: BillingCycle;
  quantity: number;
  /** Undefined: the plan's own trial. */
  trialDays: number | undefined;
}

/** All that a purchase at Stripe needs, checked and in place. */
export interface Purchase {
  customer: Customer;
  customerRef: string;
  priceRef: string;
  quantity: number;
  trialDays: number;
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
  ) {}

  /** @throws PLAN_NOT_FOUND, PRICE_NOT_FOUND, ALREADY_SUBSCRIBED, ALREADY_SUBSCRIBED_ELSEWHERE, and Stripe's failures. */
  async prepare(user: UserIdentity, request: PurchaseRequest, actor: Actor): Promise<Purchase> {
    const { plan, price } = await this.choose(request);
    const customer = await this.unitOfWork.user(user.id, (tx) =>
      this.customers.ensure(tx, { id: user.id, email: user.email ?? null }),
    );
    await this.refuseSecond(customer.id);
    const customerRef = await this.stripeCustomers.ensure(customer, actor);
    const priceRef = await this.mirror.ensurePrice(plan, price);
    return {
      customer,
      customerRef,
      priceRef,
      quantity: request.quantity,
      trialDays: trialDaysOf(plan, customer, request),
    };
  }

  private async choose(request: PurchaseRequest): Promise<{ plan: CatalogPlan; price: CatalogPriceItem }> {
    const plan = await this.unitOfWork.service((tx) => this.catalog.planByCode(tx, request.plan));
    if (!plan) throw planNotFound(request.plan);
    const price = plan.prices.find(({ billingCycle }) => billingCycle === request.billingCycle);
    if (!price) throw priceNotFound(request.plan, request.billingCycle);
    return { plan, price };
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
