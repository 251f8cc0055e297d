import fc from 'fast-check';
import { SubscriptionStatus } from '../../../shared/facts';
import { reachable, statesOf, terminalStates, unreachableStates } from '../../../shared/state-machine';
import { SUBSCRIPTION_MACHINE, canBegin, canTransition, reportStatus } from './subscription-machine';

const all = statesOf<SubscriptionStatus>(SUBSCRIPTION_MACHINE);

/** Rows: from. Columns: to, in the same order. x: possible. Written out by hand, so that a change of the table is seen. */
const MATRIX = `
                   inc exp tri act due pau unp can
incomplete          x   x   x   x   .   .   .   x
incomplete_expired  .   x   .   .   .   .   .   .
trialing            .   .   x   x   x   x   x   x
active              .   .   x   x   x   x   x   x
past_due            .   .   x   x   x   x   x   x
paused              .   .   x   x   .   x   .   x
unpaid              .   .   x   x   x   .   x   x
canceled            .   .   .   .   .   .   .   x`;

const rows = MATRIX.trim().split('\n').slice(1);
const cases = rows.flatMap((row) => {
  const [from = '', ...cells] = row.trim().split(/\s+/);
  return cells.map((cell, i) => [from, all[i], cell === 'x'] as [SubscriptionStatus, SubscriptionStatus, boolean]);
});

describe('subscription machine', () => {
  it('is tested for every state and every report', () => {
    expect(cases).toHaveLength(64);
    expect(rows.map((row) => row.split(' ')[0])).toEqual(all);
  });

  it.each(cases)('%s -> %s: %p', (from, to, possible) => {
    expect(canTransition(from, to)).toBe(possible);
    expect(reportStatus(from, to)).toEqual(
      possible ? { ok: true, state: to, changed: from !== to } : { ok: false, reason: 'not_possible', state: from },
    );
  });

  it('reaches every status, and two are final', () => {
    expect(unreachableStates<SubscriptionStatus>(SUBSCRIPTION_MACHINE)).toEqual([]);
    expect(terminalStates<SubscriptionStatus>(SUBSCRIPTION_MACHINE)).toEqual(['incomplete_expired', 'canceled']);
  });

  it('can end from anywhere that is not final already', () => {
    for (const status of all.filter((each) => each !== 'incomplete_expired')) {
      expect(reachable<SubscriptionStatus>(SUBSCRIPTION_MACHINE, [status]).has('canceled')).toBe(true);
    }
  });

  it('never returns to an unpaid beginning', () => {
    for (const status of all.filter((each) => each !== 'incomplete')) {
      expect(reachable<SubscriptionStatus>(SUBSCRIPTION_MACHINE, [status]).has('incomplete')).toBe(false);
    }
  });

  it.each(all)('%s: beginning', (status) => {
    expect(canBegin(status)).toBe(['incomplete', 'trialing', 'active'].includes(status));
  });

  it('leads to what was reported or stays, and the same report again changes nothing', () => {
    const statuses = fc.constantFrom(...all);
    fc.assert(
      fc.property(statuses, statuses, (from, reported) => {
        const step = reportStatus(from, reported);
        expect(step.state).toBe(step.ok ? reported : from);
        const again = reportStatus(step.state, reported);
        expect(again.ok).toBe(step.ok);
        expect(again.state).toBe(step.state);
        if (again.ok) expect(again.changed).toBe(false);
      }),
    );
  });
});
