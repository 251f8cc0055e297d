/** Products and prices. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { assertStep, currencyOf } from './currencies';
import { invalidRequest, refuseUnsupported, required } from './errors';
import { mergeMetadata } from './metadata';
import type { PriceObject, ProductObject } from './wire';

export function createProduct(ctx: SandboxContext, params: Stripe.ProductCreateParams): ProductObject {
  refuseUnsupported(params, ['default_price_data']);
  const id = params.id ?? ctx.ids.next('prod_');
  if (ctx.store.find('product', id) !== undefined) {
    throw invalidRequest('Product already exists.', 'id', 'resource_already_exists');
  }
  const product: ProductObject = {
    id,
    object: 'product',
    active: params.active ?? true,
    created: ctx.now(),
    default_price: null,
    description: params.description ?? null,
    images: params.images ?? [],
    livemode: false,
    marketing_features: params.marketing_features ?? [],
    metadata: mergeMetadata({}, params.metadata),
    name: required(params.name, 'name'),
    package_dimensions: null,
    shippable: params.shippable ?? null,
    statement_descriptor: params.statement_descriptor ?? null,
    tax_code: params.tax_code ?? null,
    tax_details: null,
    type: 'service',
    unit_label: params.unit_label ?? null,
    updated: ctx.now(),
    url: params.url ?? null,
  };
  return ctx.create(product, 'product.created');
}

export function updateProduct(
  ctx: SandboxContext,
  product: ProductObject,
  params: Stripe.ProductUpdateParams,
): ProductObject {
  const price = params.default_price;
  if (price !== undefined) ctx.store.require('price', price, 'default_price');
  ctx.update(product, (target) => {
    if (params.active !== undefined) target.active = params.active;
    if (params.name !== undefined) target.name = params.name;
    if (params.description !== undefined) target.description = params.description === '' ? null : params.description;
    if (price !== undefined) target.default_price = price;
    if (params.images !== undefined)
      target.images = params.images === '' || params.images === null ? [] : params.images;
    if (params.marketing_features !== undefined) {
      const features = params.marketing_features;
      target.marketing_features = features === '' || features === null ? [] : features;
    }
    if (params.unit_label !== undefined) target.unit_label = params.unit_label === '' ? null : params.unit_label;
    if (params.url !== undefined) target.url = params.url === '' ? null : params.url;
    target.metadata = mergeMetadata(target.metadata, params.metadata);
  });
  product.updated = ctx.now();
  return product;
}

/** Gives a lookup key to a price, taking it from another one where that is asked for. @throws 400 when it is taken */
function claimLookupKey(ctx: SandboxContext, price: PriceObject, key: string | null, transfer: boolean): void {
  if (key !== null) {
    const holder = ctx.store.all('price').find((other) => other.lookup_key === key && other.id !== price.id);
    if (holder !== undefined && !transfer) {
      throw invalidRequest(
        `A price (\`${holder.id}\`) already uses that lookup key. Use \`transfer_lookup_key=true\` to reassign it.`,
        'lookup_key',
      );
    }
    if (holder !== undefined) {
      ctx.update(holder, (target) => {
        target.lookup_key = null;
      });
    }
  }
  price.lookup_key = key;
}

/** The smallest unit, from the integer or the decimal form. @throws 400 without a whole amount */
function unitAmount(params: Stripe.PriceCreateParams): number {
  const amount = params.unit_amount ?? Number(params.unit_amount_decimal ?? Number.NaN);
  if (!Number.isSafeInteger(amount) || amount < 0) {
    throw invalidRequest(
      'Prices in this sandbox need a whole, non-negative `unit_amount`.',
      'unit_amount',
      'parameter_invalid_integer',
    );
  }
  return amount;
}

function recurringOf(params: Stripe.PriceCreateParams): PriceObject['recurring'] {
  const { recurring } = params;
  if (recurring === undefined) return null;
  if (recurring.usage_type === 'metered') {
    throw invalidRequest('This sandbox does not support metered prices.', 'recurring[usage_type]');
  }
  return {
    interval: recurring.interval,
    interval_count: recurring.interval_count ?? 1,
    meter: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}

function productOf(ctx: SandboxContext, params: Stripe.PriceCreateParams): ProductObject {
  if (params.product !== undefined) return ctx.store.require('product', params.product, 'product');
  const data = required(params.product_data, 'product');
  return createProduct(ctx, {
    name: data.name,
    ...(data.id === undefined ? {} : { id: data.id }),
    ...(data.active === undefined ? {} : { active: data.active }),
    ...(data.metadata === undefined ? {} : { metadata: data.metadata }),
  });
}

export function createPrice(ctx: SandboxContext, params: Stripe.PriceCreateParams): PriceObject {
  refuseUnsupported(params, ['tiers', 'tiers_mode', 'currency_options', 'custom_unit_amount', 'transform_quantity']);
  const amount = unitAmount(params);
  const currency = currencyOf(required(params.currency, 'currency'));
  assertStep(amount, currency, 'unit_amount');
  const recurring = recurringOf(params);
  const product = productOf(ctx, params);
  const price: PriceObject = {
    id: ctx.ids.next('price_'),
    object: 'price',
    active: params.active ?? true,
    billing_scheme: 'per_unit',
    created: ctx.now(),
    currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: mergeMetadata({}, params.metadata),
    nickname: params.nickname ?? null,
    product: product.id,
    recurring,
    tax_behavior: params.tax_behavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: recurring === null ? 'one_time' : 'recurring',
    unit_amount: amount,
    unit_amount_decimal: String(amount),
  };
  claimLookupKey(ctx, price, params.lookup_key ?? null, params.transfer_lookup_key ?? false);
  return ctx.create(price, 'price.created');
}

export function updatePrice(ctx: SandboxContext, price: PriceObject, params: Stripe.PriceUpdateParams): PriceObject {
  refuseUnsupported(params, ['currency_options']);
  const { tax_behavior: behavior = price.tax_behavior } = params;
  if (price.tax_behavior !== 'unspecified' && behavior !== price.tax_behavior) {
    throw invalidRequest('The tax behavior of a price cannot be changed once it is specified.', 'tax_behavior');
  }
  ctx.update(price, (target) => {
    if (params.lookup_key !== undefined) {
      const key = params.lookup_key === '' ? null : params.lookup_key;
      claimLookupKey(ctx, target, key, params.transfer_lookup_key ?? false);
    }
    if (params.active !== undefined) target.active = params.active;
    if (params.nickname !== undefined) target.nickname = params.nickname === '' ? null : params.nickname;
    if (params.tax_behavior !== undefined) target.tax_behavior = params.tax_behavior;
    target.metadata = mergeMetadata(target.metadata, params.metadata);
  });
  return price;
}
