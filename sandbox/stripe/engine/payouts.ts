/** Payouts: what is available leaves for the account's bank, and sometimes comes back. */
import type Stripe from 'stripe';
import { availableIn, book, currencies, planPayout, transactionsIn } from './balance';
import { SECONDS_PER_DAY } from './calendar';
import type { SandboxContext } from './context';
import { currencyOf } from './currencies';
import { integer, invalidRequest, refuseUnsupported, required } from './errors';
import { mergeMetadata } from './metadata';
import type { BalanceTransactionObject, Metadata, PayoutObject } from './wire';

/** From the account to its bank. */
const ARRIVAL_DAYS = 2;

/** What banks say, by Stripe's codes (https://docs.stripe.com/api/payouts/failures). */
export const payoutFailures = {
  account_closed: 'The bank account has been closed.',
  account_frozen: 'The bank account has been frozen.',
  could_not_process: 'The bank could not process this payout.',
  declined: 'The bank has declined this transfer. Please contact the bank before retrying.',
  incorrect_account_holder_name: 'Your bank notified us that the bank account holder name on file is incorrect.',
  insufficient_funds: 'Your Stripe account has insufficient funds to cover the payout.',
  no_account:
    'The bank account details on file are probably incorrect. No bank account could be located with those details.',
} as const;

export type PayoutFailure = keyof typeof payoutFailures;

interface NewPayout {
  readonly amount: number;
  readonly currency: string;
  readonly automatic: boolean;
  readonly description: string | null;
  readonly statementDescriptor: string | null;
  readonly metadata: Metadata;
}

function payOut(ctx: SandboxContext, input: NewPayout): PayoutObject {
  const id = ctx.ids.next('po_');
  const transaction = book(ctx, {
    amount: -input.amount,
    fee: 0,
    currency: input.currency,
    type: 'payout',
    category: 'payout',
    source: id,
    description: input.description ?? 'STRIPE PAYOUT',
  });
  const arrival = (Math.floor(ctx.now() / SECONDS_PER_DAY) + ARRIVAL_DAYS) * SECONDS_PER_DAY;
  const payout: PayoutObject = {
    id,
    object: 'payout',
    amount: input.amount,
    application_fee: null,
    application_fee_amount: null,
    arrival_date: arrival,
    automatic: input.automatic,
    balance_transaction: transaction.id,
    created: ctx.now(),
    currency: input.currency,
    description: input.description,
    destination: 'ba_sandbox',
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: input.metadata,
    method: 'standard',
    original_payout: null,
    payout_method: null,
    reconciliation_status: input.automatic ? 'completed' : 'not_applicable',
    reversed_by: null,
    source_type: 'card',
    statement_descriptor: input.statementDescriptor,
    // What is asked for can be canceled until the bank has it; what the schedule sends is on its way at once.
    status: input.automatic ? 'in_transit' : 'pending',
    trace_id: { status: 'pending', value: null },
    type: 'bank_account',
  };
  ctx.jobs.schedule('payout.arrive', id, arrival);
  return ctx.create(payout, 'payout.created');
}

/** What is available in a currency and in no automatic payout yet. */
function collected(ctx: SandboxContext, currency: string): BalanceTransactionObject[] {
  const now = ctx.now();
  return transactionsIn(ctx, currency).filter(
    ({ id, available_on: availableOn }) => availableOn <= now && ctx.store.linked('payout', id).length === 0,
  );
}

/** Each midnight: all that is available leaves, as one payout that knows what it is made of. */
export function payOutDaily(ctx: SandboxContext, currency: string): void {
  if (ctx.settings.payouts !== 'daily') return;
  const parts = collected(ctx, currency);
  const amount = parts.reduce((total, { net }) => total + net, 0);
  const now = ctx.now();
  const waits = transactionsIn(ctx, currency).some(({ available_on: availableOn }) => availableOn > now);
  if (amount > 0) {
    const terms = { description: 'STRIPE PAYOUT', statementDescriptor: null, metadata: {} };
    const payout = payOut(ctx, { ...terms, amount, currency, automatic: true });
    for (const { id } of parts) {
      ctx.store.link('balance_transaction', payout.id, id);
      ctx.store.link('payout', id, payout.id);
    }
    ctx.store.link('payout', payout.balance_transaction, payout.id);
  }
  if (waits) planPayout(ctx, currency);
  else ctx.jobs.cancel('payout.daily', currency);
}

/** Starts what the settings ask for. */
export function planPayouts(ctx: SandboxContext): void {
  for (const currency of currencies(ctx)) planPayout(ctx, currency);
}

/** The bank has the money. */
export function payoutArrives(ctx: SandboxContext, payout: PayoutObject): void {
  if (payout.status !== 'in_transit' && payout.status !== 'pending') return;
  payout.status = 'paid';
  payout.trace_id = { status: 'supported', value: `TRACE${payout.id.slice(3, 15).toUpperCase()}` };
  ctx.emit('payout.paid', payout);
}

function comesBack(ctx: SandboxContext, payout: PayoutObject, type: 'payout_failure' | 'payout_cancel'): string {
  ctx.jobs.cancel('payout.arrive', payout.id);
  const booking = { amount: payout.amount, fee: 0, currency: payout.currency, type, source: payout.id };
  return book(ctx, { ...booking, category: 'payout_reversal', description: type.replace('_', ' ').toUpperCase() }).id;
}

/** The bank does not take it, even days after it seemed to. @throws 400 when it came back already */
export function failPayout(ctx: SandboxContext, payout: PayoutObject, code: PayoutFailure): PayoutObject {
  if (payout.status === 'failed' || payout.status === 'canceled') {
    throw invalidRequest(`Payout ${payout.id} is ${payout.status} already.`);
  }
  payout.failure_balance_transaction = comesBack(ctx, payout, 'payout_failure');
  payout.failure_code = code;
  payout.failure_message = payoutFailures[code];
  payout.status = 'failed';
  ctx.emit('payout.failed', payout);
  return payout;
}

/** `POST /v1/payouts/{id}/cancel`. @throws 400 unless the bank does not have it yet */
export function cancelPayout(ctx: SandboxContext, payout: PayoutObject): PayoutObject {
  if (payout.status !== 'pending') {
    throw invalidRequest(`Payouts can only be canceled while pending; ${payout.id} is ${payout.status}.`);
  }
  payout.failure_balance_transaction = comesBack(ctx, payout, 'payout_cancel');
  payout.status = 'canceled';
  ctx.emit('payout.canceled', payout);
  return payout;
}

/** `POST /v1/payouts`. @throws 400 `balance_insufficient` for more than is available */
export function createPayout(ctx: SandboxContext, params: Stripe.PayoutCreateParams): PayoutObject {
  refuseUnsupported(params, ['destination', 'method', 'payout_method', 'source_type']);
  const currency = currencyOf(required(params.currency, 'currency'));
  const amount = integer(required(params.amount, 'amount'), 'amount', 1);
  if (amount > availableIn(ctx, currency)) {
    throw invalidRequest(
      'You have insufficient funds in your Stripe account. One likely reason you have insufficient funds is that your funds are automatically being paid out; try enabling manual payouts by going to your settings in the Dashboard.',
      'amount',
      'balance_insufficient',
    );
  }
  return payOut(ctx, {
    amount,
    currency,
    automatic: false,
    description: params.description ?? null,
    statementDescriptor: params.statement_descriptor ?? null,
    metadata: mergeMetadata({}, params.metadata),
  });
}

/** `POST /v1/payouts/{id}`. */
export function updatePayout(
  ctx: SandboxContext,
  payout: PayoutObject,
  params: Stripe.PayoutUpdateParams,
): PayoutObject {
  ctx.update(payout, (target) => {
    target.metadata = mergeMetadata(target.metadata, params.metadata);
  });
  return payout;
}
