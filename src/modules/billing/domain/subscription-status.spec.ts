import fc from 'fast-check';
import { SubscriptionStatus } from '../../../shared/facts';
import { statesOf, terminalStates } from '../../../shared/state-machine';
import { SUBSCRIPTION_MACHINE } from './subscription-machine';
import { AccessBasis, RENEWAL_LEEWAY_MS, accessUntil, isOpen, keepsAccess } from './subscription-status';

const all = statesOf<SubscriptionStatus>(SUBSCRIPTION_MACHINE);
const periodEnd = new Date('2026-03-01T00:00:00Z');
const grace = new Date('2026-02-08T00:00:00Z');
const basis = (over: Partial<AccessBasis>): AccessBasis => ({
  status: 'active',
  currentPeriodEnd: periodEnd,
  cancelAtPeriodEnd: false,
  cancelAt: null,
  graceUntil: null,
  ...over,
});
const leeway = new Date(periodEnd.getTime() + RENEWAL_LEEWAY_MS);
const early = new Date('2026-02-05T00:00:00Z');
const late = new Date('2026-06-01T00:00:00Z');

describe('access', () => {
  it.each<[string, Partial<AccessBasis>, Date | null]>([
    ['active renews: period and leeway', {}, leeway],
    ['trialing renews: period and leeway', { status: 'trialing' }, leeway],
    ['active, cancels at period end: the period', { cancelAtPeriodEnd: true }, periodEnd],
    ['trialing, cancels at period end: the trial', { status: 'trialing', cancelAtPeriodEnd: true }, periodEnd],
    ['active, ends within the period', { cancelAt: early }, early],
    ['active, ends in a later period: renews until then', { cancelAt: late }, leeway],
    ['both ends: the earlier', { cancelAtPeriodEnd: true, cancelAt: early }, early],
    ['past due: the grace', { status: 'past_due', graceUntil: grace }, grace],
    ['past due without grace', { status: 'past_due' }, null],
    ['past due, ends within the grace', { status: 'past_due', graceUntil: grace, cancelAt: early }, early],
    ['incomplete', { status: 'incomplete', graceUntil: grace }, null],
    ['incomplete_expired', { status: 'incomplete_expired', graceUntil: grace }, null],
    ['paused', { status: 'paused', graceUntil: grace }, null],
    ['unpaid', { status: 'unpaid', graceUntil: grace }, null],
    ['canceled', { status: 'canceled', graceUntil: grace }, null],
  ])('%s', (_name, over, expected) => {
    expect(accessUntil(basis(over))).toEqual(expected);
  });

  it('ends exactly at its end', () => {
    const due = basis({ status: 'past_due', graceUntil: grace });
    expect(keepsAccess(due, new Date(grace.getTime() - 1))).toBe(true);
    expect(keepsAccess(due, grace)).toBe(false);
    expect(keepsAccess(basis({ status: 'canceled' }), early)).toBe(false);
  });

  it('once over never comes back by waiting, and never outlives a set end', () => {
    const dates = fc.date({ min: early, max: late, noInvalidDate: true });
    const anyBasis = fc.record({
      status: fc.constantFrom(...all),
      currentPeriodEnd: dates,
      cancelAtPeriodEnd: fc.boolean(),
      cancelAt: fc.option(dates),
      graceUntil: fc.option(dates),
    });
    fc.assert(
      fc.property(anyBasis, dates, dates, (each, a, b) => {
        const [first, second] = a < b ? [a, b] : [b, a];
        if (!keepsAccess(each, first)) expect(keepsAccess(each, second)).toBe(false);
        const until = accessUntil(each);
        if (until && each.cancelAt) expect(until <= each.cancelAt).toBe(true);
        if (until && each.cancelAtPeriodEnd) expect(until <= each.currentPeriodEnd).toBe(true);
        if (until) expect(isOpen(each.status)).toBe(true);
      }),
    );
  });
});

describe('open subscriptions', () => {
  it('are those that the machine does not end', () => {
    expect(all.filter((status) => !isOpen(status))).toEqual(terminalStates<SubscriptionStatus>(SUBSCRIPTION_MACHINE));
  });
});
