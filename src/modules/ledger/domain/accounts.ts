export type AccountType = 'asset' | 'liability' | 'equity' | 'income' | 'expense';
export type Side = 'debit' | 'credit';

interface AccountSpec {
  type: AccountType;
  /** The side on which the balance normally stands. Entries are signed, debit positive, whatever this says. */
  normal: Side;
  description: string;
}

/** The chart of accounts. Codes are stored in entries that never change, so a code is never renamed or given another meaning. */
export const ACCOUNTS = {
  'stripe.clearing': { type: 'asset', normal: 'debit', description: 'Money collected that Stripe holds for us' },
  'apple.clearing': { type: 'asset', normal: 'debit', description: 'Money collected that Apple owes us' },
  'google.clearing': { type: 'asset', normal: 'debit', description: 'Money collected that Google owes us' },
  'wise.clearing': {
    type: 'asset',
    normal: 'debit',
    description: 'Our balance at Wise, as far as it is not set aside',
  },
  'bank.clearing': { type: 'asset', normal: 'debit', description: 'Money that customers paid outside any provider' },
  'bank.account': { type: 'asset', normal: 'debit', description: 'Money that providers have paid out to our bank' },
  'payouts.transit': { type: 'asset', normal: 'debit', description: 'On its way from a provider to our bank' },
  'disputes.held': { type: 'asset', normal: 'debit', description: 'Held by the banks while a payment is disputed' },
  'fx.clearing': { type: 'asset', normal: 'debit', description: 'Between two currencies of one exchange' },
  'customer.receivable': { type: 'asset', normal: 'debit', description: 'Finalized invoices that are not paid yet' },
  'payouts.wise.reserved': {
    type: 'asset',
    normal: 'debit',
    description: 'Money at Wise set aside for payouts',
  },
  'payouts.wise.transit': {
    type: 'asset',
    normal: 'debit',
    description: 'Taken from our balance at Wise, and not with the beneficiary yet',
  },
  'customer.credit': {
    type: 'liability',
    normal: 'credit',
    description: 'Credit that customers may use on later invoices',
  },
  'revenue.deferred': {
    type: 'liability',
    normal: 'credit',
    description: 'Invoiced for periods that have not passed yet',
  },
  'tax.payable': { type: 'liability', normal: 'credit', description: 'Tax invoiced and owed to the authorities' },
  'pods.liability': { type: 'liability', normal: 'credit', description: 'Contributions held for the members of pods' },
  'revenue.subscription': {
    type: 'income',
    normal: 'credit',
    description: 'Subscription revenue of periods that have passed',
  },
  'revenue.refunds': { type: 'income', normal: 'debit', description: 'Refunded revenue, a deduction from income' },
  'credits.granted': { type: 'income', normal: 'debit', description: 'Credit given away, a deduction from income' },
  'disputes.lost': { type: 'expense', normal: 'debit', description: 'Disputed payments that the customers got back' },
  'fees.stripe': { type: 'expense', normal: 'debit', description: 'What Stripe keeps for its service' },
  'fees.apple': { type: 'expense', normal: 'debit', description: "Apple's commission, estimated by its rules" },
  'fees.google': { type: 'expense', normal: 'debit', description: "Google's commission, estimated by its rules" },
  'fees.wise': { type: 'expense', normal: 'debit', description: 'What Wise keeps for sending money' },
  'payouts.disbursed': { type: 'expense', normal: 'debit', description: 'Paid out to beneficiaries' },
  'bad_debt.expense': { type: 'expense', normal: 'debit', description: 'Receivables given up as uncollectible' },
} as const satisfies Record<string, AccountSpec>;

export type AccountCode = keyof typeof ACCOUNTS;

export function isAccountCode(value: string): value is AccountCode {
  return Object.hasOwn(ACCOUNTS, value);
}
