/** Payment intents and the charges their attempts make. What a payment means for an invoice is not known here. */
import type Stripe from 'stripe';
import { bankTypesOf } from './bank-accounts';
import type { AttemptOutcome, Decline } from './cards';
import { createCharge, settleCharge } from './charges';
import { SECONDS_PER_DAY } from './calendar';
import type { SandboxContext } from './context';
import { invalidRequest } from './errors';
import { attachPaymentMethod, outcomeOf } from './payment-methods';
import type { IntentError, Metadata, PaymentIntentObject, PaymentMethodObject } from './wire';

export interface NewPaymentIntent {
  readonly amount: number;
  readonly currency: string;
  readonly customer: string | null;
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly setupFutureUsage: 'off_session' | 'on_session' | null;
  readonly paymentMethod: string | null;
}

export function createPaymentIntent(ctx: SandboxContext, input: NewPaymentIntent): PaymentIntentObject {
  const id = ctx.ids.next('pi_');
  const intent: PaymentIntentObject = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: input.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: ctx.settings.captureDelaySeconds === null ? 'automatic' : 'automatic_async',
    client_secret: `${id}_secret_${ctx.ids.letters(25)}`,
    confirmation_method: 'automatic',
    created: ctx.now(),
    currency: input.currency,
    customer: input.customer,
    customer_account: null,
    description: input.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: input.paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: { card: cardOptions() },
    payment_method_types: ['card', ...bankTypesOf(input.currency)],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: input.setupFutureUsage,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: input.paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
    transfer_data: null,
    transfer_group: null,
  };
  return ctx.create(intent, 'payment_intent.created');
}

function cardOptions(): Stripe.PaymentIntent.PaymentMethodOptions.Card {
  return { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' };
}

export type AttemptResult =
  | { readonly kind: 'success' }
  | { readonly kind: 'authenticate' }
  | { readonly kind: 'process' }
  | { readonly kind: 'decline'; readonly decline: Decline };

function intentError(decline: Decline, method: PaymentMethodObject, charge?: string): IntentError {
  return {
    advice_code: decline.advice,
    ...(charge === undefined ? {} : { charge }),
    code: decline.code,
    ...(method.type === 'card' ? { decline_code: decline.declineCode } : {}),
    message: decline.message,
    payment_method: structuredClone(method),
    type: method.type === 'card' ? 'card_error' : 'invalid_request_error',
  };
}

/** Ends an attempt that needs no more from the cardholder: money moves or the bank says no. */
function conclude(
  ctx: SandboxContext,
  intent: PaymentIntentObject,
  method: PaymentMethodObject,
  outcome: Exclude<AttemptOutcome, { kind: 'authenticate' }>,
  authenticated: boolean,
): AttemptResult {
  if (outcome.kind === 'process') return startDebit(ctx, intent, method);
  const decline = outcome.kind === 'decline' ? outcome.decline : null;
  const charge = createCharge(ctx, intent, method, decline, authenticated);
  intent.latest_charge = charge.id;
  if (decline !== null) return failIntent(ctx, intent, method, decline);
  const state = ctx.cards.get(method.id);
  if (state !== undefined && authenticated && intent.setup_future_usage !== null) state.setUp = true;
  return succeedIntent(ctx, intent, method);
}

function failIntent(
  ctx: SandboxContext,
  intent: PaymentIntentObject,
  method: PaymentMethodObject,
  decline: Decline,
): AttemptResult {
  intent.last_payment_error = intentError(decline, method, intent.latest_charge ?? undefined);
  intent.next_action = null;
  intent.payment_method = null;
  intent.status = 'requires_payment_method';
  ctx.emit('payment_intent.payment_failed', intent);
  return { kind: 'decline', decline };
}

function succeedIntent(ctx: SandboxContext, intent: PaymentIntentObject, method: PaymentMethodObject): AttemptResult {
  intent.next_action = null;
  intent.amount_received = intent.amount;
  intent.last_payment_error = null;
  intent.payment_method = method.id;
  intent.status = 'succeeded';
  ctx.emit('payment_intent.succeeded', intent);
  const customer = ctx.store.find('customer', intent.customer);
  if (intent.setup_future_usage !== null && customer !== undefined) attachPaymentMethod(ctx, method, customer);
  return { kind: 'success' };
}

/** A bank was told to debit an account; the answer comes in days. */
function startDebit(ctx: SandboxContext, intent: PaymentIntentObject, method: PaymentMethodObject): AttemptResult {
  intent.latest_charge = createCharge(ctx, intent, method, 'pending', false).id;
  intent.last_payment_error = null;
  intent.next_action = null;
  intent.payment_method = method.id;
  intent.status = 'processing';
  ctx.jobs.schedule('payment.settle', intent.id, ctx.now() + ctx.settings.debitDays * SECONDS_PER_DAY);
  ctx.emit('payment_intent.processing', intent);
  const customer = ctx.store.find('customer', intent.customer);
  if (intent.setup_future_usage !== null && customer !== undefined) attachPaymentMethod(ctx, method, customer);
  return { kind: 'process' };
}

/**
 * The bank has answered: the debit came in, or it came back.
 *
 * @throws 400 when no debit is under way.
 */
export function settleDebit(ctx: SandboxContext, intent: PaymentIntentObject, decline: Decline | null): AttemptResult {
  const method = ctx.store.find('payment_method', intent.payment_method);
  if (intent.status !== 'processing' || method === undefined) {
    throw invalidRequest('No debit of this PaymentIntent is under way.', undefined, 'intent_invalid_state');
  }
  ctx.jobs.cancel('payment.settle', intent.id);
  const reason = decline && debitFailure(decline);
  settleCharge(ctx, ctx.store.require('charge', intent.latest_charge ?? ''), reason);
  return reason === null ? succeedIntent(ctx, intent, method) : failIntent(ctx, intent, method, reason);
}

/** Of a debit the bank's reason is the code itself; `card_declined` is for cards (docs.stripe.com/payments/ach-direct-debit). */
function debitFailure(decline: Decline): Decline {
  const short = decline.declineCode === 'insufficient_funds';
  const message = short ? "The customer's account has insufficient funds to cover this payment." : decline.message;
  return { ...decline, code: decline.declineCode, message };
}

/** What the SDK in a browser does next: a redirect when the request named a way back, else Stripe.js itself. */
function nextAction(returnUrl: string | null): Stripe.PaymentIntent.NextAction {
  return returnUrl === null
    ? { type: 'use_stripe_sdk', use_stripe_sdk: {} }
    : { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url: returnUrl } };
}

export interface AttemptOptions {
  /** The cardholder is not there. */
  readonly offSession: boolean;
  readonly returnUrl?: string | null;
  /** The cardholder has answered the bank already, on the checkout page. */
  readonly authenticated?: boolean;
}

/**
 * One attempt to pay.
 *
 * @throws 400 when the intent is over.
 */
export function attemptPayment(
  ctx: SandboxContext,
  intent: PaymentIntentObject,
  method: PaymentMethodObject,
  options: AttemptOptions,
): AttemptResult {
  if (intent.status === 'succeeded' || intent.status === 'canceled' || intent.status === 'processing') {
    throw invalidRequest(
      `This PaymentIntent's payment_method could not be updated because it has a status of ${intent.status}.`,
      undefined,
      'payment_intent_unexpected_state',
    );
  }
  if (!intent.payment_method_types.includes(method.type)) {
    throw invalidRequest(
      `The payment method type "${method.type}" cannot pay ${intent.currency.toUpperCase()}.`,
      'payment_method',
      'payment_intent_incompatible_payment_method',
    );
  }
  const outcome = outcomeOf(ctx, method.id, { offSession: options.offSession, charge: true });
  if (outcome.kind !== 'authenticate') return conclude(ctx, intent, method, outcome, false);
  if (options.authenticated === true && outcome.after.kind !== 'authenticate') {
    return conclude(ctx, intent, method, outcome.after, true);
  }
  intent.payment_method = method.id;
  intent.status = 'requires_action';
  intent.next_action = nextAction(options.returnUrl ?? null);
  ctx.emit('payment_intent.requires_action', intent);
  return { kind: 'authenticate' };
}

const authenticationFailure: Decline = {
  code: 'payment_intent_authentication_failure',
  declineCode: 'authentication_failed',
  message: 'The provided PaymentMethod has failed authentication.',
  advice: 'confirm_card_data',
};

/** The cardholder answered the bank. @throws 400 when nothing was asked. */
export function concludeAuthentication(
  ctx: SandboxContext,
  intent: PaymentIntentObject,
  granted: boolean,
): AttemptResult {
  const method = ctx.store.find('payment_method', intent.payment_method);
  if (intent.status !== 'requires_action' || method === undefined) {
    throw invalidRequest('This PaymentIntent waits for no authentication.', undefined, 'intent_invalid_state');
  }
  if (granted) {
    const outcome = outcomeOf(ctx, method.id, { offSession: false, charge: true });
    const after = outcome.kind === 'authenticate' ? outcome.after : outcome;
    if (after.kind !== 'authenticate') return conclude(ctx, intent, method, after, true);
  }
  intent.last_payment_error = intentError(authenticationFailure, method);
  intent.payment_method = null;
  intent.next_action = null;
  intent.status = 'requires_payment_method';
  ctx.emit('payment_intent.payment_failed', intent);
  return { kind: 'decline', decline: authenticationFailure };
}

/** Ends an intent without payment. @throws 400 when it is over already. */
export function cancelPaymentIntent(
  ctx: SandboxContext,
  intent: PaymentIntentObject,
  reason: Stripe.PaymentIntent.CancellationReason | null,
): void {
  if (intent.status === 'succeeded' || intent.status === 'canceled' || intent.status === 'processing') {
    throw invalidRequest(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`,
      undefined,
      'payment_intent_unexpected_state',
    );
  }
  intent.status = 'canceled';
  intent.canceled_at = ctx.now();
  intent.cancellation_reason = reason;
  intent.next_action = null;
  ctx.emit('payment_intent.canceled', intent);
}
