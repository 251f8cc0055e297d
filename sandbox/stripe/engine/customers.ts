/** Customers. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { recordBalance } from './customer-balance';
import { integer, invalidRequest } from './errors';
import { mergeMetadata } from './metadata';
import { resolvePaymentMethod } from './payment-methods';
import { assertTaxLocation } from './tax';
import { assertTaxIds, createTaxId } from './tax-ids';
import type { CustomerObject } from './wire';

type AddressInput = Stripe.CustomerCreateParams['address'];

/** Null for a missing or emptied value. */
function textOrNull(value: string | null | undefined): string | null {
  return value === undefined || value === null || value === '' ? null : value;
}

function emailOrNull(value: string): string | null {
  if (value !== '' && !/^[^\s@]+@[^\s@]+$/.test(value)) {
    throw invalidRequest(`Invalid email address: ${value}`, 'email', 'email_invalid');
  }
  return textOrNull(value);
}

/** Stripe's address: every field there, null where nothing is known. */
export function toAddress(input: Exclude<AddressInput, ''> | undefined): Stripe.Address | null {
  if (input === undefined || input === null) return null;
  return {
    city: textOrNull(input.city),
    country: textOrNull(input.country),
    line1: textOrNull(input.line1),
    line2: textOrNull(input.line2),
    postal_code: textOrNull(input.postal_code),
    state: textOrNull(input.state),
  };
}

function apply(ctx: SandboxContext, customer: CustomerObject, params: Stripe.CustomerUpdateParams): void {
  if (params.email !== undefined) customer.email = emailOrNull(params.email);
  if (params.name !== undefined) customer.name = textOrNull(params.name);
  if (params.phone !== undefined) customer.phone = textOrNull(params.phone);
  if (params.description !== undefined) customer.description = textOrNull(params.description);
  if (params.address !== undefined) customer.address = params.address === '' ? null : toAddress(params.address);
  if (params.balance !== undefined) customer.balance = integer(params.balance, 'balance', Number.MIN_SAFE_INTEGER);
  if (params.preferred_locales !== undefined) customer.preferred_locales = params.preferred_locales;
  if (params.tax_exempt !== undefined) {
    customer.tax_exempt = params.tax_exempt === '' ? 'none' : params.tax_exempt;
  }
  const method = params.invoice_settings?.default_payment_method;
  if (method !== undefined) {
    customer.invoice_settings.default_payment_method =
      method === '' ? null : ownPaymentMethod(ctx, customer, method, 'invoice_settings[default_payment_method]');
  }
  customer.metadata = mergeMetadata(customer.metadata, params.metadata);
}

/** A payment method of this customer. @throws resource_missing, or 400 when it belongs to nobody or to another. */
export function ownPaymentMethod(ctx: SandboxContext, customer: CustomerObject, id: string, param: string): string {
  const method = ctx.store.require('payment_method', id, param);
  if (method.customer !== customer.id) {
    throw invalidRequest(
      `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
      param,
      'resource_missing',
    );
  }
  return method.id;
}

export function createCustomer(ctx: SandboxContext, params: Stripe.CustomerCreateParams): CustomerObject {
  const id = ctx.ids.next('cus_');
  const customer: CustomerObject = {
    id,
    object: 'customer',
    address: null,
    balance: 0,
    created: ctx.now(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: ctx.ids.letters(8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
  const { payment_method: reference, invoice_settings: settings, tax_id_data: taxIds = [], ...rest } = params;
  assertTaxIds(taxIds);
  apply(ctx, customer, rest);
  const method =
    reference === undefined ? null : resolvePaymentMethod(ctx, reference, 'payment_method', { saving: true });
  const wanted = settings?.default_payment_method;
  if (wanted !== undefined && wanted !== reference) throw invalidRequest(`No such PaymentMethod: '${wanted}'`);
  if (method !== null && wanted !== undefined) customer.invoice_settings.default_payment_method = method.id;
  ctx.create(customer, 'customer.created');
  if (customer.balance !== 0) {
    recordBalance(ctx, customer, { amount: customer.balance, type: 'initial', currency: customer.currency ?? 'usd' });
  }
  for (const { type, value } of taxIds) createTaxId(ctx, customer, { type, value });
  if (method !== null) {
    method.customer = customer.id;
    ctx.store.link('payment_method', customer.id, method.id);
    ctx.emit('payment_method.attached', method);
  }
  return customer;
}

/** @throws customer_tax_location_invalid for an address that tax cannot be computed for; nothing has changed then */
function assertLocation(customer: CustomerObject, { address }: Stripe.CustomerUpdateParams): void {
  const wanted = address === undefined ? customer.address : address === '' ? null : toAddress(address);
  assertTaxLocation({ address: wanted ?? null, tax_exempt: 'none' }, true);
}

export function updateCustomer(
  ctx: SandboxContext,
  customer: CustomerObject,
  params: Stripe.CustomerUpdateParams,
): CustomerObject {
  const before = customer.balance;
  if (params.tax?.validate_location === 'immediately') assertLocation(customer, params);
  ctx.update(customer, (target) => {
    apply(ctx, target, params);
  });
  const amount = customer.balance - before;
  if (amount !== 0) recordBalance(ctx, customer, { amount, type: 'adjustment', currency: customer.currency ?? 'usd' });
  return customer;
}
