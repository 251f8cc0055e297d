import fc from 'fast-check';
import { CURRENCY_DECIMALS } from './currency-table';
import { Currency } from './currency';
import { parseDecimal } from './decimal';
import {
  add,
  amountFromJson,
  amountToJson,
  formatMoney,
  fromMajorUnits,
  fromMilliunits,
  money,
  moneyFromJson,
  moneyToJson,
  negate,
  priceOf,
  subtract,
  toMajorUnits,
} from './money';

const currencies = fc.constantFrom(...(Object.keys(CURRENCY_DECIMALS) as Currency[]));
const amounts = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
const refused = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('arithmetic', () => {
  it('adds, subtracts and negates within a currency', () => {
    fc.assert(
      fc.property(amounts, amounts, currencies, (a, b, currency) => {
        const left = money(a, currency);
        const right = money(b, currency);
        expect(add(left, right)).toEqual(money(a + b, currency));
        expect(subtract(left, right)).toEqual(add(left, negate(right)));
        expect(subtract(left, left).amount).toBe(0n);
      }),
    );
  });

  it('refuses two currencies', () => {
    expect(() => add(money(1n, 'EUR'), money(1n, 'USD'))).toThrow(refused('CURRENCY_MISMATCH'));
    expect(() => subtract(money(0n, 'EUR'), money(0n, 'USD'))).toThrow(refused('CURRENCY_MISMATCH'));
  });
});

describe('JSON', () => {
  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), '100', null, undefined, {}, 10n, true])(
    'refuses the amount %p',
    (value) => {
      expect(() => amountFromJson(value)).toThrow(refused('INVALID_AMOUNT'));
    },
  );

  it('never writes an amount that a double would change', () => {
    const largest = BigInt(Number.MAX_SAFE_INTEGER);
    expect(amountToJson(largest)).toBe(Number.MAX_SAFE_INTEGER);
    expect(amountToJson(-largest)).toBe(-Number.MAX_SAFE_INTEGER);
    for (const amount of [largest + 1n, -largest - 1n]) {
      expect(() => amountToJson(amount)).toThrow(refused('AMOUNT_TOO_LARGE'));
    }
  });

  it('survives the round trip through text', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), currencies, (amount, currency) => {
        const value = money(BigInt(amount), currency);
        expect(
          moneyFromJson(JSON.parse(JSON.stringify(moneyToJson(value))) as { amount: unknown; currency: string }),
        ).toEqual(value);
      }),
    );
    expect(moneyFromJson({ amount: 5, currency: 'eur' })).toEqual(money(5n, 'EUR'));
  });
});

describe('major units', () => {
  it.each<[string, Currency, bigint]>([
    ['19.99', 'EUR', 1999n],
    ['19.9', 'EUR', 1990n],
    ['-0.01', 'USD', -1n],
    ['1999', 'JPY', 1999n],
    ['1.234', 'KWD', 1234n],
    ['10.00', 'JPY', 10n],
  ])('%s %s is %p', (text, currency, amount) => {
    expect(fromMajorUnits(text, currency)).toEqual(money(amount, currency));
  });

  it('refuses a fraction of the minor unit unless told how to round', () => {
    expect(() => fromMajorUnits('1.005', 'EUR')).toThrow(refused('INVALID_AMOUNT'));
    expect(() => fromMajorUnits('1.5', 'JPY')).toThrow(refused('INVALID_AMOUNT'));
    expect(() => fromMajorUnits('ten', 'EUR')).toThrow(refused('INVALID_DECIMAL'));
    expect(fromMajorUnits('1.005', 'EUR', 'half-even').amount).toBe(100n);
    expect(fromMajorUnits('1.005', 'EUR', 'half-up').amount).toBe(101n);
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(amounts, currencies, (amount, currency) => {
        const value = money(amount, currency);
        expect(fromMajorUnits(toMajorUnits(value), currency)).toEqual(value);
      }),
    );
  });
});

describe('prices', () => {
  it('reads thousandths', () => {
    expect(fromMilliunits(9990n, 'EUR', 'exact')).toEqual(money(999n, 'EUR'));
    expect(fromMilliunits(1200000n, 'JPY', 'exact')).toEqual(money(1200n, 'JPY'));
    expect(fromMilliunits(1234n, 'KWD', 'exact')).toEqual(money(1234n, 'KWD'));
    expect(fromMilliunits(1005n, 'EUR', 'half-even').amount).toBe(100n);
  });

  it('rounds the quantity times the unit price once', () => {
    // A third of a cent each: rounded per unit it would be nothing.
    expect(priceOf(parseDecimal('0.333'), parseDecimal('1000'), 'EUR', 'half-up').amount).toBe(333n);
    expect(priceOf(parseDecimal('999'), parseDecimal('2.5'), 'EUR', 'half-even').amount).toBe(2498n);
  });
});

describe('formatMoney', () => {
  it.each<[bigint, Currency, string, string]>([
    [123456n, 'EUR', 'en', '€1,234.56'],
    [-500n, 'USD', 'en', '-$5.00'],
    [1999n, 'JPY', 'en', '¥1,999'],
    [1234n, 'KWD', 'en', 'KWD\u00a01.234'],
    // Intl alone would show whole forints.
    [1050n, 'HUF', 'en', 'HUF\u00a010.50'],
    [123456n, 'EUR', 'de', '1.234,56\u00a0€'],
    [9007199254740993n, 'EUR', 'en', '€90,071,992,547,409.93'],
  ])('%p %s in %s', (amount, currency, locale, expected) => {
    expect(formatMoney(money(amount, currency), locale)).toBe(expected);
  });
});
