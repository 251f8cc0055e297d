import { changesTerms, isSoldAs, termProblems, type ProductKind, type ProductTerms } from './product';

const none: ProductTerms = { plan: null, billingCycle: null, feature: null, quantity: null };

describe('termProblems', () => {
  it.each<[ProductKind, Partial<ProductTerms>, string[]]>([
    ['subscription', { plan: 'PRO', billingCycle: 'monthly' }, []],
    ['subscription', { plan: 'PRO' }, ['billingCycle']],
    ['subscription', {}, ['plan', 'billingCycle']],
    ['subscription', { plan: 'PRO', billingCycle: 'annual', quantity: 1 }, ['quantity']],
    ['lifetime', { plan: 'PRO' }, []],
    ['lifetime', { plan: 'PRO', billingCycle: 'annual' }, ['billingCycle']],
    ['consumable', { feature: 'projects', quantity: 5 }, []],
    ['consumable', { feature: 'projects' }, ['quantity']],
    ['consumable', { plan: 'PRO', feature: 'projects', quantity: 5 }, ['plan']],
  ])('%s of %j lacks or has too much: %j', (kind, terms, fields) => {
    expect(termProblems(kind, { ...none, ...terms }).map(({ field }) => field)).toEqual(fields);
  });

  it.each<[Parameters<typeof isSoldAs>, boolean]>([
    [['apple', 'subscription', 'com.example.pro'], true],
    [['google', 'subscription', 'pro:monthly'], true],
    [['google', 'subscription', 'pro'], false],
    [['google', 'subscription', 'pro:'], false],
    [['google', 'lifetime', 'lifetime'], true],
    [['google', 'consumable', 'credits:ten'], false],
  ])('%j can be sold: %s', (args, sold) => {
    expect(isSoldAs(...args)).toBe(sold);
  });

  it('knows a change from none', () => {
    expect(changesTerms({ ...none, plan: 'PRO' }, { ...none, plan: 'PRO' })).toBe(false);
    expect(changesTerms({ ...none, plan: 'PRO' }, { ...none, plan: 'BASIC' })).toBe(true);
  });
});
