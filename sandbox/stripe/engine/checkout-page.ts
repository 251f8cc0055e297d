/** What the hosted checkout page needs: what to show, paying, and the bank's question. */
import { findTestBank, newBankAccount, type TestBank } from './bank-accounts';
import { cardOf, type CardFailure } from './card-input';
import { collectInvoice } from './collection';
import type { CheckoutDraft, SandboxContext } from './context';
import { lineItems, planSessionDiscount, setDiscount } from './checkout-sessions';
import { createCustomer, updateCustomer } from './customers';
import { invalidRequest, resourceMissing } from './errors';
import { attachPaymentMethod, newCard, outcomeOf } from './payment-methods';
import { findActiveCode } from './promotion-codes';
import { attemptSetup, concludeSetupAuthentication, createSetupIntent } from './setup-intents';
import { usablePrice } from './subscription-object';
import { createSubscription } from './subscriptions';
import type {
  CheckoutSessionObject,
  CustomerObject,
  InvoiceObject,
  LineItemObject,
  PaymentMethodObject,
  SubscriptionObject,
} from './wire';

export interface CheckoutView {
  readonly session: CheckoutSessionObject;
  readonly lineItems: readonly LineItemObject[];
  /** Known from the session or its customer; null asks the page to ask. */
  readonly email: string | null;
  readonly trialDays: number | null;
  readonly trialEnd: number | null;
  /** Smallest unit, before tax. */
  readonly dueToday: number;
  /** Of one period, before tax. */
  readonly recurringAmount: number;
  /** The code that is applied, in the customer's spelling of it; null without one. */
  readonly code: string | null;
  /** A card waits for its holder to answer the bank. */
  readonly requiresAction: boolean;
}

export interface CheckoutPayment {
  /** A test card's number or `pm_card_…` token. */
  readonly card: string;
  readonly email?: string;
  readonly name?: string;
  /** ISO country, where tax is due. */
  readonly country?: string;
  /** Where the country has taxes by state. */
  readonly state?: string;
}

export type CheckoutResult =
  { readonly redirectUrl: string } | { readonly declined: CardFailure } | { readonly requiresAction: true };

export interface CheckoutPage {
  /** @throws 404 for an unknown session */
  view(sessionId: string): CheckoutView;
  /** Paying twice redirects twice and pays once. @throws 400 when the session has expired, or without an email */
  pay(sessionId: string, payment: CheckoutPayment): CheckoutResult;
  /** Applies a promotion code, or with an empty one takes it away. @throws 400 for a code that does not apply */
  applyCode(sessionId: string, code: string): void;
  /** @param granted what the cardholder told the bank. @throws 400 when nothing was asked */
  confirmAction(sessionId: string, granted?: boolean): CheckoutResult;
}

function find(ctx: SandboxContext, id: string): { session: CheckoutSessionObject; draft: CheckoutDraft } {
  const session = ctx.store.find('checkout.session', id);
  const draft = ctx.checkouts.get(id);
  if (session === undefined || draft === undefined) throw resourceMissing('checkout.session', id, 'session');
  return { session, draft };
}

function emailOf(ctx: SandboxContext, session: CheckoutSessionObject): string | null {
  return session.customer_email ?? ctx.store.find('customer', session.customer)?.email ?? null;
}

/** What comes again each period; a discount for one invoice does not. */
function recurring(draft: CheckoutDraft, item: LineItemObject): number {
  return draft.discount?.terms.duration === 'once' ? item.amount_subtotal : item.amount_total;
}

function view(ctx: SandboxContext, sessionId: string): CheckoutView {
  const { session, draft } = find(ctx, sessionId);
  const items = lineItems(ctx, sessionId, draft).data;
  return structuredClone({
    session,
    lineItems: items,
    email: emailOf(ctx, session),
    trialDays: draft.trialDays,
    trialEnd: draft.trialEnd,
    dueToday: session.amount_total ?? 0,
    recurringAmount: items.reduce((total, item) => total + recurring(draft, item), 0),
    code: ctx.store.find('promotion_code', draft.discount?.input.promotion_code)?.code ?? null,
    requiresAction: draft.waiting !== null,
  });
}

function redirectOf(session: CheckoutSessionObject): CheckoutResult {
  return { redirectUrl: (session.success_url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', session.id) };
}

/** The customer of a completed session: the given one, else a new one, as Stripe makes it when the page is sent. */
function customerFor(ctx: SandboxContext, session: CheckoutSessionObject, method: PaymentMethodObject): CustomerObject {
  const address = method.billing_details.address;
  const { country, state } = address ?? {};
  const located =
    typeof country === 'string' ? { address: { country, ...(typeof state === 'string' ? { state } : {}) } } : {};
  const known = ctx.store.find('customer', session.customer);
  if (known !== undefined) {
    const lacks = session.automatic_tax.enabled && (known.address?.country ?? null) === null;
    return lacks ? updateCustomer(ctx, known, located) : known;
  }
  const { email, name } = method.billing_details;
  return createCustomer(ctx, {
    ...(email === null ? {} : { email }),
    ...(name === null ? {} : { name }),
    ...located,
  });
}

function saveCard(
  ctx: SandboxContext,
  customer: CustomerObject,
  method: PaymentMethodObject,
  granted: boolean,
): string {
  const intent = createSetupIntent(ctx, {
    customer: customer.id,
    paymentMethod: method.id,
    metadata: {},
    description: null,
    usage: 'off_session',
  });
  const result = attemptSetup(ctx, intent, method, null);
  if (result.kind === 'authenticate') concludeSetupAuthentication(ctx, intent, granted);
  return intent.id;
}

function start(
  ctx: SandboxContext,
  session: CheckoutSessionObject,
  draft: CheckoutDraft,
  customer: CustomerObject,
  method: PaymentMethodObject,
): SubscriptionObject {
  return createSubscription(ctx, {
    customer: customer.id,
    items: draft.items.map((item) => ({ price: item.price, quantity: item.quantity })),
    default_payment_method: method.id,
    payment_behavior: 'default_incomplete',
    payment_settings: { save_default_payment_method: 'on_subscription' },
    metadata: draft.subscriptionMetadata,
    automatic_tax: { enabled: session.automatic_tax.enabled },
    trial_settings: { end_behavior: { missing_payment_method: draft.missingPaymentMethod } },
    ...(draft.discount === undefined ? {} : { discounts: [draft.discount.input] }),
    ...(draft.description === null ? {} : { description: draft.description }),
    ...(draft.trialDays === null ? {} : { trial_period_days: draft.trialDays }),
    ...(draft.trialEnd === null ? {} : { trial_end: draft.trialEnd }),
  });
}

function close(
  ctx: SandboxContext,
  session: CheckoutSessionObject,
  customer: CustomerObject,
  sub: SubscriptionObject,
  invoice: InvoiceObject | undefined,
): void {
  const tax = (invoice?.total_taxes ?? []).reduce((total, part) => total + part.amount, 0);
  session.amount_subtotal = invoice?.subtotal ?? session.amount_subtotal;
  session.amount_total = invoice?.total ?? session.amount_total;
  session.customer = customer.id;
  session.customer_details = {
    address: customer.address ?? null,
    business_name: null,
    email: customer.email,
    individual_name: null,
    name: customer.name ?? null,
    phone: customer.phone ?? null,
    tax_exempt: 'none',
    tax_ids: [],
  };
  if (session.automatic_tax.enabled) session.automatic_tax.status = 'complete';
  session.invoice = invoice?.id ?? null;
  session.payment_status =
    sub.status === 'trialing' ? 'no_payment_required' : invoice?.status === 'open' ? 'unpaid' : 'paid';
  session.status = 'complete';
  session.subscription = sub.id;
  const off = (invoice?.total_discount_amounts ?? []).reduce((total, part) => total + part.amount, 0);
  session.total_details = { amount_discount: off, amount_shipping: 0, amount_tax: tax };
  session.url = null;
  ctx.jobs.cancel('checkout.expire', session.id);
  ctx.emit('checkout.session.completed', session);
}

function complete(
  ctx: SandboxContext,
  session: CheckoutSessionObject,
  draft: CheckoutDraft,
  method: PaymentMethodObject,
  authenticated: boolean,
): CheckoutResult {
  draft.waiting = null;
  const customer = customerFor(ctx, session, method);
  const trial = draft.trialDays !== null || draft.trialEnd !== null;
  if (trial) saveCard(ctx, customer, method, authenticated);
  else attachPaymentMethod(ctx, method, customer);
  const sub = start(ctx, session, draft, customer, method);
  const invoice = ctx.store.find('invoice', sub.latest_invoice);
  if (invoice?.status === 'open') {
    collectInvoice(ctx, invoice, { method, offSession: false, automatic: false, authenticated });
  }
  close(ctx, session, customer, sub, invoice);
  return redirectOf(session);
}

/** A session that can still be paid. @throws 400 when it has expired */
function assertOpen(session: CheckoutSessionObject): void {
  if (session.status === 'expired') throw invalidRequest('This Checkout Session has expired.', 'session');
}

/** Nothing the session was made of may have gone since. @throws as creation would */
function assertStillSold(ctx: SandboxContext, session: CheckoutSessionObject, draft: CheckoutDraft): void {
  if (session.customer !== null) ctx.store.require('customer', session.customer, 'customer');
  for (const item of draft.items) usablePrice(ctx, item.price, 'line_items');
  if (draft.discount !== undefined) planSessionDiscount(ctx, session, draft, draft.discount.input);
}

/** The means of payment somebody typed: a test card's or a test account's number. */
function sourceOf(session: CheckoutSessionObject, input: string): ReturnType<typeof cardOf> | { bank: TestBank } {
  const bank = findTestBank(input);
  return bank !== undefined && session.payment_method_types.includes(bank.type) ? { bank } : cardOf(input);
}

function applyCode(ctx: SandboxContext, sessionId: string, text: string): void {
  const { session, draft } = find(ctx, sessionId);
  assertOpen(session);
  if (session.allow_promotion_codes !== true) throw invalidRequest('This session takes no promotion codes.', 'code');
  const code = text.trim() === '' ? null : findActiveCode(ctx, text);
  if (code === undefined) throw invalidRequest('This promotion code is invalid.', 'code');
  setDiscount(ctx, session, draft, code === null ? undefined : { promotion_code: code.id });
}

function pay(ctx: SandboxContext, sessionId: string, payment: CheckoutPayment): CheckoutResult {
  const { session, draft } = find(ctx, sessionId);
  if (session.status === 'complete') return redirectOf(session);
  assertOpen(session);
  assertStillSold(ctx, session, draft);
  const source = sourceOf(session, payment.card);
  if ('failure' in source) return { declined: source.failure };
  const email = emailOf(ctx, session) ?? payment.email ?? null;
  if (email === null || email === '') throw invalidRequest('An email address is needed.', 'email', 'parameter_missing');
  if (session.automatic_tax.enabled && payment.country === undefined) {
    const known = ctx.store.find('customer', session.customer)?.address?.country ?? null;
    if (known === null) throw invalidRequest('A country is needed to compute tax.', 'country', 'parameter_missing');
  }
  const holder = {
    email,
    name: payment.name ?? null,
    ...(payment.country === undefined
      ? {}
      : {
          address: {
            city: null,
            country: payment.country,
            line1: null,
            line2: null,
            postal_code: null,
            state: payment.state ?? null,
          },
        }),
  };
  const method = 'bank' in source ? newBankAccount(ctx, source.bank, holder, true) : newCard(ctx, source.card, holder);
  const outcome = outcomeOf(ctx, method.id, { offSession: false, charge: (session.amount_total ?? 0) > 0 });
  if (outcome.kind === 'decline') return { declined: outcome.decline };
  if (outcome.kind === 'authenticate') {
    draft.waiting = { paymentMethod: method.id };
    return { requiresAction: true };
  }
  return complete(ctx, session, draft, method, false);
}

function confirmAction(ctx: SandboxContext, sessionId: string, granted: boolean): CheckoutResult {
  const { session, draft } = find(ctx, sessionId);
  if (session.status === 'complete') return redirectOf(session);
  assertOpen(session);
  const method = ctx.store.find('payment_method', draft.waiting?.paymentMethod);
  if (method === undefined) throw invalidRequest('This Checkout Session waits for no authentication.');
  draft.waiting = null;
  assertStillSold(ctx, session, draft);
  const outcome = outcomeOf(ctx, method.id, { offSession: false, charge: (session.amount_total ?? 0) > 0 });
  const after = outcome.kind === 'authenticate' ? outcome.after : outcome;
  if (!granted) {
    return {
      declined: {
        code: 'payment_intent_authentication_failure',
        declineCode: 'authentication_failed',
        message: 'We are unable to authenticate your payment method. Please choose a different one and try again.',
      },
    };
  }
  return after.kind === 'decline' ? { declined: after.decline } : complete(ctx, session, draft, method, true);
}

/** The page's side of checkout. `current` brings the engine up to the clock before anything is looked at. */
export function checkoutPage(ctx: SandboxContext, current: () => void): CheckoutPage {
  return {
    view: (sessionId) => {
      current();
      return view(ctx, sessionId);
    },
    pay: (sessionId, payment) => {
      current();
      return pay(ctx, sessionId, payment);
    },
    applyCode: (sessionId, code) => {
      current();
      applyCode(ctx, sessionId, code);
    },
    confirmAction: (sessionId, granted = true) => {
      current();
      return confirmAction(ctx, sessionId, granted);
    },
  };
}
