import { minorUnitsOf } from './google-money';

it.each([
  ['9.99 dollars', { currencyCode: 'USD', units: '9', nanos: 990_000_000 }, 999],
  ['an amount without cents', { currencyCode: 'USD', units: '29' }, 2_900],
  ['cents only', { currencyCode: 'EUR', nanos: 500_000_000 }, 50],
  ['yen', { currencyCode: 'JPY', units: '1500' }, 1_500],
  ['dinars', { currencyCode: 'KWD', units: '2', nanos: 990_000_000 }, 2_990],
  ['nothing', { currencyCode: 'USD' }, 0],
])('is exact for %s', (_what, money, amount) => {
  expect(minorUnitsOf(money)).toEqual({ amount, currency: money.currencyCode });
});

it.each([
  ['part of a cent', { currencyCode: 'USD', units: '9', nanos: 995_000_000 + 1 }],
  ['part of a yen', { currencyCode: 'JPY', nanos: 500_000_000 }],
  ['less than nothing', { currencyCode: 'USD', units: '-1' }],
  ['no number', { currencyCode: 'USD', units: '9.99' }],
  ['2^53 cents and more', { currencyCode: 'USD', units: '90071992547410' }],
  ['no currency', { units: '9' }],
  ['a currency nobody has', { currencyCode: 'QQQ', units: '9' }],
])('refuses %s', (_what, money) => {
  expect(() => minorUnitsOf(money)).toThrow();
});
