/** Saved cards. */
import type Stripe from 'stripe';
import { StripeSandboxError } from '../contract';
import { bankOf, findTestBank, newBankAccount } from './bank-accounts';
import { behaviorOf, declines, findTestCard, type AttemptOutcome, type Decline, type TestCard } from './cards';
import type { SandboxContext } from './context';
import { invalidRequest, resourceMissing } from './errors';
import { mergeMetadata } from './metadata';
import type { CustomerObject, PaymentIntentObject, PaymentMethodObject } from './wire';

export interface CardDetails {
  readonly email?: string | null;
  readonly name?: string | null;
  readonly expMonth?: number;
  readonly expYear?: number;
  readonly address?: Stripe.Address | null;
}

/** 402 `card_error`, as the SDK turns it into StripeCardError. */
export function cardError(decline: Decline, intent?: PaymentIntentObject): StripeSandboxError {
  return new StripeSandboxError(402, {
    type: 'card_error',
    code: decline.code,
    decline_code: decline.declineCode,
    advice_code: decline.advice,
    message: decline.message,
    ...(decline.code === 'incorrect_cvc' ? { param: 'cvc' } : {}),
    ...(decline.code === 'expired_card' ? { param: 'exp_month' } : {}),
    // On the wire an intent holds ids where the SDK's type also allows expanded objects and its error's full classes.
    ...(intent === undefined ? {} : { payment_intent: structuredClone(intent) }),
  });
}

function cardFace(ctx: SandboxContext, card: TestCard, details: CardDetails): Stripe.PaymentMethod.Card {
  return {
    brand: card.brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    display_brand: card.brand,
    exp_month: details.expMonth ?? 12,
    exp_year: details.expYear ?? new Date(ctx.now() * 1000).getUTCFullYear() + 8,
    // The same number has the same fingerprint, as Stripe has it for finding duplicates.
    fingerprint: `fp${card.number}`,
    funding: card.token.endsWith('_debit') ? 'debit' : 'credit',
    generated_from: null,
    last4: card.number.slice(-4),
    networks: { available: [card.brand], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}

/** A new payment method from a test card, attached to nobody. */
export function newCard(ctx: SandboxContext, card: TestCard, details: CardDetails = {}): PaymentMethodObject {
  const method: PaymentMethodObject = {
    id: ctx.ids.next('pm_'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: details.address ?? {
        city: null,
        country: null,
        line1: null,
        line2: null,
        postal_code: null,
        state: null,
      },
      email: details.email ?? null,
      name: details.name ?? null,
      phone: null,
      tax_id: null,
    },
    card: cardFace(ctx, card, details),
    created: ctx.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  };
  ctx.cards.set(method.id, { behavior: card.behavior, attaches: card.attaches, setUp: false });
  return ctx.create(method, null);
}

const expired: AttemptOutcome = { kind: 'decline', decline: { ...declines.expired_card, declineCode: 'expired_card' } };

/** A card is good until the end of its month. */
function isExpired(ctx: SandboxContext, card: Stripe.PaymentMethod.Card): boolean {
  return ctx.now() >= Date.UTC(card.exp_year, card.exp_month) / 1000;
}

/** How a debit under way ends, by what its account is like now. */
export function debitResult(ctx: SandboxContext, methodId: string | null): Decline | null {
  const behavior = ctx.cards.get(methodId ?? '')?.behavior ?? 'succeeds';
  const outcome = behaviorOf(behavior, { offSession: true, charge: true, setUp: true, attaches: true });
  return outcome.kind === 'decline' ? outcome.decline : null;
}

/** What an attempt with this card would come to. Deterministic, so that it can be asked before anything changes. */
export function outcomeOf(
  ctx: SandboxContext,
  methodId: string,
  situation: { offSession: boolean; charge: boolean },
): AttemptOutcome {
  const state = ctx.cards.get(methodId);
  if (state === undefined) throw resourceMissing('payment_method', methodId, 'payment_method');
  const { card } = ctx.store.require('payment_method', methodId, 'payment_method');
  if (card === undefined) return situation.charge ? { kind: 'process' } : { kind: 'success' };
  const outcome = behaviorOf(state.behavior, { ...situation, setUp: state.setUp, attaches: state.attaches });
  return outcome.kind === 'success' && situation.charge && isExpired(ctx, card) ? expired : outcome;
}

/**
 * The payment method a request names: an id, or one of Stripe's test tokens, which stands for a new one.
 *
 * @throws resource_missing; 402 when `saving` and the bank refuses the card.
 */
export function resolvePaymentMethod(
  ctx: SandboxContext,
  reference: string,
  param: string,
  options: { saving?: boolean } = {},
): PaymentMethodObject {
  const card = reference.startsWith('pm_card_') ? findTestCard(reference) : undefined;
  const method = card === undefined ? knownOrBank(ctx, reference, param) : newCard(ctx, card);
  if (options.saving === true && method.customer === null) {
    const outcome = outcomeOf(ctx, method.id, { offSession: true, charge: false });
    if (outcome.kind === 'decline') throw cardError(outcome.decline);
  }
  return method;
}

function knownOrBank(ctx: SandboxContext, reference: string, param: string): PaymentMethodObject {
  const bank = reference.startsWith('pm_') ? findTestBank(reference) : undefined;
  return bank === undefined
    ? ctx.store.require('payment_method', reference, param)
    : newBankAccount(ctx, bank, {}, true);
}

/** Ties a card to a customer; doing it twice is no harm. @throws 400 when it is somebody else's. */
export function attachPaymentMethod(ctx: SandboxContext, method: PaymentMethodObject, customer: CustomerObject): void {
  if (method.customer === customer.id) return;
  if (method.customer !== null) {
    throw invalidRequest(
      'The payment method you provided has already been attached to a customer.',
      undefined,
      'payment_method_unexpected_state',
    );
  }
  method.customer = customer.id;
  ctx.store.link('payment_method', customer.id, method.id);
  ctx.emit('payment_method.attached', method);
}

/** Unties a card from its customer and from everything that would have charged it. */
export function detachPaymentMethod(ctx: SandboxContext, method: PaymentMethodObject): PaymentMethodObject {
  const customer = ctx.store.find('customer', method.customer);
  if (method.customer === null) {
    throw invalidRequest(
      'The payment method you provided is not attached to a customer so detachment is impossible.',
      undefined,
      'payment_method_unexpected_state',
    );
  }
  method.customer = null;
  ctx.emit('payment_method.detached', method, { customer: customer?.id ?? null });
  if (customer?.invoice_settings.default_payment_method === method.id) {
    ctx.update(customer, (target) => {
      target.invoice_settings.default_payment_method = null;
    });
  }
  for (const sub of customer === undefined ? [] : ctx.store.linked('subscription', customer.id)) {
    if (sub.default_payment_method !== method.id) continue;
    ctx.update(sub, (target) => {
      target.default_payment_method = null;
    });
  }
  return method;
}

/** A payment method from raw parameters; only Stripe's test numbers and tokens exist here. */
export function createPaymentMethod(
  ctx: SandboxContext,
  params: Stripe.PaymentMethodCreateParams,
): PaymentMethodObject {
  if (params.type === 'us_bank_account' || params.type === 'sepa_debit') {
    const { email = null, name = null } = params.billing_details ?? {};
    const account = newBankAccount(ctx, bankOf(params), { email, name }, false);
    account.metadata = mergeMetadata({}, params.metadata);
    return account;
  }
  if (params.type !== undefined && params.type !== 'card') {
    throw invalidRequest('This sandbox knows cards, US bank accounts and SEPA debits only.', 'type');
  }
  const input = params.card;
  const token = input?.token;
  const number = input?.number ?? token;
  if (number === undefined) throw invalidRequest('Missing required param: card.', 'card', 'parameter_missing');
  const card = findTestCard(number);
  if (card === undefined) {
    throw new StripeSandboxError(402, {
      type: 'card_error',
      code: 'incorrect_number',
      message: 'Your card number is incorrect.',
      param: 'number',
    });
  }
  const details = params.billing_details;
  const method = newCard(ctx, card, {
    email: details?.email ?? null,
    name: details?.name ?? null,
    ...(input?.exp_month === undefined ? {} : { expMonth: input.exp_month }),
    ...(input?.exp_year === undefined ? {} : { expYear: input.exp_year }),
  });
  method.metadata = mergeMetadata({}, params.metadata);
  return method;
}
