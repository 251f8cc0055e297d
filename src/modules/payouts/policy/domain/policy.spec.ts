import fc from 'fast-check';
import { decideApproving, decidePreparing } from './decide';
import { reasonsOf, type Observed, type PayoutFigures, type PolicyReason } from './evaluate';
import { judge, limitProblems, type Approval, type ApprovalLimit } from './limits';
import { ruleProblems, type PayoutRule } from './rule';

const limit = (more: Partial<ApprovalLimit> = {}): ApprovalLimit => ({
  ...{ role: 'finance', currency: '*', maxPerPayout: null, dailyMax: null, secondApprovalAbove: null },
  ...more,
});
const approval = (more: Partial<Approval> = {}): Approval => ({
  ...{ currency: 'EUR', amount: 100_00n, roles: ['user', 'finance'], approvedToday: 0n, approvals: 0 },
  ...more,
});
const rule = (more: Partial<PayoutRule> = {}): PayoutRule => ({
  ...{
    key: 'r',
    description: 'd',
    kind: 'velocity',
    action: 'block',
    active: true,
    priority: 1,
    countries: [],
    names: [],
  },
  ...{ match: null, scope: null, windowSeconds: null, maxCount: null, maxAmount: null, currency: null },
  ...more,
});
const figures = (more: Partial<PayoutFigures> = {}): PayoutFigures => ({
  ...{ sourceCurrency: 'EUR', sourceAmount: 100_00n, country: 'DE', name: 'Ada Lovelace' },
  ...more,
});

describe('judge', () => {
  it.each<[string, ApprovalLimit[], Partial<Approval>, object]>([
    ['nothing set, up to 10,000', [], { amount: 1_000_000n }, { outcome: 'allow' }],
    ['nothing set, a cent more', [], { amount: 1_000_001n }, { outcome: 'second_approval' }],
    ['nothing set, yen', [], { amount: 10_001n, currency: 'JPY' }, { outcome: 'second_approval' }],
    ['nothing set, dinars', [], { amount: 10_000_000n, currency: 'KWD' }, { outcome: 'allow' }],
    ['the second one', [], { amount: 1_000_001n, approvals: 1 }, { outcome: 'allow' }],
    ['never a second', [limit()], { amount: 10n ** 15n }, { outcome: 'allow' }],
    ['always a second', [limit({ secondApprovalAbove: 0 })], { amount: 1n }, { outcome: 'second_approval' }],
    ['at the most', [limit({ maxPerPayout: 100 })], {}, { outcome: 'allow' }],
    ['over it', [limit({ maxPerPayout: 99 })], {}, { outcome: 'refuse', exceeded: 'maxPerPayout' }],
    [
      'over it, as the second',
      [limit({ maxPerPayout: 99 })],
      { approvals: 1 },
      { outcome: 'refuse', exceeded: 'maxPerPayout' },
    ],
    ['all of the day', [limit({ dailyMax: 100 })], {}, { outcome: 'allow' }],
    [
      'more than is left of it',
      [limit({ dailyMax: 100 })],
      { approvedToday: 1n },
      { outcome: 'refuse', exceeded: 'dailyMax' },
    ],
    [
      'a row of the currency before that of all',
      [limit({ maxPerPayout: 1 }), limit({ currency: 'EUR' })],
      {},
      { outcome: 'allow' },
    ],
    ['a row of another role', [limit({ role: 'admin', maxPerPayout: 1 })], {}, { outcome: 'allow' }],
    ['the better of two roles', [limit({ maxPerPayout: 1 })], { roles: ['finance', 'admin'] }, { outcome: 'allow' }],
    ['nobody who approves', [], { roles: ['user', 'support'] }, { outcome: 'refuse', exceeded: 'maxPerPayout' }],
  ])('of %s', (_, limits, more, expected) => {
    expect(judge(limits, approval(more))).toEqual(expected);
  });

  it('never lets a larger amount go further than a smaller one', () => {
    const order = { allow: 0, second_approval: 1, refuse: 2 };
    const figure = fc.option(fc.integer({ min: 0, max: 1_000 }));
    const limits = fc.record({ maxPerPayout: figure, dailyMax: figure, secondApprovalAbove: figure });
    const amount = fc.bigInt({ min: 1n, max: 200_000n });
    fc.assert(
      fc.property(limits, amount, amount, (own, a, b) => {
        const of = (value: bigint): number => order[judge([limit(own)], approval({ amount: value })).outcome];
        expect(of(a < b ? a : b)).toBeLessThanOrEqual(of(a < b ? b : a));
      }),
    );
  });

  it('knows a row that is there twice', () => {
    expect(limitProblems([limit(), limit({ role: 'admin' }), limit()])).toEqual([
      { field: 'limits.2', message: 'names finance and * a second time' },
    ]);
  });
});

describe('reasonsOf', () => {
  const countries = rule({ kind: 'blocked_country', countries: ['KP'] });
  const names = (match: 'exact' | 'contains', ...blocked: string[]): PayoutRule =>
    rule({ kind: 'blocked_name', match, names: blocked });
  const count = rule({ scope: 'house', windowSeconds: 60, maxCount: 3 });
  const amount = rule({ scope: 'beneficiary', windowSeconds: 60, maxAmount: 300_00, currency: 'EUR' });
  it.each<[string, PayoutRule, Partial<PayoutFigures>, Observed | null, string | null]>([
    ['another country', countries, {}, null, null],
    ['that country', countries, { country: 'KP' }, null, 'block country'],
    ['no country', countries, { country: null }, null, 'review country_unknown'],
    ['turned off', { ...countries, active: false }, { country: 'KP' }, null, null],
    ['the name', names('exact', 'Ada Lovelace'), {}, null, 'block name'],
    ['the name in other spelling', names('exact', 'LOVELACE, Áda'), {}, null, 'block name'],
    ['more than the name', names('exact', 'Ada Lovelace'), { name: 'Ada King Lovelace' }, null, null],
    ['a word of it', names('contains', 'lovelace'), {}, null, 'block name'],
    ['a part of a word', names('contains', 'love'), {}, null, null],
    ['nothing of a name', names('contains', '-'), {}, null, null],
    ['no name', names('exact', 'x'), { name: null }, null, 'review name_unknown'],
    ['as many as may be', count, {}, { count: 2, amount: 0n }, null],
    ['one more', count, {}, { count: 3, amount: 0n }, 'block count'],
    ['as much as may be', amount, {}, { count: 9, amount: 200_00n }, null],
    ['a cent more', amount, {}, { count: 9, amount: 200_01n }, 'block amount'],
    ['another currency', amount, { sourceCurrency: 'USD' }, { count: 9, amount: 900_00n }, null],
    ['the first of all', amount, { sourceAmount: 300_01n }, null, 'block amount'],
  ])('%s', (_, given, more, observed, expected) => {
    const reasons = reasonsOf([given], figures(more), new Map(observed ? [['r', observed]] : []));
    expect(reasons.map(({ action, because }) => `${action} ${because}`)).toEqual(expected === null ? [] : [expected]);
  });

  it('goes by priority', () => {
    const rules = [
      rule({ ...count, key: 'b', priority: 2 }),
      rule({ ...count, key: 'c' }),
      rule({ ...count, key: 'a', priority: 2 }),
    ];
    const observed = new Map(['a', 'b', 'c'].map((key) => [key, { count: 3, amount: 0n }]));
    expect(reasonsOf(rules, figures(), observed).map((reason) => reason.rule)).toEqual(['c', 'a', 'b']);
  });
});

describe('a decision', () => {
  const reason = (action: PolicyReason['action']): PolicyReason => ({ rule: 'r', action, because: 'name' });
  it.each<[PolicyReason[], string, string | null]>([
    [[], 'allow', null],
    [[reason('review')], 'second_approval', null],
    [[reason('review'), reason('block')], 'refuse', 'PAYOUT_BLOCKED'],
  ])('on preparing (%#)', (reasons, outcome, code) => {
    expect(decidePreparing(reasons)).toMatchObject({ outcome, code, reasons });
  });

  it.each<[PolicyReason[], ApprovalLimit[], Partial<Approval>, string, string | null]>([
    [[], [], {}, 'allow', null],
    [[reason('review')], [], {}, 'second_approval', null],
    [[reason('review')], [], { approvals: 1 }, 'allow', null],
    [[reason('block')], [], { approvals: 1 }, 'refuse', 'PAYOUT_BLOCKED'],
    [[], [limit({ secondApprovalAbove: 0 })], {}, 'second_approval', null],
    [[], [limit({ secondApprovalAbove: 0 })], { approvals: 1 }, 'allow', null],
    [[reason('review')], [limit({ maxPerPayout: 1 })], {}, 'refuse', 'APPROVAL_LIMIT_EXCEEDED'],
  ])('on approving (%#)', (reasons, limits, more, outcome, code) => {
    expect(decideApproving(limits, approval(more), reasons)).toMatchObject({ outcome, code });
  });
});

describe('ruleProblems', () => {
  it.each<[string, PayoutRule, string[]]>([
    ['countries without one', rule({ kind: 'blocked_country' }), ['countries']],
    ['names without a way to compare', rule({ kind: 'blocked_name', names: ['x'] }), ['match']],
    ['velocity without anything', rule(), ['scope', 'windowSeconds', 'maxCount']],
    [
      'both a count and an amount',
      rule({ scope: 'house', windowSeconds: 1, maxCount: 1, maxAmount: 1, currency: 'EUR' }),
      ['maxCount'],
    ],
    ['an amount without a currency', rule({ scope: 'house', windowSeconds: 1, maxAmount: 1 }), ['currency']],
    [
      'a currency without an amount',
      rule({ scope: 'house', windowSeconds: 1, maxCount: 1, currency: 'EUR' }),
      ['currency'],
    ],
    ['what another kind needs', rule({ kind: 'blocked_country', countries: ['KP'], maxCount: 1 }), ['maxCount']],
    ['nothing of a whole one', rule({ scope: 'house', windowSeconds: 1, maxCount: 1 }), []],
  ])('names %s', (_, given, fields) => {
    expect(ruleProblems(given).map(({ field }) => field)).toEqual(fields);
  });
});
