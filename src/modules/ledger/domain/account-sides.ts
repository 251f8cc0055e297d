import { ACCOUNTS, isAccountCode, type AccountType, type Side } from './accounts';

/** Income and expenses are what happened in all: they are corrected in either direction, and have no side to keep to. */
const STANDING: ReadonlySet<AccountType> = new Set(['asset', 'liability']);

/** Accounts of money in between: it may go first and come after. Clearing accounts are such by their name. */
const EITHER_SIDE: ReadonlySet<string> = new Set([
  // A provider takes from our bank what its balance lacks: such a payout goes the other way.
  'bank.account',
  'payouts.transit',
  // What is too small to charge is the customer's debt until his next invoice.
  'customer.credit',
]);

/** Pure: the side that an account's whole balance may not leave; null for those that may stand on either. */
export function sideOf(account: string): Side | null {
  if (!isAccountCode(account) || account.endsWith('.clearing') || EITHER_SIDE.has(account)) return null;
  const { type, normal } = ACCOUNTS[account];
  return STANDING.has(type) ? normal : null;
}
