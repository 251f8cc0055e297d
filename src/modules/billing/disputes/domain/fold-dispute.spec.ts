import fc from 'fast-check';
import type { DisputeFact, DisputePayload, DisputeStatus, Stored } from '../../../../shared/facts';
import type { JournalDraft } from '../../../ledger';
import { disputeJournal, foldDispute } from './fold-dispute';

/** What a posting moves, whenever it was told. */
const contentOf = ({ type, refId, entries }: JournalDraft): string =>
  [type, refId, ...entries.map(({ account, amount, currency }) => `${account} ${String(amount)} ${currency}`)].join(
    '\n',
  );

const T0 = Date.parse('2026-01-15T10:00:00Z');
const at = (second: number): string => new Date(T0 + second * 1000).toISOString();
const identity = { disputeId: 'dsp_1', providerRef: 'dp_1', customerId: 'cust_1' };

/** One telling of the dispute: its status, and whether the bank has moved the money before it. */
interface Step {
  status: DisputeStatus;
  /** Seconds since the telling before. */
  after: number;
}

/** The facts of a whole life, each with all movements so far, as Stripe shows them. */
function lifeOf(steps: readonly Step[]): Stored<DisputeFact>[] {
  let second = 0;
  let held = false;
  const movements: DisputePayload['movements'] = [];
  return steps.map(({ status, after }, index) => {
    second += after;
    const holds = status === 'needs_response' || status === 'under_review' || status === 'lost';
    if (holds !== held) {
      held = holds;
      const [amount, fee] = holds ? [-2_900, movements.length === 0 ? 1_500 : 0] : [2_900, 0];
      movements.push({ ref: `txn_${movements.length}`, amount, fee, currency: 'USD', createdAt: at(second) });
    }
    const payload: DisputePayload = {
      paymentRef: 'pi_1',
      amount: 2_900,
      currency: 'USD',
      status,
      providerStatus: status,
      reason: 'fraudulent',
      evidenceDueBy: null,
      hasEvidence: false,
      evidenceCount: 0,
      movements: [...movements],
      createdAt: at(0),
    };
    return {
      provider: 'stripe',
      objectType: 'dispute',
      objectId: 'dp_1',
      kind: index === 0 ? 'dispute.created' : 'dispute.changed',
      aggregate: 'stripe:cus_1',
      occurredAt: new Date(T0 + second * 1000),
      sourceId: `evt_${String(index).padStart(3, '0')}`,
      payload,
      before: null,
      id: `fact_${String(index)}`,
      seq: BigInt(index),
    };
  });
}

const anyLife = fc.array(
  fc.record({
    status: fc.constantFrom<DisputeStatus>('needs_response', 'under_review', 'won', 'lost', 'warning_needs_response'),
    // Never within one second: what came last of it only the provider can say, and is asked.
    after: fc.integer({ min: 1, max: 5 }),
  }),
  { minLength: 1, maxLength: 8 },
);

const journalOf = (facts: readonly Stored<DisputeFact>[]): Map<string, string> => {
  const state = foldDispute(facts);
  const drafts = state ? disputeJournal(state, identity) : [];
  return new Map(drafts.map((draft) => [draft.idempotencyKey, contentOf(draft)]));
};

const balancesOf = (facts: readonly Stored<DisputeFact>[]): Record<string, bigint> => {
  const sums: Record<string, bigint> = {};
  const state = foldDispute(facts);
  for (const { entries } of state ? disputeJournal(state, identity) : []) {
    for (const { account, amount } of entries) sums[account] = (sums[account] ?? 0n) + amount;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
};

const told = (...statuses: DisputeStatus[]): Stored<DisputeFact>[] =>
  lifeOf(statuses.map((status) => ({ status, after: 60 })));

describe('disputeJournal', () => {
  it.each<[string, DisputeStatus[], Record<string, bigint>]>([
    ['open', ['needs_response'], { 'disputes.held': 2_900n, 'fees.stripe': 1_500n, 'stripe.clearing': -4_400n }],
    ['won', ['needs_response', 'won'], { 'fees.stripe': 1_500n, 'stripe.clearing': -1_500n }],
    [
      'lost',
      ['needs_response', 'lost'],
      { 'disputes.lost': 2_900n, 'fees.stripe': 1_500n, 'stripe.clearing': -4_400n },
    ],
    ['lost, then won', ['needs_response', 'lost', 'won'], { 'fees.stripe': 1_500n, 'stripe.clearing': -1_500n }],
    [
      'lost, won, lost',
      ['needs_response', 'lost', 'won', 'lost'],
      { 'disputes.lost': 2_900n, 'fees.stripe': 1_500n, 'stripe.clearing': -4_400n },
    ],
    ['an inquiry', ['warning_needs_response', 'warning_closed'], {}],
    ['prevented', ['prevented'], {}],
  ])('%s', (_name, statuses, expected) => {
    expect(balancesOf(told(...statuses))).toEqual(expected);
  });

  it('posts every movement of withdrawn, reinstated, withdrawn', () => {
    const keys = [...journalOf(told('needs_response', 'won', 'needs_response')).keys()];
    expect(keys).toEqual([
      'stripe:dp_1:withdrawn:txn_0',
      'stripe:dp_1:reinstated:txn_1',
      'stripe:dp_1:withdrawn:txn_2',
    ]);
  });

  it('comes to the same whatever order its facts are heard in: postings are only added, and never change', () => {
    fc.assert(
      fc.property(anyLife, fc.infiniteStream(fc.nat()), (steps, dice) => {
        const left = lifeOf(steps);
        const whole = journalOf(left);
        const heard: Stored<DisputeFact>[] = [];
        const posted = new Map<string, string>();
        while (left.length > 0) {
          const [next] = dice.take(1);
          heard.push(...left.splice((next ?? 0) % left.length, 1));
          for (const [key, content] of journalOf(heard)) {
            expect(posted.get(key) ?? content).toBe(content);
            posted.set(key, content);
          }
        }
        expect(new Map([...posted].sort())).toEqual(new Map([...whole].sort()));
      }),
    );
  });

  it('is in the payment’s currency where our balance is in another one, at whatever rate it comes and goes', () => {
    const told = lifeOf([
      { status: 'needs_response', after: 1 },
      { status: 'won', after: 1 },
      { status: 'lost', after: 1 },
    ]);
    const rates = [-2_500, 2_450, -2_600];
    const abroad = told.map((fact) => ({
      ...fact,
      payload: {
        ...fact.payload,
        movements: fact.payload.movements.map((move, index) => ({
          ...move,
          currency: 'EUR',
          amount: rates[index] ?? 0,
          fee: 0,
        })),
      },
    }));
    const state = foldDispute(abroad);
    const sums = new Map<string, bigint>();
    for (const { account, amount, currency } of state
      ? disputeJournal(state, identity).flatMap(({ entries }) => entries)
      : []) {
      const key = `${account} ${currency}`;
      sums.set(key, (sums.get(key) ?? 0n) + amount);
    }
    expect(Object.fromEntries([...sums].filter(([, sum]) => sum !== 0n))).toEqual({
      'disputes.lost USD': 2_900n,
      'fx.clearing USD': -2_900n,
      'fx.clearing EUR': 2_650n,
      'stripe.clearing EUR': -2_650n,
    });
  });
});
