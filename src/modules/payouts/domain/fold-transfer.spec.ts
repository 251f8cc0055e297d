import fc from 'fast-check';
import type { Stored, TransferFact, TransferState } from '../../../shared/facts';
import type { JournalDraft } from '../../ledger';
import { foldTransfer, transferJournal } from './fold-transfer';
import { payoutStatus, type PayoutStatus } from './payout-status';

const T0 = Date.parse('2026-03-02T09:00:00Z');
const KEY = '6f2c1f0e-5d5b-4b7e-9f0a-0c8a3f1d2b11';
let serial = 0;

type Told = Pick<TransferFact, 'kind' | 'payload' | 'before'>;

function fact(told: Told, second: number): Stored<TransferFact> {
  serial += 1;
  return {
    ...{ provider: 'wise', objectType: 'transfer', objectId: '42', aggregate: `wise:${KEY}` },
    ...{ occurredAt: new Date(T0 + second * 1000), sourceId: `src_${String(serial)}` },
    ...{ id: `fact_${String(serial)}`, seq: BigInt(serial) },
    ...told,
  } as Stored<TransferFact>;
}

const ordered = (more = {}): Told => ({
  kind: 'transfer.ordered',
  payload: {
    ...{ payoutId: 'po_1', quoteRef: 'q_1', sourceCurrency: 'USD', sourceAmount: 10_000, fee: 150 },
    ...{ targetCurrency: 'EUR', targetAmount: 9_062, rate: '0.92', ...more },
  },
  before: null,
});
const funding = (status: 'completed' | 'rejected' | 'authorization_required'): Told => ({
  kind: 'transfer.funded',
  payload: { status, errorCode: status === 'rejected' ? 'transfer.insufficient_funds' : null },
  before: null,
});
const moved = (state: TransferState, previous: TransferState): Told => ({
  kind: 'transfer.changed',
  payload: { state },
  before: { state: previous },
});
const seen = (state: TransferState, settlement?: { wasFunded: boolean; returned: number | null }): Told => ({
  kind: 'transfer.snapshot',
  payload: { state, ...(settlement && { settlement }) },
  before: null,
});

const life = (...told: Told[]): Stored<TransferFact>[] => told.map((one, index) => fact(one, index * 60));
const SENT: readonly Told[] = [
  ordered(),
  seen('incoming_payment_waiting'),
  funding('completed'),
  moved('processing', 'incoming_payment_waiting'),
  moved('funds_converted', 'processing'),
  moved('outgoing_payment_sent', 'funds_converted'),
];

function journalOf(facts: readonly Stored<TransferFact>[]): JournalDraft[] {
  const standing = foldTransfer(facts);
  return standing ? transferJournal(standing, '42') : [];
}
const keysOf = (facts: readonly Stored<TransferFact>[]): string[] =>
  journalOf(facts).map(({ idempotencyKey }) => idempotencyKey.replace('wise:42:', ''));

function sumsOf(drafts: readonly JournalDraft[]): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const { account, amount, currency } of drafts.flatMap(({ entries }) => entries)) {
    const key = `${account} ${currency}`;
    sums[key] = (sums[key] ?? 0n) + amount;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
}

describe('transferJournal', () => {
  it.each<[string, Told[], string[]]>([
    ['ordered', [ordered(), seen('incoming_payment_waiting')], []],
    ['paid for', SENT.slice(0, 3), ['funded']],
    ['on its way, and the answer was lost', [ordered(), seen('processing')], ['funded']],
    ['sent', [...SENT], ['funded', 'disbursed:1']],
    [
      'sent back and sent again',
      [...SENT, moved('bounced_back', 'outgoing_payment_sent'), moved('outgoing_payment_sent', 'bounced_back')],
      ['funded', 'disbursed:1', 'disbursed:1:reversal', 'disbursed:2'],
    ],
    [
      'sent back, and nobody knows yet what came of it',
      [...SENT, moved('bounced_back', 'outgoing_payment_sent'), moved('funds_refunded', 'bounced_back')],
      ['funded', 'disbursed:1', 'disbursed:1:reversal'],
    ],
    [
      'sent back for good',
      [
        ...SENT,
        moved('bounced_back', 'outgoing_payment_sent'),
        seen('funds_refunded', { wasFunded: true, returned: 10_000 }),
      ],
      ['funded', 'disbursed:1', 'disbursed:1:reversal', 'returned'],
    ],
    [
      'called off before it was paid for',
      [ordered(), seen('cancelled', { wasFunded: false, returned: null })],
      ['unfunded'],
    ],
    [
      'called off after it was paid for',
      [...SENT.slice(0, 4), seen('cancelled', { wasFunded: true, returned: null })],
      ['funded', 'returned'],
    ],
    ['not told who ordered it', SENT.slice(1), []],
  ])('%s', (_name, told, keys) => {
    expect(keysOf(life(...told))).toEqual(keys);
  });

  it('moves the money once, with the fee and the rate', () => {
    const drafts = journalOf(life(...SENT));
    expect(sumsOf(drafts)).toEqual({
      'payouts.wise.reserved USD': -10_000n,
      'fees.wise USD': 150n,
      'fx.clearing USD': 9_850n,
      'fx.clearing EUR': -9_062n,
      'payouts.disbursed EUR': 9_062n,
    });
    expect(drafts.at(-1)?.meta).toEqual({ rate: '0.92' });
  });

  it('needs no exchange within one currency', () => {
    const same = ordered({ targetCurrency: 'USD', targetAmount: 9_850, rate: '1' });
    expect(sumsOf(journalOf(life(same, ...SENT.slice(1))))).toEqual({
      'payouts.wise.reserved USD': -10_000n,
      'fees.wise USD': 150n,
      'payouts.disbursed USD': 9_850n,
    });
  });

  it.each<[number | null, Record<string, bigint>]>([
    [null, {}],
    [10_000, {}],
    [9_850, { 'fees.wise USD': 150n }],
    [9_000, { 'fees.wise USD': 1_000n }],
  ])('leaves what was kept when %s come back', (returned, kept) => {
    const back = seen('funds_refunded', { wasFunded: true, returned });
    const {
      'wise.clearing USD': free = 0n,
      'payouts.wise.reserved USD': reserved = 0n,
      ...rest
    } = sumsOf(journalOf(life(...SENT, moved('bounced_back', 'outgoing_payment_sent'), back)));
    expect(free).toBe(BigInt(returned ?? 10_000));
    expect(reserved).toBe(-10_000n);
    expect(rest).toEqual(kept);
  });

  it('sets free what nobody paid for', () => {
    const off = seen('cancelled', { wasFunded: false, returned: null });
    expect(sumsOf(journalOf(life(ordered(), funding('rejected'), off)))).toEqual({
      'wise.clearing USD': 10_000n,
      'payouts.wise.reserved USD': -10_000n,
    });
  });

  const COURSES: readonly TransferState[] = ['bounced_back', 'outgoing_payment_sent', 'funds_refunded', 'charged_back'];
  const anyLife = fc.array(fc.constantFrom(...COURSES), { maxLength: 6 }).map((states) => {
    let previous: TransferState = 'outgoing_payment_sent';
    const more = states.map((state) => {
      const told = moved(state, previous);
      previous = state;
      return told;
    });
    return life(...SENT, ...more, seen(previous, { wasFunded: true, returned: 10_000 }));
  });
  const textOf = (drafts: readonly JournalDraft[]): string[] =>
    drafts.map(({ idempotencyKey, entries }) =>
      [idempotencyKey, ...entries.map((e) => `${e.account} ${String(e.amount)} ${e.currency}`)].join('\n'),
    );

  it('is a function of the set of facts, whatever order they come in', () => {
    fc.assert(
      fc.property(
        anyLife.chain((facts) => fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length }))),
        ([facts, shuffled]) => {
          expect(textOf(journalOf(shuffled))).toEqual(textOf(journalOf(facts)));
        },
      ),
    );
  });

  it('leaves nothing under way once it has ended', () => {
    fc.assert(
      fc.property(anyLife, (facts) => {
        const state = foldTransfer(facts)?.state;
        const { 'payouts.wise.transit USD': transit = 0n } = sumsOf(journalOf(facts));
        expect(transit).toBe(state === 'bounced_back' ? 9_850n : 0n);
      }),
    );
  });
});

describe('foldTransfer', () => {
  it('is nothing before it is told of', () => {
    expect(foldTransfer([])).toBeNull();
  });

  it('orders changes of one second by what each says was before', () => {
    const told = [
      moved('processing', 'incoming_payment_waiting'),
      moved('funds_converted', 'processing'),
      moved('outgoing_payment_sent', 'funds_converted'),
      moved('bounced_back', 'outgoing_payment_sent'),
    ].map((one) => fact(one, 0));
    fc.assert(
      fc.property(fc.shuffledSubarray(told, { minLength: told.length }), (heard) => {
        expect(foldTransfer(heard)).toMatchObject({ state: 'bounced_back', undecided: false });
      }),
    );
  });

  it('asks what became of the money where it has ended unpaid', () => {
    const facts = life(...SENT, moved('cancelled', 'processing'));
    expect(foldTransfer(facts)?.undecided).toBe(true);
    const asked = [...facts, fact(seen('cancelled', { wasFunded: true, returned: null }), 900)];
    expect(foldTransfer(asked)?.undecided).toBe(false);
  });

  it('stays paid for once it was, whatever is answered later', () => {
    const facts = life(ordered(), funding('authorization_required'), funding('completed'), funding('rejected'));
    expect(foldTransfer(facts)).toMatchObject({ funding: 'completed', failureCode: null });
  });
});

describe('payoutStatus', () => {
  it.each<[string, Told[], PayoutStatus]>([
    ['ordered', [ordered()], 'processing'],
    ['a person has to fund it', [ordered(), funding('authorization_required')], 'requires_manual_funding'],
    ['a person did', [ordered(), funding('authorization_required'), seen('processing')], 'processing'],
    ['refused for want of money', [ordered(), funding('rejected')], 'failed'],
    [
      'and called off',
      [ordered(), funding('rejected'), seen('cancelled', { wasFunded: false, returned: null })],
      'failed',
    ],
    ['sent', [...SENT], 'paid'],
    ['bounced', [...SENT, moved('bounced_back', 'outgoing_payment_sent')], 'bounced'],
    ['refunded', [...SENT, moved('funds_refunded', 'bounced_back')], 'refunded'],
    ['charged back', [...SENT, moved('charged_back', 'outgoing_payment_sent')], 'charged_back'],
    ['called off there', [ordered(), seen('cancelled')], 'canceled'],
  ])('%s', (_name, told, status) => {
    expect(payoutStatus('approved', foldTransfer(life(...told)))).toBe(status);
  });

  it.each(['queued', 'awaiting_second_approval', 'rejected', 'canceled'] as const)(
    '%s without a transfer',
    (decision) => {
      expect(payoutStatus(decision, null)).toBe(decision);
    },
  );

  it('is processing once approved, and failed where the provider would not take it', () => {
    expect(payoutStatus('approved', null)).toBe('processing');
    expect(payoutStatus('refused', null)).toBe('failed');
  });
});
