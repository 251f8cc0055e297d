import fc from 'fast-check';
import type { CreditNoteFact, InvoiceFact, InvoicePayload, Stored } from '../../../shared/facts';
import type { JournalDraft } from '../../ledger';
import { creditNoteJournal, foldCreditNote } from '../credit-notes/domain/fold-credit-note';
import { foldInvoice } from './fold-invoice';
import { invoiceJournal } from './invoice-journal';

/** An invoice and the credit notes that take something off it before it is paid: what the two sets of postings come to. */
const T0 = Date.parse('2026-01-15T10:00:00Z');
const date = (second: number): Date => new Date(T0 + second * 1000);

interface Figures {
  total: number;
  tax: number;
  startingBalance: number;
  /** Totals of the credit notes, in their order; together never more than is due. */
  notes: number[];
}

const dueOf = ({ total, startingBalance }: Figures): number => total + startingBalance;
const stored = { provider: 'stripe', aggregate: 'stripe:cus_1', before: null } as const;

function invoiceFact(
  figures: Figures,
  index: number,
  status: InvoicePayload['status'],
  credited: number,
): Stored<InvoiceFact> {
  const due = dueOf(figures) - credited;
  const paid = status === 'paid';
  const payload: InvoicePayload = {
    ...{ customerRef: 'cus_1', subscriptionRef: 'sub_1', ownerId: null, number: 'A-1', billingReason: null },
    ...{ status, currency: 'EUR', total: figures.total, tax: figures.tax },
    ...{ amountDue: due, amountPaid: paid ? due : 0, amountRemaining: paid || status === 'void' ? 0 : due },
    ...{ startingBalance: figures.startingBalance, endingBalance: 0, paidOutOfBand: false },
    ...(credited > 0 && { creditedBeforePayment: credited }),
    ...{ attemptCount: 0, nextAttemptAt: null, hostedUrl: null, pdfUrl: null, lines: [] },
    ...{ periodStart: date(0).toISOString(), periodEnd: date(0).toISOString(), createdAt: date(0).toISOString() },
    ...{ finalizedAt: date(1).toISOString(), paidAt: paid ? date(900).toISOString() : null },
    ...(status === 'void' && { voidedAt: date(900).toISOString() }),
    ...(status === 'uncollectible' && { uncollectibleAt: date(800).toISOString() }),
  };
  return {
    ...stored,
    ...{
      objectType: 'invoice',
      objectId: 'in_1',
      kind: index === 0 ? 'invoice.finalized' : 'invoice.changed',
      payload,
    },
    ...{
      occurredAt: date(index * 60),
      sourceId: `evt_${String(index)}`,
      id: `fact_${String(index)}`,
      seq: BigInt(index),
    },
  };
}

/** What a credit note takes off, with its share of the tax. */
function noteFact({ total, tax }: Figures, index: number, amount: number): Stored<CreditNoteFact> {
  return {
    ...stored,
    ...{ objectType: 'credit_note', objectId: `cn_${String(index)}`, kind: 'credit_note.created' },
    payload: {
      ...{ customerRef: 'cus_1', invoiceRef: 'in_1', number: `A-1-CN-${String(index)}`, intentId: null, reason: null },
      ...{ status: 'issued', currency: 'EUR', total: amount, tax: Math.round((tax * amount) / total) },
      ...{ prePayment: amount, refunded: 0, credited: 0, outOfBand: 0 },
      ...{ voidedAt: null, createdAt: date(index * 60 + 1).toISOString() },
    },
    ...{
      occurredAt: date(index * 60 + 1),
      sourceId: `evt_cn${String(index)}`,
      id: `fact_cn${String(index)}`,
      seq: BigInt(index),
    },
  };
}

/** Finalized, credited note by note, and then as it ends. */
function lifeOf(figures: Figures, ...ends: InvoicePayload['status'][]): Stored<InvoiceFact>[] {
  let credited = 0;
  const changes = figures.notes.map((amount, n) => {
    credited += amount;
    return invoiceFact(figures, n + 1, 'open', credited);
  });
  const count = changes.length + 1;
  return [
    invoiceFact(figures, 0, 'open', 0),
    ...changes,
    ...ends.map((end, n) => invoiceFact(figures, count + n, end, credited)),
  ];
}

const journalOf = (facts: readonly Stored<InvoiceFact>[]): JournalDraft[] => {
  const state = foldInvoice(facts);
  return state ? invoiceJournal(state, { invoiceId: 'inv_1', providerRef: 'in_1', customerId: 'cust_1' }) : [];
};
const notesOf = (figures: Figures): JournalDraft[] =>
  figures.notes.flatMap((amount, index) => {
    const state = foldCreditNote([noteFact(figures, index, amount)]);
    const providerRef = `cn_${String(index)}`;
    return state ? creditNoteJournal(state, { creditNoteId: providerRef, providerRef, customerId: 'cust_1' }) : [];
  });

function sumsOf(drafts: readonly JournalDraft[]): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const { account, amount } of drafts.flatMap(({ entries }) => entries)) {
    sums[account] = (sums[account] ?? 0n) + amount;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
}

const FIGURES: Figures = { total: 2_380, tax: 380, startingBalance: 0, notes: [1_190] };
const booksOf = (figures: Figures, ...ends: InvoicePayload['status'][]): Record<string, bigint> =>
  sumsOf([...journalOf(lifeOf(figures, ...ends)), ...notesOf(figures)]);

describe('an invoice that a credit note takes something off', () => {
  it.each<[string, Figures, InvoicePayload['status'][], Record<string, bigint>]>([
    [
      'is owed less',
      FIGURES,
      [],
      {
        'customer.receivable': 1_190n,
        'revenue.deferred': -2_000n,
        'revenue.refunds': 1_000n,
        'tax.payable': -190n,
      },
    ],
    [
      'is paid less',
      FIGURES,
      ['paid'],
      { 'stripe.clearing': 1_190n, 'revenue.deferred': -2_000n, 'revenue.refunds': 1_000n, 'tax.payable': -190n },
    ],
    [
      'is paid by notes alone',
      { ...FIGURES, notes: [1_190, 1_190] },
      ['paid'],
      { 'revenue.deferred': -2_000n, 'revenue.refunds': 2_000n },
    ],
    ['is void: nothing was ever sold', FIGURES, ['void'], { 'revenue.deferred': -1_000n, 'revenue.refunds': 1_000n }],
    [
      'is given up, for what was left of it',
      FIGURES,
      ['uncollectible'],
      {
        'bad_debt.expense': 1_190n,
        'revenue.deferred': -2_000n,
        'revenue.refunds': 1_000n,
        'tax.payable': -190n,
      },
    ],
    [
      'is paid after it was given up',
      FIGURES,
      ['uncollectible', 'paid'],
      { 'stripe.clearing': 1_190n, 'revenue.deferred': -2_000n, 'revenue.refunds': 1_000n, 'tax.payable': -190n },
    ],
    [
      'is void after it was given up',
      FIGURES,
      ['uncollectible', 'void'],
      { 'revenue.deferred': -1_000n, 'revenue.refunds': 1_000n },
    ],
  ])('%s', (_name, figures, ends, expected) => {
    expect(booksOf(figures, ...ends)).toEqual(expected);
  });

  it.each<[string, InvoicePayload['status'][], number]>([
    ['still given up', [], 1_190],
    ['paid after all', ['paid'], 0],
    ['void after all', ['void'], 0],
  ])('takes its note off the bad debt, whether before or after it was given up: %s', (_name, ends, badDebt) => {
    const before = lifeOf(FIGURES, 'uncollectible', ...ends);
    const givenUp = [0, 1, 2].map((index) =>
      invoiceFact(FIGURES, index, index === 0 ? 'open' : 'uncollectible', index === 2 ? 1_190 : 0),
    );
    const after = [...givenUp, ...ends.map((end) => invoiceFact(FIGURES, 3, end, 1_190))];
    const [first, second] = [before, after].map((life) => sumsOf([...journalOf(life), ...notesOf(FIGURES)]));
    expect(second).toEqual(first);
    expect(second?.['customer.receivable']).toBeUndefined();
    expect(second?.['bad_debt.expense'] ?? 0n).toBe(BigInt(badDebt));
  });

  it('leaves no receivable once it is given up, however its notes and that were told', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.infiniteStream(fc.nat()), (givenUpAt, order) => {
        const figures = { ...FIGURES, notes: [100, 200, 300] };
        let credited = 0;
        const life = [0, ...figures.notes].map((amount, index) => {
          credited += amount;
          return invoiceFact(figures, index, index < givenUpAt ? 'open' : 'uncollectible', credited);
        });
        const heard = life.map((fact) => [order.next().value as number, fact] as const).sort(([a], [b]) => a - b);
        const sums = sumsOf([...journalOf(heard.map(([, fact]) => fact)), ...notesOf(figures)]);
        expect(sums['customer.receivable']).toBeUndefined();
        expect(sums['bad_debt.expense']).toBe(BigInt(dueOf(figures) - 600));
      }),
    );
  });

  const anyFigures = fc
    .record({
      total: fc.integer({ min: 1, max: 10 ** 8 }),
      taxShare: fc.integer({ min: 0, max: 30 }),
      credit: fc.integer({ min: 0, max: 10 ** 8 }),
      shares: fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 3 }),
    })
    .map(({ total, taxShare, credit, shares }): Figures => {
      const startingBalance = -Math.min(credit, total);
      let left = total + startingBalance;
      const notes = shares.map((share) => {
        const amount = Math.floor((left * share) / 100);
        left -= amount;
        return amount;
      });
      return { total, tax: Math.floor((total * taxShare) / 100), startingBalance, notes: notes.filter((n) => n > 0) };
    });

  it('leaves no receivable and no revenue when it is void, whatever its figures', () => {
    fc.assert(
      fc.property(anyFigures, (figures) => {
        const sums = booksOf(figures, 'void');
        expect(sums['customer.receivable']).toBeUndefined();
        expect(sums['customer.credit']).toBeUndefined();
        expect(sums['stripe.clearing']).toBeUndefined();
        // Each note rounds its share of the tax by itself.
        const tax = sums['tax.payable'] ?? 0n;
        expect(tax * tax <= BigInt((figures.notes.length + 1) ** 2)).toBe(true);
      }),
    );
  });

  it('leaves no receivable when it is paid, and what was paid in clearing', () => {
    fc.assert(
      fc.property(anyFigures, (figures) => {
        const sums = booksOf(figures, 'paid');
        const paid = dueOf(figures) - figures.notes.reduce((sum, amount) => sum + amount, 0);
        expect(sums['customer.receivable']).toBeUndefined();
        expect(sums['stripe.clearing'] ?? 0n).toBe(BigInt(paid));
      }),
    );
  });

  it('is posted the same whichever of its facts is heard first', () => {
    const anyEnds = fc.constantFrom<InvoicePayload['status'][]>(
      ['paid'],
      ['void'],
      ['uncollectible'],
      ['uncollectible', 'paid'],
    );
    const lines = ({ type, refId, entries }: JournalDraft): string =>
      JSON.stringify([type, refId, entries], (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
    fc.assert(
      fc.property(
        fc.tuple(anyFigures, anyEnds).chain(([figures, ends]) => {
          const life = lifeOf(figures, ...ends);
          return fc.tuple(fc.constant(life), fc.shuffledSubarray(life));
        }),
        ([life, heard]) => {
          const whole = new Map(journalOf(life).map((draft) => [draft.idempotencyKey, lines(draft)]));
          for (const draft of journalOf(heard)) expect(whole.get(draft.idempotencyKey)).toBe(lines(draft));
        },
      ),
    );
  });
});
