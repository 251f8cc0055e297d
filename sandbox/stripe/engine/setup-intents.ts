/** Setup intents: saving a card without charging it. */
import type Stripe from 'stripe';
import type { Decline } from './cards';
import type { SandboxContext } from './context';
import { invalidRequest } from './errors';
import { attachPaymentMethod, outcomeOf } from './payment-methods';
import type { Metadata, PaymentMethodObject, SetupIntentObject } from './wire';

export interface NewSetupIntent {
  readonly customer: string | null;
  readonly paymentMethod: string | null;
  readonly metadata: Metadata;
  readonly description: string | null;
  readonly usage: string;
  /** Default: cards. */
  readonly types?: readonly string[];
}

export function createSetupIntent(ctx: SandboxContext, input: NewSetupIntent): SetupIntentObject {
  const id = ctx.ids.next('seti_');
  const intent: SetupIntentObject = {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: input.types === undefined ? null : [...input.types],
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${ctx.ids.letters(31)}`,
    created: ctx.now(),
    customer: input.customer,
    customer_account: null,
    description: input.description,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: input.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: input.paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: [...(input.types ?? ['card'])],
    single_use_mandate: null,
    status: input.paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
    usage: input.usage,
  };
  return ctx.create(intent, 'setup_intent.created');
}

export type SetupResult =
  | { readonly kind: 'success' }
  | { readonly kind: 'authenticate' }
  | { readonly kind: 'decline'; readonly decline: Decline };

function succeed(
  ctx: SandboxContext,
  intent: SetupIntentObject,
  method: PaymentMethodObject,
  authenticated: boolean,
): SetupResult {
  const state = ctx.cards.get(method.id);
  if (state !== undefined && authenticated) state.setUp = true;
  intent.payment_method = method.id;
  intent.status = 'succeeded';
  intent.next_action = null;
  intent.last_setup_error = null;
  const customer = ctx.store.find('customer', intent.customer);
  if (customer !== undefined) attachPaymentMethod(ctx, method, customer);
  ctx.emit('setup_intent.succeeded', intent);
  return { kind: 'success' };
}

function fail(
  ctx: SandboxContext,
  intent: SetupIntentObject,
  method: PaymentMethodObject,
  decline: Decline,
): SetupResult {
  intent.status = 'requires_payment_method';
  intent.payment_method = null;
  intent.next_action = null;
  intent.last_setup_error = {
    advice_code: decline.advice,
    code: decline.code,
    decline_code: decline.declineCode,
    message: decline.message,
    payment_method: structuredClone(method),
    type: 'card_error',
  };
  ctx.emit('setup_intent.setup_failed', intent);
  return { kind: 'decline', decline };
}

/** One attempt to save a card; success attaches it to the intent's customer. @throws 400 when the intent is over. */
export function attemptSetup(
  ctx: SandboxContext,
  intent: SetupIntentObject,
  method: PaymentMethodObject,
  returnUrl: string | null,
): SetupResult {
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw invalidRequest(
      `You cannot confirm this SetupIntent because it has a status of ${intent.status}.`,
      undefined,
      'setup_intent_unexpected_state',
    );
  }
  const outcome = outcomeOf(ctx, method.id, { offSession: false, charge: false });
  if (outcome.kind === 'decline') return fail(ctx, intent, method, outcome.decline);
  if (outcome.kind !== 'authenticate') return succeed(ctx, intent, method, false);
  intent.status = 'requires_action';
  intent.payment_method = method.id;
  intent.next_action =
    returnUrl === null
      ? { type: 'use_stripe_sdk', use_stripe_sdk: {} }
      : { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url: returnUrl } };
  ctx.emit('setup_intent.requires_action', intent);
  return { kind: 'authenticate' };
}

const authenticationFailure: Decline = {
  code: 'setup_intent_authentication_failure',
  declineCode: 'authentication_failed',
  message: 'The latest attempt to set up the payment method has failed because authentication failed.',
  advice: 'confirm_card_data',
};

/** The cardholder answered the bank. @throws 400 when nothing was asked. */
export function concludeSetupAuthentication(
  ctx: SandboxContext,
  intent: SetupIntentObject,
  granted: boolean,
): SetupResult {
  const method = ctx.store.find('payment_method', intent.payment_method);
  if (intent.status !== 'requires_action' || method === undefined) {
    throw invalidRequest('This SetupIntent waits for no authentication.', undefined, 'intent_invalid_state');
  }
  return granted ? succeed(ctx, intent, method, true) : fail(ctx, intent, method, authenticationFailure);
}

export function cancelSetupIntent(
  ctx: SandboxContext,
  intent: SetupIntentObject,
  reason: Stripe.SetupIntent.CancellationReason | null,
): void {
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw invalidRequest(
      `You cannot cancel this SetupIntent because it has a status of ${intent.status}.`,
      undefined,
      'setup_intent_unexpected_state',
    );
  }
  intent.status = 'canceled';
  intent.cancellation_reason = reason;
  intent.next_action = null;
  ctx.emit('setup_intent.canceled', intent);
}
