import { validation } from './app-error';

/**
 * Where a result that does not fit goes. Every division names one.
 * - half-even: to the nearest, a tie to the even neighbour (sums of many roundings stay unbiased)
 * - half-up: to the nearest, a tie away from zero (what most invoices and Stripe do)
 * - floor: towards minus infinity; ceil: towards plus infinity; trunc: towards zero
 * - exact: nowhere; a remainder is an error
 */
export type Rounding = 'half-even' | 'half-up' | 'floor' | 'ceil' | 'trunc' | 'exact';

/** The number `unscaled / 10^scale`; exact, for unit prices and rates (never for amounts, which are whole minor units). */
export interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

const FORM = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/;

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Whether the truncated quotient has to move one step away from zero. `twice` and `size` are twice the remainder and the divisor. */
function movesAway(
  rounding: Exclude<Rounding, 'exact'>,
  quotient: bigint,
  negative: boolean,
  twice: bigint,
  size: bigint,
) {
  switch (rounding) {
    case 'half-even':
      return twice > size || (twice === size && quotient % 2n !== 0n);
    case 'half-up':
      return twice >= size;
    case 'floor':
      return negative;
    case 'ceil':
      return !negative;
    case 'trunc':
      return false;
  }
}

/**
 * `numerator / denominator`, rounded as named.
 * @throws RangeError on division by zero, and on a remainder when the rounding is `exact`.
 */
export function divide(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n) return quotient;
  if (rounding === 'exact') throw new RangeError(`${String(numerator)} / ${String(denominator)} leaves a remainder`);
  const negative = numerator < 0n !== denominator < 0n;
  const away = movesAway(rounding, quotient, negative, 2n * absolute(remainder), absolute(denominator));
  if (!away) return quotient;
  return negative ? quotient - 1n : quotient + 1n;
}

/**
 * From plain decimal notation such as `12`, `-0.5` or `0.000001` (Stripe's `unit_amount_decimal`, a database numeric). No
 * exponent, no grouping, no plus sign.
 * @throws AppError validation INVALID_DECIMAL
 */
export function parseDecimal(text: string): Decimal {
  const match = FORM.exec(text);
  if (!match) throw validation('INVALID_DECIMAL', 'Not a plain decimal number', { value: text.slice(0, 64) });
  const fraction = match[3] ?? '';
  const size = BigInt(`${match[2] ?? ''}${fraction}`);
  return { unscaled: match[1] === '-' ? -size : size, scale: fraction.length };
}

/** Plain decimal notation with exactly `scale` decimals; `parseDecimal` reads it back unchanged. */
export function formatDecimal(value: Decimal): `${number}` {
  const digits = absolute(value.unscaled)
    .toString()
    .padStart(value.scale + 1, '0');
  const whole = digits.slice(0, digits.length - value.scale);
  const text = value.scale === 0 ? whole : `${whole}.${digits.slice(-value.scale)}`;
  return (value.unscaled < 0n ? `-${text}` : text) as `${number}`;
}

/** Exact product. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return { unscaled: a.unscaled * b.unscaled, scale: a.scale + b.scale };
}

/**
 * The value counted in units of `10^-scale`: `toScale(12.345, 2, 'half-even')` is 1234n. A negative scale counts tens, hundreds, ...
 * @throws RangeError when the rounding is `exact` and the value has more decimals.
 */
export function toScale(value: Decimal, scale: number, rounding: Rounding): bigint {
  const shift = scale - value.scale;
  if (shift >= 0) return value.unscaled * 10n ** BigInt(shift);
  return divide(value.unscaled, 10n ** BigInt(-shift), rounding);
}
