import type { Currency } from '../../shared/currency';
import { money } from '../../shared/money';
import { toStripePrice } from './stripe-price';

describe('a price at Stripe', () => {
  it.each<[bigint, Currency, number]>([
    [2_900n, 'USD', 2_900],
    [0n, 'USD', 0],
    [980n, 'JPY', 980],
    [9_990n, 'KWD', 9_990],
    [299_000n, 'HUF', 299_000],
    [1_490n, 'ISK', 149_000],
  ])('%p %s is %i', (amount, currency, expected) => {
    expect(toStripePrice(money(amount, currency))).toEqual({ amount: expected, currency: currency.toLowerCase() });
  });

  it.each<[bigint, Currency, string]>([
    [9_995n, 'KWD', 'AMOUNT_NOT_CHARGEABLE'],
    [2n ** 53n, 'EUR', 'AMOUNT_NOT_CHARGEABLE'],
    [100n, 'IRR', 'CURRENCY_NOT_SUPPORTED'],
    [100n, 'IQD', 'CURRENCY_NOT_SUPPORTED'],
    [100n, 'KPW', 'CURRENCY_NOT_SUPPORTED'],
  ])('%p %s is refused: %s', (amount, currency, code) => {
    expect(() => toStripePrice(money(amount, currency))).toThrow(expect.objectContaining({ code }) as Error);
  });
});
