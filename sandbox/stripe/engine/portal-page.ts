/** What the billing portal's page needs: what to show, and everything a customer can do there. */
import { cardOf, type CardFailure } from './card-input';
import { collectInvoice, answerAuthentication } from './collection';
import type { SandboxContext } from './context';
import { updateCustomer } from './customers';
import { invalidRequest } from './errors';
import { intentOf } from './invoices';
import { newCard } from './payment-methods';
import { attemptSetup, concludeSetupAuthentication, createSetupIntent } from './setup-intents';
import { isOver } from './subscription-object';
import { updateSubscription } from './subscription-update';
import type {
  CustomerObject,
  InvoiceObject,
  PaymentMethodObject,
  PortalSessionObject,
  PriceObject,
  ProductObject,
  SubscriptionObject,
} from './wire';

export interface PortalOffer {
  readonly price: PriceObject;
  readonly product: ProductObject | null;
}

export interface PortalView {
  readonly session: PortalSessionObject;
  readonly customer: CustomerObject;
  /** Those that are not over, newest first. */
  readonly subscriptions: readonly SubscriptionObject[];
  /** The card that pays: the first subscription's, else the customer's. */
  readonly paymentMethod: PaymentMethodObject | null;
  /** What a subscription can change to: every active recurring price of its currency. */
  readonly offers: readonly PortalOffer[];
  /** Newest first. */
  readonly invoices: readonly InvoiceObject[];
  /** A card waits for its holder to answer the bank. */
  readonly requiresAction: boolean;
}

export type PortalCardResult =
  { readonly changed: true } | { readonly declined: CardFailure } | { readonly requiresAction: true };

export type PortalPaymentResult =
  | { readonly paid: true }
  | { readonly processing: true }
  | { readonly declined: CardFailure }
  | { readonly requiresAction: true };

/** Every action takes the subscription it is about; without one, the customer's newest. All throw 404 for an unknown session. */
export interface PortalPage {
  view(sessionId: string): PortalView;
  /** At the end of the period; twice is once. @throws 400 without a subscription */
  cancel(sessionId: string, subscriptionId?: string): void;
  resume(sessionId: string, subscriptionId?: string): void;
  /** @throws 400 when the price is not offered; 402 when it is to be paid at once and the card does not */
  changePlan(sessionId: string, priceId: string, subscriptionId?: string): void;
  /** Makes the card the default of the customer and of all running subscriptions. */
  changeCard(sessionId: string, card: string): PortalCardResult;
  /** @throws 400 when the invoice is not an open one of this customer */
  payOpenInvoice(sessionId: string, invoiceId: string): PortalPaymentResult;
  /** Answers what `changeCard` or `payOpenInvoice` had to ask. @throws 400 when nothing was asked */
  confirmAction(sessionId: string, granted?: boolean): PortalCardResult | PortalPaymentResult;
}

const authenticationFailed: CardFailure = {
  code: 'payment_intent_authentication_failure',
  declineCode: 'authentication_failed',
  message: 'We are unable to authenticate your payment method. Please choose a different one and try again.',
};

class Portal {
  constructor(private readonly ctx: SandboxContext) {}

  view(sessionId: string): PortalView {
    const { session, customer } = this.open(sessionId);
    const subscriptions = this.running(customer);
    const method = subscriptions[0]?.default_payment_method ?? customer.invoice_settings.default_payment_method;
    const currency = subscriptions[0]?.currency ?? customer.currency;
    return structuredClone({
      session,
      customer,
      subscriptions,
      paymentMethod: this.ctx.store.find('payment_method', method) ?? null,
      offers: this.offers(currency ?? null),
      invoices: this.ctx.store.linked('invoice', customer.id).reverse(),
      requiresAction: this.ctx.portalWaits.has(sessionId),
    });
  }

  cancel(sessionId: string, subscriptionId?: string): void {
    const sub = this.subscription(sessionId, subscriptionId);
    if (sub.cancel_at_period_end) return;
    updateSubscription(this.ctx, sub, { cancel_at_period_end: true });
  }

  resume(sessionId: string, subscriptionId?: string): void {
    const sub = this.subscription(sessionId, subscriptionId);
    if (sub.cancel_at === null) return;
    updateSubscription(this.ctx, sub, sub.cancel_at_period_end ? { cancel_at_period_end: false } : { cancel_at: '' });
  }

  changePlan(sessionId: string, priceId: string, subscriptionId?: string): void {
    const sub = this.subscription(sessionId, subscriptionId);
    const offered = this.offers(sub.currency).some((offer) => offer.price.id === priceId);
    if (!offered) throw invalidRequest('This plan is not on offer.', 'price');
    const item = sub.items.data[0];
    if (item === undefined || item.price.id === priceId) return;
    updateSubscription(this.ctx, sub, {
      items: [{ id: item.id, price: priceId, quantity: item.quantity }],
      proration_behavior: this.ctx.settings.portalProration,
      // Stripe's portal changes nothing when the payment fails.
      payment_behavior: 'error_if_incomplete',
    });
  }

  changeCard(sessionId: string, input: string): PortalCardResult {
    const { customer } = this.open(sessionId);
    const card = cardOf(input);
    if ('failure' in card) return { declined: card.failure };
    const method = newCard(this.ctx, card.card, { email: customer.email, name: customer.name ?? null });
    const setup = createSetupIntent(this.ctx, {
      customer: customer.id,
      paymentMethod: method.id,
      metadata: {},
      description: null,
      usage: 'off_session',
    });
    const result = attemptSetup(this.ctx, setup, method, null);
    if (result.kind === 'decline') return { declined: result.decline };
    if (result.kind === 'authenticate') {
      this.ctx.portalWaits.set(sessionId, { setup: setup.id });
      return { requiresAction: true };
    }
    return this.useCard(customer, method.id);
  }

  payOpenInvoice(sessionId: string, invoiceId: string): PortalPaymentResult {
    const { customer } = this.open(sessionId);
    const invoice = this.ctx.store.require('invoice', invoiceId, 'invoice');
    if (invoice.customer !== customer.id) throw invalidRequest(`No such invoice: '${invoiceId}'`, 'invoice');
    if (invoice.status === 'paid') return { paid: true };
    if (invoice.status !== 'open') throw invalidRequest('This invoice can not be paid.', 'invoice');
    const result = collectInvoice(this.ctx, invoice, { offSession: false, automatic: false });
    if (result.kind === 'paid') return { paid: true };
    if (result.kind === 'process') return { processing: true };
    if (result.kind === 'decline') return { declined: result.decline };
    if (result.kind === 'no_payment_method') throw invalidRequest('Add a card first.', 'invoice');
    this.ctx.portalWaits.set(sessionId, { invoice: invoice.id });
    return { requiresAction: true };
  }

  confirmAction(sessionId: string, granted: boolean): PortalCardResult | PortalPaymentResult {
    const { customer } = this.open(sessionId);
    const waiting = this.ctx.portalWaits.get(sessionId);
    if (waiting === undefined) throw invalidRequest('This portal session waits for no authentication.');
    this.ctx.portalWaits.delete(sessionId);
    if ('setup' in waiting) {
      const setup = this.ctx.store.require('setup_intent', waiting.setup);
      const method = setup.payment_method;
      const result = concludeSetupAuthentication(this.ctx, setup, granted);
      if (result.kind !== 'success' || method === null) return { declined: authenticationFailed };
      return this.useCard(customer, method);
    }
    const intent = intentOf(this.ctx, this.ctx.store.require('invoice', waiting.invoice));
    if (intent === undefined) throw invalidRequest('This invoice has no payment.', 'invoice');
    const result = answerAuthentication(this.ctx, intent, granted);
    if (result.kind === 'success') return { paid: true };
    return { declined: result.kind === 'decline' ? result.decline : authenticationFailed };
  }

  private open(sessionId: string): { session: PortalSessionObject; customer: CustomerObject } {
    const session = this.ctx.store.require('billing_portal.session', sessionId, 'session');
    return { session, customer: this.ctx.store.require('customer', session.customer, 'customer') };
  }

  private running(customer: CustomerObject): SubscriptionObject[] {
    return this.ctx.store
      .linked('subscription', customer.id)
      .filter((sub) => !isOver(sub))
      .reverse();
  }

  private subscription(sessionId: string, subscriptionId: string | undefined): SubscriptionObject {
    const { session, customer } = this.open(sessionId);
    const flow = session.flow?.subscription_cancel?.subscription ?? session.flow?.subscription_update?.subscription;
    const wanted = subscriptionId ?? flow;
    const sub = this.running(customer).find((candidate) => wanted === undefined || candidate.id === wanted);
    if (sub === undefined) throw invalidRequest('This customer has no such subscription.', 'subscription');
    return sub;
  }

  private offers(currency: string | null): PortalOffer[] {
    return this.ctx.store
      .all('price')
      .filter((price) => price.active && price.recurring !== null && price.currency === currency)
      .map((price) => ({ price, product: this.ctx.store.find('product', price.product) ?? null }))
      .filter((offer) => offer.product?.active !== false);
  }

  private useCard(customer: CustomerObject, method: string): PortalCardResult {
    updateCustomer(this.ctx, customer, { invoice_settings: { default_payment_method: method } });
    for (const sub of this.running(customer)) {
      this.ctx.update(sub, (target) => {
        target.default_payment_method = method;
      });
    }
    return { changed: true };
  }
}

/** The page's side of the portal. `current` brings the engine up to the clock before anything is looked at. */
export function portalPage(ctx: SandboxContext, current: () => void): PortalPage {
  const portal = new Portal(ctx);
  const now = <A extends unknown[], R>(action: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      current();
      return action(...args);
    };
  };
  return {
    view: now((sessionId: string) => portal.view(sessionId)),
    cancel: now((sessionId: string, sub?: string) => {
      portal.cancel(sessionId, sub);
    }),
    resume: now((sessionId: string, sub?: string) => {
      portal.resume(sessionId, sub);
    }),
    changePlan: now((sessionId: string, price: string, sub?: string) => {
      portal.changePlan(sessionId, price, sub);
    }),
    changeCard: now((sessionId: string, card: string) => portal.changeCard(sessionId, card)),
    payOpenInvoice: now((sessionId: string, invoice: string) => portal.payOpenInvoice(sessionId, invoice)),
    confirmAction: now((sessionId: string, granted = true) => portal.confirmAction(sessionId, granted)),
  };
}
