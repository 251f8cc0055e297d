import type Stripe from 'stripe';
import { at, customerWith, DAY, harness, HOUR, shop, subscribe, type Harness } from './harness';
import { charges, pay, refund, transaction } from './money-harness';
import type { BalanceTransactionObject, WireList } from './wire';

const start = at('2027-01-31T10:00:00Z');

const currenciesOf = (h: Harness): string[] =>
  (h.call('GET', '/v1/balance') as Stripe.Balance).available.map(({ currency }) => currency);

describe('the balance', () => {
  it.each([
    [999, 'usd', 59],
    [500, 'usd', 45],
    [50, 'usd', 31],
    [1000, 'jpy', 59],
    [10_000, 'kwd', 320],
    [99_999_999, 'huf', 2_900_030],
  ])('keeps 2.9 %% and 30 of %i %s, half up: %i', (amount, currency, fee) => {
    const h = harness(start);
    const charge = pay(h, amount, currency);
    expect(transaction(h, charge.balance_transaction)).toMatchObject({
      amount,
      fee,
      net: amount - fee,
      currency,
      reporting_category: 'charge',
      type: 'charge',
      source: charge.id,
      status: 'pending',
      available_on: at('2027-02-02T00:00:00Z'),
      fee_details: [{ amount: fee, currency, type: 'stripe_fee' }],
    });
  });

  it('takes other fees when it is told to', () => {
    const h = harness(start);
    h.engine.control.configure({ feeBasisPoints: 150, feeFixed: 25 });
    expect(transaction(h, pay(h, 1000).balance_transaction)).toMatchObject({ fee: 40, net: 960 });
  });

  it('is kept in one currency when it is told to, each movement at the rate of its moment', () => {
    const h = harness(start);
    h.engine.control.configure({ settlement: { currency: 'usd', rate: 1.105 }, refunds: 'pending' });
    const charge = pay(h, 1001, 'eur');
    const settledAt = (id: string | null | undefined): object => {
      const { amount, fee, net, currency, exchange_rate: rate } = transaction(h, id);
      return { amount, fee, net, currency, rate };
    };
    const usd = { currency: 'usd', fee: 0 };
    // 1106.105 and 2.9 % of it and 30.
    expect(settledAt(charge.balance_transaction)).toEqual({ ...usd, amount: 1106, fee: 62, net: 1044, rate: 1.105 });
    h.engine.control.configure({ settlement: { currency: 'usd', rate: 1.5 } });
    const made = refund(h, charge, { amount: 101 });
    expect(made).toMatchObject({ amount: 101, currency: 'eur' });
    expect(settledAt(made.balance_transaction)).toEqual({ ...usd, amount: -152, net: -152, rate: 1.5 });
    h.engine.control.configure({ settlement: { currency: 'usd', rate: 1.2 } });
    const failed = h.engine.control.money.settleRefund(made.id, 'failed');
    expect(settledAt(failed.failure_balance_transaction)).toEqual({ ...usd, amount: 121, net: 121, rate: 1.2 });
    const dispute = h.engine.control.money.openDispute({ charge: charge.id }, { amount: 1000 });
    expect(dispute).toMatchObject({ amount: 1000, currency: 'eur' });
    expect(dispute.balance_transactions).toMatchObject([{ amount: -1200, fee: 1500, currency: 'usd' }]);
    const own = pay(h, 500, 'usd');
    expect(settledAt(own.balance_transaction)).toEqual({ ...usd, amount: 500, fee: 45, net: 455, rate: null });
    expect(currenciesOf(h)).toEqual(['usd']);
  });

  it('keeps nothing of a charge that failed', () => {
    const h = harness(start);
    const { customer } = customerWith(h, 'pm_card_chargeCustomerFail');
    const { pro } = shop(h);
    subscribe(h, customer.id, pro.id);
    expect(charges(h)).toMatchObject([{ status: 'failed', balance_transaction: null }]);
    expect(h.call('GET', '/v1/balance_transactions')).toMatchObject({ data: [] });
  });

  it('can be paid out after two days, in each currency for itself', () => {
    const h = harness(start);
    pay(h, 1000);
    pay(h, 5000, 'jpy');
    h.go(start + DAY);
    pay(h, 2000);
    const sums = (): Stripe.Balance => h.call('GET', '/v1/balance') as Stripe.Balance;
    const amounts = (rows: Stripe.Balance['available']): [string, number][] =>
      rows.map((row) => [row.currency, row.amount]);
    expect(amounts(sums().pending)).toEqual([
      ['jpy', 4825],
      ['usd', 2853],
    ]);
    h.go(at('2027-02-02T00:00:00Z'));
    expect(amounts(sums().available)).toEqual([
      ['jpy', 4825],
      ['usd', 941],
    ]);
    expect(amounts(sums().pending)).toEqual([
      ['jpy', 0],
      ['usd', 1912],
    ]);
    const listed = h.call('GET', '/v1/balance_transactions', { currency: 'usd' }) as WireList<BalanceTransactionObject>;
    expect(listed.data.map(({ amount, status }) => [amount, status])).toEqual([
      [2000, 'pending'],
      [1000, 'available'],
    ]);
  });

  it('hears of an asynchronous capture later, by charge.updated', () => {
    const h = harness(start);
    h.engine.control.configure({ captureDelaySeconds: HOUR });
    const charge = pay(h, 1000);
    expect(charge.balance_transaction).toBeNull();
    h.heard();
    h.go(start + HOUR);
    expect(h.heard()).toEqual(['charge.updated']);
    const told = h.events.at(-1);
    expect(told?.previous).toEqual({ balance_transaction: null });
    expect(transaction(h, String(told?.object.balance_transaction))).toMatchObject({ amount: 1000, fee: 59 });
  });

  it('finds transactions by what moved the money', () => {
    const h = harness(start);
    const charge = pay(h, 1000);
    pay(h, 2000);
    const found = (filter: object): number =>
      (h.call('GET', '/v1/balance_transactions', filter) as WireList<BalanceTransactionObject>).data.length;
    expect(found({ source: charge.id })).toBe(1);
    expect(found({ type: 'charge' })).toBe(2);
    expect(found({ type: 'refund' })).toBe(0);
    expect(() => found({ payout: 'po_nobody' })).toThrow("No such payout: 'po_nobody'");
  });

  it('books the charges of a world that had no balance yet', () => {
    const h = harness(start);
    const charge = pay(h, 1000);
    const state = h.engine.save();
    const older = {
      ...state,
      store: { ...state.store, objects: state.store.objects.filter(({ object }) => object !== 'balance_transaction') },
    };
    const resumed = harness(start + HOUR, 3, structuredClone(older));
    const [again] = charges(resumed);
    expect(again?.id).toBe(charge.id);
    expect(transaction(resumed, again?.balance_transaction)).toMatchObject({ amount: 1000, net: 941 });
  });
});
