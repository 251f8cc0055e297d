import { validation } from '../../shared/app-error';
import { decimalsOf, parseCurrency } from '../../shared/currency';

/**
 * Apple's price in minor units, exactly: it writes thousandths of the major unit in every currency (9990 is 9.99 dollars,
 * 1500000 is 1500 yen, 2990 is 2.990 dinars; developer.apple.com/documentation/appstoreserverapi/price).
 * @param thousandths of all pieces together: it reflects the quantity (…/storekit/transaction/price).
 * @throws UNKNOWN_CURRENCY, and SCHEMA_VALIDATION for what no minor units make up.
 */
export function minorUnitsOf(thousandths: number, currency: string): number {
  const scale = 10 ** decimalsOf(parseCurrency(currency));
  const scaled = BigInt(thousandths) * BigInt(scale);
  const amount = scaled / 1000n;
  if (amount * 1000n !== scaled || amount < 0n || amount > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw validation('SCHEMA_VALIDATION', 'The price is no amount of its currency', { thousandths, currency });
  }
  return Number(amount);
}
