import { validation } from '../../shared/app-error';
import type { Money } from '../../shared/money';
import { toStripeAmount } from '../../shared/money-stripe';

/** What customers can be charged in. Source: docs.stripe.com/currencies, "Supported presentment currencies". */
const CURRENCIES = new Set(
  (
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP ' +
    'CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD ' +
    'JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN ' +
    'NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS ' +
    'TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW'
  ).split(' '),
);

/**
 * The integer and the lower-case currency of a price, as Stripe takes them.
 * @throws validation CURRENCY_NOT_SUPPORTED, AMOUNT_NOT_CHARGEABLE (KWD that does not end in 0).
 */
export function toStripePrice(unit: Money): { amount: number; currency: string } {
  if (!CURRENCIES.has(unit.currency)) {
    throw validation('CURRENCY_NOT_SUPPORTED', 'Stripe does not take this currency', { currency: unit.currency });
  }
  return toStripeAmount(unit);
}
