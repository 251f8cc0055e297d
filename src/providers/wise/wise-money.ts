import { business } from '../../shared/app-error';
import { parseCurrency, type Currency } from '../../shared/currency';
import { fromMajorUnits, toMajorUnits, type Money } from '../../shared/money';
import { unreadable } from './wise-errors';

/**
 * A decimal of at most so many significant digits survives the way through a JSON number: to the double and back to the shortest text
 * that reads as it (DBL_DIG of IEEE 754; ECMA-262, Number::toString). One with more may have lost its last digits on the way.
 */
const EXACT_DIGITS = 15;
const EXACT = 10n ** BigInt(EXACT_DIGITS);

const SHORTEST = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** Pure: a JSON number in plain decimal notation, in the fewest digits that read as it. @throws SCHEMA_VALIDATION for what is no number. */
export function plainDecimal(value: unknown): string {
  const match = typeof value === 'number' ? SHORTEST.exec(String(value)) : null;
  if (!match) throw unreadable('number');
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = point > 0 ? digits.padEnd(point, '0') : digits.padStart(digits.length - point + 1, '0');
  const at = Math.max(point, 1);
  const decimals = padded.slice(at);
  return `${sign}${padded.slice(0, at)}${decimals === '' ? '' : `.${decimals}`}`;
}

/**
 * Pure: decimal major units out of Wise's JSON, exactly.
 * @throws SCHEMA_VALIDATION for more digits than a JSON number keeps, and for decimals that the currency does not have.
 */
export function moneyFromWise(value: unknown, currency: Currency): Money {
  const text = plainDecimal(value);
  const digits = text.replace(/^-?0*\.?0*|\./g, '').replace(/0+$/, '');
  if (digits.length > EXACT_DIGITS) throw unreadable('amount', { currency });
  try {
    return fromMajorUnits(text, currency);
  } catch {
    throw unreadable('amount', { currency });
  }
}

/** Pure: `{value, currency}` out of Wise's JSON. @throws as `moneyFromWise`, and for a currency that nobody knows. */
export function amountFromWise({ value, currency }: { value: unknown; currency: string }): Money {
  return moneyFromWise(value, currencyFromWise(currency));
}

/** @throws SCHEMA_VALIDATION for a currency that nobody knows. */
export function currencyFromWise(code: string): Currency {
  try {
    return parseCurrency(code);
  } catch {
    throw unreadable('currency', { currency: code.slice(0, 16) });
  }
}

/**
 * Pure: the same for the way there: the number whose JSON text is this amount in major units.
 * @throws AMOUNT_TOO_LARGE where no JSON number is sure to be.
 */
export function moneyToWise(value: Money): number {
  if (value.amount >= EXACT || value.amount <= -EXACT) {
    const details = { currency: value.currency };
    throw business('AMOUNT_TOO_LARGE', 'The amount does not fit into a JSON number of major units', details);
  }
  return Number(toMajorUnits(value));
}
