import fc from 'fast-check';
import { doublePayments, type PaidSubscription } from './double-payments';

const sub = (id: string, change: Partial<PaidSubscription> = {}): PaidSubscription => ({
  ...{ id, provider: 'stripe', status: 'active', plan: { code: 'PRO' }, cancelAtPeriodEnd: false },
  ...change,
});

describe('doublePayments', () => {
  it.each<[string, Partial<PaidSubscription>, number]>([
    ['at a store too', { provider: 'apple' }, 1],
    ['at a store too, for another plan', { provider: 'apple', plan: { code: 'BASIC' } }, 1],
    ['at a store too, on trial', { provider: 'apple', status: 'trialing' }, 1],
    ['at a store too, to its end', { provider: 'apple', cancelAtPeriodEnd: true }, 0],
    ['at a store once', { provider: 'apple', status: 'canceled' }, 0],
    ['the same twice', {}, 1],
    ['two plans of one provider', { plan: { code: 'BASIC' } }, 0],
  ])('%s', (_, change, pairs) => {
    expect(doublePayments([sub('sub_1'), sub('sub_2', change)])).toHaveLength(pairs);
  });

  it('names the same two alike, in whatever order they come', () => {
    const three = [sub('sub_1'), sub('sub_2', { provider: 'apple' }), sub('sub_3', { provider: 'google' })];
    fc.assert(
      fc.property(fc.shuffledSubarray(three, { minLength: 3 }), (shuffled) => {
        expect(doublePayments(shuffled).map(({ key }) => key)).toEqual(['sub_1:sub_2', 'sub_1:sub_3', 'sub_2:sub_3']);
      }),
    );
  });
});
