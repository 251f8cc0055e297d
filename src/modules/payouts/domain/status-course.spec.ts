import fc from 'fast-check';
import type { Stored, TransferFact, TransferState } from '../../../shared/facts';
import type { JournalDraft } from '../../ledger';
import { foldTransfer, transferJournal } from './fold-transfer';
import { nextStep } from './next-step';
import { payoutStatus, type PayoutStatus } from './payout-status';
import { changesTold } from './status-course';

const T0 = Date.parse('2026-03-02T09:00:00Z');
const KEY = '6f2c1f0e-5d5b-4b7e-9f0a-0c8a3f1d2b11';

type Told = Pick<TransferFact, 'kind' | 'payload' | 'before' | 'sourceId'> & { second: number };

/** Told in this order, one after the other. */
function stored(told: readonly Told[]): Stored<TransferFact>[] {
  return told.map(
    ({ second, ...rest }, index) =>
      ({
        ...{ provider: 'wise', objectType: 'transfer', objectId: '42', aggregate: `wise:${KEY}`, ...rest },
        ...{ occurredAt: new Date(T0 + second * 1000), id: `fact_${rest.sourceId}`, seq: BigInt(index + 1) },
      }) as Stored<TransferFact>,
  );
}

const ordered = (second: number): Told => ({
  ...{ kind: 'transfer.ordered', before: null, sourceId: 'answer:po_1:order', second },
  payload: {
    ...{ payoutId: 'po_1', quoteRef: 'q_1', sourceCurrency: 'USD', sourceAmount: 10_000, fee: 150 },
    ...{ targetCurrency: 'EUR', targetAmount: 9_062, rate: '0.92' },
  },
});
const funded = (
  second: number,
  status: 'completed' | 'rejected' | 'authorization_required',
  attempt: number,
): Told => ({
  ...{ kind: 'transfer.funded', before: null, sourceId: `answer:po_1:funding:000${String(attempt)}`, second },
  payload: { status, errorCode: status === 'rejected' ? 'transfer.insufficient_funds' : null },
});
const moved = (second: number, state: TransferState, previous: TransferState | null): Told => ({
  ...{
    kind: 'transfer.changed',
    before: previous && { state: previous },
    sourceId: `wh:${state}:${String(second)}`,
    second,
  },
  payload: { state },
});
const seen = (second: number, state: TransferState, wasFunded?: boolean): Told => ({
  ...{ kind: 'transfer.snapshot', before: null, sourceId: `read:${String(second)}`, second },
  payload: { state, ...(wasFunded !== undefined && { settlement: { wasFunded, returned: null } }) },
});

/** What Wise did to a transfer, second by second, as its webhooks would tell all of it. */
interface Course {
  readonly told: readonly Told[];
  readonly states: readonly TransferState[];
  readonly funding: 'completed' | 'rejected' | 'authorization_required';
}

const AFTER: Readonly<Partial<Record<TransferState, readonly TransferState[]>>> = {
  processing: ['funds_converted', 'cancelled'],
  funds_converted: ['outgoing_payment_sent', 'cancelled'],
  outgoing_payment_sent: ['bounced_back', 'charged_back'],
  bounced_back: ['outgoing_payment_sent', 'funds_refunded'],
  cancelled: ['funds_refunded'],
};

/** Any life of a transfer that was ordered and asked to be paid for. */
const anyCourse: fc.Arbitrary<Course> = fc
  .tuple(
    fc.constantFrom<Course['funding']>('completed', 'rejected', 'authorization_required'),
    fc.array(fc.nat(9), { maxLength: 8 }),
    fc.boolean(),
  )
  .map(([funding, turns, isApproved]) => {
    const states: TransferState[] = ['incoming_payment_waiting'];
    const isPaidFor = funding === 'completed' || (funding === 'authorization_required' && isApproved);
    const told: Told[] = [ordered(0), moved(0, 'incoming_payment_waiting', null), funded(2, funding, 2)];
    let state: TransferState = 'incoming_payment_waiting';
    let second = 3;
    const go = (next: TransferState): void => {
      told.push(moved(second, next, state));
      states.push(next);
      state = next;
      second += 1;
    };
    if (isPaidFor) go('processing');
    else if (turns.length > 0) go('cancelled');
    for (const turn of isPaidFor ? turns : []) {
      const possible: readonly TransferState[] = AFTER[state] ?? [];
      const next = possible[turn % possible.length];
      if (next) go(next);
    }
    const hasEnded = ['cancelled', 'funds_refunded', 'charged_back'].includes(state);
    if (hasEnded) told.push(seen(second + 10, state, isPaidFor));
    return { told, states, funding };
  });

/** The course, and the same with readings of what stood at some moments among it, some of it told twice, in any order. */
const anyTelling = anyCourse.chain(({ told, ...course }) =>
  fc.record({ again: fc.subarray([...told]), looks: fc.subarray([...told]) }).chain(({ again, looks }) => {
    const readings = looks.flatMap((one): Told[] =>
      one.kind === 'transfer.changed' && 'state' in one.payload
        ? [{ ...seen(one.second, one.payload.state), sourceId: `read:${String(one.second)}:look` }]
        : [],
    );
    const all = [...told, ...again, ...readings];
    return fc.record({
      course: fc.constant({ told, ...course }),
      heard: fc.shuffledSubarray(all, { minLength: all.length }),
    });
  }),
);

/** As it is stored: nothing of one source twice. */
function unique(told: readonly Told[]): Told[] {
  return [...new Map(told.map((one) => [one.sourceId, one])).values()];
}

function journalOf(facts: readonly Stored<TransferFact>[]): string[] {
  const standing = foldTransfer(facts);
  const drafts: JournalDraft[] = standing ? transferJournal(standing, '42') : [];
  return drafts.map(({ idempotencyKey, entries }) =>
    [idempotencyKey, ...entries.map((e) => `${e.account} ${String(e.amount)} ${e.currency}`)].join('\n'),
  );
}
const statusOf = (facts: readonly Stored<TransferFact>[]): PayoutStatus =>
  payoutStatus('approved', foldTransfer(facts));

describe('a payout, however it is told', () => {
  it('comes to the status and the postings of its true course', () => {
    fc.assert(
      fc.property(anyTelling, ({ course, heard }) => {
        const [truly, told] = [stored(course.told), stored(unique(heard))];
        expect(statusOf(told)).toBe(statusOf(truly));
        expect(journalOf(told)).toEqual(journalOf(truly));
        expect(foldTransfer(told)).toMatchObject({ state: course.states.at(-1), undecided: false });
      }),
    );
  });

  it('is paid for once, and never after it was paid for or refused; ordered never after it was', () => {
    fc.assert(
      fc.property(anyTelling, fc.boolean(), ({ heard }, isCancelRequested) => {
        const told = unique(heard);
        for (let known = 1; known <= told.length; known += 1) {
          const facts = stored(told.slice(0, known));
          const standing = foldTransfer(facts);
          if (!standing) continue;
          const transfer = { ...standing, isOrdered: standing.order !== null };
          const step = nextStep({ decision: 'approved', isCancelRequested, transfer });
          const has = (kind: TransferFact['kind']): boolean => facts.some((fact) => fact.kind === kind);
          if (has('transfer.funded')) expect(step).not.toBe('fund');
          if (has('transfer.ordered')) expect(step).not.toBe('order');
          if (standing.fundedAt !== null) expect(step).not.toBe('fund');
        }
      }),
    );
  });

  it('has a history of nothing but changes, which ends where it stands', () => {
    fc.assert(
      fc.property(anyTelling, ({ heard }) => {
        const told = stored(unique(heard));
        let present: PayoutStatus = payoutStatus('approved', null);
        for (let known = 1; known <= told.length; known += 1) {
          const facts = told.slice(0, known);
          const changes = changesTold(facts, facts.slice(-1), 'approved', present);
          const status = statusOf(facts);
          for (const { from, to } of changes) expect(from).not.toBe(to);
          if (status !== present) expect(changes.at(-1)?.to).toBe(status);
          present = status;
        }
      }),
    );
  });
});

describe('changesTold', () => {
  const LIFE = [
    ordered(0),
    moved(0, 'incoming_payment_waiting', null),
    funded(2, 'completed', 2),
    moved(3, 'processing', 'incoming_payment_waiting'),
    moved(4, 'funds_converted', 'processing'),
    moved(5, 'outgoing_payment_sent', 'funds_converted'),
    moved(6, 'bounced_back', 'outgoing_payment_sent'),
    moved(7, 'outgoing_payment_sent', 'bounced_back'),
  ];
  const path = (told: readonly Told[], fresh: number, present: PayoutStatus): string[] => {
    const facts = stored(told);
    return changesTold(facts, facts.slice(-fresh), 'approved', present).map(({ from, to }) => `${from} > ${to}`);
  };
  const at = (index: number): Told => LIFE[index] ?? ordered(0);

  it.each<[string, readonly Told[], number, PayoutStatus, string[]]>([
    ['nothing that changes the status', LIFE.slice(0, 5), 5, 'processing', []],
    ['that it was sent', LIFE.slice(0, 6), 1, 'processing', ['processing > paid']],
    ['what lasted for a moment only', LIFE, 3, 'processing', ['processing > paid', 'paid > bounced', 'bounced > paid']],
    [
      'that it bounced before it is told that it was sent',
      [...LIFE.slice(0, 5), at(6)],
      1,
      'processing',
      ['processing > bounced'],
    ],
    [
      'what was sent after it is known to have bounced',
      [...LIFE.slice(0, 5), at(6), at(5)],
      1,
      'bounced',
      ['processing > paid'],
    ],
  ])('tells %s', (_name, told, fresh, present, changes) => {
    expect(path(told, fresh, present)).toEqual(changes);
  });

  it.each([
    ['answer', funded(2, 'authorization_required', 2)],
    ['webhook', moved(2, 'cancelled', 'incoming_payment_waiting')],
    ['reading', seen(2, 'cancelled', false)],
  ])('names who told of it: %s', (source, told) => {
    const facts = stored([ordered(0), moved(0, 'incoming_payment_waiting', null), told]);
    expect(changesTold(facts, facts.slice(-1), 'approved', 'processing')).toMatchObject([
      { source, sourceId: told.sourceId, occurredAt: new Date(T0 + 2_000) },
    ]);
  });
});
