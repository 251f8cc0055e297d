import fc from 'fast-check';
import type { RefundFact, RefundPayload, RefundStatus, Stored } from '../../../../shared/facts';
import type { CommissionTerms, JournalDraft } from '../../../ledger';
import { foldRefund, refundJournal } from './fold-refund';

/** What a posting moves, whenever it was told. */
const contentOf = ({ type, refId, entries }: JournalDraft): string =>
  [type, refId, ...entries.map(({ account, amount, currency }) => `${account} ${String(amount)} ${currency}`)].join(
    '\n',
  );

const T0 = Date.parse('2026-01-15T10:00:00Z');
const identity = { refundId: 'rfd_1', providerRef: 're_1', customerId: 'cust_1', provider: 'stripe' as const };
const TERMS: CommissionTerms = {
  apple: [{ choice: 'standard', since: '' }],
  google: [{ choice: 'first_million', since: '' }],
};

const fact = (status: RefundStatus, second: number, more: Partial<RefundPayload> = {}): Stored<RefundFact> => ({
  provider: 'stripe',
  objectType: 'refund',
  objectId: 're_1',
  kind: second === 0 ? 'refund.created' : 'refund.changed',
  aggregate: 'stripe:cus_1',
  occurredAt: new Date(T0 + second * 1000),
  sourceId: `evt_${String(second)}`,
  payload: {
    paymentRef: 'pi_1',
    intentId: null,
    amount: 900,
    currency: 'USD',
    status,
    reason: null,
    failureReason: null,
    movementRef: null,
    createdAt: new Date(T0).toISOString(),
    ...more,
  },
  before: null,
  id: `fact_${String(second)}`,
  seq: BigInt(second),
});

const keysOf = (facts: readonly Stored<RefundFact>[]): string[] => {
  const state = foldRefund(facts);
  return state ? refundJournal(state, identity, TERMS).map(({ idempotencyKey }) => idempotencyKey) : [];
};
const TAKEN = 'stripe:re_1:refunded';
const BACK = `${TAKEN}:reversal`;

describe('refundJournal', () => {
  it.each<[string, RefundStatus[], string[]]>([
    ['on its way', ['pending'], [TAKEN]],
    ['arrived', ['pending', 'succeeded'], [TAKEN]],
    ['failed', ['pending', 'failed'], [TAKEN, BACK]],
    ['failed after it had arrived', ['succeeded', 'failed'], [TAKEN, BACK]],
    ['failed, and nobody told before', ['failed'], [TAKEN, BACK]],
    ['waiting for the customer', ['requires_action'], []],
    ['never taken up', ['requires_action', 'canceled'], []],
    ['canceled on its way', ['pending', 'canceled'], [TAKEN, BACK]],
  ])('%s', (_name, statuses, keys) => {
    expect(keysOf(statuses.map((status, second) => fact(status, second)))).toEqual(keys);
  });

  it('was taken where our balance says so, whatever its status', () => {
    expect(keysOf([fact('requires_action', 0, { movementRef: 'txn_1' })])).toEqual([TAKEN]);
  });

  const dollars = (id: string, amount: number) => ({
    ...{ ref: id, amount, fee: 0, currency: 'USD' },
    createdAt: new Date(T0 + 30_000).toISOString(),
  });
  const abroad = { currency: 'EUR', movementRef: 'txn_1' };
  const failed = { ...abroad, failureMovementRef: 'txn_2' };
  const reading = (one: Stored<RefundFact>): Stored<RefundFact> => ({ ...one, kind: 'refund.snapshot' });

  it('is exchanged where our balance is in another currency, there and back at each day’s rate', () => {
    const facts = [
      fact('succeeded', 0, abroad),
      reading(fact('succeeded', 1, { ...abroad, movements: [dollars('txn_1', -990)] })),
      fact('failed', 20, failed),
      reading(fact('failed', 21, { ...failed, movements: [dollars('txn_1', -990), dollars('txn_2', 972)] })),
    ];
    expect(keysOf(facts)).toEqual([TAKEN, BACK, 'stripe:re_1:exchanged', 'stripe:re_1:exchanged:returned']);
    const state = foldRefund(facts);
    const sums = new Map<string, bigint>();
    for (const { account, amount, currency } of state
      ? refundJournal(state, identity, TERMS).flatMap(({ entries }) => entries)
      : []) {
      sums.set(`${account} ${currency}`, (sums.get(`${account} ${currency}`) ?? 0n) + amount);
    }
    expect(Object.fromEntries([...sums].filter(([, sum]) => sum !== 0n))).toEqual({
      'fx.clearing USD': 18n,
      'stripe.clearing USD': -18n,
    });
    // The events between the readings lack nothing: what was read never changes.
    for (let heard = 0; heard <= facts.length; heard += 1) {
      const lacks = foldRefund(facts.slice(0, heard))?.lacksMovement ?? false;
      expect([heard, lacks]).toEqual([heard, heard === 1 || heard === 3]);
    }
  });

  it('is not exchanged where our balance is in the payment’s currency', () => {
    const told = { movementRef: 'txn_1', movements: [dollars('txn_1', -900)] };
    expect(keysOf([reading(fact('succeeded', 0, told))])).toEqual([TAKEN]);
  });

  it('is what event and reading of one second say alike, though only one of them shows the movement', () => {
    const event = { ...fact('succeeded', 0, abroad), id: 'fact_b' };
    const read = reading(fact('succeeded', 0, { ...abroad, movements: [dollars('txn_1', -990)] }));
    const state = foldRefund([{ ...read, sourceId: 'read:evt_0' }, event]);
    expect(state).toMatchObject({ undecided: false, lacksMovement: false, taken: { amount: -990 } });
    expect(state?.payload).not.toHaveProperty('movements');
  });

  it('is the same for the facts of a second in any order', () => {
    const all = [fact('pending', 0), fact('succeeded', 0), fact('failed', 0)].map((one, index) => ({
      ...one,
      sourceId: `evt_${String(index)}`,
      id: `fact_${String(index)}`,
    }));
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 3 }), (facts) => {
        const state = foldRefund(facts);
        expect(state?.payload.status).toBe('failed');
        expect(keysOf(facts)).toEqual([TAKEN, BACK]);
      }),
    );
  });

  it('only ever adds postings, and never changes one', () => {
    const life = [fact('pending', 0), fact('succeeded', 9), fact('failed', 20)];
    fc.assert(
      fc.property(fc.shuffledSubarray(life), (heard) => {
        const state = foldRefund(heard);
        const whole = foldRefund(life);
        const complete = whole ? refundJournal(whole, identity, TERMS) : [];
        for (const draft of state ? refundJournal(state, identity, TERMS) : []) {
          const same = complete.find(({ idempotencyKey }) => idempotencyKey === draft.idempotencyKey);
          expect(same && contentOf(same)).toBe(contentOf(draft));
        }
      }),
    );
  });
});

describe('a refund by a store', () => {
  const apple = { refundId: 'rfd_1', providerRef: '2000', customerId: 'cust_1', provider: 'apple' as const };
  const sale = { kind: 'subscription', soldAt: '2026-01-10T10:00:00.000Z', since: null } as const;
  const given = (second: number, more: Partial<RefundPayload> = {}): Stored<RefundFact> => {
    const at = T0 + second * 1000;
    return fact('succeeded', second, { createdAt: new Date(at).toISOString(), occurrence: String(at), sale, ...more });
  };
  const takenBack = (second: number): Stored<RefundFact> => fact('canceled', second, { amount: 900, sale });
  const journal = (facts: readonly Stored<RefundFact>[]): JournalDraft[] => {
    const state = foldRefund(facts);
    return state ? refundJournal(state, apple, TERMS) : [];
  };
  const netOf = (facts: readonly Stored<RefundFact>[]): Record<string, bigint> => {
    const sums: Record<string, bigint> = {};
    for (const { account, amount } of journal(facts).flatMap(({ entries }) => entries)) {
      sums[account] = (sums[account] ?? 0n) + amount;
    }
    return sums;
  };
  const GIVEN = { 'revenue.refunds': 900n, 'apple.clearing': -630n, 'fees.apple': -270n };
  const NOTHING = { 'revenue.refunds': 0n, 'apple.clearing': 0n, 'fees.apple': 0n };

  it.each<[string, Stored<RefundFact>[], Record<string, bigint>]>([
    ['given', [given(0)], GIVEN],
    ['told again later', [given(0), { ...given(0), occurredAt: new Date(T0 + 9_000) }], GIVEN],
    ['taken back', [given(0), takenBack(10)], NOTHING],
    ['taken back, and nobody told before', [takenBack(10)], {}],
    ['given again', [given(0), takenBack(10), given(20)], GIVEN],
    ['given again, and nobody told that it was taken back', [given(0), given(20)], GIVEN],
    ['given again and taken back again', [given(0), takenBack(10), given(20), takenBack(30)], NOTHING],
    ['in part', [given(0, { amount: 450 })], { 'revenue.refunds': 450n, 'apple.clearing': -315n, 'fees.apple': -135n }],
  ])('%s', (_how, facts, net) => {
    expect(netOf(facts)).toEqual(net);
  });

  it('stands where it ended', () => {
    expect(foldRefund([given(0), takenBack(10), given(20)])?.payload.status).toBe('succeeded');
  });

  it('goes on under the key it was posted under before its times were told apart', () => {
    const { occurrence: _, ...before } = given(0).payload;
    const old = { ...given(0), payload: before };
    const keys = (facts: Stored<RefundFact>[]): string[] => journal(facts).map(({ idempotencyKey }) => idempotencyKey);
    expect(keys([old])).toEqual(['apple:2000:refunded', 'apple:2000:commission_returned']);
    expect(keys([old, { ...given(0), occurredAt: new Date(T0 + 9_000) }])).toEqual(keys([old]));
    expect(keys([given(0)])).toEqual([
      `apple:2000:refunded:${String(T0)}`,
      `apple:2000:commission_returned:${String(T0)}`,
    ]);
  });

  it('posts nothing that another part of its facts would post otherwise', () => {
    const life = [given(0), takenBack(10), given(20, { amount: 450 }), takenBack(30), given(40)];
    const whole = new Map(journal(life).map((draft) => [draft.idempotencyKey, contentOf(draft)]));
    fc.assert(
      fc.property(fc.shuffledSubarray(life), (heard) => {
        for (const draft of journal(heard)) expect(whole.get(draft.idempotencyKey)).toBe(contentOf(draft));
      }),
    );
  });
});
