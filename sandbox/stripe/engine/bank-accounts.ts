/**
 * Stripe's test bank accounts (https://docs.stripe.com/testing#non-card-payments): what each number and token does. A
 * debit takes days; it is under way first and succeeds or fails later.
 */
import type Stripe from 'stripe';
import type { CardBehavior } from './cards';
import type { SandboxContext } from './context';
import { invalidRequest } from './errors';
import type { PaymentMethodObject } from './wire';

export interface TestBank {
  readonly type: 'us_bank_account' | 'sepa_debit';
  /** The account number, or the IBAN. */
  readonly number: string;
  readonly token: string;
  /** What a debit comes to in the end. */
  readonly behavior: CardBehavior;
}

export const ROUTING_NUMBER = '110000000';

const us = (token: string, number: string, behavior: CardBehavior): TestBank => ({
  type: 'us_bank_account',
  number,
  token,
  behavior,
});
const sepa = (token: string, number: string, behavior: CardBehavior): TestBank => ({
  type: 'sepa_debit',
  number,
  token,
  behavior,
});

export const testBanks: readonly TestBank[] = [
  us('pm_usBankAccount_success', '000123456789', 'succeeds'),
  us('pm_usBankAccount_accountClosed', '000111111113', 'account_closed'),
  us('pm_usBankAccount_noAccount', '000111111116', 'no_account'),
  us('pm_usBankAccount_insufficientFunds', '000222222227', 'insufficient_funds'),
  us('pm_usBankAccount_debitNotAuthorized', '000333333335', 'debit_not_authorized'),
  sepa('pm_success_de', 'DE89370400440532013000', 'succeeds'),
  sepa('pm_failed_de', 'DE62370400440532013001', 'insufficient_funds'),
];

/** A test account by number, IBAN (spaces allowed) or token; undefined when there is none. */
export function findTestBank(reference: string): TestBank | undefined {
  const plain = reference.replace(/[\s-]/g, '').toUpperCase();
  return testBanks.find((bank) => bank.number === plain || bank.token === reference);
}

/** What a currency can be debited by. */
export function bankTypesOf(currency: string | null): TestBank['type'][] {
  if (currency === 'usd') return ['us_bank_account'];
  return currency === 'eur' ? ['sepa_debit'] : [];
}

const noAddress: Stripe.Address = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
};

function faceOf(
  bank: TestBank,
  connection: string | null,
): Pick<PaymentMethodObject, 'us_bank_account'> | Pick<PaymentMethodObject, 'sepa_debit'> {
  // The same account has the same fingerprint, as Stripe has it for finding duplicates.
  const fingerprint = `fp${bank.number}`;
  const last4 = bank.number.slice(-4);
  if (bank.type === 'sepa_debit') {
    const face = { bank_code: bank.number.slice(4, 12), branch_code: null, country: bank.number.slice(0, 2) };
    return { sepa_debit: { ...face, fingerprint, generated_from: { charge: null, setup_attempt: null }, last4 } };
  }
  return {
    us_bank_account: {
      account_holder_type: 'individual',
      account_type: 'checking',
      bank_name: 'STRIPE TEST BANK',
      financial_connections_account: connection,
      fingerprint,
      last4,
      networks: { preferred: 'ach', supported: ['ach'] },
      routing_number: ROUTING_NUMBER,
      status_details: {},
    },
  };
}

export interface BankHolder {
  readonly email?: string | null;
  readonly name?: string | null;
  readonly address?: Stripe.Address | null;
}

/**
 * A new payment method from a test account, attached to nobody.
 *
 * @param connected found by its holder through Financial Connections, and so verified at once.
 */
export function newBankAccount(
  ctx: SandboxContext,
  bank: TestBank,
  holder: BankHolder,
  connected: boolean,
): PaymentMethodObject {
  const method: PaymentMethodObject = {
    id: ctx.ids.next('pm_'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: holder.address ?? noAddress,
      email: holder.email ?? null,
      name: holder.name ?? null,
      phone: null,
      tax_id: null,
    },
    created: ctx.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: bank.type,
    ...faceOf(bank, connected && bank.type === 'us_bank_account' ? ctx.ids.next('fca_') : null),
  };
  ctx.cards.set(method.id, { behavior: bank.behavior, attaches: true, setUp: true });
  return ctx.create(method, null);
}

/** The account a request describes. @throws 400 for one that is not among the test accounts */
export function bankOf(params: Stripe.PaymentMethodCreateParams): TestBank {
  const { us_bank_account: account, sepa_debit: debit } = params;
  if (account !== undefined && (account.routing_number ?? ROUTING_NUMBER) !== ROUTING_NUMBER) {
    throw invalidRequest(
      'The routing number is invalid. In this sandbox it is 110000000.',
      'us_bank_account[routing_number]',
      'routing_number_invalid',
    );
  }
  const bank = findTestBank(account?.account_number ?? debit?.iban ?? '');
  if (bank === undefined || bank.type !== params.type) {
    throw invalidRequest(
      'The account number is invalid; only the test accounts exist here.',
      debit === undefined ? 'us_bank_account[account_number]' : 'sepa_debit[iban]',
      'account_number_invalid',
    );
  }
  return bank;
}
