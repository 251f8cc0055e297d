/** `/v1/products` and `/v1/prices`. */
import type Stripe from 'stripe';
import type { SandboxRoute } from '../contract';
import { createPrice, createProduct, updatePrice, updateProduct } from '../engine/catalog';
import type { SandboxContext } from '../engine/context';
import { invalidRequest } from '../engine/errors';
import { paginate, search, type SearchParams } from '../engine/lists';
import type { PriceObject, ProductObject } from '../engine/wire';
import { idOf, route } from './request';

const products = '/v1/products';
const prices = '/v1/prices';

function deleteProduct(ctx: SandboxContext, product: ProductObject): object {
  if (ctx.store.all('price').some((price) => price.product === product.id)) {
    throw invalidRequest('This product cannot be deleted because it has one or more user-created prices.', 'id');
  }
  const stub = ctx.store.remove(product);
  ctx.emit('product.deleted', product);
  return stub;
}

function productRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [
    route('POST', products, ({ params }) => createProduct(ctx, params as unknown as Stripe.ProductCreateParams)),
    route('GET', products, ({ params }) => {
      const filter = params as Stripe.ProductListParams;
      const found = ctx.store
        .all('product')
        .filter((product) => filter.active === undefined || product.active === filter.active)
        .filter((product) => filter.ids === undefined || filter.ids.includes(product.id));
      return paginate('product', found, filter, products);
    }),
    route('GET', `${products}/search`, ({ params }) =>
      search(
        ctx.store.all('product'),
        params as unknown as SearchParams,
        ['active', 'name', 'description', 'url'],
        `${products}/search`,
      ),
    ),
    route('GET', `${products}/{id}`, (request) => {
      const id = idOf(request);
      return ctx.store.tombstone(id) ?? ctx.store.require('product', id);
    }),
    route('POST', `${products}/{id}`, (request) =>
      updateProduct(ctx, ctx.store.require('product', idOf(request)), request.params),
    ),
    route('DELETE', `${products}/{id}`, (request) => deleteProduct(ctx, ctx.store.require('product', idOf(request)))),
  ];
}

function fits(price: PriceObject, filter: Stripe.PriceListParams): boolean {
  const wanted = filter.recurring;
  return (
    (filter.active === undefined || price.active === filter.active) &&
    (filter.currency === undefined || price.currency === filter.currency) &&
    (filter.product === undefined || price.product === filter.product) &&
    (filter.type === undefined || price.type === filter.type) &&
    (wanted?.interval === undefined || price.recurring?.interval === wanted.interval) &&
    (filter.lookup_keys === undefined || (price.lookup_key !== null && filter.lookup_keys.includes(price.lookup_key)))
  );
}

function priceRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [
    route('POST', prices, ({ params }) => createPrice(ctx, params as unknown as Stripe.PriceCreateParams)),
    route('GET', prices, ({ params }) => {
      const filter = params as Stripe.PriceListParams;
      const found = ctx.store.all('price').filter((price) => fits(price, filter));
      return paginate('price', found, filter, prices);
    }),
    route('GET', `${prices}/search`, ({ params }) =>
      search(
        ctx.store.all('price'),
        params as unknown as SearchParams,
        ['active', 'currency', 'lookup_key', 'product', 'type'],
        `${prices}/search`,
      ),
    ),
    route('GET', `${prices}/{id}`, (request) => ctx.store.require('price', idOf(request))),
    route('POST', `${prices}/{id}`, (request) =>
      updatePrice(ctx, ctx.store.require('price', idOf(request)), request.params),
    ),
  ];
}

export function catalogRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [...productRoutes(ctx), ...priceRoutes(ctx)];
}
