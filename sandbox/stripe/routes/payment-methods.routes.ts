/** `/v1/payment_methods`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { integer, invalidRequest, refuseUnsupported, required } from '../engine/errors';
import { paginate } from '../engine/lists';
import { mergeMetadata } from '../engine/metadata';
import {
  attachPaymentMethod,
  createPaymentMethod,
  detachPaymentMethod,
  resolvePaymentMethod,
} from '../engine/payment-methods';
import type { PaymentMethodObject } from '../engine/wire';
import { idOf, route } from './request';

const url = '/v1/payment_methods';

/** The new end of a card's life. @throws 400 for a month that does not exist, or for anything but a card */
function expiryOf(method: PaymentMethodObject, params: Stripe.PaymentMethodUpdateParams): object {
  const { exp_month: month, exp_year: year } = params.card ?? {};
  if (params.card !== undefined && method.card === undefined) {
    throw invalidRequest('You can only update `card` on a payment method of type card.', 'card');
  }
  return {
    ...(month === undefined ? {} : { exp_month: integer(month, 'card[exp_month]', 1, 12) }),
    ...(year === undefined ? {} : { exp_year: integer(year, 'card[exp_year]', 1970, 2100) }),
  };
}

function update(
  ctx: SandboxContext,
  method: PaymentMethodObject,
  params: Stripe.PaymentMethodUpdateParams,
): PaymentMethodObject {
  refuseUnsupported(params, ['us_bank_account', 'payto']);
  const details = params.billing_details;
  const expiry = expiryOf(method, params);
  ctx.update(method, (target) => {
    target.metadata = mergeMetadata(target.metadata, params.metadata);
    if (details?.email !== undefined) target.billing_details.email = details.email === '' ? null : details.email;
    if (details?.name !== undefined) target.billing_details.name = details.name === '' ? null : details.name;
    if (target.card !== undefined) Object.assign(target.card, expiry);
  });
  return method;
}

export function paymentMethodRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): PaymentMethodObject => ctx.store.require('payment_method', id);
  return [
    route('POST', url, ({ params }) => createPaymentMethod(ctx, params)),
    route('GET', url, ({ params }) => {
      const filter = params as Stripe.PaymentMethodListParams;
      const { customer } = filter;
      const all =
        customer === undefined
          ? ctx.store.all('payment_method')
          : [...new Set(ctx.store.linked('payment_method', customer))].filter((card) => card.customer === customer);
      const found = all.filter((card) => filter.type === undefined || card.type === filter.type);
      return paginate('payment_method', found, filter, url);
    }),
    route('GET', `${url}/{id}`, (request) => find(idOf(request))),
    route('POST', `${url}/{id}`, (request) => update(ctx, find(idOf(request)), request.params)),
    route('POST', `${url}/{id}/attach`, (request) => {
      const { customer } = request.params as Stripe.PaymentMethodAttachParams;
      const owner = ctx.store.require('customer', required(customer, 'customer'), 'customer');
      const method = resolvePaymentMethod(ctx, idOf(request), 'payment_method', { saving: true });
      attachPaymentMethod(ctx, method, owner);
      return method;
    }),
    route('POST', `${url}/{id}/detach`, (request) => detachPaymentMethod(ctx, find(idOf(request)))),
  ];
}
