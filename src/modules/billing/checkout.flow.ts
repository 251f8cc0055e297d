import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor } from '../../platform/audit';
import { AppConfig } from '../../platform/config';
import { allowedRedirect, redirectRules, type UserIdentity } from '../../platform/http';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../platform/intents';
import { StripeGateway } from '../../providers/stripe';
import { dedupeKeyOf, PurchaseService, type PurchaseRequest } from './purchase.service';
import { TaxTermsFlow } from './tax/tax-terms.flow';

const KIND = 'checkout.create';

interface Params {
  customerRef: string;
  priceRef: string;
  quantity: number;
  trialDays: number;
  automaticTax: boolean;
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
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /** @throws REDIRECT_NOT_ALLOWED, and what a purchase throws. */
  async open(
    user: UserIdentity,
    request: PurchaseRequest & { successUrl: string; cancelUrl: string },
    actor: Actor,
  ): Promise<{ sessionId: string; url: string }> {
    const rules = redirectRules(this.config);
    const successUrl = allowedRedirect(request.successUrl, 'successUrl', rules);
    const cancelUrl = allowedRedirect(request.cancelUrl, 'cancelUrl', rules);
    const { customer, customerRef, priceRef, quantity, trialDays } = await this.purchases.prepare(user, request, actor);
    const { automatic: automaticTax } = this.tax;
    const params: Params = { customerRef, priceRef, quantity, trialDays, automaticTax, successUrl, cancelUrl };
    const result = await this.intents.run(
      {
        provider: 'stripe',
        kind: KIND,
        customerId: customer.id,
        dedupeKey: dedupeKeyOf(KIND),
        params: { ...params },
      },
      actor,
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
}
