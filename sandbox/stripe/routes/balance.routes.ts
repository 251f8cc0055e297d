/** `/v1/balance`, `/v1/balance_transactions`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import { balance } from '../engine/balance';
import type { SandboxContext } from '../engine/context';
import { paginate } from '../engine/lists';
import type { BalanceTransactionObject } from '../engine/wire';
import { idOf, route } from './request';

const url = '/v1/balance_transactions';

function fits(transaction: BalanceTransactionObject, filter: Stripe.BalanceTransactionListParams): boolean {
  return (
    (filter.currency === undefined || transaction.currency === filter.currency.toLowerCase()) &&
    (filter.source === undefined || transaction.source === filter.source) &&
    (filter.type === undefined || transaction.type === filter.type)
  );
}

export function balanceRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [
    route('GET', '/v1/balance', () => balance(ctx)),
    route('GET', url, ({ params }) => {
      const filter = params as Stripe.BalanceTransactionListParams;
      if (filter.payout !== undefined) ctx.store.require('payout', filter.payout, 'payout');
      const owner = filter.payout ?? filter.source;
      const candidates =
        owner === undefined ? ctx.store.all('balance_transaction') : ctx.store.linked('balance_transaction', owner);
      const found = candidates.filter((transaction) => fits(transaction, filter));
      return paginate('balance_transaction', found, filter, url);
    }),
    route('GET', `${url}/{id}`, (request) => ctx.store.require('balance_transaction', idOf(request))),
  ];
}
