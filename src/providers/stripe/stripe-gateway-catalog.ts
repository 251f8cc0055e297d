import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import type { Money } from '../../shared/money';
import { StripeClient } from './stripe-client';
import { METADATA, refOf } from './stripe-objects';
import { toStripePrice } from './stripe-price';

export interface CatalogProduct {
  planId: string;
  /** Our name for it at Stripe: found again whatever happened to our record of it. */
  productId: string;
  name: string;
  description: string;
  active: boolean;
}

export interface CatalogPrice {
  priceId: string;
  productRef: string;
  lookupKey: string;
  unit: Money;
  interval: 'month' | 'year';
}

/** A product as Stripe has it. */
export interface SeenProduct {
  productRef: string;
  /** The plan it says it is; null where nothing of ours made it. */
  planId: string | null;
  name: string;
  description: string;
  active: boolean;
}

/** A price as Stripe has it, in Stripe's integers and lower-case currency. */
export interface SeenPrice {
  priceRef: string;
  productRef: string;
  /** The price of ours it says it is; null where nothing of ours made it. */
  priceId: string | null;
  /** Null for tiers and for fractions of the smallest unit, which we never make. */
  amount: number | null;
  currency: string;
  /** `month`, `year`, another of Stripe's words, or `once`. */
  interval: string;
  active: boolean;
}

export interface CatalogPage<T> {
  items: T[];
  /** Where the next page begins; null after the last. */
  next: string | null;
}

/** The most Stripe gives in one answer. */
const PAGE = 100;

/** Products and prices: ours made there, and theirs read. */
@Injectable()
export class StripeCatalogGateway {
  constructor(private readonly client: StripeClient) {}

  /**
   * Makes it as ours is. Products carry an id of our choosing, so finding one needs no search and making it twice is
   * refused.
   * @returns its id.
   */
  async putProduct(product: CatalogProduct): Promise<string> {
    const { productId, name, description, active } = product;
    const known = await this.product(productId);
    if (known) {
      const same = known.name === name && (known.description ?? '') === description && known.active === active;
      if (!same) await this.client.call((sdk) => sdk.products.update(productId, { name, description, active }));
      return known.id;
    }
    return this.createProduct(product);
  }

  /** Found, and left as it is, or made. @returns its id. */
  async ensureProduct(product: CatalogProduct): Promise<string> {
    return (await this.product(product.productId))?.id ?? this.createProduct(product);
  }

  /**
   * Found by lookup key, else made. A price of another amount under the key is left to its subscribers, and the key moves
   * to the new one: prices are immutable at Stripe too.
   */
  async ensurePrice(price: CatalogPrice): Promise<string> {
    const { amount, currency } = toStripePrice(price.unit);
    const find = async (): Promise<string | null> => {
      const found = await this.client.call((sdk) => sdk.prices.list({ lookup_keys: [price.lookupKey], limit: 1 }));
      const [known] = found.data;
      const same = known?.unit_amount === amount && known.currency === currency;
      return same && known.recurring?.interval === price.interval ? known.id : null;
    };
    const params = {
      product: price.productRef,
      currency,
      unit_amount: amount,
      recurring: { interval: price.interval },
      lookup_key: price.lookupKey,
      transfer_lookup_key: true,
      metadata: { [METADATA.priceId]: price.priceId },
    };
    const make = (idempotencyKey: string): Promise<{ id: string }> =>
      this.client.call((sdk) => sdk.prices.create(params, { idempotencyKey }));
    return (await find()) ?? made(find, make, `kassa-price-${price.priceId}`);
  }

  /** An inactive price renews those who have it and is sold to nobody else. */
  async setPriceActive(priceRef: string, active: boolean): Promise<void> {
    await this.client.call((sdk) => sdk.prices.update(priceRef, { active }));
  }

  /** Products on sale and not, newest first. @param from `next` of the page before. */
  async products(from?: string): Promise<CatalogPage<SeenProduct>> {
    const answer = await this.client.call((sdk) => sdk.products.list({ limit: PAGE, ...after(from) }));
    return { items: answer.data.map(seenProduct), next: nextOf(answer) };
  }

  /** Prices on sale and not, newest first. @param productRef only this product's. */
  async prices(from?: string, productRef?: string): Promise<CatalogPage<SeenPrice>> {
    const answer = await this.client.call((sdk) =>
      sdk.prices.list({ limit: PAGE, ...after(from), ...(productRef === undefined ? {} : { product: productRef }) }),
    );
    return { items: answer.data.map(seenPrice), next: nextOf(answer) };
  }

  private async product(productId: string): Promise<Stripe.Product | null> {
    try {
      return await this.client.call((sdk) => sdk.products.retrieve(productId));
    } catch (error) {
      if (!isAppError(error) || error.kind !== 'not_found') throw error;
      return null;
    }
  }

  private async createProduct(product: CatalogProduct): Promise<string> {
    const { productId: id, name, description, active, planId } = product;
    // Stripe refuses an empty description of a new product.
    const params = { id, name, active, ...(description && { description }), metadata: { [METADATA.planId]: planId } };
    const find = async (): Promise<string | null> => (await this.product(id))?.id ?? null;
    const make = (idempotencyKey: string): Promise<{ id: string }> =>
      this.client.call((sdk) => sdk.products.create(params, { idempotencyKey }));
    return made(find, make, `kassa-product-${id}`);
  }
}

/**
 * Stripe keeps an answer of 5xx under the key for a day, whether it has acted or not. So it is looked up what has become of
 * it, and where nothing has, it is asked for once more, under a key of its own.
 */
async function made(
  find: () => Promise<string | null>,
  make: (idempotencyKey: string) => Promise<{ id: string }>,
  key: string,
): Promise<string> {
  try {
    return (await make(key)).id;
  } catch (error) {
    if (!isAppError(error) || error.details['replayable'] !== true) throw error;
    return (await find()) ?? (await make(`${key}-${randomUUID()}`)).id;
  }
}

function seenProduct({ id, metadata, name, description, active }: Stripe.Product): SeenProduct {
  return { productRef: id, planId: metadata[METADATA.planId] ?? null, name, description: description ?? '', active };
}

function seenPrice(price: Stripe.Price): SeenPrice {
  const { id, metadata, unit_amount: amount, currency, recurring, active } = price;
  return {
    priceRef: id,
    productRef: refOf(price.product) ?? '',
    priceId: metadata[METADATA.priceId] ?? null,
    amount,
    currency,
    interval: intervalOf(recurring),
    active,
  };
}

function intervalOf(recurring: Stripe.Price.Recurring | null): string {
  if (!recurring) return 'once';
  return recurring.interval_count === 1 ? recurring.interval : `${recurring.interval_count} ${recurring.interval}s`;
}

function after(from: string | undefined): { starting_after?: string } {
  return from === undefined ? {} : { starting_after: from };
}

function nextOf({ has_more: more, data }: Stripe.ApiList<{ id: string }>): string | null {
  return more ? (data.at(-1)?.id ?? null) : null;
}
