import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import {
  toChargePayload,
  toCreditNotePayload,
  toDisputePayload,
  toMovement,
  toProviderPayoutPayload,
  toRefundPayload,
} from './stripe-money-objects';

const T = 1_780_000_000;
const movement = (amount: number, fee: number, currency: string): Stripe.BalanceTransaction =>
  ({ id: 'txn_1', object: 'balance_transaction', amount, fee, currency, created: T }) as Stripe.BalanceTransaction;
const refund = (amount: number, currency: string): Stripe.Refund =>
  ({
    id: 're_1',
    payment_intent: 'pi_1',
    amount,
    currency,
    status: 'succeeded',
    reason: null,
    created: T,
  }) as Stripe.Refund;
const dispute = (more: object): Stripe.Dispute =>
  ({
    ...{ id: 'du_1', payment_intent: { id: 'pi_1' }, amount: 2_900, currency: 'usd', status: 'needs_response' },
    ...{ reason: 'fraudulent', balance_transactions: [], created: T },
    evidence_details: { due_by: null, has_evidence: false, submission_count: 0 },
    ...more,
  }) as unknown as Stripe.Dispute;
const note = (more: object): Stripe.CreditNote =>
  ({
    ...{ id: 'cn_1', customer: 'cus_1', invoice: 'in_1', number: 'A-1-CN-01', status: 'issued', reason: null },
    ...{ currency: 'eur', total: 1_190, pre_payment_amount: 0, post_payment_amount: 1_190, refunds: [] },
    ...{ out_of_band_amount: null, voided_at: null, created: T },
    ...more,
  }) as unknown as Stripe.CreditNote;
const codeOf = (work: () => unknown): string => {
  try {
    return JSON.stringify(work());
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.code;
  }
};

describe('a refund’s movements on our balance', () => {
  const one = refund(2_900, 'eur');
  const told = (more: object): object => toRefundPayload({ ...one, ...more });
  const shown = { ref: 'txn_1', amount: -3_190, fee: 0, currency: 'USD', createdAt: new Date(T * 1000).toISOString() };

  it('are named by events, and shown where they are asked for', () => {
    const named = told({ balance_transaction: 'txn_1', failure_balance_transaction: 'txn_2' });
    expect(named).toMatchObject({ movementRef: 'txn_1', failureMovementRef: 'txn_2' });
    expect(named).not.toHaveProperty('movements');
    const asked = told({ balance_transaction: movement(-3_190, 0, 'usd'), failure_balance_transaction: null });
    expect(asked).toMatchObject({ movementRef: 'txn_1', failureMovementRef: null, movements: [shown] });
    expect(told({})).toMatchObject({ movementRef: null, failureMovementRef: null });
  });
});

describe('amounts, in our minor units', () => {
  it.each<[currency: string, stripes: number, ours: number]>([
    ['usd', 2_900, 2_900],
    ['jpy', 2_900, 2_900],
    // Stripe's integer is whole ariary, ISO 4217 has hundredths.
    ['mga', 2_900, 290_000],
    ['kwd', 2_900, 2_900],
    // Sent as hundredths with a fraction of zero.
    ['isk', 2_900, 29],
    ['ugx', 2_900, 29],
  ])('of %s', (currency, stripes, ours) => {
    const told = { amount: ours, currency: currency.toUpperCase() };
    expect(toRefundPayload(refund(stripes, currency))).toMatchObject(told);
    expect(toDisputePayload(dispute({ amount: stripes, currency }))).toMatchObject(told);
    expect(toMovement(movement(-stripes, stripes, currency))).toMatchObject({ amount: -ours, fee: ours });
    const payout = { amount: stripes, currency, status: 'paid', failure_code: null, arrival_date: T, created: T };
    expect(toProviderPayoutPayload(payout as Stripe.Payout)).toMatchObject(told);
    const figures = { currency, total: stripes, pre_payment_amount: stripes, post_payment_amount: 0 };
    expect(toCreditNotePayload(note(figures))).toMatchObject({ total: ours, prePayment: ours, credited: 0 });
  });

  it.each(['isk', 'ugx'])('of %s hold no fraction', (currency) => {
    expect(codeOf(() => toRefundPayload(refund(2_950, currency)))).toBe('STRIPE_AMOUNT_INVALID');
  });

  it('of a charge in yen that came in as dollars, each in its own', () => {
    const charge = {
      amount_captured: 4_350,
      currency: 'jpy',
      created: T,
      balance_transaction: movement(2_843, 112, 'usd'),
    };
    expect(toChargePayload(charge as Stripe.Charge, 'cus_1', 'pi_1')).toMatchObject({
      ...{ amount: 4_350, currency: 'JPY', movementRef: 'txn_1' },
      settlement: { amount: 2_843, fee: 112, currency: 'USD' },
    });
  });

  it('of a disputed yen charge, with what was taken from us in dollars', () => {
    const told = dispute({ amount: 4_350, currency: 'jpy', balance_transactions: [movement(-2_843, 1_500, 'usd')] });
    expect(toDisputePayload(told)).toMatchObject({
      ...{ paymentRef: 'pi_1', amount: 4_350, currency: 'JPY', evidenceDueBy: null },
      movements: [{ amount: -2_843, fee: 1_500, currency: 'USD' }],
    });
  });
});

describe('a dispute', () => {
  it.each([
    ['appeal_needs_response', 'needs_response'],
    ['appeal_under_review', 'under_review'],
    ['prevented', 'prevented'],
  ])('that is %s is another round of one that is %s', (stripes, ours) => {
    expect(toDisputePayload(dispute({ status: stripes }))).toMatchObject({ status: ours, providerStatus: stripes });
  });

  it.each(['constructor', 'charge_refunded', ''])('in the status "%s" is refused', (status) => {
    expect(codeOf(() => toDisputePayload(dispute({ status })))).toBe('SCHEMA_VALIDATION');
  });
});

describe('a credit note', () => {
  it('says where what was paid went: what is neither refund nor elsewhere is credit', () => {
    const refunds = [
      { refund: 're_1', amount_refunded: 300 },
      { refund: 're_2', amount_refunded: 90 },
    ];
    expect(toCreditNotePayload(note({ refunds, out_of_band_amount: 100 }))).toMatchObject({
      ...{ total: 1_190, tax: 0, prePayment: 0, refunded: 390, outOfBand: 100, credited: 700 },
    });
  });

  it('knows its tax', () => {
    expect(toCreditNotePayload(note({ total_taxes: [{ amount: 100 }, { amount: 90 }] })).tax).toBe(190);
    expect(toCreditNotePayload(note({ total_taxes: null })).tax).toBe(0);
  });

  it.each<[string, object]>([
    ['refunds more than was paid', { refunds: [{ amount_refunded: 1_191 }] }],
    ['is another sum than its parts', { pre_payment_amount: 1 }],
    ['has no number', { number: null }],
  ])('that %s is refused', (_name, more) => {
    expect(codeOf(() => toCreditNotePayload(note(more)))).toBe('SCHEMA_VALIDATION');
  });
});
