import fc from 'fast-check';
import type { Currency } from '../../shared/currency';
import { money } from '../../shared/money';
import { moneyFromWise, moneyToWise, plainDecimal } from './wise-money';

const EXPONENTS: readonly Currency[] = ['JPY', 'EUR', 'KWD'];

describe('an amount of Wise', () => {
  it.each<[string, string, Currency, bigint]>([
    ['cents', '310.86', 'EUR', 31_086n],
    ['what doubles cannot hold', '0.1', 'USD', 10n],
    ['what comes of 1.005 * 100 as 100.49', '1.005', 'KWD', 1_005n],
    ['no cents', '100', 'EUR', 10_000n],
    ['cents written longer', '100.50', 'EUR', 10_050n],
    ['yen', '129', 'JPY', 129n],
    ['yen with a zero fraction', '129.0', 'JPY', 129n],
    ['dinars', '2.990', 'KWD', 2_990n],
    ['an exponent', '1.2e3', 'EUR', 120_000n],
    ['less than nothing', '-7.76', 'EUR', -776n],
    ['nothing', '0', 'EUR', 0n],
    ['15 digits', '9999999999999.99', 'EUR', 999_999_999_999_999n],
  ])('is exact for %s', (_what, json, currency, amount) => {
    expect(moneyFromWise(JSON.parse(json), currency)).toEqual(money(amount, currency));
  });

  it.each<[string, unknown, Currency]>([
    ['part of a cent', 9.995, 'EUR'],
    ['part of a yen', 0.5, 'JPY'],
    ['what was reckoned with doubles', 0.1 + 0.2, 'EUR'],
    ['16 digits', JSON.parse('99999999999999.99'), 'EUR'],
    ['2^53', 2 ** 53, 'JPY'],
    ['text', '9.99', 'EUR'],
    ['nothing at all', null, 'EUR'],
    ['no number', Number.NaN, 'EUR'],
    ['no end', Number.POSITIVE_INFINITY, 'EUR'],
  ])('is refused for %s', (_what, value, currency) => {
    expect(() => moneyFromWise(value, currency)).toThrow(
      expect.objectContaining({ code: 'SCHEMA_VALIDATION' }) as Error,
    );
  });

  it('comes back from JSON as it went, up to 15 digits, with 0, 2 and 3 decimals', () => {
    const most = 10n ** 15n - 1n;
    fc.assert(
      fc.property(fc.bigInt({ min: -most, max: most }), fc.constantFrom(...EXPONENTS), (amount, currency) => {
        const json = JSON.stringify({ value: moneyToWise(money(amount, currency)) });
        expect(json).toMatch(/^\{"value":-?\d+(\.\d+)?\}$/);
        const { value } = JSON.parse(json) as { value: number };
        expect(moneyFromWise(value, currency).amount).toBe(amount);
      }),
    );
  });

  it('is read from any text of at most 15 digits as that text says', () => {
    const digits = fc.integer({ min: 0, max: 999_999_999_999 });
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 999 }), (whole, fraction) => {
        const text = `${whole}.${String(fraction).padStart(3, '0')}`;
        expect(moneyFromWise(JSON.parse(text), 'KWD').amount).toBe(BigInt(whole) * 1_000n + BigInt(fraction));
      }),
    );
  });

  it.each([10n ** 15n, -(10n ** 15n)])('is not sent where the number may be another one (%s)', (amount) => {
    expect(() => moneyToWise(money(amount, 'EUR'))).toThrow(
      expect.objectContaining({ code: 'AMOUNT_TOO_LARGE' }) as Error,
    );
  });
});

describe('a rate of Wise', () => {
  it.each([
    [1.30445, '1.30445'],
    [0.0000007, '0.0000007'],
    [1.25e-7, '0.000000125'],
    [1e21, '1000000000000000000000'],
    [1.5e22, '15000000000000000000000'],
    [-1.5e-8, '-0.000000015'],
    [1, '1'],
    [157.123456789, '157.123456789'],
  ])('%s is %s', (value, text) => {
    expect(plainDecimal(value)).toBe(text);
  });

  it('is the number again', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (value) => {
        const text = plainDecimal(value);
        expect(text).toMatch(/^\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value);
      }),
    );
  });
});
