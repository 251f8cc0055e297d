import fc from 'fast-check';
import { CURRENCY_DECIMALS } from './currency-table';
import { Currency } from './currency';
import { formatDecimal } from './decimal';
import { money } from './money';
import { StripeAmountUse, fromStripeAmount, fromStripeUnitPrice, toStripeAmount } from './money-stripe';

const currencies = Object.keys(CURRENCY_DECIMALS) as Currency[];
const refused = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('amounts at Stripe', () => {
  it.each<[bigint, Currency, number]>([
    [1000n, 'USD', 1000],
    [500n, 'JPY', 500],
    [5120n, 'KWD', 5120],
    [5n, 'ISK', 500],
    [5n, 'UGX', 500],
    [300n, 'MGA', 3],
    [1045n, 'HUF', 1045],
    [-700n, 'EUR', -700],
  ])('%p %s is Stripe’s %i', (amount, currency, expected) => {
    expect(toStripeAmount(money(amount, currency))).toEqual({ amount: expected, currency: currency.toLowerCase() });
    expect(fromStripeAmount(expected, currency.toLowerCase())).toEqual(money(amount, currency));
  });

  it.each<[bigint, Currency, StripeAmountUse, string]>([
    [5124n, 'KWD', 'charge', 'AMOUNT_NOT_CHARGEABLE'],
    [5124n, 'TND', 'payout', 'AMOUNT_NOT_CHARGEABLE'],
    [301n, 'MGA', 'charge', 'AMOUNT_NOT_CHARGEABLE'],
    [1045n, 'HUF', 'payout', 'AMOUNT_NOT_CHARGEABLE'],
    [1045n, 'TWD', 'payout', 'AMOUNT_NOT_CHARGEABLE'],
    [2n ** 53n, 'EUR', 'charge', 'AMOUNT_NOT_CHARGEABLE'],
    [2n ** 53n, 'ISK', 'charge', 'AMOUNT_NOT_CHARGEABLE'],
    [1000n, 'IQD', 'charge', 'CURRENCY_NOT_SUPPORTED'],
    [1000n, 'CLF', 'charge', 'CURRENCY_NOT_SUPPORTED'],
    [1000n, 'UYI', 'charge', 'CURRENCY_NOT_SUPPORTED'],
  ])('refuses %p %s as a %s: %s', (amount, currency, use, code) => {
    expect(() => toStripeAmount(money(amount, currency), use)).toThrow(refused(code));
  });

  it('pays out whole forints and whole Taiwan dollars', () => {
    expect(toStripeAmount(money(1000n, 'HUF'), 'payout').amount).toBe(1000);
    expect(toStripeAmount(money(100n, 'TWD'), 'payout').amount).toBe(100);
    expect(toStripeAmount(money(1n, 'EUR'), 'payout').amount).toBe(1);
  });

  it('takes from Stripe what our unit holds and refuses the rest', () => {
    expect(fromStripeAmount(5123, 'kwd')).toEqual(money(5123n, 'KWD'));
    expect(() => fromStripeAmount(550, 'isk')).toThrow(refused('STRIPE_AMOUNT_INVALID'));
    expect(() => fromStripeAmount(1.5, 'eur')).toThrow(refused('STRIPE_AMOUNT_INVALID'));
    expect(() => fromStripeAmount(2 ** 53, 'eur')).toThrow(refused('STRIPE_AMOUNT_INVALID'));
    expect(() => fromStripeAmount(1, 'doge')).toThrow(refused('UNKNOWN_CURRENCY'));
  });

  it('returns from Stripe what went there, and never another amount', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom(...currencies), (amount, currency) => {
        const value = money(BigInt(amount), currency);
        let sent: { amount: number; currency: string };
        try {
          sent = toStripeAmount(value);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'validation' });
          return;
        }
        expect(fromStripeAmount(sent.amount, sent.currency)).toEqual(value);
      }),
    );
  });
});

describe('unit prices at Stripe', () => {
  it.each([
    ['0.05', 'usd', '0.05'],
    ['1999', 'eur', '1999'],
    ['3.5', 'mga', '350.0'],
    ['550', 'isk', '5.50'],
    ['12', 'jpy', '12'],
  ])('%s %s is %s of our units', (text, currency, expected) => {
    expect(formatDecimal(fromStripeUnitPrice(text, currency))).toBe(expected);
  });

  it('refuses what is no number', () => {
    expect(() => fromStripeUnitPrice('1e3', 'usd')).toThrow(refused('INVALID_DECIMAL'));
  });
});
