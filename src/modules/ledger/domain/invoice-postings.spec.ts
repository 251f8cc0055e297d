import fc from 'fast-check';
import { AccountCode } from './accounts';
import { invoiceFinalized } from './invoice-finalized.posting';
import { invoicePaidElsewhere } from './invoice-paid-elsewhere.posting';
import { invoicePaid } from './invoice-paid.posting';
import { InvoiceFigures, InvoiceRef } from './invoice-posting';
import { invoiceUncollectible, invoiceUncollectibleCredited } from './invoice-uncollectible.posting';
import { invoiceVoided } from './invoice-voided.posting';
import { JournalDraft, assertBalanced, reversalOf } from './journal';

const ref: InvoiceRef = {
  provider: 'stripe',
  providerRef: 'in_1',
  invoiceId: 'inv_1',
  customerId: 'cust_1',
  currency: 'EUR',
  occurredAt: new Date('2026-01-15T10:00:00Z'),
};
const figures = (over: Partial<InvoiceFigures>): InvoiceFigures => ({
  total: 0n,
  tax: 0n,
  amountDue: 0n,
  startingBalance: 0n,
  endingBalance: 0n,
  ...over,
});
type Lines = Partial<Record<AccountCode, bigint>>;

function linesOf(...drafts: (JournalDraft | null)[]): Lines {
  const lines: Lines = {};
  for (const entry of drafts.flatMap((draft) => draft?.entries ?? [])) {
    lines[entry.account] = (lines[entry.account] ?? 0n) + entry.amount;
  }
  return Object.fromEntries(Object.entries(lines).filter(([, amount]) => amount !== 0n));
}

/** Every invoice a provider could finalize: what is due is what total and balances leave over. */
const anyFigures = fc
  .record({
    total: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
    taxShare: fc.bigInt({ min: 0n, max: 30n }),
    startingBalance: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
    minimum: fc.bigInt({ min: 0n, max: 100n }),
  })
  .map(({ total, taxShare, startingBalance, minimum }) => {
    const left = total + startingBalance;
    // What is too small to charge, or negative, moves to the customer's balance.
    const amountDue = left > minimum ? left : 0n;
    return { total, tax: (total * taxShare) / 100n, amountDue, startingBalance, endingBalance: left - amountDue };
  });

describe('invoice finalized', () => {
  it.each<[string, Partial<InvoiceFigures>, Lines]>([
    [
      'with tax',
      { total: 2380n, tax: 380n, amountDue: 2380n },
      { 'customer.receivable': 2380n, 'revenue.deferred': -2000n, 'tax.payable': -380n },
    ],
    [
      'partly covered by credit',
      { total: 2000n, amountDue: 1500n, startingBalance: -500n },
      { 'customer.receivable': 1500n, 'customer.credit': 500n, 'revenue.deferred': -2000n },
    ],
    [
      'wholly covered by credit',
      { total: 2000n, startingBalance: -5000n, endingBalance: -3000n },
      { 'customer.credit': 2000n, 'revenue.deferred': -2000n },
    ],
    [
      'with a debt from before',
      { total: 2000n, amountDue: 2400n, startingBalance: 400n },
      { 'customer.receivable': 2400n, 'customer.credit': -400n, 'revenue.deferred': -2000n },
    ],
    [
      'too small to charge: a debt for next time',
      { total: 30n, endingBalance: 30n },
      { 'customer.credit': 30n, 'revenue.deferred': -30n },
    ],
    [
      'negative: a downgrade credits the customer, tax included',
      { total: -1190n, tax: -190n, endingBalance: -1190n },
      { 'customer.credit': -1190n, 'revenue.deferred': 1000n, 'tax.payable': 190n },
    ],
  ])('%s', (_name, over, expected) => {
    const draft = invoiceFinalized({ ...ref, ...figures(over) });
    expect(linesOf(draft)).toEqual(expected);
    expect(draft).toMatchObject({
      type: 'invoice.finalized',
      idempotencyKey: 'stripe:in_1:finalized',
      refId: 'inv_1',
      provider: 'stripe',
      customerId: 'cust_1',
      occurredAt: ref.occurredAt,
    });
  });

  it('posts nothing for a trial’s invoice of zero', () => {
    expect(invoiceFinalized({ ...ref, ...figures({}) })).toBeNull();
    expect(invoiceFinalized({ ...ref, ...figures({ startingBalance: -500n, endingBalance: -500n }) })).toBeNull();
  });

  it('refuses figures that do not add up', () => {
    expect(() => invoiceFinalized({ ...ref, ...figures({ total: 2000n, amountDue: 1999n }) })).toThrow(
      expect.objectContaining({ code: 'JOURNAL_UNBALANCED' }) as Error,
    );
  });
});

describe('invoice paid', () => {
  it.each<[string, bigint, bigint, Lines]>([
    ['by card', 2380n, 0n, { 'stripe.clearing': 2380n, 'customer.receivable': -2380n }],
    ['by bank transfer to us', 2380n, 2380n, { 'bank.clearing': 2380n, 'customer.receivable': -2380n }],
    ['both', 100n, 40n, { 'stripe.clearing': 60n, 'bank.clearing': 40n, 'customer.receivable': -100n }],
  ])('%s', (_name, amountPaid, amountPaidOutOfBand, expected) => {
    const draft = invoicePaid({ ...ref, amountPaid, amountPaidOutOfBand });
    expect(linesOf(draft)).toEqual(expected);
    expect(draft?.idempotencyKey).toBe('stripe:in_1:paid');
  });

  it('posts nothing where credit paid', () => {
    expect(invoicePaid({ ...ref, amountPaid: 0n, amountPaidOutOfBand: 0n })).toBeNull();
  });
});

describe('invoice paid elsewhere', () => {
  it('moves the payment from the provider to us', () => {
    const draft = invoicePaidElsewhere({ ...ref, amount: 2380n });
    expect(linesOf(draft)).toEqual({ 'bank.clearing': 2380n, 'stripe.clearing': -2380n });
    expect(draft?.idempotencyKey).toBe('stripe:in_1:paid_elsewhere');
  });

  it('moves nothing where nothing was', () => {
    expect(invoicePaidElsewhere({ ...ref, amount: 0n })).toBeNull();
  });
});

describe('invoice voided', () => {
  it('takes back tax and returns credit', () => {
    const invoice = { ...ref, ...figures({ total: 2380n, tax: 380n, amountDue: 1880n, startingBalance: -500n }) };
    const draft = invoiceVoided({ ...invoice, amountPaid: 0n });
    expect(linesOf(draft)).toEqual({
      'customer.receivable': -1880n,
      'customer.credit': -500n,
      'revenue.deferred': 2000n,
      'tax.payable': 380n,
    });
    expect(draft?.idempotencyKey).toBe('stripe:in_1:voided');
  });

  it('keeps what was paid, with its share of the tax', () => {
    const invoice = { ...ref, ...figures({ total: 2380n, tax: 380n, amountDue: 2380n }), amountPaid: 1190n };
    expect(linesOf(invoiceVoided(invoice))).toEqual({
      'customer.receivable': -1190n,
      'revenue.deferred': 1000n,
      'tax.payable': 190n,
    });
  });

  it('cancels an unpaid finalization exactly, whatever its figures', () => {
    fc.assert(
      fc.property(anyFigures, (each) => {
        const finalized = invoiceFinalized({ ...ref, ...each });
        const voided = invoiceVoided({ ...ref, ...each, amountPaid: 0n });
        expect(voided === null).toBe(finalized === null);
        expect(linesOf(finalized, voided)).toEqual({});
      }),
    );
  });
});

describe('invoice uncollectible', () => {
  it('gives the receivable up', () => {
    const draft = invoiceUncollectible({ ...ref, amountRemaining: 2380n });
    expect(linesOf(draft)).toEqual({ 'bad_debt.expense': 2380n, 'customer.receivable': -2380n });
    expect(draft?.idempotencyKey).toBe('stripe:in_1:uncollectible');
    expect(invoiceUncollectible({ ...ref, amountRemaining: 0n })).toBeNull();
  });

  it('takes what credit notes took off out of the bad debt again', () => {
    const draft = invoiceUncollectibleCredited({ ...ref, credited: 1190n });
    expect(linesOf(draft)).toEqual({ 'bad_debt.expense': -1190n, 'customer.receivable': 1190n });
    expect(draft?.idempotencyKey).toBe('stripe:in_1:uncollectible_credited:1190');
    expect(invoiceUncollectibleCredited({ ...ref, credited: 0n })).toBeNull();
  });
});

describe('every invoice', () => {
  const story = fc.tuple(anyFigures, fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: 100n }));

  it('balances in each of its postings and their reversals', () => {
    fc.assert(
      fc.property(story, ([each, paidShare, outShare]) => {
        const amountPaid = (each.amountDue * paidShare) / 100n;
        const drafts = [
          invoiceFinalized({ ...ref, ...each }),
          invoicePaid({ ...ref, amountPaid, amountPaidOutOfBand: (amountPaid * outShare) / 100n }),
          invoiceVoided({ ...ref, ...each, amountPaid }),
          invoiceUncollectible({ ...ref, amountRemaining: each.amountDue - amountPaid }),
        ];
        for (const draft of drafts) {
          if (draft === null) continue;
          assertBalanced(draft);
          expect(linesOf(draft, reversalOf(draft, ref.occurredAt))).toEqual({});
        }
      }),
    );
  });

  it('leaves no receivable, however it ends', () => {
    fc.assert(
      fc.property(story, ([each, paidShare]) => {
        const finalized = invoiceFinalized({ ...ref, ...each });
        const some = (each.amountDue * paidShare) / 100n;
        const paid = (amountPaid: bigint) => invoicePaid({ ...ref, amountPaid, amountPaidOutOfBand: 0n });
        const givenUp = invoiceUncollectible({ ...ref, amountRemaining: each.amountDue });
        const undone = givenUp && reversalOf(givenUp, ref.occurredAt);
        const endings = [
          [paid(each.amountDue)],
          [paid(some), invoiceVoided({ ...ref, ...each, amountPaid: some })],
          [paid(some), invoiceUncollectible({ ...ref, amountRemaining: each.amountDue - some })],
          [givenUp, undone, paid(each.amountDue)],
          [givenUp, undone, invoiceVoided({ ...ref, ...each, amountPaid: 0n })],
        ];
        for (const ending of endings) {
          expect(linesOf(finalized, ...ending)['customer.receivable']).toBeUndefined();
        }
      }),
    );
  });

  it('moves the customer’s credit account as the provider moves its balance', () => {
    fc.assert(
      fc.property(anyFigures, (each) => {
        const moved = linesOf(invoiceFinalized({ ...ref, ...each }))['customer.credit'] ?? 0n;
        expect(each.startingBalance + moved).toBe(each.endingBalance);
      }),
    );
  });
});
