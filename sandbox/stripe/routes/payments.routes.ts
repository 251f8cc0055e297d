/** `/v1/payment_intents`, `/v1/setup_intents` and `/v1/charges`. */
import type Stripe from 'stripe';
import { StripeSandboxError, type SandboxRoute } from '../contract';
import { verifyMicrodeposits } from '../engine/bank-setup';
import { collectInvoice, invoiceOfIntent } from '../engine/collection';
import type { SandboxContext } from '../engine/context';
import { assertChargeable, currencyOf } from '../engine/currencies';
import { integer, invalidRequest, refuseUnsupported, required } from '../engine/errors';
import { onSetupSucceeded } from '../engine/lifecycle';
import { paginate } from '../engine/lists';
import { mergeMetadata } from '../engine/metadata';
import { cardError, resolvePaymentMethod } from '../engine/payment-methods';
import { attemptPayment, cancelPaymentIntent, createPaymentIntent } from '../engine/payments';
import { attemptSetup, cancelSetupIntent, createSetupIntent } from '../engine/setup-intents';
import type { PaymentIntentObject, PaymentMethodObject, SetupIntentObject } from '../engine/wire';
import { idOf, route } from './request';

const paymentIntents = '/v1/payment_intents';
const setupIntents = '/v1/setup_intents';
const charges = '/v1/charges';

/** The card to confirm with. @throws 400 when it is somebody else's, or none is named or known */
function cardFor(
  ctx: SandboxContext,
  intent: PaymentIntentObject | SetupIntentObject,
  reference: string | undefined,
): PaymentMethodObject {
  const wanted = reference ?? intent.payment_method;
  if (wanted === null) {
    throw invalidRequest(
      `You cannot confirm this ${intent.object === 'payment_intent' ? 'PaymentIntent' : 'SetupIntent'} because it's missing a payment method.`,
      undefined,
      'payment_intent_unexpected_state',
    );
  }
  const method = resolvePaymentMethod(ctx, wanted, 'payment_method');
  if (method.customer !== null && method.customer !== intent.customer) {
    throw invalidRequest('The payment method belongs to another customer.', 'payment_method', 'resource_missing');
  }
  return method;
}

/** One attempt; a decline is 402 with the intent in it. A payment of an invoice settles the invoice too. */
function confirm(
  ctx: SandboxContext,
  intent: PaymentIntentObject,
  params: Stripe.PaymentIntentConfirmParams,
): PaymentIntentObject {
  const method = cardFor(ctx, intent, params.payment_method);
  const offSession = params.off_session === true;
  const returnUrl = params.return_url ?? null;
  const invoice = invoiceOfIntent(ctx, intent);
  const open = invoice?.status === 'open' && invoice.amount_due > 0;
  const result = open
    ? collectInvoice(ctx, invoice, { method, offSession, automatic: false, returnUrl })
    : attemptPayment(ctx, intent, method, { offSession, returnUrl });
  if (result.kind === 'decline') throw cardError(result.decline, intent);
  return intent;
}

function futureUsage(usage: string | undefined): 'off_session' | 'on_session' | null {
  if (usage === 'off_session') return 'off_session';
  return usage === 'on_session' ? 'on_session' : null;
}

function create(ctx: SandboxContext, params: Stripe.PaymentIntentCreateParams): PaymentIntentObject {
  refuseUnsupported(params, ['capture_method', 'transfer_data', 'application_fee_amount', 'on_behalf_of']);
  if (params.customer !== undefined) ctx.store.require('customer', params.customer, 'customer');
  const currency = currencyOf(required(params.currency, 'currency'));
  const amount = integer(required(params.amount, 'amount'), 'amount', 1);
  assertChargeable(amount, currency);
  const intent = createPaymentIntent(ctx, {
    amount,
    currency,
    customer: params.customer ?? null,
    description: params.description ?? null,
    metadata: mergeMetadata({}, params.metadata),
    setupFutureUsage: futureUsage(params.setup_future_usage),
    paymentMethod:
      params.payment_method === undefined
        ? null
        : resolvePaymentMethod(ctx, params.payment_method, 'payment_method').id,
  });
  if (params.confirm !== true) return intent;
  return confirm(ctx, intent, {
    ...(params.off_session === undefined ? {} : { off_session: params.off_session }),
    ...(params.return_url === undefined ? {} : { return_url: params.return_url }),
  });
}

function paymentIntentRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): PaymentIntentObject => ctx.store.require('payment_intent', id);
  return [
    route('POST', paymentIntents, ({ params }) => create(ctx, params as unknown as Stripe.PaymentIntentCreateParams)),
    route('GET', paymentIntents, ({ params }) => {
      const filter = params as Stripe.PaymentIntentListParams;
      const found = ctx.store
        .all('payment_intent')
        .filter((intent) => filter.customer === undefined || intent.customer === filter.customer);
      return paginate('payment_intent', found, filter, paymentIntents);
    }),
    route('GET', `${paymentIntents}/{id}`, (request) => find(idOf(request))),
    route('POST', `${paymentIntents}/{id}/confirm`, (request) => confirm(ctx, find(idOf(request)), request.params)),
    route('POST', `${paymentIntents}/{id}/cancel`, (request) => {
      const intent = find(idOf(request));
      if (invoiceOfIntent(ctx, intent) !== undefined) {
        throw invalidRequest('This PaymentIntent belongs to an invoice; void the invoice instead.');
      }
      const { cancellation_reason: reason } = request.params as Stripe.PaymentIntentCancelParams;
      cancelPaymentIntent(ctx, intent, reason ?? null);
      return intent;
    }),
  ];
}

function confirmSetup(
  ctx: SandboxContext,
  intent: SetupIntentObject,
  params: Stripe.SetupIntentConfirmParams,
): SetupIntentObject {
  const method = cardFor(ctx, intent, params.payment_method);
  const result = attemptSetup(ctx, intent, method, params.return_url ?? null);
  if (result.kind === 'decline') {
    const { error, status } = cardError(result.decline);
    // On the wire an intent holds ids where the SDK's type has its error's full classes.
    throw new StripeSandboxError(status, {
      ...error,
      setup_intent: structuredClone(intent),
    });
  }
  if (result.kind === 'success') onSetupSucceeded(ctx, intent);
  return intent;
}

/** @throws 400 for a kind of payment method this sandbox cannot set up */
function setupTypes(input: Stripe.SetupIntentCreateParams): string[] {
  const types = input.allowed_payment_method_types ?? [];
  const other = types.find((type) => !['card', 'us_bank_account', 'sepa_debit'].includes(type));
  if (other === undefined && types.length > 0) return types;
  throw invalidRequest(
    `This sandbox sets up cards, US bank accounts and SEPA debits only, not ${other ?? 'nothing'}.`,
    'allowed_payment_method_types',
  );
}

function setupIntentRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): SetupIntentObject => ctx.store.require('setup_intent', id, 'intent');
  return [
    route('POST', setupIntents, ({ params }) => {
      const input = params as Stripe.SetupIntentCreateParams;
      if (input.customer !== undefined) ctx.store.require('customer', input.customer, 'customer');
      const method = input.payment_method;
      const intent = createSetupIntent(ctx, {
        customer: input.customer ?? null,
        paymentMethod: method === undefined ? null : resolvePaymentMethod(ctx, method, 'payment_method').id,
        metadata: mergeMetadata({}, input.metadata),
        description: input.description ?? null,
        usage: input.usage ?? 'off_session',
        ...(input.allowed_payment_method_types === undefined ? {} : { types: setupTypes(input) }),
      });
      const back = input.return_url === undefined ? {} : { return_url: input.return_url };
      return input.confirm === true ? confirmSetup(ctx, intent, back) : intent;
    }),
    route('GET', setupIntents, ({ params }) => {
      const filter = params as Stripe.SetupIntentListParams;
      const found = ctx.store
        .all('setup_intent')
        .filter((intent) => filter.customer === undefined || intent.customer === filter.customer)
        .filter((intent) => filter.payment_method === undefined || intent.payment_method === filter.payment_method);
      return paginate('setup_intent', found, filter, setupIntents);
    }),
    route('GET', `${setupIntents}/{id}`, (request) => find(idOf(request))),
    route('POST', `${setupIntents}/{id}/confirm`, (request) => confirmSetup(ctx, find(idOf(request)), request.params)),
    route('POST', `${setupIntents}/{id}/verify_microdeposits`, (request) =>
      verifyMicrodeposits(ctx, find(idOf(request)), request.params),
    ),
    route('POST', `${setupIntents}/{id}/cancel`, (request) => {
      const intent = find(idOf(request));
      const { cancellation_reason: reason } = request.params as Stripe.SetupIntentCancelParams;
      cancelSetupIntent(ctx, intent, reason ?? null);
      return intent;
    }),
  ];
}

export function paymentRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [
    ...paymentIntentRoutes(ctx),
    ...setupIntentRoutes(ctx),
    route('GET', charges, ({ params }) => {
      const filter = params as Stripe.ChargeListParams;
      const intent = filter.payment_intent;
      const candidates = intent === undefined ? ctx.store.all('charge') : ctx.store.linked('charge', intent);
      const found = candidates.filter((charge) => filter.customer === undefined || charge.customer === filter.customer);
      return paginate('charge', found, filter, charges);
    }),
    route('GET', `${charges}/{id}`, (request) => ctx.store.require('charge', idOf(request))),
    route('POST', `${charges}/{id}`, (request) => {
      const charge = ctx.store.require('charge', idOf(request));
      const { metadata, description, ...others } = request.params as Stripe.ChargeUpdateParams;
      refuseUnsupported(others, Object.keys(others));
      ctx.update(charge, (target) => {
        target.metadata = mergeMetadata(target.metadata, metadata);
        if (description !== undefined) target.description = description;
      });
      return charge;
    }),
  ];
}
