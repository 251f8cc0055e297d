/** How Stripe counts money (https://docs.stripe.com/currencies): decimals, smallest steps and minimum charges. */
import { invalidRequest } from './errors';

const zeroDecimal = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const threeDecimal = new Set('bhd jod kwd omr tnd'.split(' '));
/** Without decimals in the world, with two on Stripe's wire for old times' sake; these are always 00. */
const wholeUnits = new Set(['isk', 'ugx']);

const twoDecimal = (
  'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc ' +
  'cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd ' +
  'kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr ' +
  'pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst xcd ' +
  'yer zar zmw'
).split(' ');

const supported = new Set([...twoDecimal, ...zeroDecimal, ...threeDecimal]);

/** In the smallest unit; currencies Stripe names no amount for stand at what half a dollar is, roughly. */
const minimumCharges: Readonly<Record<string, number>> = {
  aed: 200,
  bhd: 190,
  czk: 1_500,
  dkk: 250,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  isk: 7_000,
  jod: 360,
  krw: 700,
  kwd: 160,
  mxn: 1_000,
  myr: 200,
  nok: 300,
  omr: 200,
  pln: 200,
  ron: 200,
  sek: 300,
  thb: 1_000,
  tnd: 1_560,
  ugx: 185_000,
};
const USUAL_MINIMUM = 50;
const LARGEST_CHARGE = 99_999_999;

/** Digits after the point in Stripe's amounts: 0, 2 or 3. */
export function decimalsOf(currency: string): 0 | 2 | 3 {
  if (zeroDecimal.has(currency)) return 0;
  return threeDecimal.has(currency) ? 3 : 2;
}

/** What every amount of a currency is a multiple of: 10 with three decimals, 100 where there are no cents, else 1. */
export function stepOf(currency: string): number {
  if (threeDecimal.has(currency)) return 10;
  return wholeUnits.has(currency) ? 100 : 1;
}

/** Smaller amounts cannot be charged; on an invoice they move to the customer's balance. */
export function minimumChargeOf(currency: string): number {
  return minimumCharges[currency] ?? USUAL_MINIMUM;
}

/** An amount as people read it, for instance `$9.99`. */
export function formatMoney(amount: number, currency: string): string {
  const digits = wholeUnits.has(currency) ? 0 : decimalsOf(currency);
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** decimalsOf(currency));
}

/** Lower case. @throws 400 for a currency that does not exist */
export function currencyOf(input: string, param = 'currency'): string {
  const currency = input.toLowerCase();
  if (!supported.has(currency)) {
    throw invalidRequest(
      `Invalid currency: ${input.slice(0, 20)}. Stripe currently supports these currencies: ${[...supported].join(', ')}`,
      param,
    );
  }
  return currency;
}

/** @throws 400 for an amount with a fraction its currency does not have */
export function assertStep(amount: number, currency: string, param: string): void {
  const step = stepOf(currency);
  if (amount % step === 0) return;
  throw invalidRequest(
    `Invalid ${param}: amounts in ${currency} must be evenly divisible by ${step}.`,
    param,
    'invalid_charge_amount',
  );
}

/** @throws 400 `amount_too_small`, `amount_too_large`, or for a fraction that cannot be charged */
export function assertChargeable(amount: number, currency: string): void {
  const least = minimumChargeOf(currency);
  if (amount < least) {
    const text = `Amount must be at least ${formatMoney(least, currency)} ${currency}`;
    throw invalidRequest(text, 'amount', 'amount_too_small');
  }
  if (amount > LARGEST_CHARGE) {
    const text = `Amount must be no more than ${formatMoney(LARGEST_CHARGE, currency)}`;
    throw invalidRequest(text, 'amount', 'amount_too_large');
  }
  assertStep(amount, currency, 'amount');
}
