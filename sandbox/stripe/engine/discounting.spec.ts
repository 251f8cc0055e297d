import fc from 'fast-check';
import { allocate, discountLines, percentOf, totalPerDiscount, type DiscountTerms } from './discounting';

const terms = (part: Partial<DiscountTerms>): DiscountTerms => ({
  id: 'di_1',
  percentOff: null,
  amountOff: null,
  products: null,
  duration: 'forever',
  end: null,
  ...part,
});
const line = (amount: number, product = 'prod_a', discountable = true) => ({ amount, product, discountable });
const taken = (lines: ReturnType<typeof line>[], discounts: DiscountTerms[], step = 1): number[] =>
  discountLines(lines, discounts, step).map((parts) => parts.reduce((sum, part) => sum + part.amount, 0));

describe('discounting', () => {
  it.each([
    ['10 % of 9.99', [999], { percentOff: 10 }, [100]],
    ['33.33 % of 29.99', [2999], { percentOff: 33.33 }, [1000]],
    ['100 %', [999, 2999], { percentOff: 100 }, [999, 2999]],
    ['half a cent rounds up', [5], { percentOff: 50 }, [3]],
    ['an amount is shared in proportion', [999, 2999], { amountOff: 1000 }, [250, 750]],
    ['an amount takes no more than there is', [300], { amountOff: 1000 }, [300]],
    ['a credit is left alone', [-500, 999], { amountOff: 1000 }, [0, 999]],
  ])('%s', (_name, amounts, part, expected) => {
    expect(
      taken(
        amounts.map((amount) => line(amount)),
        [terms(part)],
      ),
    ).toEqual(expected);
  });

  it('leaves other products and prorations alone', () => {
    const lines = [line(1000, 'prod_a'), line(1000, 'prod_b'), line(1000, 'prod_a', false)];
    expect(taken(lines, [terms({ percentOff: 50, products: ['prod_a'] })])).toEqual([500, 0, 0]);
  });

  it('takes each discount from what the ones before left', () => {
    const both = [terms({ percentOff: 50 }), terms({ id: 'di_2', amountOff: 200 })];
    const amounts = discountLines([line(1000)], both);
    expect(totalPerDiscount(amounts, both)).toEqual([
      { discount: 'di_1', amount: 500 },
      { discount: 'di_2', amount: 200 },
    ]);
  });

  it.each([
    [12_340, 10, 10, 1230],
    [100, 33, 10, 30],
    [99_900, 10, 100, 10_000],
  ])('%i at %d %% in steps of %i is %i', (amount, percent, step, expected) => {
    expect(percentOf(amount, percent, step)).toBe(expected);
  });

  it('allocates all of it and nothing more, in whole steps', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 1e9 }), fc.constantFrom(1, 10, 100), (parts, total, step) => {
        const shares = allocate(total, parts, step);
        const sum = shares.reduce((all, share) => all + share, 0);
        const any = parts.some((part) => part > 0);
        expect(sum).toBe(any ? Math.floor(total / step) * step : 0);
        expect(shares.every((share) => share % step === 0)).toBe(true);
      }),
    );
  });
});
