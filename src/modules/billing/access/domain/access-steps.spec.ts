import fc from 'fast-check';
import type { SubscriptionStatus } from '../../../../shared/facts';
import { keepsAccess, type AccessBasis } from '../../domain/subscription-status';
import { accessSteps, endedBy, type AccessPoint } from './access-steps';

const day = (n: number): Date => new Date(Date.UTC(2026, 0, 1 + n));
const basis = (status: SubscriptionStatus, over: Partial<AccessBasis> = {}): AccessBasis => ({
  ...{ status, currentPeriodEnd: day(31), cancelAtPeriodEnd: false, cancelAt: null, graceUntil: null },
  ...over,
});
const point = (n: number, of: AccessBasis, planId = 'plan_1'): AccessPoint => ({ at: day(n), basis: of, planId });
const told = (points: AccessPoint[], now: Date): string[] =>
  accessSteps(points, now).map(
    ({ from, to, access, reason }) =>
      `${from.getUTCDate()}..${to === null ? '' : to.getUTCDate()} ${access ? 'yes' : 'no'} ${reason}`,
  );

describe('access as a step function', () => {
  it.each<[string, AccessPoint[], Date, string[]]>([
    ['paid', [point(0, basis('active'))], day(9), ['1.. yes paid']],
    [
      'recovered within grace',
      [point(0, basis('active')), point(5, basis('past_due', { graceUntil: day(12) })), point(7, basis('active'))],
      day(9),
      ['1..6 yes paid', '6..8 yes grace', '8.. yes paid'],
    ],
    [
      'exhausted',
      [point(0, basis('active')), point(5, basis('past_due', { graceUntil: day(12) })), point(13, basis('canceled'))],
      day(20),
      ['1..6 yes paid', '6..13 yes grace', '13..14 no grace_over', '14.. no ended'],
    ],
    ['grace is running', [point(5, basis('past_due', { graceUntil: day(12) }))], day(8), ['6.. yes grace']],
    ['no grace', [point(5, basis('past_due', { graceUntil: day(5) }))], day(8), ['6.. no grace_over']],
    [
      'a renewal that nobody told of',
      [point(0, basis('active', { currentPeriodEnd: day(10) }))],
      day(20),
      ['1..14 yes paid', '14.. no period_over'],
    ],
    [
      'set to end',
      [point(0, basis('active', { currentPeriodEnd: day(10), cancelAtPeriodEnd: true }))],
      day(20),
      ['1..11 yes paid', '11.. no set_to_end'],
    ],
    [
      'first not paid, then paid; what is told without a change goes on',
      [point(0, basis('incomplete')), point(1, basis('active')), point(2, basis('active'))],
      day(9),
      ['1..2 no not_paid', '2.. yes paid'],
    ],
    [
      'another plan is another step',
      [point(0, basis('active')), point(3, basis('active'), 'plan_2')],
      day(9),
      ['1..4 yes paid', '4.. yes paid'],
    ],
    [
      'of two at one moment the later',
      [point(0, basis('incomplete')), point(0, basis('active'))],
      day(9),
      ['1.. yes paid'],
    ],
    ['nothing told', [], day(9), []],
  ])('%s', (_name, points, now, steps) => {
    expect(told(points, now)).toEqual(steps);
  });

  it('ends where the money was given back', () => {
    const steps = accessSteps([point(0, basis('active'))], day(9));
    expect(endedBy(steps, day(4))).toMatchObject([
      { access: true, to: day(4), until: day(4) },
      { access: false, reason: 'money_given_back', from: day(4), to: null },
    ]);
    expect(endedBy(steps, day(0))).toMatchObject([{ access: false, from: day(0), to: null }]);
    const ended = accessSteps([point(0, basis('canceled'))], day(9));
    expect(endedBy(ended, day(4))).toEqual(ended);
  });

  it('leaves no gap, overlaps nowhere, and says at each moment what the subscription then said', () => {
    const status = fc.constantFrom<SubscriptionStatus>(
      'trialing',
      'active',
      'past_due',
      'unpaid',
      'paused',
      'canceled',
    );
    const days = fc.integer({ min: 0, max: 40 });
    const points = fc
      .array(fc.record({ at: days, status, end: days, grace: fc.option(days), cancel: fc.boolean() }), { maxLength: 8 })
      .map((list) => list.sort((a, b) => a.at - b.at));
    fc.assert(
      fc.property(points, days, (list, at) => {
        const all = list.map((p) =>
          point(
            p.at,
            basis(p.status, {
              ...{ currentPeriodEnd: day(p.end), cancelAtPeriodEnd: p.cancel },
              graceUntil: p.grace === null ? null : day(p.grace),
            }),
          ),
        );
        const steps = accessSteps(all, day(50));
        steps.forEach((step, i) => {
          expect(step.to).toEqual(steps[i + 1]?.from ?? null);
        });
        const last = all.findLast((p) => p.at <= day(at));
        const step = steps.findLast(({ from }) => from <= day(at));
        expect(step?.access ?? false).toBe(last ? keepsAccess(last.basis, day(at)) : false);
      }),
    );
  });
});
