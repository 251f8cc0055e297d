/** `/v1/customers/{id}/tax_ids` and `/v1/tax_rates`, of which automatic tax makes the ones it needs. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { paginate } from '../engine/lists';
import { createTaxId, deleteTaxId, ownTaxId, taxIdsOf } from '../engine/tax-ids';
import { idOf, route } from './request';

const ids = '/v1/customers/{id}/tax_ids';
const one = '/v1/customers/{customerId}/tax_ids/{id}';
const rates = '/v1/tax_rates';

export function taxRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [
    route('POST', ids, (request) => {
      const { type, value } = request.params as unknown as Stripe.CustomerCreateTaxIdParams;
      return createTaxId(ctx, ctx.store.require('customer', idOf(request)), { type, value });
    }),
    route('GET', ids, (request) => {
      const customer = ctx.store.require('customer', idOf(request));
      return paginate('tax_id', taxIdsOf(ctx, customer.id), request.params, `/v1/customers/${customer.id}/tax_ids`);
    }),
    route('GET', one, (request) => ownTaxId(ctx, request.ids.customerId ?? '', idOf(request))),
    route('DELETE', one, (request) => deleteTaxId(ctx, ownTaxId(ctx, request.ids.customerId ?? '', idOf(request)))),
    route('GET', rates, ({ params }) => paginate('tax_rate', ctx.store.all('tax_rate'), params, rates)),
    route('GET', `${rates}/{id}`, (request) => ctx.store.require('tax_rate', idOf(request))),
  ];
}
