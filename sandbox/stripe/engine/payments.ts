/** Payment intents and the charges their attempts make. What a payment means for an invoice is not known here. */
import type Stripe from 'stripe';
import { bookCharge } from './balance';
import type { AttemptOutcome, Decline } from './cards';
import type { SandboxContext } from './context';
import { invalidRequest } from './errors';
import { attachPaymentMethod, outcomeOf } from './payment-methods';
import type { ChargeObject, IntentError, Metadata, PaymentIntentObject, PaymentMethodObject } from './wire';

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
    payment_method_types: ['card'],
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

/** The `card` part of a charge. */
function chargedCard(method: PaymentMethodObject, authenticated: boolean): Stripe.Charge.PaymentMethodDetails.Card {
  const { card } = method;
  return {
    amount_authorized: null,
    authorization_code: null,
    brand: card.brand,
    checks: card.checks,
    country: card.country,
    electronic_commerce_indicator: authenticated ? '05' : null,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    fingerprint: card.fingerprint ?? null,
    funding: card.funding,
    installments: null,
    last4: card.last4,
    mandate: null,
    network: card.brand,
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}

function outcomeOfCharge(decline: Decline | null): Stripe.Charge.Outcome {
  if (decline === null) {
    return {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      risk_score: 12,
      seller_message: 'Payment complete.',
      type: 'authorized',
    };
  }
  const blocked = decline.declineCode === 'fraudulent';
  return {
    advice_code: decline.advice,
    network_advice_code: decline.advice === 'do_not_try_again' ? '03' : '02',
    network_decline_code: '05',
    network_status: blocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: blocked ? 'highest_risk_level' : decline.declineCode,
    risk_level: blocked ? 'highest' : 'normal',
    risk_score: blocked ? 92 : 18,
    seller_message: `The bank returned the decline code \`${decline.declineCode}\`.`,
    type: blocked ? 'blocked' : 'issuer_declined',
  };
}

function createCharge(
  ctx: SandboxContext,
  intent: PaymentIntentObject,
  method: PaymentMethodObject,
  decline: Decline | null,
  authenticated: boolean,
): ChargeObject {
  const id = ctx.ids.next('ch_');
  const paid = decline === null;
  const charge: ChargeObject = {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: paid ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: 'KASSA SANDBOX',
    captured: paid,
    created: ctx.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOfCharge(decline),
    paid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: { type: 'card', card: chargedCard(method, authenticated) },
    receipt_email: null,
    receipt_number: null,
    receipt_url: paid ? ctx.url('receipt', id) : null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: paid ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
  };
  ctx.store.link('charge', intent.id, id);
  if (paid) bookCharge(ctx, charge);
  return ctx.create(charge, paid ? 'charge.succeeded' : 'charge.failed');
}

export type AttemptResult =
  | { readonly kind: 'success' }
  | { readonly kind: 'authenticate' }
  | { readonly kind: 'decline'; readonly decline: Decline };

function intentError(decline: Decline, method: PaymentMethodObject, charge?: string): IntentError {
  return {
    advice_code: decline.advice,
    ...(charge === undefined ? {} : { charge }),
    code: decline.code,
    decline_code: decline.declineCode,
    message: decline.message,
    payment_method: structuredClone(method),
    type: 'card_error',
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
  const decline = outcome.kind === 'decline' ? outcome.decline : null;
  const charge = createCharge(ctx, intent, method, decline, authenticated);
  intent.latest_charge = charge.id;
  intent.next_action = null;
  if (decline !== null) {
    intent.last_payment_error = intentError(decline, method, charge.id);
    intent.payment_method = null;
    intent.status = 'requires_payment_method';
    ctx.emit('payment_intent.payment_failed', intent);
    return { kind: 'decline', decline };
  }
  const state = ctx.cards.get(method.id);
  if (state !== undefined && authenticated && intent.setup_future_usage !== null) state.setUp = true;
  intent.amount_received = intent.amount;
  intent.last_payment_error = null;
  intent.payment_method = method.id;
  intent.status = 'succeeded';
  ctx.emit('payment_intent.succeeded', intent);
  const customer = ctx.store.find('customer', intent.customer);
  if (intent.setup_future_usage !== null && customer !== undefined) attachPaymentMethod(ctx, method, customer);
  return { kind: 'success' };
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
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw invalidRequest(
      `This PaymentIntent's payment_method could not be updated because it has a status of ${intent.status}.`,
      undefined,
      'payment_intent_unexpected_state',
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
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
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
