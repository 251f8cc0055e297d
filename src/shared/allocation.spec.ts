import fc from 'fast-check';
import { allocate } from './allocation';

const amounts = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const weightLists = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 20 })
  .filter((weights) => weights.some((weight) => weight > 0n));

describe('allocate', () => {
  it.each([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [5n, [3n, 7n], [2n, 3n]],
    [1n, [0n, 1n], [0n, 1n]],
    [0n, [2n, 3n], [0n, 0n]],
    [2n, [1n, 1n, 1n, 1n], [1n, 1n, 0n, 0n]],
    [1999n, [19n, 1n], [1899n, 100n]],
  ])('%p over %p is %p', (amount, weights, expected) => {
    expect(allocate(amount, weights)).toEqual(expected);
  });

  it.each([[[]], [[0n, 0n]], [[1n, -1n]], [[3n, -1n]]])('refuses the weights %p', (weights) => {
    expect(() => allocate(1n, weights)).toThrow(RangeError);
  });

  it('adds up, stays within one unit of the exact share, gives nothing to weight zero, and mirrors', () => {
    fc.assert(
      fc.property(amounts, weightLists, (amount, weights) => {
        const parts = allocate(amount, weights);
        const total = weights.reduce((sum, weight) => sum + weight, 0n);
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(amount);
        expect(allocate(-amount, weights)).toEqual(parts.map((part) => -part));
        parts.forEach((part, index) => {
          const weight = weights[index] ?? 0n;
          const error = part * total - amount * weight;
          expect(error < total && error > -total).toBe(true);
          if (weight === 0n) expect(part).toBe(0n);
        });
      }),
    );
  });

  it('gives more to a larger weight, and to the earlier of equal ones', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), weightLists, (amount, weights) => {
        const sorted = [...weights].sort((a, b) => Number(b > a) - Number(b < a));
        const parts = allocate(amount, sorted);
        parts.slice(1).forEach((part, index) => {
          expect(part <= (parts[index] ?? 0n)).toBe(true);
        });
      }),
    );
  });
});
