/**
 * Setting up a US bank account: its holder picks it in Financial Connections, where it is verified at once, or types it
 * and waits for two small deposits. The browser's side of that is the control API's.
 */
import type Stripe from 'stripe';
import { newBankAccount, type TestBank } from './bank-accounts';
import { SECONDS_PER_DAY } from './calendar';
import type { SandboxContext } from './context';
import { invalidRequest } from './errors';
import { onSetupSucceeded } from './lifecycle';
import { attemptSetup } from './setup-intents';
import type { SetupIntentObject } from './wire';

/** What Stripe's test accounts receive. */
const DEPOSITS = [32, 45] as const;
const DESCRIPTOR = 'SM11AA';
const DEPOSIT_DAYS = 2;

export type BankSetupOutcome = 'verified' | 'failed' | 'microdeposits';

function failVerification(ctx: SandboxContext, intent: SetupIntentObject, code: string, message: string): void {
  const method = ctx.store.find('payment_method', intent.payment_method);
  intent.status = 'requires_payment_method';
  intent.next_action = null;
  intent.payment_method = null;
  if (method !== undefined) {
    const error = { code, message, payment_method: structuredClone(method) };
    intent.last_setup_error = { ...error, type: 'invalid_request_error' };
  }
  ctx.emit('setup_intent.setup_failed', intent);
}

/**
 * The holder has chosen an account on the page.
 *
 * @throws 400 when the intent is over or is not for bank accounts.
 */
export function completeBankSetup(
  ctx: SandboxContext,
  intent: SetupIntentObject,
  bank: TestBank,
  outcome: BankSetupOutcome,
): void {
  if (!intent.payment_method_types.includes(bank.type)) {
    throw invalidRequest(`This SetupIntent does not allow ${bank.type}.`, 'payment_method_types');
  }
  const customer = ctx.store.find('customer', intent.customer);
  const holder = { email: customer?.email ?? null, name: customer?.name ?? null };
  const method = newBankAccount(ctx, bank, holder, outcome === 'verified');
  if (outcome === 'verified') {
    if (attemptSetup(ctx, intent, method, null).kind === 'success') onSetupSucceeded(ctx, intent);
    return;
  }
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw invalidRequest(
      `This SetupIntent has a status of ${intent.status}.`,
      undefined,
      'setup_intent_unexpected_state',
    );
  }
  intent.payment_method = method.id;
  if (outcome === 'failed') {
    failVerification(ctx, intent, 'bank_account_verification_failed', 'The bank account could not be verified.');
    return;
  }
  intent.status = 'requires_action';
  intent.next_action = {
    type: 'verify_with_microdeposits',
    verify_with_microdeposits: {
      arrival_date: ctx.now() + DEPOSIT_DAYS * SECONDS_PER_DAY,
      hosted_verification_url: ctx.url('receipt', intent.id),
      microdeposit_type: 'amounts',
    },
  };
  ctx.emit('setup_intent.requires_action', intent);
}

/** The holder says what has come in. @throws 400 for other amounts, or when nothing is waited for */
export function verifyMicrodeposits(
  ctx: SandboxContext,
  intent: SetupIntentObject,
  params: Stripe.SetupIntentVerifyMicrodepositsParams,
): SetupIntentObject {
  const method = ctx.store.find('payment_method', intent.payment_method);
  if (intent.next_action?.type !== 'verify_with_microdeposits' || method === undefined) {
    throw invalidRequest(
      'This SetupIntent waits for no microdeposits.',
      undefined,
      'payment_method_bank_account_already_verified',
    );
  }
  const amounts = [...(params.amounts ?? [])].sort((a, b) => a - b);
  const right = params.descriptor_code === DESCRIPTOR || DEPOSITS.every((deposit, index) => deposit === amounts[index]);
  if (!right) {
    throw invalidRequest(
      'The amounts provided do not match the amounts that were sent to the bank account.',
      'amounts',
      'payment_method_microdeposit_verification_amounts_mismatch',
    );
  }
  if (attemptSetup(ctx, intent, method, null).kind === 'success') onSetupSucceeded(ctx, intent);
  return intent;
}
