import fc from 'fast-check';
import { Rounding, divide, formatDecimal, multiply, parseDecimal, toScale } from './decimal';

const anyDecimal = fc.record({
  unscaled: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
  scale: fc.integer({ min: 0, max: 12 }),
});
const nonZero = fc.bigInt({ min: -1000n, max: 1000n }).filter((value) => value !== 0n);
const refused = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('divide', () => {
  const table: [Rounding, bigint[]][] = [
    // of -7/2, -5/2, -9/4, -1/4, 1/4, 9/4, 5/2, 7/2
    ['half-even', [-4n, -2n, -2n, 0n, 0n, 2n, 2n, 4n]],
    ['half-up', [-4n, -3n, -2n, 0n, 0n, 2n, 3n, 4n]],
    ['floor', [-4n, -3n, -3n, -1n, 0n, 2n, 2n, 3n]],
    ['ceil', [-3n, -2n, -2n, 0n, 1n, 3n, 3n, 4n]],
    ['trunc', [-3n, -2n, -2n, 0n, 0n, 2n, 2n, 3n]],
  ];
  it.each(table)('%s', (rounding, expected) => {
    const quarters = [-14n, -10n, -9n, -1n, 1n, 9n, 10n, 14n];
    expect(quarters.map((quarter) => divide(quarter, 4n, rounding))).toEqual(expected);
    expect(quarters.map((quarter) => divide(-quarter, -4n, rounding))).toEqual(expected);
  });

  it('stays within one of the exact quotient, and within a half when it goes to the nearest', () => {
    const roundings = fc.constantFrom<Rounding>('half-even', 'half-up', 'floor', 'ceil', 'trunc');
    fc.assert(
      fc.property(fc.bigInt(), nonZero, roundings, (numerator, denominator, rounding) => {
        const error = divide(numerator, denominator, rounding) * denominator - numerator;
        const size = error < 0n ? -error : error;
        const divisor = denominator < 0n ? -denominator : denominator;
        expect(rounding.startsWith('half') ? 2n * size <= divisor : size < divisor).toBe(true);
      }),
    );
  });

  it('is exact or refuses', () => {
    expect(divide(12n, -4n, 'exact')).toBe(-3n);
    expect(() => divide(1n, 3n, 'exact')).toThrow(RangeError);
    expect(() => divide(1n, 0n, 'floor')).toThrow(RangeError);
  });
});

describe('decimals', () => {
  it.each([
    ['0', 0n, 0],
    ['-0.5', -5n, 1],
    ['12.3400', 123400n, 4],
    ['0.000001', 1n, 6],
  ])('reads %s', (text, unscaled, scale) => {
    expect(parseDecimal(text)).toEqual({ unscaled, scale });
    expect(formatDecimal(parseDecimal(text))).toBe(text);
  });

  it.each([
    '',
    '.5',
    '5.',
    '+1',
    '1e3',
    '1,5',
    ' 1',
    '0x1',
    'NaN',
    'Infinity',
    '--1',
    '1'.repeat(31),
    `0.${'1'.repeat(31)}`,
  ])('refuses %p', (text) => {
    expect(() => parseDecimal(text)).toThrow(refused('INVALID_DECIMAL'));
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(anyDecimal, (value) => {
        expect(parseDecimal(formatDecimal(value))).toEqual(value);
      }),
    );
  });

  it('rounds to a scale', () => {
    expect(toScale(parseDecimal('12.345'), 2, 'half-even')).toBe(1234n);
    expect(toScale(parseDecimal('12.345'), 2, 'half-up')).toBe(1235n);
    expect(toScale(parseDecimal('12.3'), 3, 'exact')).toBe(12300n);
    expect(toScale(parseDecimal('1250'), -2, 'floor')).toBe(12n);
    expect(() => toScale(parseDecimal('0.001'), 2, 'exact')).toThrow(RangeError);
  });

  it('multiplies without loss, whichever way round', () => {
    expect(formatDecimal(multiply(parseDecimal('0.1'), parseDecimal('0.2')))).toBe('0.02');
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (a, b) => {
        expect(multiply(a, b)).toEqual(multiply(b, a));
        expect(toScale(multiply(a, b), a.scale + b.scale, 'exact')).toBe(a.unscaled * b.unscaled);
      }),
    );
  });
});
