import fc from 'fast-check';
import { CURRENCY_DECIMALS } from './currency-table';
import { Currency, decimalsOf, isCurrency, parseCurrency } from './currency';

const all = Object.keys(CURRENCY_DECIMALS) as Currency[];
const refused = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('currencies', () => {
  it('has all of ISO 4217 list one with a minor unit, and the two withdrawn last', () => {
    expect(all).toHaveLength(167);
    for (const code of all) expect(code).toMatch(/^[A-Z]{3}$/);
  });

  it.each([
    [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
    [3, 'BHD IQD JOD KWD LYD OMR TND'],
    [4, 'CLF UYW'],
  ])('with %i decimals are exactly %s', (decimals, codes) => {
    expect(all.filter((code) => decimalsOf(code) === decimals).join(' ')).toBe(codes);
  });

  it.each(['CUC', 'HRK', 'SLL', 'ZWL', 'XDR', 'XAU', 'XTS', 'XXX'])(
    'does not take %s: withdrawn or no money',
    (code) => {
      expect(isCurrency(code)).toBe(false);
    },
  );

  it('accepts lower case and answers upper case', () => {
    expect(parseCurrency('eur')).toBe('EUR');
    expect(parseCurrency('Usd')).toBe('USD');
  });

  it.each(['', 'EU', 'EURO', 'XAU', 'XTS', 'toString', '__proto__', 'constructor', 'ß', ' EUR'])(
    'refuses %p',
    (text) => {
      expect(isCurrency(text)).toBe(false);
      expect(() => parseCurrency(text)).toThrow(refused('UNKNOWN_CURRENCY'));
    },
  );

  it('answers any text with a currency or a clear refusal', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (isCurrency(text.toUpperCase())) expect(isCurrency(parseCurrency(text))).toBe(true);
        else expect(() => parseCurrency(text)).toThrow(refused('UNKNOWN_CURRENCY'));
      }),
    );
  });
});
