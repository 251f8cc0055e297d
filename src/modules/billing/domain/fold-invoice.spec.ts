import type { InvoiceFact, InvoicePayload, InvoiceStatus, Stored } from '../../../shared/facts';
import { foldInvoice, type InvoiceState } from './fold-invoice';
import { invoiceJournal } from './invoice-journal';

const T = Date.UTC(2026, 2, 1);
const second = (n: number): Date => new Date(T + n * 1000);
const iso = (n: number): string => second(n).toISOString();

const BASE: InvoicePayload = {
  customerRef: 'cus_1',
  subscriptionRef: 'sub_1',
  ownerId: null,
  number: null,
  status: 'open',
  billingReason: null,
  currency: 'USD',
  total: 1200,
  tax: 200,
  amountDue: 1000,
  amountPaid: 0,
  amountRemaining: 1000,
  startingBalance: -200,
  endingBalance: 0,
  paidOutOfBand: false,
  attemptCount: 0,
  nextAttemptAt: null,
  hostedUrl: null,
  pdfUrl: null,
  periodStart: iso(0),
  periodEnd: iso(0),
  createdAt: iso(0),
  finalizedAt: iso(1),
  paidAt: null,
  lines: [],
};
const DRAFT = { status: 'draft', finalizedAt: null, endingBalance: null } as const;
const PAID = { status: 'paid', amountPaid: 1000, amountRemaining: 0, paidAt: iso(4) } as const;

type Told = [kind: InvoiceFact['kind'], at: number, payload?: Partial<InvoicePayload>];

function factsOf(told: readonly Told[]): Stored<InvoiceFact>[] {
  return told.map(([kind, at, payload], i) => ({
    provider: 'stripe',
    objectType: 'invoice',
    objectId: 'in_1',
    kind,
    aggregate: 'stripe:cus_1',
    occurredAt: second(at),
    sourceId: `evt_${i}`,
    payload: { ...BASE, ...payload },
    before: null,
    id: `fact_${i}`,
    seq: BigInt(i),
  }));
}

function fold(...told: Told[]): InvoiceState {
  const facts = factsOf(told);
  const state = foldInvoice(facts);
  expect(foldInvoice([...facts].reverse())).toEqual(state);
  if (!state) throw new Error('nothing was folded');
  return state;
}

/** Sums by account over all postings, and the postings' types. */
function books(...told: Told[]): { types: string[]; sums: Record<string, number> } {
  const drafts = invoiceJournal(fold(...told), { invoiceId: 'inv_1', providerRef: 'in_1', customerId: 'cus_ours' });
  const sums: Record<string, number> = {};
  for (const { account, amount } of drafts.flatMap(({ entries }) => entries)) {
    sums[account] = (sums[account] ?? 0) + Number(amount);
  }
  return { types: drafts.map(({ type }) => type), sums };
}

const CREATED: Told = ['invoice.created', 0, DRAFT];
const FINALIZED: Told = ['invoice.finalized', 1];
const GIVEN_UP: Told = ['invoice.uncollectible', 3, { status: 'uncollectible' }];

describe('foldInvoice', () => {
  it('knows nothing of nothing', () => {
    expect(foldInvoice([])).toBeNull();
  });

  it('dates what the object itself dates, whichever fact told it first', () => {
    const whole = fold(CREATED, FINALIZED, ['invoice.changed', 5, PAID], ['invoice.paid', 5, PAID]);
    expect(whole).toMatchObject({ finalized: { at: second(1) }, paid: { at: second(4) }, payload: { status: 'paid' } });
    expect(fold(['invoice.paid', 9, PAID])).toMatchObject({ finalized: { at: second(1) }, paid: { at: second(4) } });
    const givenUp = { status: 'uncollectible', uncollectibleAt: iso(3) } as const;
    expect(fold(['invoice.snapshot', 9, givenUp])).toMatchObject({ uncollectible: { at: second(3) } });
    expect(fold(['invoice.snapshot', 9, { status: 'void', voidedAt: iso(5) }])).toMatchObject({
      voided: { at: second(5) },
    });
  });

  it('keeps the first failure', () => {
    const state = fold(FINALIZED, ['invoice.payment_failed', 2], ['invoice.payment_failed', 3]);
    expect(state.firstFailedAt).toEqual(second(2));
  });

  it.each<[string, boolean, Told[]]>([
    ['no reading', false, [CREATED, FINALIZED]],
    ['a reading of another second', false, [FINALIZED, ['invoice.snapshot', 2, { attemptCount: 1 }]]],
    ['a reading that says the same', false, [FINALIZED, ['invoice.snapshot', 1]]],
    [
      'a reading that says otherwise in the same status',
      true,
      [FINALIZED, ['invoice.snapshot', 1, { attemptCount: 1 }]],
    ],
    ['a reading of an earlier status', false, [FINALIZED, ['invoice.snapshot', 1, DRAFT]]],
  ])('%s: undecided is %s', (_title, undecided, told) => {
    expect(fold(...told).undecided).toBe(undecided);
  });

  it.each<[InvoiceStatus, Told[]]>([
    [
      'paid',
      [
        ['invoice.snapshot', 4, { status: 'open' }],
        ['invoice.paid', 4, PAID],
      ],
    ],
    [
      'void',
      [
        ['invoice.voided', 4, { status: 'void' }],
        ['invoice.changed', 4],
      ],
    ],
    ['open', [FINALIZED, ['invoice.created', 1, DRAFT]]],
  ])('within one second the status only goes on: %s', (status, told) => {
    expect(fold(...told).payload.status).toBe(status);
  });
});

describe('invoiceJournal', () => {
  it('posts nothing for a draft, nor for what moves no money', () => {
    expect(books(CREATED).types).toEqual([]);
    const nothing = { total: 0, tax: 0, amountDue: 0, amountRemaining: 0, startingBalance: 0 };
    expect(books(['invoice.paid', 4, { ...PAID, ...nothing, amountPaid: 0 }]).types).toEqual([]);
  });

  it.each<[string, Told[], string[], Record<string, number>]>([
    [
      'finalized, with credit used',
      [CREATED, FINALIZED],
      ['invoice.finalized'],
      { 'customer.receivable': 1000, 'customer.credit': 200, 'revenue.deferred': -1000, 'tax.payable': -200 },
    ],
    [
      'paid, the finalization never told',
      [['invoice.paid', 4, PAID]],
      ['invoice.finalized', 'invoice.paid'],
      {
        'customer.receivable': 0,
        'customer.credit': 200,
        'revenue.deferred': -1000,
        'tax.payable': -200,
        'stripe.clearing': 1000,
      },
    ],
    [
      'paid elsewhere',
      [FINALIZED, ['invoice.paid', 4, { ...PAID, amountPaid: 0, paidOutOfBand: true }]],
      ['invoice.finalized', 'invoice.paid'],
      {
        'customer.receivable': 0,
        'customer.credit': 200,
        'revenue.deferred': -1000,
        'tax.payable': -200,
        'bank.clearing': 1000,
      },
    ],
    [
      'paid elsewhere, as only a reading tells',
      [
        FINALIZED,
        ['invoice.paid', 4, PAID],
        ['invoice.snapshot', 4, { ...PAID, amountPaidOffStripe: 1000 }],
        ['invoice.changed', 9, PAID],
      ],
      ['invoice.finalized', 'invoice.paid', 'invoice.paid_elsewhere'],
      {
        'customer.receivable': 0,
        'customer.credit': 200,
        'revenue.deferred': -1000,
        'tax.payable': -200,
        'stripe.clearing': 0,
        'bank.clearing': 1000,
      },
    ],
    [
      'paid elsewhere, told both ways',
      [
        FINALIZED,
        ['invoice.paid', 4, { ...PAID, amountPaid: 0, paidOutOfBand: true }],
        ['invoice.snapshot', 5, { ...PAID, amountPaid: 0, paidOutOfBand: true, amountPaidOffStripe: 1000 }],
      ],
      ['invoice.finalized', 'invoice.paid'],
      {
        'customer.receivable': 0,
        'customer.credit': 200,
        'revenue.deferred': -1000,
        'tax.payable': -200,
        'bank.clearing': 1000,
      },
    ],
    [
      'void: all is taken back, the credit too',
      [FINALIZED, ['invoice.voided', 3, { status: 'void' }]],
      ['invoice.finalized', 'invoice.voided'],
      { 'customer.receivable': 0, 'customer.credit': 0, 'revenue.deferred': 0, 'tax.payable': 0 },
    ],
    [
      'given up',
      [FINALIZED, GIVEN_UP],
      ['invoice.finalized', 'invoice.uncollectible'],
      {
        'customer.receivable': 0,
        'customer.credit': 200,
        'revenue.deferred': -1000,
        'tax.payable': -200,
        'bad_debt.expense': 1000,
      },
    ],
    [
      'given up, then paid after all',
      [FINALIZED, GIVEN_UP, ['invoice.paid', 4, PAID]],
      ['invoice.finalized', 'invoice.uncollectible', 'invoice.uncollectible.reversed', 'invoice.paid'],
      {
        'customer.receivable': 0,
        'customer.credit': 200,
        'revenue.deferred': -1000,
        'tax.payable': -200,
        'bad_debt.expense': 0,
        'stripe.clearing': 1000,
      },
    ],
    [
      'given up, then void',
      [FINALIZED, GIVEN_UP, ['invoice.voided', 5, { status: 'void' }]],
      ['invoice.finalized', 'invoice.uncollectible', 'invoice.uncollectible.reversed', 'invoice.voided'],
      {
        'customer.receivable': 0,
        'customer.credit': 0,
        'revenue.deferred': 0,
        'tax.payable': 0,
        'bad_debt.expense': 0,
      },
    ],
  ])('%s', (_title, told, types, sums) => {
    expect(books(...told)).toEqual({ types, sums });
  });
});
