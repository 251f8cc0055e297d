/** A statement that is wrong, or that tells what no event told: for whoever compares it with books of their own. */
import { SECONDS_PER_DAY } from './calendar';
import { book } from './balance';
import type { SandboxContext } from './context';
import { currencyOf } from './currencies';
import { invalidRequest } from './errors';
import type { BalanceTransactionObject } from './wire';

export interface SlippedIn {
  /** Minor units; negative for money that leaves. */
  readonly amount: number;
  readonly fee?: number;
  readonly currency?: string;
  readonly type?: 'adjustment' | 'stripe_fee';
  /** The object that moves the money, by its id. */
  readonly source?: string;
}

export type StatementBreak =
  | { readonly kind: 'missing' | 'twice' }
  | { readonly kind: 'amount'; readonly amount: number }
  | { readonly kind: 'currency'; readonly currency: string }
  | { readonly kind: 'day'; readonly days: number };

/** A movement nobody is told of. */
export function slipIn(ctx: SandboxContext, movement: SlippedIn): BalanceTransactionObject {
  const { amount, fee = 0, currency = 'usd', type = 'adjustment', source = null } = movement;
  if (source !== null && ctx.store.any(source) === undefined)
    throw invalidRequest(`No such object: '${source}'`, 'source');
  const category = type === 'stripe_fee' ? 'fee' : 'other_adjustment';
  return book(ctx, { amount, fee, currency: currencyOf(currency), type, category, source, description: null });
}

/** The transaction as it is from then on; the one that was taken away, or the one more. */
export function breakStatement(
  ctx: SandboxContext,
  transaction: BalanceTransactionObject,
  fault: StatementBreak,
): BalanceTransactionObject {
  switch (fault.kind) {
    case 'missing':
      ctx.store.hide(transaction);
      ctx.unavailable.delete(transaction.id);
      return transaction;
    case 'twice':
      return again(ctx, transaction);
    case 'amount':
      transaction.amount = fault.amount;
      transaction.net = fault.amount - transaction.fee;
      return transaction;
    case 'currency':
      transaction.currency = currencyOf(fault.currency);
      return transaction;
    case 'day':
      transaction.created += fault.days * SECONDS_PER_DAY;
      return transaction;
  }
}

function again(ctx: SandboxContext, transaction: BalanceTransactionObject): BalanceTransactionObject {
  const copy: BalanceTransactionObject = { ...structuredClone(transaction), id: ctx.ids.next('txn_') };
  if (copy.status === 'pending') ctx.unavailable.add(copy.id);
  if (copy.source !== null) ctx.store.link('balance_transaction', copy.source, copy.id);
  ctx.store.link('balance_transaction', copy.currency, copy.id);
  return ctx.create(copy, null);
}
