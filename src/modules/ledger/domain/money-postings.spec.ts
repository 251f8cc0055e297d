import fc from 'fast-check';
import type { AccountCode } from './accounts';
import { chargeSettled, type ChargeSettled } from './charge-settled.posting';
import { creditGranted } from './credit-granted.posting';
import { creditNoteIssued, type CreditNoteIssued } from './credit-note-issued.posting';
import { disputeLost, disputeMoved } from './dispute.posting';
import { assertBalanced, reversalOf, type JournalDraft } from './journal';
import type { PostingRef } from './posting';
import { providerPayoutArrived, providerPayoutSent } from './provider-payout.posting';
import { refundCreated } from './refund-created.posting';
import { refundExchanged } from './refund-exchanged.posting';

const ref: PostingRef = {
  provider: 'stripe',
  providerRef: 'obj_1',
  refId: 'ours_1',
  customerId: 'cust_1',
  currency: 'USD',
  occurredAt: new Date('2026-01-15T10:00:00Z'),
};
/** `account currency` and the amount, as posted; what cancels out within one posting is not left out. */
type Lines = [account: AccountCode, amount: bigint, currency?: string][];

function expectLines(draft: JournalDraft | null, ...lines: Lines): void {
  expect(draft?.entries).toEqual(lines.map(([account, amount, currency = 'USD']) => ({ account, amount, currency })));
  if (draft) assertBalanced(draft);
}

/** What several postings come to; accounts of nothing left out. */
function sumsOf(...drafts: (JournalDraft | null)[]): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const { account, currency, amount } of drafts.flatMap((draft) => draft?.entries ?? [])) {
    sums[`${account} ${currency}`] = (sums[`${account} ${currency}`] ?? 0n) + amount;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
}

const amounts = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
const parts = fc.bigInt({ min: 0n, max: 10n ** 12n });

describe('charge settled', () => {
  const charge = (over: Partial<ChargeSettled>): ChargeSettled => ({
    ...ref,
    amount: 2_900n,
    settled: { amount: 2_900n, fee: 114n, currency: 'USD' },
    ...over,
  });

  it('takes the fee out of what came in', () => {
    const draft = chargeSettled(charge({}));
    expectLines(draft, ['fees.stripe', 114n], ['stripe.clearing', -114n]);
    expect(draft).toMatchObject({ type: 'charge.settled', idempotencyKey: 'stripe:obj_1:settled', refId: 'ours_1' });
  });

  it('exchanges a charge in yen that came in as dollars', () => {
    const settled = { amount: 2_843n, fee: 112n, currency: 'USD' };
    expectLines(
      chargeSettled(charge({ currency: 'JPY', amount: 4_350n, settled })),
      ['stripe.clearing', -4_350n, 'JPY'],
      ['fx.clearing', 4_350n, 'JPY'],
      ['fx.clearing', -2_843n],
      ['stripe.clearing', 2_843n],
      ['fees.stripe', 112n],
      ['stripe.clearing', -112n],
    );
  });

  it('exchanges without a fee too', () => {
    const settled = { amount: 2_843n, fee: 0n, currency: 'USD' };
    expectLines(
      chargeSettled(charge({ currency: 'JPY', amount: 4_350n, settled })),
      ['stripe.clearing', -4_350n, 'JPY'],
      ['fx.clearing', 4_350n, 'JPY'],
      ['fx.clearing', -2_843n],
      ['stripe.clearing', 2_843n],
    );
  });

  it('posts nothing where nothing is kept', () => {
    expect(chargeSettled(charge({ settled: { amount: 2_900n, fee: 0n, currency: 'USD' } }))).toBeNull();
    expect(chargeSettled(charge({ settled: { amount: 2_900n, fee: 0n, currency: 'usd' } }))).toBeNull();
  });

  it('refuses a balance in a currency nobody knows', () => {
    expect(() => chargeSettled(charge({ settled: { amount: 1n, fee: 0n, currency: 'XYZ' } }))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_CURRENCY' }) as Error,
    );
  });
});

describe('refund created', () => {
  it('goes from the balance at once', () => {
    const draft = refundCreated({ ...ref, amount: 900n });
    expectLines(draft, ['revenue.refunds', 900n], ['stripe.clearing', -900n]);
    expect(draft).toMatchObject({ type: 'refund.created', idempotencyKey: 'stripe:obj_1:refunded' });
    expect(refundCreated({ ...ref, amount: 0n })).toBeNull();
  });
});

describe('refund exchanged', () => {
  const yen = { ...ref, currency: 'JPY' as const };
  const dollars = (amount: bigint, fee = 0n) => ({ amount, fee, currency: 'USD' });

  it('moves what was taken into the currency of our balance', () => {
    const draft = refundExchanged({ ...yen, amount: -4_350n, settled: dollars(-2_843n, 20n) });
    expectLines(
      draft,
      ['stripe.clearing', 4_350n, 'JPY'],
      ['fx.clearing', -4_350n, 'JPY'],
      ['fx.clearing', 2_843n],
      ['stripe.clearing', -2_843n],
      ['fees.stripe', 20n],
      ['stripe.clearing', -20n],
    );
    expect(draft).toMatchObject({ type: 'refund.exchanged', idempotencyKey: 'stripe:obj_1:exchanged' });
  });

  it('leaves of a charge, its refund and what came back the difference of the rates', () => {
    const charge = chargeSettled({ ...yen, amount: 4_350n, settled: dollars(2_843n) });
    const taken = refundExchanged({ ...yen, amount: -4_350n, settled: dollars(-2_901n) });
    const clearing = { 'stripe.clearing JPY': -4_350n };
    const refunded = refundCreated({ ...yen, amount: 4_350n });
    expect(sumsOf(charge, refunded, taken)).toEqual({
      ...{ ...clearing, 'revenue.refunds JPY': 4_350n },
      ...{ 'fx.clearing USD': 58n, 'stripe.clearing USD': -58n },
    });
    const back = refundExchanged({ ...yen, occurrence: 'returned', amount: 4_350n, settled: dollars(2_880n) });
    expect(sumsOf(taken, back)).toEqual({ 'fx.clearing USD': 21n, 'stripe.clearing USD': -21n });
  });

  it('posts what it cost where our balance is in the payment’s currency, and nothing where it cost nothing', () => {
    expect(refundExchanged({ ...ref, amount: -900n, settled: dollars(-900n) })).toBeNull();
    const costly = refundExchanged({ ...ref, amount: -900n, settled: dollars(-900n, 25n) });
    expectLines(costly, ['fees.stripe', 25n], ['stripe.clearing', -25n]);
    const givenBack = refundExchanged({ ...ref, occurrence: 'returned', amount: 900n, settled: dollars(900n, -25n) });
    expectLines(givenBack, ['fees.stripe', -25n], ['stripe.clearing', 25n]);
  });

  it('refuses a balance in a currency nobody knows', () => {
    const settled = { ...dollars(-1n), currency: 'XYZ' };
    expect(() => refundExchanged({ ...ref, amount: -1n, settled })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_CURRENCY' }) as Error,
    );
  });
});

describe('dispute', () => {
  const moved = (amount: bigint, fee: bigint): JournalDraft | null =>
    disputeMoved({ ...ref, occurrence: 'txn_1', amount, fee, disputed: { amount, currency: 'USD' } });

  it('holds what is withdrawn, and costs its fee', () => {
    const draft = moved(-2_900n, 1_500n);
    expectLines(draft, ['disputes.held', 2_900n], ['fees.stripe', 1_500n], ['stripe.clearing', -4_400n]);
    expect(draft).toMatchObject({ type: 'dispute.withdrawn', idempotencyKey: 'stripe:obj_1:withdrawn:txn_1' });
  });

  it.each<[string, bigint, Lines]>([
    [
      'keeping the fee',
      0n,
      [
        ['disputes.held', -2_900n],
        ['stripe.clearing', 2_900n],
      ],
    ],
    [
      'and the fee with it',
      -1_500n,
      [
        ['disputes.held', -2_900n],
        ['fees.stripe', -1_500n],
        ['stripe.clearing', 4_400n],
      ],
    ],
  ])('gives back what is reinstated, %s', (_name, fee, lines) => {
    const draft = moved(2_900n, fee);
    expectLines(draft, ...lines);
    expect(draft).toMatchObject({ type: 'dispute.reinstated', idempotencyKey: 'stripe:obj_1:reinstated:txn_1' });
  });

  it('goes through the exchange where our balance is in another currency, there and back at its own rate', () => {
    const jpy = (yen: bigint) => ({ amount: yen, currency: 'JPY' as const });
    const taken = disputeMoved({ ...ref, occurrence: 'txn_1', amount: -2_843n, fee: 1_500n, disputed: jpy(-4_350n) });
    expectLines(
      taken,
      ['disputes.held', 4_350n, 'JPY'],
      ['fx.clearing', -4_350n, 'JPY'],
      ['fx.clearing', 2_843n],
      ['fees.stripe', 1_500n],
      ['stripe.clearing', -4_343n],
    );
    const back = disputeMoved({ ...ref, occurrence: 'txn_2', amount: 2_801n, fee: 0n, disputed: jpy(4_350n) });
    expect(sumsOf(taken, back)).toEqual({
      'fx.clearing USD': 42n,
      'fees.stripe USD': 1_500n,
      'stripe.clearing USD': -1_542n,
    });
  });

  it('posts nothing where nothing moves', () => {
    expect(moved(0n, 0n)).toBeNull();
    expect(disputeLost({ ...ref, amount: 0n })).toBeNull();
  });

  it('is the customer’s once it is lost, each time', () => {
    const draft = disputeLost({ ...ref, occurrence: '2', amount: 2_900n });
    expectLines(draft, ['disputes.lost', 2_900n], ['disputes.held', -2_900n]);
    expect(draft).toMatchObject({ type: 'dispute.lost', idempotencyKey: 'stripe:obj_1:lost:2' });
    expect(sumsOf(moved(-2_900n, 0n), draft)).toEqual({ 'disputes.lost USD': 2_900n, 'stripe.clearing USD': -2_900n });
  });
});

describe('credit note issued', () => {
  const note = (over: Partial<CreditNoteIssued>): JournalDraft | null =>
    creditNoteIssued({
      ...ref,
      ...{ total: 0n, tax: 0n, prePayment: 0n, refunded: 0n, credited: 0n, outOfBand: 0n },
      ...over,
    });

  it.each<[string, Partial<CreditNoteIssued>, Lines]>([
    [
      'off an open invoice, with its tax',
      { total: 1_190n, tax: 190n, prePayment: 1_190n },
      [
        ['revenue.refunds', 1_000n],
        ['tax.payable', 190n],
        ['customer.receivable', -1_190n],
      ],
    ],
    [
      'as credit for later',
      { total: 1_190n, tax: 190n, credited: 1_190n },
      [
        ['revenue.refunds', 1_000n],
        ['tax.payable', 190n],
        ['customer.credit', -1_190n],
      ],
    ],
    [
      'by bank transfer',
      { total: 500n, outOfBand: 500n },
      [
        ['revenue.refunds', 500n],
        ['bank.clearing', -500n],
      ],
    ],
    [
      'in money: only the tax moves',
      { total: 1_190n, tax: 190n, refunded: 1_190n },
      [
        ['revenue.refunds', -190n],
        ['tax.payable', 190n],
      ],
    ],
    [
      'a bit of each',
      { total: 1_000n, tax: 160n, prePayment: 400n, refunded: 300n, credited: 200n, outOfBand: 100n },
      [
        ['revenue.refunds', 540n],
        ['tax.payable', 160n],
        ['customer.receivable', -400n],
        ['customer.credit', -200n],
        ['bank.clearing', -100n],
      ],
    ],
  ])('%s', (_name, over, lines) => {
    const draft = note(over);
    expectLines(draft, ...lines);
    expect(draft).toMatchObject({ type: 'credit_note.issued', idempotencyKey: 'stripe:obj_1:issued' });
  });

  it('posts nothing of its own where money without tax went back: the refund is posted', () => {
    expect(note({ total: 900n, refunded: 900n })).toBeNull();
    expect(note({})).toBeNull();
  });

  it('takes revenue and tax back once, together with its refund', () => {
    const refunded = refundCreated({ ...ref, amount: 1_190n });
    expect(sumsOf(refunded, note({ total: 1_190n, tax: 190n, refunded: 1_190n }))).toEqual({
      'revenue.refunds USD': 1_000n,
      'tax.payable USD': 190n,
      'stripe.clearing USD': -1_190n,
    });
  });

  it('refuses figures that do not add up', () => {
    expect(() => note({ total: 1_000n, prePayment: 999n })).toThrow(
      expect.objectContaining({ code: 'JOURNAL_UNBALANCED' }) as Error,
    );
  });
});

describe('credit granted', () => {
  it('is a present', () => {
    const draft = creditGranted({ ...ref, amount: 500n });
    expectLines(draft, ['credits.granted', 500n], ['customer.credit', -500n]);
    expect(draft).toMatchObject({ type: 'credit.granted', idempotencyKey: 'stripe:obj_1:granted' });
    expect(creditGranted({ ...ref, amount: 0n })).toBeNull();
  });
});

describe('provider payout', () => {
  it('leaves the balance, and arrives at the bank', () => {
    const [sent, arrived] = [
      providerPayoutSent({ ...ref, amount: 9_000n }),
      providerPayoutArrived({ ...ref, amount: 9_000n }),
    ];
    expectLines(sent, ['payouts.transit', 9_000n], ['stripe.clearing', -9_000n]);
    expectLines(arrived, ['bank.account', 9_000n], ['payouts.transit', -9_000n]);
    expect(sent?.idempotencyKey).toBe('stripe:obj_1:sent');
    expect(arrived?.idempotencyKey).toBe('stripe:obj_1:arrived');
    expect(sumsOf(sent, arrived)).toEqual({ 'bank.account USD': 9_000n, 'stripe.clearing USD': -9_000n });
  });

  it('comes from the bank where the balance lacks money', () => {
    const sent = providerPayoutSent({ ...ref, amount: -700n });
    const arrived = providerPayoutArrived({ ...ref, amount: -700n });
    expect(sumsOf(sent, arrived)).toEqual({ 'bank.account USD': -700n, 'stripe.clearing USD': 700n });
  });

  it('is nobody’s money in particular', () => {
    expect(providerPayoutSent({ ...ref, customerId: null, amount: 1n })?.customerId).toBeNull();
    expect(providerPayoutSent({ ...ref, amount: 0n })).toBeNull();
  });
});

describe('every movement of money', () => {
  const anyNote = fc
    .record({ prePayment: parts, refunded: parts, credited: parts, outOfBand: parts, taxShare: fc.bigInt(0n, 100n) })
    .map(({ taxShare, ...shares }) => {
      const total = shares.prePayment + shares.refunded + shares.credited + shares.outOfBand;
      return creditNoteIssued({ ...ref, ...shares, total, tax: (total * taxShare) / 100n });
    });
  const anyCharge = fc
    .record({
      amount: amounts,
      currency: fc.constantFrom('USD' as const, 'JPY' as const, 'KWD' as const),
      settled: fc.record({ amount: amounts, fee: amounts, currency: fc.constantFrom('USD', 'EUR', 'JPY') }),
    })
    .map((figures) => chargeSettled({ ...ref, ...figures }));
  const anyMovement = fc.oneof(
    anyNote,
    anyCharge,
    amounts.map((amount) => refundCreated({ ...ref, amount })),
    fc
      .record({
        amount: amounts,
        currency: fc.constantFrom('USD' as const, 'JPY' as const, 'KWD' as const),
        settled: fc.record({ amount: amounts, fee: amounts, currency: fc.constantFrom('USD', 'EUR', 'JPY') }),
      })
      .map((figures) => refundExchanged({ ...ref, ...figures })),
    fc
      .record({
        amount: amounts,
        fee: amounts,
        yen: amounts,
        currency: fc.constantFrom('USD' as const, 'JPY' as const),
      })
      .map(({ amount, fee, yen, currency }) =>
        disputeMoved({ ...ref, amount, fee, disputed: { amount: currency === 'USD' ? amount : yen, currency } }),
      ),
    amounts.map((amount) => disputeLost({ ...ref, amount })),
    amounts.map((amount) => creditGranted({ ...ref, amount })),
    amounts.map((amount) => providerPayoutSent({ ...ref, amount })),
    amounts.map((amount) => providerPayoutArrived({ ...ref, amount })),
  );

  it('sums to zero in each currency, without entries of zero, and is undone exactly', () => {
    fc.assert(
      fc.property(anyMovement, (draft) => {
        if (draft === null) return;
        assertBalanced(draft);
        expect(sumsOf(draft, reversalOf(draft, ref.occurredAt))).toEqual({});
      }),
      { numRuns: 1_000 },
    );
  });
});
