import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor } from '../../platform/audit';
import { AppConfig } from '../../platform/config';
import type { Tx } from '../../platform/database';
import { allowedRedirect, redirectRules, type UserIdentity } from '../../platform/http';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../platform/intents';
import { StripeGateway } from '../../providers/stripe';
import { DiscountHoldsFlow } from './discounts/discount-holds.flow';
import { PaymentGuard } from './fraud/payment-guard.flow';
import { dedupeKeyOf, PurchaseService, type PurchaseRequest } from './purchase.service';
import { TaxTermsFlow } from './tax/tax-terms.flow';

const KIND = 'checkout.create';

interface Params {
  customerRef: string;
  priceRef: string;
  quantity: number;
  trialDays: number;
  automaticTax: boolean;
  couponRef: string | null;
  successUrl: string;
  cancelUrl: string;
}

/** Opens a hosted checkout; the subscription itself comes with Stripe's events. */
@Injectable()
export class CheckoutFlow implements IntentHandler, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly config: AppConfig,
    private readonly intents: Intents,
    private readonly purchases: PurchaseService,
    private readonly stripe: StripeGateway,
    private readonly tax: TaxTermsFlow,
    private readonly discounts: DiscountHoldsFlow,
    private readonly guard: PaymentGuard,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /** @throws REDIRECT_NOT_ALLOWED, PAYMENT_BLOCKED, and what a purchase throws. */
  async open(
    user: UserIdentity,
    request: PurchaseRequest & { successUrl: string; cancelUrl: string },
    actor: Actor,
  ): Promise<{ sessionId: string; url: string }> {
    const rules = redirectRules(this.config);
    const successUrl = allowedRedirect(request.successUrl, 'successUrl', rules);
    const cancelUrl = allowedRedirect(request.cancelUrl, 'cancelUrl', rules);
    const { customer, discount, amount, currency, ...purchase } = await this.purchases.prepare(user, request, actor);
    const { automatic: automaticTax } = this.tax;
    const couponRef = discount?.couponRef ?? null;
    const params: Params = { ...purchase, automaticTax, couponRef, successUrl, cancelUrl };
    const dedupeKey = dedupeKeyOf(KIND);
    await this.discounts.giveUpFormer(discount, dedupeKey);
    const order = { action: KIND, customerId: customer.id, methodRef: null, subscriptionRef: null } as const;
    const result = await this.guard.attempt({ ...order, amount, currency, actor }, () =>
      this.intents.run(
        { provider: 'stripe', kind: KIND, customerId: customer.id, dedupeKey, params: { ...params } },
        actor,
        (tx, intent) => this.discounts.hold(tx, intent, discount),
      ),
    );
    const url = result.transient?.['url'] ?? (await this.stripe.checkoutUrl(result.providerId));
    return { sessionId: result.providerId, url };
  }

  async call(intent: Intent, idempotencyKey: string): Promise<ProviderOutcome> {
    const params = intent.params as unknown as Params;
    const owner = { customerId: customerOf(intent), intentId: intent.id };
    const { sessionId, url } = await this.stripe.createCheckoutSession({ ...owner, ...params }, idempotencyKey);
    return { providerId: sessionId, outcome: {}, transient: { url } };
  }

  async find(intent: Intent): Promise<ProviderOutcome | null> {
    const { customerRef } = intent.params as unknown as Params;
    const sessionId = await this.stripe.findCheckoutSession(customerRef, intent.id);
    return sessionId === null ? null : { providerId: sessionId, outcome: {} };
  }

  /** An open session changes nothing of ours yet. */
  commit(): Promise<void> {
    return Promise.resolve();
  }

  release(tx: Tx, intent: Intent): Promise<void> {
    return this.discounts.release(tx, intent);
  }
}
