import fc from 'fast-check';
import type { CreditNoteFact, CreditNotePayload, Stored } from '../../../../shared/facts';
import type { JournalDraft } from '../../../ledger';
import { creditNoteJournal, foldCreditNote } from './fold-credit-note';

/** What a posting moves, whenever it was told. */
const contentOf = ({ type, refId, entries }: JournalDraft): string =>
  [type, refId, ...entries.map(({ account, amount, currency }) => `${account} ${String(amount)} ${currency}`)].join(
    '\n',
  );

const T0 = Date.parse('2026-01-15T10:00:00Z');
const at = (second: number): string => new Date(T0 + second * 1000).toISOString();
const identity = { creditNoteId: 'cn_ours', providerRef: 'cn_1', customerId: 'cust_1' };
const VOID: Partial<CreditNotePayload> = { status: 'void', voidedAt: at(60) };

type Told = [kind: CreditNoteFact['kind'], second: number, more?: Partial<CreditNotePayload>];

function factsOf(...told: Told[]): Stored<CreditNoteFact>[] {
  return told.map(([kind, second, more], index) => ({
    provider: 'stripe',
    objectType: 'credit_note',
    objectId: 'cn_1',
    kind,
    aggregate: 'stripe:cus_1',
    occurredAt: new Date(T0 + second * 1000),
    sourceId: `evt_${String(index)}`,
    payload: {
      customerRef: 'cus_1',
      invoiceRef: 'in_1',
      number: 'A-1-CN-01',
      intentId: null,
      status: 'issued',
      reason: null,
      currency: 'EUR',
      total: 1_190,
      tax: 190,
      prePayment: 1_190,
      refunded: 0,
      credited: 0,
      outOfBand: 0,
      voidedAt: null,
      createdAt: at(0),
      ...more,
    },
    before: null,
    id: `fact_${String(index)}`,
    seq: BigInt(index),
  }));
}

const journalOf = (facts: readonly Stored<CreditNoteFact>[]): JournalDraft[] => {
  const state = foldCreditNote(facts);
  return state ? creditNoteJournal(state, identity) : [];
};
const LIFE = factsOf(
  ['credit_note.created', 0],
  ['credit_note.changed', 30],
  ['credit_note.voided', 60, VOID],
  ['credit_note.snapshot', 61, VOID],
);

describe('a credit note', () => {
  it('is nothing before it is told of', () => {
    expect(foldCreditNote([])).toBeNull();
  });

  it('is posted once, at the time it was made', () => {
    const [issued, ...more] = journalOf(factsOf(['credit_note.changed', 30], ['credit_note.created', 0]));
    expect(more).toEqual([]);
    expect(issued).toMatchObject({
      type: 'credit_note.issued',
      idempotencyKey: 'stripe:cn_1:issued',
      refId: 'cn_ours',
      occurredAt: new Date(T0),
      entries: [
        { account: 'revenue.refunds', amount: 1_000n, currency: 'EUR' },
        { account: 'tax.payable', amount: 190n, currency: 'EUR' },
        { account: 'customer.receivable', amount: -1_190n, currency: 'EUR' },
      ],
    });
  });

  it('comes to nothing when it is void, at the time the provider says', () => {
    for (const told of [factsOf(['credit_note.voided', 60, VOID]), LIFE, factsOf(['credit_note.snapshot', 99, VOID])]) {
      const [issued, reversal] = journalOf(told);
      expect(reversal).toMatchObject({
        type: 'credit_note.issued.reversed',
        idempotencyKey: 'stripe:cn_1:issued:reversal',
        occurredAt: new Date(T0 + 60_000),
      });
      expect(reversal?.entries.map(({ amount }) => -amount)).toEqual(issued?.entries.map(({ amount }) => amount));
    }
  });

  it('stays void, whatever is told of the same second', () => {
    const all = factsOf(
      ['credit_note.created', 0],
      ['credit_note.changed', 0],
      ['credit_note.voided', 0, { status: 'void', voidedAt: at(0) }],
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 3 }), (heard) => {
        expect(foldCreditNote(heard)).toMatchObject({ payload: { status: 'void' }, undecided: false });
      }),
    );
  });

  it('only ever adds postings, and never changes one', () => {
    const whole = new Map(journalOf(LIFE).map((draft) => [draft.idempotencyKey, draft]));
    fc.assert(
      fc.property(fc.shuffledSubarray(LIFE), (heard) => {
        for (const draft of journalOf(heard)) {
          const same = whole.get(draft.idempotencyKey);
          expect(same && contentOf(same)).toBe(contentOf(draft));
          expect(same?.occurredAt).toEqual(draft.occurredAt);
        }
      }),
    );
  });
});
