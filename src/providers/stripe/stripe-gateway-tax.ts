import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import { AppConfig } from '../../platform/config';
import { StripeClient } from './stripe-client';
import { METADATA } from './stripe-objects';

/** Where a customer is billed. `country` is ISO 3166-1 alpha-2. */
export interface BillingAddress {
  line1: string | null;
  line2: string | null;
  city: string | null;
  postalCode: string | null;
  state: string | null;
  country: string | null;
}

/** A tax id in Stripe's terms: `eu_vat`, `DE123456789`. */
export interface TaxIdInput {
  type: string;
  value: string;
}

export interface SavedTaxId extends TaxIdInput {
  providerId: string;
  country: string | null;
  /** What the authority said: pending, verified, unverified, unavailable. */
  status: string;
}

/** Whether tax can be computed where the customer is, in Stripe's words. */
export type TaxStanding = 'supported' | 'not_collecting' | 'unrecognized_location' | 'failed';

/** What Stripe knows of a customer for his invoices. Personal data: shown, never stored. */
export interface BillingDetails {
  name: string | null;
  address: BillingAddress;
  taxIds: SavedTaxId[];
  /** Null where automatic tax is off. */
  taxStanding: TaxStanding | null;
}

/** Of who has told nothing yet. */
export const NO_DETAILS: BillingDetails = {
  name: null,
  address: { line1: null, line2: null, city: null, postalCode: null, state: null, country: null },
  taxIds: [],
  taxStanding: null,
};

/** What is left out stays as it is; tax ids are the whole list. */
export interface DetailsChange {
  name: string | undefined;
  address: BillingAddress;
  taxIds: readonly TaxIdInput[] | undefined;
}

/** Billing details of customers, and what turns Stripe Tax on. */
@Injectable()
export class StripeTaxGateway {
  private readonly behavior: 'exclusive' | 'inclusive';
  /** Whether what is sold from now on is taxed by Stripe Tax. */
  readonly automatic: boolean;
  /** Prices that have said how they are taxed: they never change it, so asking once is enough. */
  private readonly settled = new Set<string>();

  constructor(
    private readonly client: StripeClient,
    config: AppConfig,
  ) {
    this.automatic = config.stripe?.tax.automatic ?? false;
    this.behavior = config.stripe?.tax.behavior ?? 'exclusive';
  }

  /**
   * A price from before tax was turned on says nothing about tax; it says so now, and for good. A price that has been
   * settled otherwise stays as it is: Stripe refuses to change it.
   */
  async settleBehavior(priceRef: string): Promise<void> {
    if (!this.automatic || this.settled.has(priceRef)) return;
    const price = await this.client.call((sdk) => sdk.prices.retrieve(priceRef));
    if (price.tax_behavior === 'unspecified') {
      await this.client.call((sdk) => sdk.prices.update(priceRef, { tax_behavior: this.behavior }));
    }
    this.settled.add(priceRef);
  }

  async details(customerRef: string): Promise<BillingDetails> {
    const expand = this.automatic ? ['tax_ids', 'tax'] : ['tax_ids'];
    const customer = await this.client.call((sdk) => sdk.customers.retrieve(customerRef, { expand }));
    if (customer.deleted) return NO_DETAILS;
    return {
      name: customer.name ?? null,
      address: customer.address ? toAddress(customer.address) : NO_DETAILS.address,
      taxIds: (customer.tax_ids?.data ?? []).map(toTaxId),
      taxStanding: (customer.tax?.automatic_tax ?? null) as TaxStanding | null,
    };
  }

  /**
   * Writes a customer's details. New tax ids come first and go again where anything is refused; old ones go last, and the
   * mark after everything else. So a refusal changes nothing, the mark tells a change that was carried out, and one cut
   * off halfway is mended by asking again.
   * @param mark the intent's id, found again by `isMarked`.
   * @throws TAX_ID_INVALID, TAX_ADDRESS_INVALID.
   */
  async change(customerRef: string, wanted: DetailsChange, mark: string, key: string): Promise<void> {
    const known = wanted.taxIds ? (await this.details(customerRef)).taxIds : [];
    const fresh = without(wanted.taxIds ?? [], known);
    const made: string[] = [];
    try {
      for (const [index, taxId] of fresh.entries()) made.push(await this.add(customerRef, taxId, `${key}-${index}`));
      await this.client.call((sdk) => sdk.customers.update(customerRef, paramsOf(wanted, this.automatic)));
    } catch (error) {
      if (isRefusal(error)) await this.remove(customerRef, made);
      throw error;
    }
    const stale = without(known, wanted.taxIds ?? []);
    await this.remove(
      customerRef,
      stale.map(({ providerId }) => providerId),
    );
    if (this.automatic) await this.resume(customerRef);
    await this.client.call((sdk) => sdk.customers.update(customerRef, { metadata: { [METADATA.changeId]: mark } }));
  }

  /** Whether the last change of this customer's details to be carried out to its end was this one. */
  async isMarked(customerRef: string, mark: string): Promise<boolean> {
    const customer = await this.client.call((sdk) => sdk.customers.retrieve(customerRef));
    return !customer.deleted && customer.metadata[METADATA.changeId] === mark;
  }

  /**
   * Whether what a subscription was billed first no longer fits: for another place, other tax ids, or without tax. An
   * invoice keeps what it was finalized with.
   */
  async isOutdated(subscriptionRef: string, customerRef: string): Promise<boolean> {
    if (!this.automatic) return false;
    const [{ address, taxIds }, subscription] = await Promise.all([
      this.details(customerRef),
      this.client.call((sdk) => sdk.subscriptions.retrieve(subscriptionRef, { expand: ['latest_invoice'] })),
    ]);
    const { latest_invoice: invoice, automatic_tax: tax } = subscription;
    if (!tax.enabled) return true;
    if (!invoice || typeof invoice === 'string') return false;
    const billed = toTaxIds(invoice.customer_tax_ids ?? []);
    const moved = !invoice.customer_address || !isDeepStrictEqual(toAddress(invoice.customer_address), address);
    return moved || without(billed, taxIds).length > 0 || without(taxIds, billed).length > 0;
  }

  /** What Stripe has stopped taxing for want of an address is taxed again, now that there is one. */
  private async resume(customerRef: string): Promise<void> {
    const running = await this.client.call((sdk) => sdk.subscriptions.list({ customer: customerRef, limit: 100 }));
    for (const { id, automatic_tax: tax } of running.data) {
      if (tax.disabled_reason !== 'requires_location_inputs') continue;
      await this.client.call((sdk) => sdk.subscriptions.update(id, { automatic_tax: { enabled: true } }));
    }
  }

  private async add(customerRef: string, { type, value }: TaxIdInput, key: string): Promise<string> {
    const params: Stripe.CustomerCreateTaxIdParams = { type, value };
    const made = await this.client.call((sdk) =>
      sdk.customers.createTaxId(customerRef, params, { idempotencyKey: key }),
    );
    return made.id;
  }

  private async remove(customerRef: string, taxIds: readonly string[]): Promise<void> {
    for (const id of taxIds) {
      await this.client
        .call((sdk) => sdk.customers.deleteTaxId(customerRef, id))
        .catch((error: unknown) => {
          if (!isAppError(error) || error.kind !== 'not_found') throw error;
        });
    }
  }
}

function toTaxIds(taxIds: readonly { type: string; value: string | null }[]): TaxIdInput[] {
  return taxIds.map(({ type, value }) => ({ type, value: value ?? '' }));
}

/** Pure: what of a list is not in the other. */
function without<T extends TaxIdInput>(list: readonly T[], others: readonly TaxIdInput[]): T[] {
  return list.filter(({ type, value }) => !others.some((other) => other.type === type && other.value === value));
}

/** Stripe has understood and will not do it. */
function isRefusal(error: unknown): boolean {
  return isAppError(error) && error.kind !== 'provider' && error.kind !== 'unavailable';
}

/** The address is the whole one: an empty text takes a part away. Where tax is on, a place Stripe cannot tax is refused. */
function paramsOf({ name, address }: DetailsChange, automatic: boolean): Stripe.CustomerUpdateParams {
  return {
    ...(name === undefined ? {} : { name }),
    address: {
      line1: address.line1 ?? '',
      line2: address.line2 ?? '',
      city: address.city ?? '',
      postal_code: address.postalCode ?? '',
      state: address.state ?? '',
      country: address.country ?? '',
    },
    ...(automatic ? { tax: { validate_location: 'immediately' } } : {}),
  };
}

function toAddress({ line1, line2, city, postal_code: postalCode, state, country }: Stripe.Address): BillingAddress {
  return { line1, line2, city, postalCode, state, country };
}

function toTaxId({ id: providerId, type, value, country, verification }: Stripe.TaxId): SavedTaxId {
  return { providerId, type, value, country, status: verification?.status ?? 'unavailable' };
}
