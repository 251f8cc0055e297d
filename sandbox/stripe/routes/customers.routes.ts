/** `/v1/customers`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { createCustomer, updateCustomer } from '../engine/customers';
import { resourceMissing } from '../engine/errors';
import { paginate, search, type SearchParams } from '../engine/lists';
import { detachPaymentMethod } from '../engine/payment-methods';
import { isOver } from '../engine/subscription-object';
import { cancelSubscription } from '../engine/subscriptions';
import type { CustomerObject, PaymentMethodObject } from '../engine/wire';
import { idOf, route } from './request';

const url = '/v1/customers';

function cardsOf(ctx: SandboxContext, customer: CustomerObject): PaymentMethodObject[] {
  const linked = ctx.store.linked('payment_method', customer.id).filter((card) => card.customer === customer.id);
  return [...new Set(linked)];
}

/** Deleting a customer ends everything it has at once. */
function deleteCustomer(ctx: SandboxContext, customer: CustomerObject): object {
  for (const sub of ctx.store.linked('subscription', customer.id)) {
    if (!isOver(sub)) cancelSubscription(ctx, sub, {});
  }
  for (const card of cardsOf(ctx, customer)) detachPaymentMethod(ctx, card);
  const stub = ctx.store.remove(customer);
  ctx.emit('customer.deleted', customer);
  return stub;
}

export function customerRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): CustomerObject => ctx.store.require('customer', id);
  return [
    route('POST', url, ({ params }) => createCustomer(ctx, params)),
    route('GET', url, ({ params }) => {
      const filter = params as Stripe.CustomerListParams;
      const found = ctx.store
        .all('customer')
        .filter((customer) => filter.email === undefined || customer.email === filter.email);
      return paginate('customer', found, filter, url);
    }),
    route('GET', `${url}/search`, ({ params }) =>
      search(
        ctx.store.all('customer'),
        params as unknown as SearchParams,
        ['email', 'name', 'phone', 'created'],
        `${url}/search`,
      ),
    ),
    route('GET', `${url}/{id}`, (request) => {
      const id = idOf(request);
      return ctx.store.tombstone(id) ?? find(id);
    }),
    route('POST', `${url}/{id}`, (request) => updateCustomer(ctx, find(idOf(request)), request.params)),
    route('DELETE', `${url}/{id}`, (request) => deleteCustomer(ctx, find(idOf(request)))),
    route('GET', `${url}/{id}/payment_methods`, (request) => {
      const customer = find(idOf(request));
      const filter = request.params as Stripe.CustomerListPaymentMethodsParams;
      const found = cardsOf(ctx, customer).filter((card) => filter.type === undefined || card.type === filter.type);
      return paginate('payment_method', found, filter, `${url}/${customer.id}/payment_methods`);
    }),
    route('GET', `${url}/{customerId}/payment_methods/{id}`, (request) => {
      const customer = find(request.ids.customerId ?? '');
      const card = cardsOf(ctx, customer).find((candidate) => candidate.id === request.ids.id);
      if (card === undefined) throw resourceMissing('payment_method', request.ids.id ?? '');
      return card;
    }),
  ];
}
