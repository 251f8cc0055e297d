import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { business } from '../../shared/app-error';
import type { ReadResult } from '../provider.port';
import { StripeClient } from './stripe-client';
import { METADATA } from './stripe-objects';
import { subscriptionSnapshot } from './stripe-reader';

export interface Owner {
  customerId: string;
  intentId: string;
}

export interface CheckoutRequest extends Owner {
  customerRef: string;
  priceRef: string;
  quantity: number;
  trialDays: number;
  /** Stripe Tax computes it, and asks for what it needs. */
  automaticTax: boolean;
  /** A coupon of ours; customers type none of their own. */
  couponRef: string | null;
  successUrl: string;
  cancelUrl: string;
}

export interface SubscriptionRequest extends Owner {
  customerRef: string;
  priceRef: string;
  quantity: number;
  trialDays: number;
  /** Stripe Tax computes it; the customer's address must be known. */
  automaticTax: boolean;
  couponRef: string | null;
  paymentMethodRef: string | null;
}

/** A new subscription: its snapshot for the facts, and what the client needs to confirm the payment. */
export interface CreatedSubscription {
  providerId: string;
  snapshot: ReadResult;
  clientSecret: string | null;
}

export type PortalFlow = 'payment_method_update' | 'subscription_cancel' | 'subscription_update';

/** Between our clock and Stripe's. */
const CLOCK_SKEW_SECONDS = 300;
const MAX_LISTED = 2_000;
const SUBSCRIPTION_EXPAND = ['latest_invoice.confirmation_secret', 'pending_setup_intent'];

/** The page asks for the address tax needs and for a business's tax id, and both stay with the customer. */
const TAXED_CHECKOUT = {
  automatic_tax: { enabled: true },
  customer_update: { address: 'auto', name: 'auto' },
  tax_id_collection: { enabled: true },
  billing_address_collection: 'required',
} as const satisfies Stripe.Checkout.SessionCreateParams;

/** Every call of ours that changes something at Stripe. Each carries an idempotency key made from its intent. */
@Injectable()
export class StripeGateway {
  constructor(private readonly client: StripeClient) {}

  get isConfigured(): boolean {
    return this.client.livemode !== null;
  }

  async createCustomer(owner: Owner & { email: string | null }, key: string): Promise<string> {
    const customer = await this.client.call((sdk) =>
      sdk.customers.create(
        { ...(owner.email ? { email: owner.email } : {}), metadata: metadataOf(owner) },
        { idempotencyKey: key },
      ),
    );
    return customer.id;
  }

  /**
   * Lists what was made since the intent, which is consistent at once; Stripe's search lags behind its writes by up to a
   * minute, so it only answers for the long past, where the list would be too long.
   * @param since the first moment the customer can have been made.
   */
  async findCustomer(owner: Owner, since: Date, recent: boolean): Promise<string | null> {
    if (!recent) {
      const query = `metadata['${METADATA.intentId}']:'${owner.intentId}'`;
      const found = await this.client.call((sdk) => sdk.customers.search({ query, limit: 1 }));
      return found.data[0]?.id ?? null;
    }
    const created = { gte: Math.floor(since.getTime() / 1000) - CLOCK_SKEW_SECONDS };
    const made = await this.client.call((sdk) =>
      sdk.customers.list({ created, limit: 100 }).autoPagingToArray({ limit: MAX_LISTED }),
    );
    return made.find((customer) => customer.metadata[METADATA.intentId] === owner.intentId)?.id ?? null;
  }

  async createCheckoutSession(request: CheckoutRequest, key: string): Promise<{ sessionId: string; url: string }> {
    const metadata = metadataOf(request);
    const session = await this.client.call((sdk) =>
      sdk.checkout.sessions.create(
        {
          mode: 'subscription',
          customer: request.customerRef,
          client_reference_id: request.customerId,
          line_items: [{ price: request.priceRef, quantity: request.quantity }],
          success_url: request.successUrl,
          cancel_url: request.cancelUrl,
          metadata,
          ...(request.automaticTax ? TAXED_CHECKOUT : {}),
          ...discountsOf(request.couponRef),
          subscription_data: { metadata, ...(request.trialDays > 0 ? { trial_period_days: request.trialDays } : {}) },
        },
        { idempotencyKey: key },
      ),
    );
    if (!session.url) throw new Error('Stripe answered a hosted checkout session without a url');
    return { sessionId: session.id, url: session.url };
  }

  async findCheckoutSession(customerRef: string, intentId: string): Promise<string | null> {
    const sessions = await this.client.call((sdk) => sdk.checkout.sessions.list({ customer: customerRef, limit: 100 }));
    return sessions.data.find((session) => session.metadata?.[METADATA.intentId] === intentId)?.id ?? null;
  }

  /** @throws CHECKOUT_CLOSED for a session that is over: paid, or expired after a day. */
  async checkoutUrl(sessionId: string): Promise<string> {
    const session = await this.client.call((sdk) => sdk.checkout.sessions.retrieve(sessionId));
    if (!session.url) throw business('CHECKOUT_CLOSED', 'This checkout is over; open a new one', { sessionId });
    return session.url;
  }

  async createPortalSession(
    customerRef: string,
    returnUrl: string,
    flow: PortalFlow | null,
    subscriptionRef: string | null,
  ): Promise<string> {
    const session = await this.client.call((sdk) =>
      sdk.billingPortal.sessions.create({
        customer: customerRef,
        return_url: returnUrl,
        ...(flow ? { flow_data: flowData(flow, subscriptionRef) } : {}),
      }),
    );
    return session.url;
  }

  async createSubscription(request: SubscriptionRequest, key: string): Promise<CreatedSubscription> {
    const subscription = await this.client.call((sdk) =>
      sdk.subscriptions.create(
        {
          customer: request.customerRef,
          items: [{ price: request.priceRef, quantity: request.quantity }],
          payment_behavior: 'default_incomplete',
          payment_settings: { save_default_payment_method: 'on_subscription' },
          metadata: metadataOf(request),
          ...(request.automaticTax ? { automatic_tax: { enabled: true } } : {}),
          ...discountsOf(request.couponRef),
          ...(request.trialDays > 0 ? { trial_period_days: request.trialDays } : {}),
          ...(request.paymentMethodRef ? { default_payment_method: request.paymentMethodRef } : {}),
          expand: SUBSCRIPTION_EXPAND,
        },
        { idempotencyKey: key },
      ),
    );
    return created(subscription, `answer:${request.intentId}`);
  }

  /** Reads a subscription with what its first payment needs. */
  async subscriptionWithSecret(subscriptionRef: string, intentId: string): Promise<CreatedSubscription> {
    const subscription = await this.client.call((sdk) =>
      sdk.subscriptions.retrieve(subscriptionRef, { expand: SUBSCRIPTION_EXPAND }),
    );
    return created(subscription, `answer:${intentId}`);
  }

  /** What confirms the first payment, or the card of a trial; null where nothing waits for the customer. */
  async clientSecretOf(subscriptionRef: string): Promise<string | null> {
    return secretIn(
      await this.client.call((sdk) => sdk.subscriptions.retrieve(subscriptionRef, { expand: SUBSCRIPTION_EXPAND })),
    );
  }

  /** Consistent at once, unlike search. */
  async findSubscription(customerRef: string, intentId: string): Promise<string | null> {
    const list = await this.client.call((sdk) =>
      sdk.subscriptions.list({ customer: customerRef, status: 'all', limit: 100 }),
    );
    return list.data.find((s) => s.metadata[METADATA.intentId] === intentId)?.id ?? null;
  }
}

/** Intents recorded before there were discounts name none. */
function discountsOf(couponRef: string | null | undefined): { discounts?: { coupon: string }[] } {
  return couponRef ? { discounts: [{ coupon: couponRef }] } : {};
}

function metadataOf(owner: Owner): Record<string, string> {
  return { [METADATA.customerId]: owner.customerId, [METADATA.intentId]: owner.intentId };
}

function flowData(flow: PortalFlow, subscriptionRef: string | null): Stripe.BillingPortal.SessionCreateParams.FlowData {
  if (flow === 'payment_method_update' || !subscriptionRef) return { type: 'payment_method_update' };
  return flow === 'subscription_cancel'
    ? { type: flow, subscription_cancel: { subscription: subscriptionRef } }
    : { type: flow, subscription_update: { subscription: subscriptionRef } };
}

function created(subscription: Stripe.Response<Stripe.Subscription>, sourceId: string): CreatedSubscription {
  return {
    providerId: subscription.id,
    snapshot: subscriptionSnapshot(subscription, sourceId),
    clientSecret: secretIn(subscription),
  };
}

/** With a trial or a zero amount there is nothing to pay yet: the setup intent collects the payment method instead. */
function secretIn(subscription: Stripe.Subscription): string | null {
  const { latest_invoice: invoice, pending_setup_intent: setup } = subscription;
  const fromInvoice = typeof invoice === 'object' ? (invoice?.confirmation_secret?.client_secret ?? null) : null;
  const fromSetup = typeof setup === 'object' ? (setup?.client_secret ?? null) : null;
  return fromInvoice ?? fromSetup;
}
