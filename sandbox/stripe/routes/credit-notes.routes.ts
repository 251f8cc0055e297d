/** `/v1/credit_notes` and `/v1/customers/{id}/balance_transactions`. */
import type Stripe from 'stripe';
import type { SandboxRequest, SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { createCreditNote, previewNote, updateNote, voidNote } from '../engine/credit-notes';
import { adjustBalance, describeBalance } from '../engine/customer-balance';
import { resourceMissing } from '../engine/errors';
import { paginate } from '../engine/lists';
import type { CreditNoteObject, CustomerBalanceTransactionObject } from '../engine/wire';
import { idOf, route } from './request';

const notes = '/v1/credit_notes';
const customers = '/v1/customers';

function noteRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): CreditNoteObject => ctx.store.require('credit_note', id);
  const asked = (request: SandboxRequest): Stripe.CreditNoteCreateParams =>
    request.params as unknown as Stripe.CreditNoteCreateParams;
  return [
    route('POST', notes, (request) => createCreditNote(ctx, asked(request))),
    route('GET', notes, ({ params }) => {
      const filter = params as Stripe.CreditNoteListParams;
      const found = ctx.store
        .all('credit_note')
        .filter((note) => filter.customer === undefined || note.customer === filter.customer)
        .filter((note) => filter.invoice === undefined || note.invoice === filter.invoice);
      return paginate('credit_note', found, filter, notes);
    }),
    route('GET', `${notes}/preview`, (request) => previewNote(ctx, asked(request))),
    route('GET', `${notes}/preview/lines`, (request) => previewNote(ctx, asked(request)).lines),
    route('GET', `${notes}/{id}`, (request) => find(idOf(request))),
    route('POST', `${notes}/{id}`, (request) => updateNote(ctx, find(idOf(request)), request.params)),
    route('GET', `${notes}/{id}/lines`, (request) => find(idOf(request)).lines),
    route('POST', `${notes}/{id}/void`, (request) => voidNote(ctx, find(idOf(request)))),
  ];
}

export function creditRoutes(ctx: SandboxContext): SandboxRoute[] {
  const transactions = (customer: string): CustomerBalanceTransactionObject[] =>
    ctx.store.linked('customer_balance_transaction', ctx.store.require('customer', customer).id);
  const find = ({ ids }: SandboxRequest): CustomerBalanceTransactionObject => {
    const found = transactions(ids.customerId ?? '').find(({ id }) => id === ids.id);
    if (found === undefined) throw resourceMissing('customer_balance_transaction', ids.id ?? '', 'transaction');
    return found;
  };
  return [
    ...noteRoutes(ctx),
    route('POST', `${customers}/{id}/balance_transactions`, (request) => {
      const params = request.params as unknown as Stripe.CustomerCreateBalanceTransactionParams;
      return adjustBalance(ctx, ctx.store.require('customer', idOf(request)), params);
    }),
    route('GET', `${customers}/{id}/balance_transactions`, (request) => {
      const id = idOf(request);
      const filter = request.params as Stripe.CustomerListBalanceTransactionsParams;
      const found = transactions(id).filter(
        ({ invoice }) => filter.invoice === undefined || invoice === filter.invoice,
      );
      const url = `${customers}/${id}/balance_transactions`;
      return paginate('customer_balance_transaction', found, filter, url);
    }),
    route('GET', `${customers}/{customerId}/balance_transactions/{id}`, (request) => find(request)),
    route('POST', `${customers}/{customerId}/balance_transactions/{id}`, (request) =>
      describeBalance(find(request), request.params),
    ),
  ];
}
