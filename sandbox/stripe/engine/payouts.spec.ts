import { at, DAY, harness } from './harness';
import { balanceOf, pay, refund, refusal, transaction } from './money-harness';
import type { BalanceTransactionObject, PayoutObject, WireList } from './wire';

const start = at('2027-01-31T10:00:00Z');

function payouts(h: ReturnType<typeof harness>, filter: object = {}): PayoutObject[] {
  return (h.call('GET', '/v1/payouts', filter) as WireList<PayoutObject>).data;
}

describe('payouts', () => {
  it('leave each midnight with all that is available, and arrive two days later', () => {
    const h = harness(start);
    h.engine.control.configure({ payouts: 'daily' });
    const charge = pay(h, 1000);
    const back = refund(h, charge, { amount: 100 });
    pay(h, 5000, 'jpy');
    h.go(start + DAY);
    pay(h, 2000);
    h.heard();
    h.go(at('2027-02-02T00:00:00Z'));
    expect(h.heard()).toEqual(['payout.created', 'payout.created']);
    const [first] = payouts(h).filter(({ currency }) => currency === 'usd');
    expect(first).toMatchObject({
      amount: 841,
      automatic: true,
      status: 'in_transit',
      arrival_date: at('2027-02-04T00:00:00Z'),
      reconciliation_status: 'completed',
    });
    const parts = h.call('GET', '/v1/balance_transactions', {
      payout: first?.id,
    }) as WireList<BalanceTransactionObject>;
    expect(parts.data.map(({ source }) => source).sort()).toEqual([charge.id, back.id, first?.id].sort());
    expect(parts.data.reduce((total, { net }) => total + net, 0)).toBe(0);
    h.go(at('2027-02-04T00:00:00Z'));
    expect(h.heard()).toEqual(['payout.created', 'payout.paid', 'payout.paid']);
    expect(payouts(h, { status: 'paid' })).toHaveLength(2);
    expect(balanceOf(h)).toBe(0);
    h.go(start + 90 * DAY);
    expect(payouts(h)).toHaveLength(3);
    expect(h.engine.nextDue()).toBeNull();
  });

  it('come back when the bank refuses them, and leave again the next day', () => {
    const h = harness(start);
    pay(h, 1000);
    h.go(start + 3 * DAY);
    h.engine.control.configure({ payouts: 'daily' });
    h.go(start + 4 * DAY);
    const [payout] = payouts(h);
    h.heard();
    const failed = h.engine.control.money.failPayout(payout?.id ?? '', 'account_closed');
    expect(h.heard()).toEqual(['payout.failed']);
    expect(failed).toMatchObject({ status: 'failed', failure_code: 'account_closed' });
    expect(transaction(h, failed.failure_balance_transaction)).toMatchObject({ amount: 941, type: 'payout_failure' });
    expect(balanceOf(h)).toBe(941);
    expect(() => h.engine.control.money.failPayout(failed.id)).toThrow('failed already');
    h.go(start + 5 * DAY);
    expect(payouts(h)).toMatchObject([{ amount: 941, status: 'in_transit' }, { id: failed.id }]);
  });

  it('wait while refunds are more than what came in', () => {
    const h = harness(start);
    h.engine.control.configure({ payouts: 'daily' });
    const charge = pay(h, 1000);
    h.go(start + 3 * DAY);
    refund(h, charge);
    pay(h, 500);
    h.go(start + 10 * DAY);
    expect(payouts(h).map(({ amount }) => amount)).toEqual([941]);
    expect(balanceOf(h)).toBe(-1000 + 455);
  });

  it('can be asked for up to what is available, and be taken back until they arrive', () => {
    const h = harness(start);
    pay(h, 1000);
    const ask = (amount: number): PayoutObject =>
      h.call('POST', '/v1/payouts', { amount, currency: 'usd', metadata: { run: '1' } }) as PayoutObject;
    expect(refusal(() => ask(1))).toBe('balance_insufficient');
    h.go(start + 3 * DAY);
    expect(refusal(() => ask(942))).toBe('balance_insufficient');
    const payout = ask(941);
    expect(payout).toMatchObject({ automatic: false, status: 'pending', metadata: { run: '1' } });
    expect(h.call('POST', `/v1/payouts/${payout.id}/cancel`)).toMatchObject({ status: 'canceled' });
    expect(h.events.at(-1)?.type).toBe('payout.canceled');
    expect(refusal(() => h.call('POST', `/v1/payouts/${payout.id}/cancel`))).toBeNull();
    expect(balanceOf(h)).toBe(941);
    const again = ask(900);
    h.go(start + 6 * DAY);
    expect(h.call('GET', `/v1/payouts/${again.id}`)).toMatchObject({ status: 'paid' });
    expect(balanceOf(h)).toBe(41);
  });
});
