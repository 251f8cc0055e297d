import { statesOf } from '../../../shared/state-machine';
import { isChangeable, prorationOf, termsChange, type Terms, type TermsChange } from './proration-policy';
import { SUBSCRIPTION_MACHINE } from './subscription-machine';

const pro: Terms = { planCode: 'PRO', billingCycle: 'monthly', quantity: 2, unitAmount: 2_900n };

describe('proration policy', () => {
  it.each<[string, Partial<Terms>, TermsChange]>([
    ['the same', {}, 'none'],
    ['a dearer plan', { planCode: 'ENTERPRISE', unitAmount: 9_900n }, 'upgrade'],
    ['a cheaper plan', { planCode: 'BASIC', unitAmount: 900n }, 'downgrade'],
    ['another plan at the same price', { planCode: 'TEAM' }, 'upgrade'],
    ['a dearer plan for fewer', { planCode: 'ENTERPRISE', unitAmount: 9_900n, quantity: 1 }, 'upgrade'],
    ['more of it', { quantity: 3 }, 'more'],
    ['fewer of it', { quantity: 1 }, 'fewer'],
    ['by the year', { billingCycle: 'annual', unitAmount: 29_000n }, 'cycle'],
    ['another plan by the year', { billingCycle: 'annual', planCode: 'BASIC', unitAmount: 9_000n }, 'cycle'],
    ['a grandfathered price of the same plan', { unitAmount: 3_500n }, 'none'],
  ])('%s', (_what, change, expected) => {
    expect(termsChange(pro, { ...pro, ...change })).toBe(expected);
  });

  it('settles every change at once', () => {
    for (const change of ['upgrade', 'downgrade', 'cycle', 'more', 'fewer'] as const) {
      expect(prorationOf(change)).toBe('always_invoice');
    }
  });

  it('changes only what is paid for or on trial', () => {
    expect(statesOf(SUBSCRIPTION_MACHINE).filter(isChangeable)).toEqual(['trialing', 'active']);
  });
});
