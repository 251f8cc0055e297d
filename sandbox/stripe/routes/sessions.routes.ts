/** `/v1/checkout/sessions` and `/v1/billing_portal/sessions`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import { createCheckoutSession, expireCheckoutSession, lineItems } from '../engine/checkout-sessions';
import type { SandboxContext } from '../engine/context';
import { resourceMissing } from '../engine/errors';
import { paginate } from '../engine/lists';
import { createPortalSession } from '../engine/portal-sessions';
import type { CheckoutSessionObject } from '../engine/wire';
import { idOf, route } from './request';

const url = '/v1/checkout/sessions';

function fits(session: CheckoutSessionObject, filter: Stripe.Checkout.SessionListParams): boolean {
  return (
    (filter.customer === undefined || session.customer === filter.customer) &&
    (filter.subscription === undefined || session.subscription === filter.subscription) &&
    (filter.status === undefined || session.status === filter.status)
  );
}

export function sessionRoutes(ctx: SandboxContext): SandboxRoute[] {
  const find = (id: string): CheckoutSessionObject => ctx.store.require('checkout.session', id, 'session');
  return [
    route('POST', url, ({ params }) => createCheckoutSession(ctx, params)),
    route('GET', url, ({ params }) => {
      const filter = params as Stripe.Checkout.SessionListParams;
      const found = ctx.store.all('checkout.session').filter((session) => fits(session, filter));
      return paginate('checkout.session', found, filter, url);
    }),
    route('GET', `${url}/{id}`, (request) => find(idOf(request))),
    route('POST', `${url}/{id}/expire`, (request) => expireCheckoutSession(ctx, find(idOf(request)))),
    route('GET', `${url}/{id}/line_items`, (request) => {
      const id = idOf(request);
      const draft = ctx.checkouts.get(id);
      if (draft === undefined) throw resourceMissing('checkout.session', id, 'session');
      return lineItems(ctx, id, draft);
    }),
    route('POST', '/v1/billing_portal/sessions', ({ params }) => createPortalSession(ctx, params)),
  ];
}
