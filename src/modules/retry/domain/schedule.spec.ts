import fc from 'fast-check';
import type { DunningPolicy } from '../../billing';
import { nextAttempt, type PastAttempt, type ScheduleFacts, type Verdict } from './schedule';

const POLICY: DunningPolicy = {
  reminderDays: [0, 3, 7],
  retryDelaysHours: [1, 2, 4, 8, 16, 24],
  endAction: 'cancel',
  endInvoice: 'mark_uncollectible',
  smartTiming: false,
};
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OPENED = new Date('2026-02-15T11:00:00Z');
const later = (ms: number): Date => new Date(OPENED.getTime() + ms);
const NOTHING = { declineCode: null, adviceCode: null, networkAdviceCode: null };
const SOFT = { ...NOTHING, declineCode: 'insufficient_funds' };
const HARD = { ...NOTHING, declineCode: 'expired_card' };

function facts(more: Partial<ScheduleFacts> = {}): ScheduleFacts {
  return {
    ...{ caseId: 'case_1', openedAt: OPENED, graceUntil: later(7 * DAY), standing: 'due', firstDecline: SOFT },
    ...{ attempts: [], charges: [OPENED], brand: 'visa', timing: { timeZone: null, successHours: [] } },
    ...more,
  };
}

function failed(at: Date, more: Partial<PastAttempt> = {}): PastAttempt {
  return { strategy: 'scheduled', status: 'failed', finishedAt: at, methodRef: null, decline: SOFT, ...more };
}

/** Hours after the opening, jitter aside; or why not. */
function hoursOf(verdict: Verdict): number | string {
  return verdict.kind === 'attempt' ? Math.floor((verdict.at.getTime() - OPENED.getTime()) / HOUR) : verdict.reason;
}

describe('when it is tried again', () => {
  it.each<[string, Partial<ScheduleFacts>, number, number | string]>([
    ['an hour after the first failure', {}, 0, 1],
    ['two hours after the second', { attempts: [failed(later(HOUR))] }, 1, 3],
    ['at once where the hour has passed', {}, 30, 30],
    ['never once it is paid', { standing: 'paid' }, 0, 'over'],
    ['never once the subscription has ended', { standing: 'ended' }, 0, 'over'],
    ['never after an attempt that succeeded', { attempts: [failed(OPENED, { status: 'succeeded' })] }, 0, 'over'],
    ['never when grace is over', {}, 7 * 24, 'grace_ends'],
    ['never so late that grace would be over', { attempts: [failed(later(7 * DAY - HOUR))] }, 167.5, 'grace_ends'],
    ['not beside another one', { attempts: [failed(OPENED, { status: 'charging' })] }, 0, 'in_flight'],
    ['not beside one nobody knows of', { attempts: [failed(OPENED, { status: 'unknown' })] }, 0, 'in_flight'],
    ['not on a card that will not pay', { firstDecline: HARD }, 0, 'method_required'],
    [
      'not without the customer',
      { firstDecline: { ...NOTHING, declineCode: 'authentication_required' } },
      0,
      'action_required',
    ],
    [
      'again on a new card that had no funds',
      { firstDecline: HARD, attempts: [failed(later(DAY), { strategy: 'new_method', methodRef: 'pm_2' })] },
      24,
      25,
    ],
    [
      'not again on a new card that will not pay either',
      { attempts: [failed(later(DAY), { strategy: 'new_method', decline: HARD })] },
      24,
      'method_required',
    ],
    ['as planned, whatever was tried by hand', { attempts: [failed(later(HOUR / 2), { strategy: 'manual' })] }, 0.6, 1],
    [
      'not before the network allows it',
      { attempts: [failed(later(HOUR), { decline: { ...SOFT, networkAdviceCode: '25' } })] },
      1,
      25,
    ],
    [
      'four times for a code nobody knows',
      { firstDecline: NOTHING, attempts: [1, 2, 3, 4].map((h) => failed(later(h * HOUR), { decline: NOTHING })) },
      5,
      'attempts_used',
    ],
  ])('%s', (_title, more, nowHours, expected) => {
    expect(hoursOf(nextAttempt(POLICY, facts(more), later(nowHours * HOUR)))).toBe(expected);
  });

  it('goes on with the last delay until grace ends', () => {
    expect(run(POLICY, facts()).map((at) => Math.round((at.getTime() - OPENED.getTime()) / HOUR))).toEqual([
      1, 3, 7, 16, 32, 58, 84, 111, 137, 163,
    ]);
  });

  it('does nothing by a policy without delays', () => {
    expect(hoursOf(nextAttempt({ ...POLICY, retryDelaysHours: [] }, facts(), OPENED))).toBe('attempts_used');
  });

  it('keeps to a new method that was added', () => {
    const attempts = [failed(later(HOUR), { strategy: 'new_method', methodRef: 'pm_2' })];
    expect(nextAttempt(POLICY, facts({ attempts }), later(HOUR))).toMatchObject({ methodRef: 'pm_2' });
  });

  it('waits for the morning where that is asked for, and for a day', () => {
    const policy = { ...POLICY, retryDelaysHours: [24], smartTiming: true };
    const timing = { timeZone: 'America/New_York', successHours: [] };
    const verdict = nextAttempt(policy, facts({ timing }), OPENED);
    expect(verdict).toMatchObject({ at: new Date('2026-02-16T14:00:00Z') });
    const often = nextAttempt(policy, facts({ timing: { ...timing, successHours: [20, 20, 7] } }), OPENED);
    expect(often).toMatchObject({ at: new Date('2026-02-16T20:00:00Z') });
  });
});

/** Every attempt that would be made where each one fails. */
function run(policy: DunningPolicy, begin: ScheduleFacts): Date[] {
  const made: Date[] = [];
  let state = begin;
  let now = begin.openedAt;
  for (;;) {
    const verdict = nextAttempt(policy, state, now);
    if (verdict.kind === 'hold') return made;
    now = verdict.at;
    made.push(now);
    state = { ...state, attempts: [...state.attempts, failed(now)], charges: [...state.charges, now] };
  }
}

const policies = fc
  .record({
    delays: fc.array(fc.integer({ min: 1, max: 168 }), { maxLength: 8 }),
    smartTiming: fc.boolean(),
  })
  .map(({ delays, smartTiming }) => ({
    ...POLICY,
    retryDelaysHours: delays.sort((a, b) => a - b),
    smartTiming,
  }));
const brands = fc.constantFrom('visa', 'mastercard', 'amex', null);

describe('no schedule', () => {
  it('charges before the failure, past grace, or more often than networks allow', () => {
    fc.assert(
      fc.property(
        policies,
        fc.integer({ min: 0, max: 90 }),
        brands,
        fc.string(),
        (policy, graceDays, brand, caseId) => {
          const graceUntil = later(graceDays * DAY);
          const attempts = run(policy, facts({ graceUntil, brand, caseId }));
          for (const at of attempts) {
            expect(at.getTime()).toBeGreaterThan(OPENED.getTime());
            expect(at.getTime()).toBeLessThan(graceUntil.getTime());
          }
          const all = [OPENED, ...attempts].map((at) => at.getTime());
          const within = (windowMs: number): number =>
            Math.max(...all.map((from) => all.filter((at) => at >= from && at < from + windowMs).length));
          expect(within(30 * DAY)).toBeLessThanOrEqual(brand === 'mastercard' ? 35 : 15);
          if (brand !== 'visa') expect(within(DAY)).toBeLessThanOrEqual(10);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('charges after success, after an end, or beside another charge', () => {
    const statuses = fc.constantFrom('scheduled', 'charging', 'succeeded', 'failed', 'unknown', 'skipped', 'canceled');
    const attempt = fc.record({
      strategy: fc.constantFrom('scheduled' as const, 'manual' as const, 'new_method' as const),
      status: statuses,
      hours: fc.integer({ min: 0, max: 167 }),
    });
    const standing = fc.constantFrom('due' as const, 'paid' as const, 'ended' as const);
    fc.assert(
      fc.property(
        policies,
        fc.array(attempt, { maxLength: 6 }),
        standing,
        fc.integer({ min: 0, max: 400 }),
        (policy, past, is, hours) => {
          const attempts = past.map(({ strategy, status, hours: at }) =>
            failed(later(at * HOUR), { strategy, status }),
          );
          const verdict = nextAttempt(policy, facts({ attempts, standing: is }), later(hours * HOUR));
          const mayNot =
            is !== 'due' ||
            hours >= 168 ||
            past.some(({ status }) => ['succeeded', 'charging', 'unknown'].includes(status));
          if (mayNot) expect(verdict.kind).toBe('hold');
          else if (verdict.kind === 'attempt')
            expect(verdict.at.getTime()).toBeGreaterThanOrEqual(later(hours * HOUR).getTime());
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is moved by what is tried by hand', () => {
    fc.assert(
      fc.property(policies, fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 3 }), (policy, minutes) => {
        const byHand = minutes.map((at) => failed(later(at * 60_000), { strategy: 'manual' }));
        const now = later(HOUR);
        expect(nextAttempt(policy, facts({ attempts: byHand, brand: 'mastercard' }), now)).toEqual(
          nextAttempt(policy, facts({ brand: 'mastercard' }), now),
        );
      }),
      { numRuns: 100 },
    );
  });
});
