/** A customer's credit balance, and the transactions that explain it. Negative is credit. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { currencyOf } from './currencies';
import { integer, invalidRequest, required } from './errors';
import { mergeMetadata } from './metadata';
import type { CustomerBalanceTransactionObject, CustomerObject, Metadata } from './wire';

export interface BalanceMove {
  /** Negative gives credit. */
  readonly amount: number;
  readonly type: Stripe.CustomerBalanceTransaction.Type;
  readonly currency: string;
  readonly invoice?: string;
  readonly creditNote?: string;
  readonly description?: string | null;
  readonly metadata?: Metadata;
}

/** Writes down a move the customer's balance has made already. */
export function recordBalance(
  ctx: SandboxContext,
  customer: CustomerObject,
  move: BalanceMove,
): CustomerBalanceTransactionObject {
  const transaction: CustomerBalanceTransactionObject = {
    id: ctx.ids.next('cbtxn_'),
    object: 'customer_balance_transaction',
    amount: move.amount,
    checkout_session: null,
    created: ctx.now(),
    credit_note: move.creditNote ?? null,
    currency: move.currency,
    customer: customer.id,
    customer_account: null,
    description: move.description ?? null,
    ending_balance: customer.balance,
    invoice: move.invoice ?? null,
    livemode: false,
    metadata: move.metadata ?? {},
    type: move.type,
  };
  ctx.store.link('customer_balance_transaction', customer.id, transaction.id);
  return ctx.create(transaction, null);
}

/** Moves the balance; `customer.updated` tells so. */
export function moveBalance(
  ctx: SandboxContext,
  customer: CustomerObject,
  move: BalanceMove,
): CustomerBalanceTransactionObject {
  integer(customer.balance + move.amount, 'amount', Number.MIN_SAFE_INTEGER);
  ctx.update(customer, (target) => {
    target.balance += move.amount;
  });
  return recordBalance(ctx, customer, move);
}

/** `POST /v1/customers/{id}/balance_transactions`. @throws 400 for another currency than the customer's */
export function adjustBalance(
  ctx: SandboxContext,
  customer: CustomerObject,
  params: Stripe.CustomerCreateBalanceTransactionParams,
): CustomerBalanceTransactionObject {
  const currency = currencyOf(required(params.currency, 'currency'));
  const amount = integer(params.amount, 'amount', Number.MIN_SAFE_INTEGER);
  const own = customer.currency ?? null;
  if (own !== null && own !== currency) {
    throw invalidRequest(`The customer's balance is kept in ${own}; it cannot be adjusted in ${currency}.`, 'currency');
  }
  const metadata = mergeMetadata({}, params.metadata);
  ctx.update(customer, (target) => {
    target.currency = currency;
  });
  const description = params.description ?? null;
  return moveBalance(ctx, customer, { amount, type: 'adjustment', currency, description, metadata });
}

/** `POST /v1/customers/{customer}/balance_transactions/{id}`: its words only. */
export function describeBalance(
  transaction: CustomerBalanceTransactionObject,
  params: Stripe.CustomerUpdateBalanceTransactionParams,
): CustomerBalanceTransactionObject {
  transaction.metadata = mergeMetadata(transaction.metadata, params.metadata);
  if (params.description !== undefined) transaction.description = params.description;
  return transaction;
}
