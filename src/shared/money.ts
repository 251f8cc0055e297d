import { unexpected, validation } from './app-error';
import { Currency, decimalsOf, parseCurrency } from './currency';
import { Decimal, Rounding, formatDecimal, multiply, parseDecimal, toScale } from './decimal';

/** An amount in the currency's ISO 4217 minor unit: 1999n EUR is 19.99, 1999n JPY is 1999. */
export interface Money {
  readonly amount: bigint;
  readonly currency: Currency;
}

/** Money as it stands in JSON (api.md: two fields, an integer and a code). */
export interface MoneyJson {
  amount: number;
  currency: Currency;
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export function money(amount: bigint, currency: Currency): Money {
  return { amount, currency };
}

function sameCurrency(a: Money, b: Money): void {
  if (a.currency !== b.currency) {
    throw unexpected('CURRENCY_MISMATCH', 'Amounts of two currencies do not add up', {
      left: a.currency,
      right: b.currency,
    });
  }
}

/** @throws AppError unexpected CURRENCY_MISMATCH */
export function add(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return money(a.amount + b.amount, a.currency);
}

/** @throws AppError unexpected CURRENCY_MISMATCH */
export function subtract(a: Money, b: Money): Money {
  return add(a, negate(b));
}

export function negate(value: Money): Money {
  return money(-value.amount, value.currency);
}

/**
 * A whole number of minor units out of JSON, where every number is a double: one beyond 2^53 has already lost its last digits.
 * @throws AppError validation INVALID_AMOUNT
 */
export function amountFromJson(value: unknown): bigint {
  if (!Number.isSafeInteger(value)) {
    throw validation('INVALID_AMOUNT', 'An amount is a whole number of minor units, at most 2^53 - 1', {
      value: String(value),
    });
  }
  return BigInt(value as number);
}

/**
 * The reverse, exact or not at all.
 * @throws AppError unexpected AMOUNT_TOO_LARGE
 */
export function amountToJson(amount: bigint): number {
  if (amount > SAFE || amount < -SAFE) {
    throw unexpected('AMOUNT_TOO_LARGE', 'The amount does not fit into a JSON number', { amount: String(amount) });
  }
  return Number(amount);
}

/** @throws AppError validation INVALID_AMOUNT, UNKNOWN_CURRENCY */
export function moneyFromJson(value: { amount: unknown; currency: string }): Money {
  return money(amountFromJson(value.amount), parseCurrency(value.currency));
}

/** @throws AppError unexpected AMOUNT_TOO_LARGE */
export function moneyToJson(value: Money): MoneyJson {
  return { amount: amountToJson(value.amount), currency: value.currency };
}

/**
 * From decimal major units ("19.99"), which is also how Wise writes amounts.
 * @param rounding for more decimals than the currency has; the default refuses them.
 * @throws AppError validation INVALID_DECIMAL, INVALID_AMOUNT
 */
export function fromMajorUnits(text: string, currency: Currency, rounding: Rounding = 'exact'): Money {
  const value = parseDecimal(text);
  try {
    return money(toScale(value, decimalsOf(currency), rounding), currency);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const details = { value: text, currency, decimals: decimalsOf(currency) };
    throw validation('INVALID_AMOUNT', `${currency} has ${decimalsOf(currency)} decimals`, details);
  }
}

/** Decimal major units with all the currency's decimals: "19.90", "1999" for JPY. */
export function toMajorUnits(value: Money): `${number}` {
  return formatDecimal({ unscaled: value.amount, scale: decimalsOf(value.currency) });
}

/**
 * From thousandths of the major unit (Apple's `price`: 9990 is 9.99).
 * @param rounding for a fraction of the currency's minor unit.
 */
export function fromMilliunits(milliunits: bigint, currency: Currency, rounding: Rounding): Money {
  return money(toScale({ unscaled: milliunits, scale: 3 }, decimalsOf(currency), rounding), currency);
}

/**
 * Price of a quantity, rounded once at the end.
 * @param unitPrice decimal count of the currency's minor units, as Stripe's `unit_amount_decimal` (0.5 EUR is half a cent).
 */
export function priceOf(unitPrice: Decimal, quantity: Decimal, currency: Currency, rounding: Rounding): Money {
  return money(toScale(multiply(unitPrice, quantity), 0, rounding), currency);
}

/**
 * For people, in their locale, always with the decimals of ISO 4217 (Intl's own differ for some, and would hide money).
 * @param locale BCP 47 tag; a malformed one is a RangeError.
 */
export function formatMoney(value: Money, locale: string): string {
  const digits = decimalsOf(value.currency);
  const options = {
    style: 'currency',
    currency: value.currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  };
  return new Intl.NumberFormat(locale, options as Intl.NumberFormatOptions).format(toMajorUnits(value));
}
