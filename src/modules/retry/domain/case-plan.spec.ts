import type { DunningPolicy } from '../../billing';
import { finalReminders, planCase, type PlanFacts } from './case-plan';

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
const GRACE = later(7 * DAY);

function facts(more: Partial<PlanFacts> = {}, of: Partial<PlanFacts['case']> = {}): PlanFacts {
  const dates = { openedAt: OPENED, graceUntil: GRACE };
  const soft = { declineCode: 'insufficient_funds', adviceCode: null, networkAdviceCode: null };
  return {
    case: { id: 'case_1', owner: 'kassa', takenOverAt: OPENED, endingAt: null, ...dates, ...of },
    policy: POLICY,
    schedule: {
      ...{ caseId: 'case_1', ...dates, standing: 'due', firstDecline: soft, attempts: [], charges: [], brand: 'visa' },
      timing: { timeZone: null, successHours: [] },
    },
    ...{ isRetriedThere: false, told: [], planned: null },
    ...more,
  };
}

describe('what is to be done about a case', () => {
  it('reminds at once, plans the first retry, and looks again at the next reminder', () => {
    const plan = planCase(facts(), OPENED);
    expect(plan).toMatchObject({
      reminder: { day: 0, daysUntilGraceEnds: 7, needs: 'nothing' },
      ...{ skipped: [], unplan: false, hold: null, call: null },
      nextActionAt: later(3 * DAY),
    });
    expect(plan.attempt?.at.getTime()).toBeGreaterThanOrEqual(later(HOUR).getTime());
  });

  it('is taken over before anything is tried', () => {
    expect(planCase(facts({}, { takenOverAt: null }), OPENED)).toMatchObject({
      ...{ reminder: { day: 0 }, attempt: null, call: 'take_over' },
    });
  });

  it('is left alone where the provider tries by itself', () => {
    expect(planCase(facts({ isRetriedThere: true, planned: later(HOUR) }), OPENED)).toMatchObject({
      ...{ attempt: null, unplan: true, hold: 'provider_retries', call: null },
    });
  });

  it('is only watched where the provider collects, to the end and beyond', () => {
    const watched = facts({}, { owner: 'provider', takenOverAt: null });
    expect(planCase(watched, OPENED)).toMatchObject({ reminder: { day: 0 }, hold: 'watching', call: null });
    expect(planCase({ ...watched, told: [0, 3] }, later(8 * DAY))).toMatchObject({
      ...{ reminder: null, attempt: null, call: null, nextActionAt: null },
    });
  });

  it('tells the last of the reminders that are due, and passes the others over', () => {
    expect(planCase(facts(), later(4 * DAY))).toMatchObject({
      ...{ reminder: { day: 3, daysUntilGraceEnds: 3 }, skipped: [{ day: 0 }], nextActionAt: GRACE },
    });
  });

  it('tells none twice', () => {
    expect(planCase(facts({ told: [0, 3] }), later(4 * DAY)).reminder).toBeNull();
  });

  it('keeps what is planned', () => {
    expect(planCase(facts({ planned: later(HOUR) }), OPENED)).toMatchObject({ attempt: null, unplan: false });
  });

  it('takes back what is planned on a card that will not pay', () => {
    const { schedule } = facts();
    const firstDecline = { ...schedule.firstDecline, declineCode: 'stolen_card' };
    const stolen = facts({ planned: later(HOUR), schedule: { ...schedule, firstDecline } });
    expect(planCase(stolen, OPENED)).toMatchObject({
      ...{ reminder: { needs: 'new_method' }, attempt: null, unplan: true, hold: 'method_required' },
    });
  });

  it('ends when grace is over, but not beside a charge', () => {
    expect(planCase(facts({ planned: GRACE }), GRACE)).toMatchObject({ reminder: null, unplan: true, call: 'end' });
    const { schedule } = facts();
    const charging = {
      strategy: 'scheduled',
      status: 'charging',
      finishedAt: null,
      methodRef: null,
      decline: null,
    } as const;
    const busy = facts({ schedule: { ...schedule, attempts: [charging] } });
    expect(planCase(busy, GRACE)).toMatchObject({ call: null, nextActionAt: later(7 * DAY + 30_000) });
  });

  it('goes on with an end that was begun', () => {
    expect(planCase(facts({}, { endingAt: GRACE, graceUntil: later(9 * DAY) }), GRACE)).toMatchObject({ call: 'end' });
  });

  it('tells the reminder of the last day as the end', () => {
    expect(finalReminders({ openedAt: OPENED, graceUntil: GRACE }, POLICY)).toEqual([{ day: 7, dueAt: GRACE }]);
  });
});
