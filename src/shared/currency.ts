import { validation } from './app-error';
import { CURRENCY_DECIMALS } from './currency-table';

/** An upper-case ISO 4217 code that the table knows. */
export type Currency = keyof typeof CURRENCY_DECIMALS;

export function isCurrency(value: unknown): value is Currency {
  return typeof value === 'string' && Object.hasOwn(CURRENCY_DECIMALS, value);
}

/**
 * Upper-case code from a caller's or a provider's spelling; lower case is accepted (api.md, and Stripe writes it so).
 * @throws AppError validation UNKNOWN_CURRENCY
 */
export function parseCurrency(value: string): Currency {
  const code = value.toUpperCase();
  if (!isCurrency(code)) {
    throw validation('UNKNOWN_CURRENCY', 'Not a currency of ISO 4217', { currency: value.slice(0, 16) });
  }
  return code;
}

/** How many decimals the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD. */
export function decimalsOf(currency: Currency): number {
  return CURRENCY_DECIMALS[currency];
}
