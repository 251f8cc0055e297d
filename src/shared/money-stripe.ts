import { provider, validation } from './app-error';
import { Currency, decimalsOf, parseCurrency } from './currency';
import { Decimal, parseDecimal } from './decimal';
import { Money, money } from './money';

// Source of every rule here: docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies", "Special cases".

/** Stripe's amount is the whole unit. MGA is among them although ISO 4217 gives it two decimals. */
const ZERO_DECIMAL = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF';
/** Three decimals, of which the last must be 0. */
const THREE_DECIMAL = 'BHD JOD KWD OMR TND';
/** Without decimals in ISO 4217, yet sent as hundredths with a zero fraction: 5 ISK is 500. */
const WHOLE_AS_HUNDREDTHS = 'ISK UGX';
/** Charged in hundredths, paid out in whole units only. */
const WHOLE_PAYOUTS = 'HUF TWD';

/** What the amount is for: Stripe's rules differ when money leaves. */
export type StripeAmountUse = 'charge' | 'payout';

interface StripeUnit {
  /** Decimals of Stripe's integer. */
  decimals: number;
  /** Stripe's integer must be a multiple of this. */
  step: bigint;
}

function listed(list: string, currency: Currency): boolean {
  return list.split(' ').includes(currency);
}

function stripeUnit(currency: Currency, use: StripeAmountUse): StripeUnit {
  if (listed(ZERO_DECIMAL, currency)) return { decimals: 0, step: 1n };
  if (listed(THREE_DECIMAL, currency)) return { decimals: 3, step: 10n };
  if (listed(WHOLE_AS_HUNDREDTHS, currency)) return { decimals: 2, step: 100n };
  if (decimalsOf(currency) !== 2) {
    throw validation('CURRENCY_NOT_SUPPORTED', 'Stripe does not take this currency', { currency });
  }
  return { decimals: 2, step: use === 'payout' && listed(WHOLE_PAYOUTS, currency) ? 100n : 1n };
}

/** Multiplier and divisor between our minor unit and Stripe's; one of them is always 1. */
function factors(currency: Currency, unit: StripeUnit): { up: bigint; down: bigint } {
  const shift = unit.decimals - decimalsOf(currency);
  return { up: 10n ** BigInt(Math.max(shift, 0)), down: 10n ** BigInt(Math.max(-shift, 0)) };
}

/**
 * The integer Stripe expects, with its lower-case currency. Never rounds: an amount that Stripe cannot carry is refused, because
 * whoever made it has to decide where the fraction goes.
 * @throws AppError validation AMOUNT_NOT_CHARGEABLE, CURRENCY_NOT_SUPPORTED
 */
export function toStripeAmount(value: Money, use: StripeAmountUse = 'charge'): { amount: number; currency: string } {
  const unit = stripeUnit(value.currency, use);
  const { up, down } = factors(value.currency, unit);
  const amount = (value.amount * up) / down;
  if ((value.amount * up) % down !== 0n || amount % unit.step !== 0n || !Number.isSafeInteger(Number(amount))) {
    const details = { amount: String(value.amount), currency: value.currency, use };
    throw validation('AMOUNT_NOT_CHARGEABLE', `Stripe cannot carry this amount of ${value.currency}`, details);
  }
  return { amount: Number(amount), currency: value.currency.toLowerCase() };
}

/**
 * The least amount a request to Stripe can carry, in our minor unit: all it carries are multiples of it.
 * @throws AppError validation CURRENCY_NOT_SUPPORTED
 */
export function stripeStep(currency: Currency): bigint {
  const unit = stripeUnit(currency, 'charge');
  const { up, down } = factors(currency, unit);
  const step = (unit.step * down) / up;
  return step > 1n ? step : 1n;
}

/**
 * Money from Stripe's integer and (lower-case) currency, in our minor unit. Stripe's own results may break its rules for
 * requests (a computed tax of 5.123 KWD), so only what our unit cannot hold is refused.
 * @throws AppError provider STRIPE_AMOUNT_INVALID; validation UNKNOWN_CURRENCY, CURRENCY_NOT_SUPPORTED
 */
export function fromStripeAmount(amount: number, stripeCurrency: string): Money {
  const currency = parseCurrency(stripeCurrency);
  const { up, down } = factors(currency, stripeUnit(currency, 'charge'));
  if (!Number.isSafeInteger(amount) || (BigInt(amount) * down) % up !== 0n) {
    throw provider('STRIPE_AMOUNT_INVALID', 'Stripe reported an amount that the currency cannot hold', {
      amount,
      currency,
    });
  }
  return money((BigInt(amount) * down) / up, currency);
}

/**
 * Stripe's decimal unit price (`unit_amount_decimal`, a string on the wire) as a decimal count of our minor units; exact.
 * @throws AppError validation INVALID_DECIMAL, UNKNOWN_CURRENCY, CURRENCY_NOT_SUPPORTED
 */
export function fromStripeUnitPrice(text: string, stripeCurrency: string): Decimal {
  const currency = parseCurrency(stripeCurrency);
  const shift = decimalsOf(currency) - stripeUnit(currency, 'charge').decimals;
  const value = parseDecimal(text);
  if (shift >= 0) return { unscaled: value.unscaled * 10n ** BigInt(shift), scale: value.scale };
  return { unscaled: value.unscaled, scale: value.scale - shift };
}
