import { at, DAY, harness, type Harness } from './harness';
import { balanceOf, chargeNow, charges, pay, refund, refusal, transaction } from './money-harness';
import type { ChargeObject, DisputeObject, WireList } from './wire';

const start = at('2027-01-31T10:00:00Z');
const due = at('2027-02-09T23:59:59Z');

function open(h: Harness, charge: ChargeObject, more: object = {}): DisputeObject {
  return h.engine.control.money.openDispute({ charge: charge.id }, more);
}

function answer(h: Harness, { id }: DisputeObject, params: object): DisputeObject {
  return h.call('POST', `/v1/disputes/${id}`, params) as DisputeObject;
}

function disputeNow(h: Harness, { id }: DisputeObject): DisputeObject {
  return h.call('GET', `/v1/disputes/${id}`) as DisputeObject;
}

describe('disputes', () => {
  it('take the money and a fee', () => {
    const h = harness(start);
    const charge = pay(h, 5000);
    h.heard();
    const dispute = open(h, charge, { reason: 'product_not_received', amount: 2000 });
    expect(h.heard()).toEqual(['charge.dispute.created', 'charge.dispute.funds_withdrawn']);
    expect(dispute).toMatchObject({
      amount: 2000,
      charge: charge.id,
      currency: 'usd',
      payment_intent: charge.payment_intent,
      reason: 'product_not_received',
      status: 'needs_response',
      is_charge_refundable: false,
      evidence_details: { due_by: due, has_evidence: false, past_due: false, submission_count: 0 },
    });
    const [withdrawal] = dispute.balance_transactions;
    expect(transaction(h, withdrawal?.id)).toMatchObject({
      amount: -2000,
      fee: 1500,
      net: -3500,
      type: 'adjustment',
      reporting_category: 'dispute',
      source: dispute.id,
    });
    expect(balanceOf(h)).toBe(5000 - 175 - 3500);
    expect(chargeNow(h, charge.id).disputed).toBe(true);
    expect(h.call('GET', '/v1/disputes', { charge: charge.id })).toMatchObject({ data: [{ id: dispute.id }] });
    expect(h.call('GET', '/v1/disputes', { payment_intent: 'pi_other' })).toMatchObject({ data: [] });
  });

  it('are answered with evidence, staged or handed in once', () => {
    const h = harness(start);
    const dispute = open(h, pay(h, 5000));
    h.heard();
    const staged = answer(h, dispute, { evidence: { product_description: 'Seats' }, submit: false });
    expect(staged).toMatchObject({
      status: 'needs_response',
      evidence: { product_description: 'Seats', customer_email_address: null },
      evidence_details: { has_evidence: true, submission_count: 0 },
    });
    const sent = answer(h, dispute, { evidence: { access_activity_log: 'logs' }, metadata: { case: '1' } });
    expect(sent).toMatchObject({
      status: 'under_review',
      evidence: { product_description: 'Seats', access_activity_log: 'logs' },
      evidence_details: { submission_count: 1, submission_method: 'manual' },
      metadata: { case: '1' },
    });
    expect(h.heard()).toEqual(['charge.dispute.updated', 'charge.dispute.updated']);
    expect(h.events.at(-1)?.previous).toMatchObject({ status: 'needs_response', metadata: { case: null } });
    expect(() => answer(h, dispute, { evidence: { access_activity_log: 'more' } })).toThrow('already been submitted');
    expect(answer(h, dispute, { metadata: { case: '2' } }).metadata).toEqual({ case: '2' });
    expect(() => answer(h, dispute, { submit: true })).toThrow('already been submitted');
  });

  it('are lost when nobody answers in time, and then take no evidence', () => {
    const h = harness(start);
    const dispute = open(h, pay(h, 5000));
    h.heard();
    h.go(due);
    expect(h.heard()).toEqual([]);
    h.go(due + 1);
    expect(h.heard()).toEqual(['charge.dispute.updated', 'charge.dispute.updated', 'charge.dispute.closed']);
    expect(disputeNow(h, dispute)).toMatchObject({ status: 'lost', evidence_details: { past_due: true } });
    expect(() => answer(h, dispute, { evidence: { uncategorized_text: 'late' } })).toThrow('deadline');
  });

  it('give the money back when they are won, but not the fee', () => {
    const h = harness(start);
    const charge = pay(h, 5000);
    const dispute = open(h, charge);
    answer(h, dispute, { evidence: { uncategorized_text: 'we have it in writing' } });
    h.heard();
    const won = h.engine.control.money.decideDispute(dispute.id, 'won');
    expect(h.heard()).toEqual(['charge.dispute.updated', 'charge.dispute.closed', 'charge.dispute.funds_reinstated']);
    expect(won.balance_transactions.map(({ net }) => net)).toEqual([-6500, 5000]);
    expect(balanceOf(h)).toBe(5000 - 175 - 1500);
    expect(refund(h, charge).status).toBe('succeeded');
  });

  it.each([
    ['winning_evidence', 'won'],
    ['losing_evidence', 'lost'],
  ])('are decided by %s as in test mode', (text, status) => {
    const h = harness(start);
    const dispute = open(h, pay(h, 5000));
    expect(answer(h, dispute, { evidence: { uncategorized_text: text } }).status).toBe(status);
  });

  it('can be lost and won after all', () => {
    const h = harness(start);
    const charge = pay(h, 5000);
    const dispute = open(h, charge);
    expect(h.call('POST', `/v1/disputes/${dispute.id}/close`)).toMatchObject({ status: 'lost' });
    expect(() => h.call('POST', `/v1/disputes/${dispute.id}/close`)).toThrow('already closed');
    expect(refusal(() => refund(h, charge))).toBe('charge_disputed');
    h.heard();
    h.engine.control.money.decideDispute(dispute.id, 'won');
    expect(h.heard().at(-1)).toBe('charge.dispute.funds_reinstated');
    expect(balanceOf(h)).toBe(5000 - 175 - 1500);
  });

  it('begin as inquiries that move no money until they escalate', () => {
    const h = harness(start);
    const charge = pay(h, 5000);
    h.heard();
    const inquiry = open(h, charge, { inquiry: true });
    expect(h.heard()).toEqual(['charge.dispute.created']);
    expect(inquiry).toMatchObject({ status: 'warning_needs_response', balance_transactions: [] });
    answer(h, inquiry, { evidence: { product_description: 'Seats' } });
    expect(disputeNow(h, inquiry).status).toBe('warning_under_review');
    h.set(start + 20 * DAY);
    const chargeback = h.engine.control.money.decideDispute(inquiry.id, 'needs_response', 3);
    expect(chargeback).toMatchObject({
      status: 'needs_response',
      evidence_details: { due_by: at('2027-02-23T23:59:59Z') },
      payment_method_details: { card: { case_type: 'chargeback' } },
    });
    expect(h.heard().slice(-2)).toEqual(['charge.dispute.updated', 'charge.dispute.funds_withdrawn']);
    expect(balanceOf(h)).toBe(5000 - 175 - 6500);
  });

  it('end as inquiries after 120 days, or when all money went back', () => {
    const h = harness(start);
    const quiet = open(h, pay(h, 5000), { inquiry: true });
    const charge = pay(h, 4000);
    const settled = open(h, charge, { inquiry: true });
    refund(h, charge, { amount: 1000 });
    expect(disputeNow(h, settled).status).toBe('warning_needs_response');
    refund(h, charge);
    expect(disputeNow(h, settled).status).toBe('warning_closed');
    h.go(start + 119 * DAY);
    expect(disputeNow(h, quiet)).toMatchObject({
      status: 'warning_needs_response',
      evidence_details: { past_due: true },
    });
    h.go(start + 120 * DAY);
    expect(disputeNow(h, quiet).status).toBe('warning_closed');
    expect(h.events.at(-1)?.type).toBe('charge.dispute.closed');
  });

  it('refuse what cannot be', () => {
    const h = harness(start);
    const charge = pay(h, 5000);
    expect(() => open(h, charge, { amount: 5001 })).toThrow('less than or equal to 5000');
    const dispute = open(h, charge);
    expect(() => open(h, charge)).toThrow('disputed already');
    expect(() => answer(h, dispute, { evidence: { receipt: 'file_1' } })).toThrow("No such file upload: 'file_1'");
    expect(() => answer(h, dispute, { evidence: { uncategorized_text: 'x'.repeat(150_001) } })).toThrow('150,000');
    expect(() => h.engine.control.money.decideDispute(dispute.id, 'warning_closed')).toThrow('cannot become');
    expect(disputeNow(h, dispute)).toEqual(dispute);
    const refunded = pay(h, 100);
    refund(h, refunded);
    expect(() => open(h, refunded)).toThrow('has been refunded');
  });
});

describe('test cards with a sequel', () => {
  const payWith = (h: Harness, token: string): ChargeObject => {
    h.call('POST', '/v1/payment_intents', { amount: 5000, currency: 'usd', payment_method: token, confirm: true });
    h.go(h.now());
    const [latest] = charges(h);
    if (latest === undefined) throw new Error('no charge');
    return latest;
  };

  it.each([
    ['pm_card_createDispute', 'needs_response', 'fraudulent', -1675],
    ['pm_card_createDisputeProductNotReceived', 'needs_response', 'product_not_received', -1675],
    ['pm_card_createDisputeInquiry', 'warning_needs_response', 'fraudulent', 4825],
  ])('%s: %s for %s', (token, status, reason, balance) => {
    const h = harness(start);
    const charge = payWith(h, token);
    expect(charge).toMatchObject({ status: 'succeeded', disputed: true });
    expect(h.call('GET', '/v1/disputes', { charge: charge.id })).toMatchObject({ data: [{ status, reason }] });
    expect(balanceOf(h)).toBe(balance);
    const types = h.heard();
    expect(types.indexOf('charge.dispute.created')).toBeGreaterThan(types.indexOf('payment_intent.succeeded'));
  });

  it('pm_card_createIssuerFraudRecord: a warning', () => {
    const h = harness(start);
    payWith(h, 'pm_card_createIssuerFraudRecord');
    expect(h.heard().at(-1)).toBe('radar.early_fraud_warning.created');
  });

  it.each([
    ['pm_card_refundFail', 'succeeded', 'failed'],
    ['pm_card_pendingRefund', 'pending', 'succeeded'],
  ])('%s: a refund that is %s, then %s', (token, first, last) => {
    const h = harness(start);
    const made = refund(h, payWith(h, token));
    expect(made.status).toBe(first);
    h.go(start + 10 * DAY);
    expect(h.call('GET', `/v1/refunds/${made.id}`)).toMatchObject({ status: last });
  });

  it('pm_card_bypassPending: money that is available at once', () => {
    const h = harness(start);
    payWith(h, 'pm_card_bypassPending');
    expect(h.call('GET', '/v1/balance')).toMatchObject({ available: [{ amount: 4825 }], pending: [{ amount: 0 }] });
  });
});

describe('suspicion', () => {
  it('comes from the issuer once, and is settled by a refund', () => {
    const h = harness(start);
    const charge = pay(h, 5000);
    const warning = h.engine.control.money.warnOfFraud({ paymentIntent: charge.payment_intent });
    expect(warning).toMatchObject({ actionable: true, charge: charge.id, fraud_type: 'made_with_stolen_card' });
    expect(h.events.at(-1)?.type).toBe('radar.early_fraud_warning.created');
    expect(() => h.engine.control.money.warnOfFraud({ charge: charge.id })).toThrow('already');
    refund(h, charge, { reason: 'fraudulent' });
    expect(h.events.at(-1)).toMatchObject({
      type: 'radar.early_fraud_warning.updated',
      previous: { actionable: true },
    });
    expect(chargeNow(h, charge.id).fraud_details).toEqual({ user_report: 'fraudulent' });
    const url = '/v1/radar/early_fraud_warnings';
    expect(h.call('GET', url, { charge: charge.id })).toMatchObject({ data: [{ id: warning.id, actionable: false }] });
  });

  it('puts payments up for review until somebody decides', () => {
    const h = harness(start);
    const charge = pay(h, 5000);
    const review = h.engine.control.money.openReview({ charge: charge.id });
    expect(h.events.at(-1)).toMatchObject({ type: 'review.opened', object: { open: true, reason: 'rule' } });
    expect(chargeNow(h, charge.id).review).toBe(review.id);
    expect((h.call('GET', '/v1/reviews') as WireList<object>).data).toHaveLength(1);
    expect(h.call('POST', `/v1/reviews/${review.id}/approve`)).toMatchObject({
      open: false,
      closed_reason: 'approved',
    });
    expect(h.events.at(-1)?.type).toBe('review.closed');
    expect(() => h.engine.control.money.closeReview(review.id)).toThrow('already been closed');
    h.engine.control.money.openReview({ charge: charge.id }, 'manual');
    refund(h, charge, { reason: 'fraudulent' });
    expect(h.events.at(-1)?.object).toMatchObject({ closed_reason: 'refunded_as_fraud' });
  });
});
