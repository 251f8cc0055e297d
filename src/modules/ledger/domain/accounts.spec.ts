import { ACCOUNTS, AccountType, Side, isAccountCode } from './accounts';

describe('chart of accounts', () => {
  const NORMAL: Record<AccountType, Side> = {
    asset: 'debit',
    expense: 'debit',
    liability: 'credit',
    equity: 'credit',
    income: 'credit',
  };
  /** Accounts that stand against their type on purpose. */
  const CONTRA = ['credits.granted', 'revenue.refunds'];

  it.each(Object.entries(ACCOUNTS))('%s is dotted, described and on the side of its type', (code, account) => {
    expect(code).toMatch(/^[a-z_]+(\.[a-z_]+)+$/);
    expect(account.description.length).toBeGreaterThan(10);
    expect(account.normal === NORMAL[account.type]).toBe(!CONTRA.includes(code));
  });

  it('knows its codes', () => {
    expect(isAccountCode('stripe.clearing')).toBe(true);
    for (const text of ['', 'stripe', 'toString', '__proto__']) expect(isAccountCode(text)).toBe(false);
  });
});
