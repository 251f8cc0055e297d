import type Stripe from 'stripe';
import { toStatementLine } from './stripe-statement-line';

const CHARGE = { object: 'charge', id: 'ch_1', customer: 'cus_1', payment_intent: 'pi_1' };
const REFUND = { object: 'refund', id: 're_1', status: 'succeeded' };
const DISPUTE = { object: 'dispute', id: 'du_1', status: 'appeal_under_review' };
const PAYOUT = { object: 'payout', id: 'po_1', status: 'in_transit' };

function movement(type: string, source: object | null, amount = 1_000): Stripe.BalanceTransaction {
  return {
    ...{ id: 'txn_1', object: 'balance_transaction', type, source, amount, fee: 59, net: amount - 59, currency: 'usd' },
    ...{ created: 1_768_471_200, available_on: 1_768_608_000, status: 'pending' },
  } as unknown as Stripe.BalanceTransaction;
}

describe('a line of the statement', () => {
  it('of a charge says what came in, and by which payment', () => {
    expect(toStatementLine(movement('charge', CHARGE))).toEqual({
      ref: 'txn_1',
      kind: 'charge',
      objectRef: 'ch_1',
      paymentRef: 'pi_1',
      aggregate: 'stripe:cus_1',
      status: null,
      gross: 1_000n,
      fee: 59n,
      net: 941n,
      currency: 'USD',
      createdAt: new Date('2026-01-15T10:00:00Z'),
      availableAt: new Date('2026-01-17T00:00:00Z'),
    });
  });

  it.each([
    ['payment', CHARGE, 1_000, { kind: 'charge', paymentRef: 'pi_1' }],
    ['charge', { ...CHARGE, customer: null }, 1_000, { kind: 'charge', aggregate: null }],
    ['refund', REFUND, -1_000, { kind: 'refund', status: 'succeeded', aggregate: null, paymentRef: null }],
    ['payment_refund', REFUND, -1_000, { kind: 'refund', status: 'succeeded' }],
    ['refund_failure', REFUND, 1_000, { kind: 'refund_failure', status: null }],
    ['payment_failure_refund', REFUND, 1_000, { kind: 'refund_failure', status: null }],
    ['adjustment', DISPUTE, -1_000, { kind: 'dispute', status: 'under_review', objectRef: 'du_1' }],
    ['adjustment', DISPUTE, 1_000, { kind: 'dispute_reversal', status: null }],
    ['payout', PAYOUT, -1_000, { kind: 'payout', status: 'in_transit', aggregate: 'stripe:house' }],
    ['payout_failure', PAYOUT, 1_000, { kind: 'payout_failure', status: null, aggregate: 'stripe:house' }],
    ['payout_cancel', PAYOUT, 1_000, { kind: 'payout_failure', status: null }],
    ['stripe_fee', null, -100, { kind: 'fee', objectRef: null, aggregate: null }],
    ['adjustment', null, -100, { kind: 'other', objectRef: null }],
    ['something_new', CHARGE, 5, { kind: 'other', objectRef: 'ch_1', paymentRef: null, aggregate: 'stripe:cus_1' }],
  ])('of type %s', (type, source, amount, said) => {
    expect(toStatementLine(movement(type, source, amount))).toMatchObject(said);
  });
});
