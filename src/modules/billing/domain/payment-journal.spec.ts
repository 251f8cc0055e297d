import type { PaymentPayload } from '../../../shared/facts';
import type { Collector, CommissionTerms } from '../../ledger';
import type { PaymentState } from './fold-payment';
import { paymentJournal } from './payment-journal';

const AT = '2026-05-01T10:00:00.000Z';
const TERMS: CommissionTerms = {
  apple: [{ choice: 'standard', since: '' }],
  google: [{ choice: 'standard', since: '' }],
};
const ONCE = { kind: 'one_time', soldAt: AT, since: null } as const;
const SERVED = { kind: 'subscription', soldAt: AT, since: '2025-05-01T10:00:00.000Z' } as const;

function journalOf(provider: Collector, change: Partial<PaymentPayload> = {}) {
  const payload: PaymentPayload = {
    ...{ customerRef: '1000', amount: 2_900, currency: 'USD', status: 'succeeded', declineCode: null, method: null },
    ...{ createdAt: AT, ...change },
  };
  const state: PaymentState = {
    ...{ payload, invoiceRef: null, method: null, lastFactId: 'fact_1', factCount: 1, verifiedAt: null },
    undecided: false,
  };
  return paymentJournal(state, { paymentId: 'pay_1', providerRef: '2000', customerId: 'cust_1', provider }, TERMS);
}

describe('what follows from a payment by itself', () => {
  it.each<[string, Collector, Partial<PaymentPayload>, bigint | null]>([
    ['nothing at Stripe, which tells its fee', 'stripe', {}, null],
    ['a first year at Apple', 'apple', { sale: { ...SERVED, since: AT } }, 870n],
    ['a later one', 'apple', { sale: SERVED }, 435n],
    ['a subscription at Google', 'google', { sale: { ...SERVED, since: null } }, 435n],
    ['what is bought once at Google', 'google', { sale: ONCE }, 870n],
    ['a fact of before sales were told of', 'apple', {}, 870n],
    ['one that is not paid', 'apple', { status: 'pending', sale: SERVED }, null],
    ['one too small for a share', 'apple', { amount: 1, sale: SERVED }, null],
  ])('%s', (_what, provider, change, kept) => {
    const [draft] = journalOf(provider, change);
    expect(draft?.entries.map(({ account, amount }) => [account, amount])).toEqual(
      kept === null
        ? undefined
        : [
            [`fees.${provider}`, kept],
            [`${provider}.clearing`, -kept],
          ],
    );
  });

  it('is posted once, about our payment and dated by it', () => {
    expect(journalOf('google', { sale: ONCE })).toMatchObject([
      { idempotencyKey: 'google:2000:commission', refId: 'pay_1', customerId: 'cust_1', occurredAt: new Date(AT) },
    ]);
  });
});
