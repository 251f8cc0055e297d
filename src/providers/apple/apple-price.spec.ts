import fc from 'fast-check';
import { minorUnitsOf } from './apple-price';

it.each([
  ['USD', 9_990, 999],
  ['EUR', 0, 0],
  ['JPY', 1_500_000, 1_500],
  ['KRW', 14_000_000, 14_000],
  ['ISK', 499_000, 499],
  ['HUF', 1_990_000, 199_000],
  ['TND', 9_990, 9_990],
  ['KWD', 2_990, 2_990],
  ['usd', 10, 1],
])('%s: %d thousandths are %d minor units', (currency, thousandths, minor) => {
  expect(minorUnitsOf(thousandths, currency)).toBe(minor);
});

it('is exact or refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.constantFrom('USD', 'JPY', 'KWD'), (thousandths, currency) => {
      const unit = { USD: 10, JPY: 1000, KWD: 1 }[currency];
      if (thousandths % unit === 0) expect(minorUnitsOf(thousandths, currency) * unit).toBe(thousandths);
      else expect(() => minorUnitsOf(thousandths, currency)).toThrow('no amount of its currency');
    }),
  );
});

it.each([
  [1, 'USD', 'no amount'],
  [-10, 'USD', 'no amount'],
  [Number.MAX_SAFE_INTEGER, 'KWD', null],
  [10, 'XYZ', 'Not a currency'],
  [10, '', 'Not a currency'],
])('%d %s', (thousandths, currency, problem) => {
  if (problem === null) expect(minorUnitsOf(thousandths, currency)).toBe(thousandths);
  else expect(() => minorUnitsOf(thousandths, currency)).toThrow(problem);
});
