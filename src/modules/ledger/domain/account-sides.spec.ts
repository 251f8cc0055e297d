import { sideOf } from './account-sides';

describe('the side of an account', () => {
  it.each([
    ['customer.receivable', 'debit'],
    ['disputes.held', 'debit'],
    ['payouts.wise.reserved', 'debit'],
    ['payouts.wise.transit', 'debit'],
    ['wise.clearing', null],
    ['revenue.deferred', 'credit'],
    ['tax.payable', 'credit'],
    ['pods.liability', 'credit'],
    ['stripe.clearing', null],
    ['bank.clearing', null],
    ['fx.clearing', null],
    ['payouts.transit', null],
    ['bank.account', null],
    ['customer.credit', null],
    ['revenue.subscription', null],
    ['fees.stripe', null],
    ['bad_debt.expense', null],
    ['toString', null],
  ])('%s: %s', (account, side) => {
    expect(sideOf(account)).toBe(side);
  });
});
