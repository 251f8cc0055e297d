import { validation } from '../../shared/app-error';
import { decimalsOf, parseCurrency } from '../../shared/currency';
import type { GoogleMoney } from './google-client';

const NANOS = 1_000_000_000n;

/**
 * Google's money in minor units, exactly: whole units as text, and nanos of one
 * (developers.google.com/android-publisher/api-ref/rest/v3/Money). Absent members are zero.
 * @throws UNKNOWN_CURRENCY, and SCHEMA_VALIDATION for what is less than nothing, or no minor units make up.
 */
export function minorUnitsOf({ currencyCode, units, nanos }: GoogleMoney): { amount: number; currency: string } {
  const currency = parseCurrency(currencyCode ?? '');
  const whole = /^-?\d{1,18}$/.test(units ?? '0') ? BigInt(units ?? '0') : null;
  const part = Number.isSafeInteger(nanos ?? 0) ? BigInt(nanos ?? 0) : null;
  const scaled = whole === null || part === null ? -1n : (whole * NANOS + part) * 10n ** BigInt(decimalsOf(currency));
  const amount = scaled / NANOS;
  if (scaled < 0n || amount * NANOS !== scaled || amount > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw validation('SCHEMA_VALIDATION', 'The price is no amount of its currency', { currency, units, nanos });
  }
  return { amount: Number(amount), currency };
}
