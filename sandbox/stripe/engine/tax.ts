/** A stand-in for Stripe Tax: flat rates per country and state, enough to see tax lines flow through. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { invalidRequest } from './errors';
import { exactShare } from './proration';
import type { CustomerObject } from './wire';
import type { TaxRateObject } from './wire-pricing';

interface Rate {
  readonly percent: number;
  readonly type: Stripe.TaxRate.TaxType;
}

const vat = (percent: number): Rate => ({ percent, type: 'vat' });
const sales = (percent: number): Rate => ({ percent, type: 'sales_tax' });

/** By ISO country; where nothing stands, nothing is collected. */
const byCountry: Readonly<Record<string, Rate>> = {
  AT: vat(20),
  AU: { percent: 10, type: 'gst' },
  BE: vat(21),
  CA: { percent: 5, type: 'gst' },
  CH: vat(8.1),
  DE: vat(19),
  DK: vat(25),
  ES: vat(21),
  FI: vat(25.5),
  FR: vat(20),
  GB: vat(20),
  HU: vat(27),
  IE: vat(23),
  IS: vat(24),
  IT: vat(22),
  JP: { percent: 10, type: 'jct' },
  NL: vat(21),
  NO: vat(25),
  NZ: { percent: 15, type: 'gst' },
  PL: vat(23),
  PT: vat(23),
  SE: vat(25),
  SG: { percent: 9, type: 'gst' },
  UG: vat(18),
};

/** By country and state; comes on top of the country's own. */
const byState: Readonly<Record<string, Rate>> = {
  CABC: { percent: 7, type: 'pst' },
  CAON: { percent: 8, type: 'hst' },
  CAQC: { percent: 9.975, type: 'qst' },
  USCA: sales(8.5),
  USNY: sales(8.875),
  USTX: sales(6.25),
  USWA: sales(9.2),
};

const union = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '));

export interface TaxId {
  readonly type: string;
  readonly value: string;
}

/** What of a customer says how he is taxed. */
export type Taxed = Pick<CustomerObject, 'address' | 'tax_exempt'>;

interface PlaceRate extends Rate {
  readonly id: string;
  readonly country: string;
  readonly state: string | null;
}

/** Where and how a customer is taxed. */
export interface TaxBasis {
  /** What stands at a place; a single zero rate where nothing is collected, none where no place is known. */
  readonly rates: readonly PlaceRate[];
  /** Why no tax is due although there are rates, or null. */
  readonly exempt: 'customer_exempt' | 'reverse_charge' | null;
  readonly known: boolean;
}

function ratesAt(country: string, state: string | null): PlaceRate[] {
  const own = byCountry[country];
  const states = state === null ? undefined : byState[`${country}${state}`];
  const rates: PlaceRate[] = [];
  if (own !== undefined) rates.push({ ...own, id: `txr_sandbox${country}`, country, state: null });
  if (states !== undefined) rates.push({ ...states, id: `txr_sandbox${country}${state ?? ''}`, country, state });
  return rates.length > 0 ? rates : [{ percent: 0, type: 'vat', id: `txr_sandbox${country}`, country, state: null }];
}

/** A business in the Union or Great Britain, buying from abroad, pays the tax itself. */
function reverses(country: string, ids: readonly TaxId[]): boolean {
  return ids.some(({ type }) => (type === 'eu_vat' && union.has(country)) || (type === 'gb_vat' && country === 'GB'));
}

/** Where a country taxes by state, it alone says too little: Stripe needs a state or a postal code as well. */
const byPlace = new Set(['CA', 'US']);

function isRecognized({ country, state, postal_code: postalCode }: Stripe.Address): boolean {
  if (country === null || !/^[A-Z]{2}$/.test(country.toUpperCase())) return false;
  return !byPlace.has(country.toUpperCase()) || state !== null || postalCode !== null;
}

export function taxBasisOf(customer: Taxed, ids: readonly TaxId[]): TaxBasis {
  const { address } = customer;
  if (!address || !isRecognized(address)) return { rates: [], exempt: null, known: false };
  const country = address.country?.toUpperCase() ?? '';
  const state = address.state?.toUpperCase() ?? null;
  const reverse = customer.tax_exempt === 'reverse' || reverses(country, ids);
  return {
    rates: ratesAt(country, state),
    exempt: customer.tax_exempt === 'exempt' ? 'customer_exempt' : reverse ? 'reverse_charge' : null,
    known: true,
  };
}

/** @throws customer_tax_location_invalid where tax shall be computed and nobody knows where */
export function assertTaxLocation(customer: Taxed, enabled: boolean): void {
  if (!enabled || taxBasisOf(customer, []).known) return;
  throw invalidRequest(
    "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
    undefined,
    'customer_tax_location_invalid',
  );
}

/** A customer's `tax`, which Stripe shows only when asked. */
export function taxStanding(customer: Taxed): Stripe.Customer.Tax {
  const { known, rates } = taxBasisOf(customer, []);
  const { country, state } = customer.address ?? {};
  const collected = rates.some(({ percent }) => percent > 0);
  return {
    automatic_tax: !known ? 'unrecognized_location' : collected ? 'supported' : 'not_collecting',
    ip_address: null,
    location: known ? { country: country ?? '', source: 'billing_address', state: state ?? null } : null,
    provider: 'stripe',
  };
}

const PRECISION = 10_000;
const HUNDRED = 100 * PRECISION;
const parts = (percent: number): number => Math.round(percent * PRECISION);

/**
 * The taxes on one line.
 *
 * @param amount after discounts, in the smallest unit; negative for a credit.
 * @param behavior of the price; `unspecified` counts as exclusive, Stripe's default for most currencies.
 * @param step what amounts of the currency are multiples of.
 */
export function taxesOn(
  amount: number,
  basis: TaxBasis,
  behavior: string | null,
  step: number,
): Stripe.InvoiceLineItem.Tax[] {
  const inclusive = behavior === 'inclusive';
  const due = (rate: Rate): boolean => basis.exempt === null && rate.percent > 0;
  const all = basis.rates.filter(due).reduce((sum, rate) => sum + parts(rate.percent), 0);
  const shares = basis.rates.map((rate) =>
    due(rate) ? exactShare(amount, parts(rate.percent), inclusive ? HUNDRED + all : HUNDRED, step) : 0,
  );
  const contained = inclusive ? shares.reduce((sum, share) => sum + share, 0) : 0;
  return basis.rates.map((rate, index) => ({
    amount: shares[index] ?? 0,
    tax_behavior: inclusive ? 'inclusive' : 'exclusive',
    tax_rate_details: { tax_rate: rate.id },
    taxability_reason: basis.exempt ?? (rate.percent > 0 ? 'standard_rated' : 'not_collecting'),
    taxable_amount: due(rate) ? amount - contained : 0,
    type: 'tax_rate_details',
  }));
}

/** The part of an amount that is tax contained in it, whatever its discounts. */
export function containedTax(amount: number, basis: TaxBasis, behavior: string | null, step: number): number {
  if (behavior !== 'inclusive') return 0;
  return taxesOn(amount, basis, behavior, step).reduce((sum, tax) => sum + tax.amount, 0);
}

/** Puts the rates an invoice names where they can be looked up. */
export function keepRates(ctx: SandboxContext, basis: TaxBasis): void {
  for (const rate of basis.rates) {
    if (ctx.store.find('tax_rate', rate.id) === undefined) ctx.create(rateObject(ctx, rate), null);
  }
}

function rateObject(ctx: SandboxContext, rate: PlaceRate): TaxRateObject {
  return {
    id: rate.id,
    object: 'tax_rate',
    active: true,
    country: rate.country,
    created: ctx.now(),
    description: null,
    display_name: rate.type.replace('_', ' ').toUpperCase(),
    effective_percentage: rate.percent,
    flat_amount: null,
    inclusive: false,
    jurisdiction: rate.state ?? rate.country,
    jurisdiction_level: rate.state === null ? 'country' : 'state',
    livemode: false,
    metadata: {},
    percentage: rate.percent,
    rate_type: 'percentage',
    state: rate.state,
    tax_type: rate.type,
  };
}
