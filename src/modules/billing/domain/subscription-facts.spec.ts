import type { Stored, SubscriptionFact, SubscriptionPayload, SubscriptionStatus } from '../../../shared/facts';
import { statesOf } from '../../../shared/state-machine';
import { foldSubscription, type ChangeType } from './fold-subscription';
import { SUBSCRIPTION_MACHINE } from './subscription-machine';

const STATES = statesOf<SubscriptionStatus>(SUBSCRIPTION_MACHINE);
const KINDS = ['created', 'changed', 'snapshot', 'deleted'] as const;

const STEPS: Readonly<Record<string, ChangeType>> = {
  exp: 'expired',
  tri: 'trial_started',
  act: 'activated',
  rec: 'recovered',
  res: 'resumed',
  due: 'payment_failed',
  pau: 'paused',
  oth: 'status_changed',
  can: 'canceled',
};

/**
 * Rows: the state before. Columns: the status a later fact reports. What the step is called; with `!` the provider cannot
 * have gone there at once, and is asked; `.` is no step. Written out by hand, so that a change of either table is seen.
 */
const MATRIX = `
                    inc  exp  tri  act  due  pau  unp  can
incomplete          .    exp  tri  act  due! pau! oth! can
incomplete_expired  oth! .    tri! act! due! pau! oth! can!
trialing            oth! exp! .    act  due  pau  oth  can
active              oth! exp! tri  .    due  pau  oth  can
past_due            oth! exp! tri  rec  .    pau  oth  can
paused              oth! exp! tri  res  due! .    oth! can
unpaid              oth! exp! tri  rec  due  pau! .    can
canceled            oth! exp! tri! act! due! pau! oth! .`;

interface Cell {
  from: SubscriptionStatus;
  to: SubscriptionStatus;
  step: ChangeType | null;
  possible: boolean;
}

const rows = MATRIX.trim().split('\n').slice(1);
const cells: Cell[] = rows.flatMap((row) => {
  const [from = '', ...words] = row.trim().split(/\s+/);
  return words.map((word, i) => ({
    from: from as SubscriptionStatus,
    to: STATES[i]!,
    step: STEPS[word.replace('!', '')] ?? null,
    possible: !word.endsWith('!'),
  }));
});

function fact(kind: (typeof KINDS)[number], second: number, status: SubscriptionStatus): Stored<SubscriptionFact> {
  const at = new Date(Date.UTC(2026, 0, 15, 10, 0, second));
  const payload: SubscriptionPayload = {
    ...{ customerRef: 'cus_1', ownerId: null, intentId: null, status, providerStatus: status },
    ...{ priceRef: 'price_1', priceId: null, quantity: 1, unitAmount: 900, currency: 'USD' },
    ...{ interval: 'month', intervalCount: 1, trialEndsAt: null, latestInvoiceRef: null },
    ...{ currentPeriodStart: at.toISOString(), currentPeriodEnd: at.toISOString(), createdAt: at.toISOString() },
    ...{ cancelAtPeriodEnd: false, cancelAt: null, canceledAt: null, endedAt: null },
  };
  return {
    ...{ provider: 'stripe', objectType: 'subscription', objectId: 'sub_1', aggregate: 'stripe:cus_1' },
    ...{ kind: `subscription.${kind}`, occurredAt: at, payload, before: null },
    ...{ sourceId: `${kind}_${second}`, id: `fact_${second}`, seq: BigInt(second) },
  };
}

describe('a subscription in each state', () => {
  it('is told every status by every kind of fact', () => {
    expect(cells).toHaveLength(64);
    expect(rows.map((row) => row.split(' ')[0])).toEqual(STATES);
    expect(cells.filter(({ step, from, to }) => (step === null) !== (from === to))).toEqual([]);
  });

  it.each(cells)('$from told $to: $step, at once: $possible', ({ from, to, step, possible }) => {
    for (const kind of KINDS) {
      const facts = [fact('changed', 0, from), fact(kind, 1, to)];
      const state = foldSubscription(facts)!;
      // The latest fact is the state, whatever was possible; only a reading needs no second look.
      expect(state.payload.status).toBe(to);
      const steps = state.history.filter(({ factId }) => factId === facts[1]!.id);
      expect(steps.map(({ type }) => type)).toEqual(step === null ? [] : [step]);
      expect(state.undecided).toBe(!possible && kind !== 'snapshot');
      expect(foldSubscription([...facts].reverse())).toEqual(state);
    }
  });

  it.each(STATES)('begins as %s by every kind of fact', (status) => {
    for (const kind of KINDS) {
      const state = foldSubscription([fact(kind, 0, status)])!;
      expect(state.payload.status).toBe(status);
      expect(state.history.map(({ type }) => type)).toEqual(
        status === 'trialing' ? ['created', 'trial_started'] : ['created'],
      );
      expect(state.undecided).toBe(false);
    }
  });
});
