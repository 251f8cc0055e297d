import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import { StripeClient } from './stripe-client';
import { refOf } from './stripe-objects';

/** The card that would be charged, as far as it tells one from another. Personal data: never stored or logged as it is. */
export interface ChargedCard {
  /** Equal for one number, whoever has it; null for anything but a card. */
  fingerprint: string | null;
  /** ISO 3166 alpha-2, upper case. */
  country: string | null;
  /** Of the customer's address, else of the card's own. */
  billingCountry: string | null;
}

/** The card a trial will be paid with. */
export interface TrialCard {
  /** False once the trial is over, or was canceled. */
  isTrialing: boolean;
  /** Null while there is no card. */
  fingerprint: string | null;
}

export interface CardQuestion {
  customerRef: string;
  /** The method a request names; null: the one that is charged without a word. */
  methodRef: string | null;
  /** Its own method comes before the customer's. */
  subscriptionRef: string | null;
}

const OWN_METHOD = { expand: ['default_payment_method'] };
const CUSTOMERS_METHOD = { expand: ['invoice_settings.default_payment_method'] };

/** Reads cards to tell whether they were seen before; nothing of them is kept here. */
@Injectable()
export class StripeCardGateway {
  constructor(private readonly client: StripeClient) {}

  /** All null for a method nobody knows: the payment itself will say so. A glance: a Stripe that is slow is not waited for. */
  async charged({ customerRef, methodRef, subscriptionRef }: CardQuestion): Promise<ChargedCard> {
    const [customer, named, subscription] = await Promise.all([
      this.client.glance((sdk, options) => sdk.customers.retrieve(customerRef, CUSTOMERS_METHOD, options)),
      methodRef === null
        ? null
        : unlessUnknown(this.client.glance((sdk, options) => sdk.paymentMethods.retrieve(methodRef, {}, options))),
      methodRef !== null || subscriptionRef === null
        ? null
        : this.client.glance((sdk, options) => sdk.subscriptions.retrieve(subscriptionRef, OWN_METHOD, options)),
    ]);
    const known = customer.deleted ? null : customer;
    const fallback = objectOf(subscription?.default_payment_method) ?? customersMethod(known);
    const method = methodRef === null ? fallback : named;
    return {
      fingerprint: method?.card?.fingerprint ?? null,
      country: upper(method?.card?.country),
      billingCountry: upper(known?.address?.country) ?? upper(method?.billing_details.address?.country),
    };
  }

  /** The card of a method that the customer may pay with; null for another kind, one that nobody knows, or somebody else's. */
  async fingerprintOf(customerRef: string, methodRef: string): Promise<string | null> {
    const method = await unlessUnknown(this.client.call((sdk) => sdk.paymentMethods.retrieve(methodRef)));
    const owner = refOf(method?.customer);
    return owner === null || owner === customerRef ? (method?.card?.fingerprint ?? null) : null;
  }

  async ofTrial(subscriptionRef: string): Promise<TrialCard> {
    const subscription = await this.client.call((sdk) =>
      sdk.subscriptions.retrieve(subscriptionRef, {
        expand: ['default_payment_method', 'customer.invoice_settings.default_payment_method'],
      }),
    );
    const { customer } = subscription;
    const charged =
      objectOf(subscription.default_payment_method) ??
      (typeof customer === 'object' && !customer.deleted ? customersMethod(customer) : null);
    return { isTrialing: subscription.status === 'trialing', fingerprint: charged?.card?.fingerprint ?? null };
  }
}

async function unlessUnknown<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isAppError(error) && error.kind === 'not_found') return null;
    throw error;
  }
}

function customersMethod(customer: Stripe.Customer | null): Stripe.PaymentMethod | null {
  return objectOf(customer?.invoice_settings.default_payment_method);
}

/** Null for an id alone: what was not asked for in full. */
function objectOf(method: string | Stripe.PaymentMethod | null | undefined): Stripe.PaymentMethod | null {
  return typeof method === 'object' ? method : null;
}

function upper(country: string | null | undefined): string | null {
  return country ? country.toUpperCase() : null;
}
