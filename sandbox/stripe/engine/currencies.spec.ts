import { assertChargeable, assertStep, currencyOf, formatMoney, minimumChargeOf, stepOf } from './currencies';

describe('currencies', () => {
  it.each([
    [999, 'usd', '$9.99'],
    [1200, 'jpy', '¥1,200'],
    [12_340, 'kwd', 'KWD 12.340'],
    [250_000, 'huf', 'HUF 2,500.00'],
    [69_000, 'isk', 'ISK 690'],
    [370_000, 'ugx', 'UGX 3,700'],
  ])('%i %s reads %s', (amount, currency, text) => {
    expect(formatMoney(amount, currency).replace(/\u00a0/g, ' ')).toBe(text);
  });

  it.each([
    ['usd', 1, 50],
    ['jpy', 1, 50],
    ['kwd', 10, 160],
    ['huf', 1, 17_500],
    ['isk', 100, 7_000],
    ['ugx', 100, 185_000],
  ])('%s goes in steps of %i and is charged from %i on', (currency, step, least) => {
    expect(stepOf(currency)).toBe(step);
    expect(minimumChargeOf(currency)).toBe(least);
    expect(() => {
      assertChargeable(least, currency);
    }).not.toThrow();
    expect(() => {
      assertChargeable(least - step, currency);
    }).toThrow('at least');
    if (step > 1) {
      expect(() => {
        assertStep(least + 1, currency, 'amount');
      }).toThrow(`divisible by ${step}`);
    }
  });

  it('charges no more than eight digits', () => {
    expect(() => {
      assertChargeable(2 ** 53 - 1, 'usd');
    }).toThrow('no more than');
  });

  it.each(['xyz', '', 'us', "usd'; drop table", 'x'.repeat(10_000)])('does not know %j', (input) => {
    expect(() => currencyOf(input)).toThrow('Invalid currency');
  });
});
