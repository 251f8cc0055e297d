import fc from 'fast-check';
import { at, customerWith, DAY, harness, invoiceNow, shop, subscribe, type Harness } from './harness';
import { balanceOf, chargeNow, charges, pay, refund, refusal, transaction } from './money-harness';
import { REFUND_DAYS } from './refunds';
import type { RefundObject, WireList } from './wire';

const start = at('2027-01-31T10:00:00Z');

function listed(h: Harness, filter: object): RefundObject[] {
  return (h.call('GET', '/v1/refunds', filter) as WireList<RefundObject>).data;
}

function refundNow(h: Harness, id: string): RefundObject {
  return h.call('GET', `/v1/refunds/${id}`) as RefundObject;
}

describe('refunds', () => {
  it('give everything back, tell so, and leave the fee with Stripe', () => {
    const h = harness(start);
    const charge = pay(h, 1000);
    h.heard();
    const made = refund(h, charge, { reason: 'requested_by_customer', metadata: { ticket: '7' } });
    expect(made).toMatchObject({
      amount: 1000,
      charge: charge.id,
      payment_intent: charge.payment_intent,
      reason: 'requested_by_customer',
      metadata: { ticket: '7' },
      status: 'succeeded',
    });
    expect(h.heard()).toEqual(['refund.created', 'charge.refunded']);
    const told = h.events.at(-1);
    expect(told?.previous).toEqual({ amount_refunded: 0, refunded: false });
    expect(told?.object).toMatchObject({ id: charge.id, amount_refunded: 1000, refunded: true });
    expect(transaction(h, made.balance_transaction)).toMatchObject({
      amount: -1000,
      fee: 0,
      net: -1000,
      type: 'refund',
      reporting_category: 'refund',
      source: made.id,
    });
    expect(balanceOf(h)).toBe(-59);
  });

  it('cost what the terms of the account say', () => {
    const h = harness(start);
    h.engine.control.configure({ refundFee: 25 });
    const { balance_transaction } = refund(h, pay(h, 1000), {});
    expect(transaction(h, balance_transaction)).toMatchObject({ amount: -1000, fee: 25, net: -1025 });
  });

  it('come in parts, by charge or by payment intent, never more than is left', () => {
    const h = harness(start);
    const charge = pay(h, 1000);
    const first = refund(h, charge, { amount: 300 });
    const second = h.call('POST', '/v1/refunds', { payment_intent: charge.payment_intent, amount: 200 });
    expect(h.events.at(-1)?.previous).toEqual({ amount_refunded: 300 });
    expect(() => refund(h, charge, { amount: 501 })).toThrow(
      'Refund amount ($5.01) is greater than unrefunded amount on charge ($5.00)',
    );
    expect(refund(h, charge).amount).toBe(500);
    expect(chargeNow(h, charge.id)).toMatchObject({ amount_refunded: 1000, refunded: true });
    expect(refusal(() => refund(h, charge))).toBe('charge_already_refunded');
    const other = pay(h, 400);
    refund(h, other);
    expect(listed(h, { charge: charge.id }).slice(1)).toEqual([second, first]);
    expect(listed(h, { payment_intent: other.payment_intent })).toMatchObject([{ amount: 400 }]);
    expect(listed(h, {})).toHaveLength(4);
  });

  it.each([
    [{}, 'One of the following params should be provided for this request: payment_intent or charge.'],
    [{ charge: 'ch_nobody' }, "No such charge: 'ch_nobody'"],
    [{ payment_intent: 'pi_nobody' }, "No such payment_intent: 'pi_nobody'"],
    [{ charge: 'ch_1', payment_intent: 'pi_1' }, 'You may only specify one of these parameters'],
  ])('refuse %j', (params, message) => {
    expect(() => harness(start).call('POST', '/v1/refunds', params)).toThrow(message);
  });

  it.each([0, -1, 1.5])('refuse an amount of %d', (amount) => {
    const h = harness(start);
    const charge = pay(h, 1000);
    expect(refusal(() => refund(h, charge, { amount }))).toBe('parameter_invalid_integer');
    expect(charges(h)[0]).toEqual(charge);
  });

  it('have nothing to give back of a charge that failed', () => {
    const h = harness(start);
    const { customer } = customerWith(h, 'pm_card_chargeCustomerFail');
    subscribe(h, customer.id, shop(h).pro.id);
    const [failed] = charges(h);
    expect(failed?.status).toBe('failed');
    expect(() => h.call('POST', '/v1/refunds', { charge: failed?.id })).toThrow('has not succeeded');
    expect(() => h.call('POST', '/v1/refunds', { payment_intent: failed?.payment_intent })).toThrow(
      'does not have a successful charge to refund',
    );
  });

  it('fail later and open the charge again', () => {
    const h = harness(start);
    h.engine.control.configure({ refunds: 'succeeds_then_fails' });
    const charge = pay(h, 1000);
    const made = refund(h, charge);
    expect(made.status).toBe('succeeded');
    h.heard();
    h.go(start + REFUND_DAYS * DAY);
    expect(h.heard()).toEqual(['refund.updated', 'charge.updated', 'refund.failed']);
    const failed = refundNow(h, made.id);
    expect(failed).toMatchObject({ status: 'failed', failure_reason: 'expired_or_canceled_card' });
    expect(transaction(h, failed.failure_balance_transaction)).toMatchObject({ amount: 1000, type: 'refund_failure' });
    expect(chargeNow(h, charge.id)).toMatchObject({ amount_refunded: 0, refunded: false });
    expect(balanceOf(h)).toBe(941);
    h.engine.control.configure({ refunds: 'succeeds' });
    expect(refund(h, charge)).toMatchObject({ amount: 1000, status: 'succeeded' });
    expect(() => h.engine.control.money.settleRefund(made.id, 'failed')).toThrow('failed already');
  });

  it('are under way until the bank has them, or the operator says so', () => {
    const h = harness(start);
    h.engine.control.configure({ refunds: 'pending_then_succeeds' });
    const charge = pay(h, 1000);
    const early = refund(h, charge, { amount: 100 });
    const late = refund(h, charge, { amount: 100 });
    expect(early).toMatchObject({ status: 'pending', pending_reason: 'processing' });
    expect(chargeNow(h, charge.id).amount_refunded).toBe(200);
    h.heard();
    expect(h.engine.control.money.settleRefund(early.id, 'succeeded')).not.toHaveProperty('pending_reason');
    expect(h.events.at(-1)?.previous).toEqual({ status: 'pending', pending_reason: 'processing' });
    h.go(start + REFUND_DAYS * DAY);
    expect(h.heard()).toEqual(['refund.updated', 'refund.updated']);
    expect(refundNow(h, late.id).status).toBe('succeeded');
    expect(() => h.engine.control.money.settleRefund(late.id, 'succeeded')).toThrow('succeeded already');
  });

  it('can be canceled only while they wait for the customer', () => {
    const h = harness(start);
    const charge = pay(h, 1000);
    const done = refund(h, charge, { amount: 100 });
    expect(() => h.call('POST', `/v1/refunds/${done.id}/cancel`)).toThrow('status of succeeded');
    h.engine.control.configure({ refunds: 'requires_action' });
    const waiting = refund(h, charge, { amount: 400 });
    expect(waiting).toMatchObject({ status: 'requires_action', next_action: { type: 'display_details' } });
    expect(h.call('POST', `/v1/refunds/${waiting.id}/cancel`)).toMatchObject({ status: 'canceled' });
    expect(chargeNow(h, charge.id).amount_refunded).toBe(100);
    expect(balanceOf(h)).toBe(841);
  });

  it('keep metadata, and leave the invoice they came from as it was', () => {
    const h = harness(start);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, shop(h).pro.id);
    const before = invoiceNow(h, sub.latest_invoice);
    const [charge] = charges(h);
    if (charge === undefined) throw new Error('no charge');
    const made = refund(h, charge, { metadata: { a: '1', b: '2' } });
    const changed = h.call('POST', `/v1/refunds/${made.id}`, { metadata: { b: '', c: '3' } });
    expect(changed).toMatchObject({ metadata: { a: '1', c: '3' } });
    expect(h.events.at(-1)).toMatchObject({ type: 'refund.updated', previous: { metadata: { b: '2', c: null } } });
    expect(invoiceNow(h, sub.latest_invoice)).toEqual(before);
    expect(before).toMatchObject({ status: 'paid', amount_paid: 2999 });
  });

  it('never give back more than was captured, in any order of requests, failures and cancellations', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('refund' as const), amount: fc.integer({ min: 1, max: 1200 }) }),
      fc.record({ kind: fc.constantFrom('fail' as const, 'cancel' as const, 'arrive' as const), at: fc.nat(9) }),
      fc.record({
        kind: fc.constant('bank' as const),
        refunds: fc.constantFrom('succeeds' as const, 'pending' as const, 'requires_action' as const),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const h = harness(start);
        const charge = pay(h, 1000);
        for (const action of steps) {
          const all = listed(h, { limit: 100 });
          const one = 'at' in action ? all[action.at % Math.max(1, all.length)] : undefined;
          try {
            if (action.kind === 'refund') refund(h, charge, { amount: action.amount });
            if (action.kind === 'bank') h.engine.control.configure({ refunds: action.refunds });
            if (action.kind === 'fail' && one) h.engine.control.money.settleRefund(one.id, 'failed');
            if (action.kind === 'arrive' && one) h.engine.control.money.settleRefund(one.id, 'succeeded');
            if (action.kind === 'cancel' && one) h.call('POST', `/v1/refunds/${one.id}/cancel`);
          } catch (error) {
            expect(error).toMatchObject({ status: 400 });
          }
          const standing = listed(h, { limit: 100 })
            .filter(({ status }) => status !== 'failed' && status !== 'canceled')
            .reduce((total, { amount }) => total + amount, 0);
          expect(standing).toBeLessThanOrEqual(1000);
          expect(chargeNow(h, charge.id)).toMatchObject({ amount_refunded: standing, refunded: standing === 1000 });
          expect(balanceOf(h)).toBe(941 - standing);
        }
      }),
      { numRuns: 60 },
    );
  });
});
