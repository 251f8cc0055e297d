/** Tax ids of customers. Stripe checks some with the authorities; the sandbox takes every well-formed one for good. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { invalidRequest, resourceMissing } from './errors';
import type { TaxId } from './tax';
import type { CustomerObject } from './wire';
import type { TaxIdObject } from './wire-pricing';

/** What ids look like, for the kinds that are met most; others only have to be short text. */
const patterns: Readonly<Record<string, RegExp>> = {
  au_abn: /^\d{11}$/,
  ca_gst_hst: /^\d{9}RT\d{4}$/,
  ch_vat: /^CHE[-.]?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)?$/,
  eu_vat: /^[A-Z]{2}[0-9A-Z]{2,12}$/,
  gb_vat: /^GB(\d{9}|\d{12})$/,
  us_ein: /^\d{2}-?\d{7}$/,
};
const anyId = /^[\w./ -]{2,40}$/;

const countries: Readonly<Record<string, string>> = {
  au_abn: 'AU',
  ca_gst_hst: 'CA',
  ch_vat: 'CH',
  gb_vat: 'GB',
  us_ein: 'US',
};
const MOST_IDS = 5;

function assertWellFormed(type: string, value: string): void {
  if ((patterns[type] ?? anyId).test(value)) return;
  throw invalidRequest(`Invalid value for ${type}.`, 'value', 'tax_id_invalid');
}

export function taxIdsOf(ctx: SandboxContext, customer: string): TaxIdObject[] {
  return ctx.store.linked('tax_id', customer);
}

export function createTaxId(ctx: SandboxContext, customer: CustomerObject, input: TaxId): TaxIdObject {
  assertWellFormed(input.type, input.value);
  const known = taxIdsOf(ctx, customer.id);
  if (known.length >= MOST_IDS) throw invalidRequest(`A customer can have at most ${MOST_IDS} tax IDs.`, 'type');
  const country = input.type === 'eu_vat' ? input.value.slice(0, 2) : (countries[input.type] ?? null);
  const taxId: TaxIdObject = {
    id: ctx.ids.next('txi_'),
    object: 'tax_id',
    country: country === 'EL' ? 'GR' : country,
    created: ctx.now(),
    customer: customer.id,
    customer_account: null,
    livemode: false,
    owner: { customer: customer.id, customer_account: null, type: 'customer' },
    type: input.type,
    value: input.value,
    verification: { status: 'verified', verified_address: null, verified_name: customer.name ?? null },
  };
  ctx.store.link('tax_id', customer.id, taxId.id);
  return ctx.create(taxId, 'customer.tax_id.created');
}

/** A tax id of this customer; another's is as good as none. @throws resource_missing */
export function ownTaxId(ctx: SandboxContext, customer: string, id: string): TaxIdObject {
  const found = taxIdsOf(ctx, customer).find((taxId) => taxId.id === id);
  if (found === undefined) throw resourceMissing('tax_id', id);
  return found;
}

export function deleteTaxId(ctx: SandboxContext, taxId: TaxIdObject): object {
  const stub = ctx.store.remove(taxId);
  ctx.emit('customer.tax_id.deleted', taxId);
  return stub;
}

/** The ids a request gives a new customer, each checked before the customer exists. */
export function assertTaxIds(input: readonly Stripe.CustomerCreateParams.TaxIdDatum[]): void {
  for (const { type, value } of input) assertWellFormed(type, value);
}
