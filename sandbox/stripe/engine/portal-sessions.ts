/** Billing portal sessions as the API makes them. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { invalidRequest, refuseUnsupported, required, url } from './errors';
import type { PortalSessionObject } from './wire';

type CreateParams = Stripe.BillingPortal.SessionCreateParams;

function flowOf(
  ctx: SandboxContext,
  flow: Stripe.BillingPortal.SessionCreateParams.FlowData,
): Stripe.BillingPortal.Session.Flow {
  const known = ['payment_method_update', 'subscription_cancel', 'subscription_update'];
  if (!known.includes(flow.type)) {
    throw invalidRequest(`This sandbox does not support the flow ${flow.type}.`, 'flow_data[type]');
  }
  const subscription = flow.subscription_cancel?.subscription ?? flow.subscription_update?.subscription;
  if (flow.type !== 'payment_method_update') {
    ctx.store.require('subscription', required(subscription, `flow_data[${flow.type}][subscription]`), 'flow_data');
  }
  const after = flow.after_completion;
  const redirect = after?.redirect;
  return {
    after_completion: {
      hosted_confirmation: null,
      redirect: redirect === undefined ? null : { return_url: redirect.return_url },
      type: after?.type ?? 'portal_homepage',
    },
    customer_update: null,
    subscription_cancel:
      flow.type === 'subscription_cancel' ? { retention: null, subscription: subscription ?? '' } : null,
    subscription_pause: null,
    subscription_update: flow.type === 'subscription_update' ? { subscription: subscription ?? '' } : null,
    subscription_update_confirm: null,
    type: flow.type,
  };
}

/** Stripe's `POST /v1/billing_portal/sessions`. */
export function createPortalSession(ctx: SandboxContext, params: CreateParams): PortalSessionObject {
  refuseUnsupported(params, ['configuration', 'on_behalf_of', 'customer_account']);
  const customer = ctx.store.require('customer', required(params.customer, 'customer'), 'customer');
  const flow = params.flow_data === undefined ? null : flowOf(ctx, params.flow_data);
  const id = ctx.ids.next('bps_');
  const session: PortalSessionObject = {
    id,
    object: 'billing_portal.session',
    configuration: 'bpc_sandboxdefault',
    created: ctx.now(),
    customer: customer.id,
    customer_account: null,
    flow,
    livemode: false,
    locale: params.locale ?? null,
    on_behalf_of: null,
    return_url: params.return_url === undefined ? null : url(params.return_url, 'return_url'),
    url: ctx.url('portal', id),
  };
  return ctx.create(session, null);
}
