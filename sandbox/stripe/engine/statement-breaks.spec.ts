import { at, DAY, harness, type Harness } from './harness';
import { balanceOf, chargeNow, pay, transaction } from './money-harness';
import type { StatementBreak } from './statement-breaks';
import type { BalanceTransactionObject, WireList } from './wire';

const start = at('2027-01-31T10:00:00Z');

const statement = (h: Harness, params: object = {}): BalanceTransactionObject[] =>
  (h.call('GET', '/v1/balance_transactions', { limit: 100, ...params }) as WireList<BalanceTransactionObject>).data;

describe('a statement that is wrong', () => {
  /** A charge of 10 dollars, whose line is made wrong. */
  const broken = (fault: StatementBreak) => {
    const h = harness(start);
    const charge = pay(h, 1000);
    const told = h.events.length;
    const changed = h.engine.control.money.breakStatement(charge.balance_transaction ?? '', fault);
    // Nobody is told.
    expect(h.events).toHaveLength(told);
    return { h, charge, changed, lines: statement(h) };
  };

  it('lacks a line, which its charge still names', () => {
    const { h, charge, lines } = broken({ kind: 'missing' });
    expect(lines).toEqual([]);
    expect(chargeNow(h, charge.id).balance_transaction).toBe(charge.balance_transaction);
    expect(balanceOf(h)).toBe(0);
  });

  it('has a line twice', () => {
    const { h, charge, lines, changed } = broken({ kind: 'twice' });
    expect(lines.map(({ id }) => id).sort()).toEqual([charge.balance_transaction, changed.id].sort());
    expect(new Set(lines.map(({ source, net }) => `${source} ${net}`)).size).toBe(1);
    expect(statement(h, { source: charge.id })).toHaveLength(2);
    expect(balanceOf(h)).toBe(1882);
  });

  it('has another amount, with the same fee', () => {
    expect(broken({ kind: 'amount', amount: 999 }).lines).toMatchObject([{ amount: 999, fee: 59, net: 940 }]);
  });

  it('has another currency', () => {
    expect(broken({ kind: 'currency', currency: 'EUR' }).lines).toMatchObject([{ currency: 'eur', amount: 1000 }]);
  });

  it('has another day', () => {
    const { h, lines } = broken({ kind: 'day', days: -3 });
    expect(lines).toMatchObject([{ created: start - 3 * DAY }]);
    expect(statement(h, { created: { gte: start } })).toEqual([]);
  });
});

describe('what nobody tells of', () => {
  it('moves the balance, with or without an object', () => {
    const h = harness(start);
    const charge = pay(h, 1000);
    const told = h.events.length;
    const fee = h.engine.control.money.slipIn({ amount: -250, type: 'stripe_fee' });
    const one = h.engine.control.money.slipIn({ amount: 5, fee: 1, source: charge.id });
    expect(transaction(h, fee.id)).toMatchObject({ type: 'stripe_fee', net: -250, source: null, currency: 'usd' });
    expect(transaction(h, one.id)).toMatchObject({ type: 'adjustment', net: 4, source: charge.id });
    expect(h.events).toHaveLength(told);
    expect(balanceOf(h)).toBe(941 - 250 + 4);
    expect(statement(h)).toHaveLength(3);
  });

  it('names no object that there is not, and no currency', () => {
    const { money } = harness(start).engine.control;
    expect(() => money.slipIn({ amount: 5, source: 'ch_none' })).toThrow('No such object');
    expect(() => money.slipIn({ amount: 5, currency: 'xyz' })).toThrow();
  });
});
