import type { DiscountTerms } from './discount';
import { problemsOfExpiry, problemsOfTerms } from './discount-input';

const PERCENT: DiscountTerms = {
  percentOff: 25,
  amountOff: null,
  currency: null,
  duration: 'once',
  durationMonths: null,
};
const AMOUNT: DiscountTerms = { ...PERCENT, percentOff: null, amountOff: 500n, currency: 'USD' };

describe('what a discount gives', () => {
  it.each<[string, DiscountTerms, string[]]>([
    ['a percentage', PERCENT, []],
    ['an amount', AMOUNT, []],
    ['both', { ...AMOUNT, percentOff: 25 }, ['percentOff']],
    ['neither', { ...PERCENT, percentOff: null }, ['percentOff']],
    ['an amount of no currency', { ...AMOUNT, currency: null }, ['currency']],
    ['a percentage of a currency', { ...PERCENT, currency: 'USD' }, ['currency']],
    ['a currency that does not exist', { ...AMOUNT, currency: 'XYZ' }, ['currency']],
    ['a currency Stripe does not take', { ...AMOUNT, currency: 'CLF' }, ['currency']],
    ['dinars that end in 0', { ...AMOUNT, amountOff: 1_250n, currency: 'KWD' }, []],
    ['dinars that do not', { ...AMOUNT, amountOff: 1_255n, currency: 'KWD' }, ['amountOff']],
    ['some months', { ...PERCENT, duration: 'repeating', durationMonths: 3 }, []],
    ['months without a number', { ...PERCENT, duration: 'repeating' }, ['durationInMonths']],
    ['for ever, for three months', { ...PERCENT, duration: 'forever', durationMonths: 3 }, ['durationInMonths']],
  ])('%s', (_what, terms, fields) => {
    expect(problemsOfTerms(terms).map(({ field }) => field)).toEqual(fields);
  });

  it('ends in the future, if at all', () => {
    const now = new Date('2027-03-01T00:00:00Z');
    expect(problemsOfExpiry(null, now)).toEqual([]);
    expect(problemsOfExpiry(new Date(now.getTime() + 1), now)).toEqual([]);
    expect(problemsOfExpiry(now, now)).toHaveLength(1);
  });
});
