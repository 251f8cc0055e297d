/** What only the sandbox's operator can do to means of payment: banks that answer, networks that renew cards. */
import { findTestBank, testBanks } from './bank-accounts';
import { completeBankSetup, type BankSetupOutcome } from './bank-setup';
import { declines, findTestCard, type Decline, type DeclineCode } from './cards';
import { collectInvoice, concludeDebit, invoiceOfIntent } from './collection';
import type { SandboxContext } from './context';
import { integer, invalidRequest } from './errors';
import { newBankAccount } from './bank-accounts';
import { attemptPayment } from './payments';

/** What a card network sends when an issuer has replaced a card. */
export interface CardRenewal {
  readonly expMonth: number;
  readonly expYear: number;
  /** A test card's number, where the number is new too. */
  readonly number?: string;
}

export interface PaymentControl {
  /**
   * The network renews a saved card: `payment_method.automatically_updated`. A card that was declined as expired pays
   * again. @throws 404 for an unknown one, 400 for anything but an attached card
   */
  renewCard(paymentMethodId: string, renewal: CardRenewal): void;
  /**
   * A debit under way ends before its days are over.
   * @param failure a decline code; left out, the money came in. @throws 400 when no debit is under way
   */
  settleDebit(paymentIntentId: string, failure?: string): void;
  /**
   * The holder of a bank account completes a setup or payment intent in the browser, through Financial Connections.
   * @param account a test account's number, IBAN or token; by default the one that pays. @throws 400 for another
   */
  completeWithBank(intentId: string, outcome?: BankSetupOutcome, account?: string): void;
}

function isDecline(code: string): code is DeclineCode {
  return Object.hasOwn(declines, code);
}

function declineOf(code: string): Decline {
  if (!isDecline(code)) {
    throw invalidRequest(`Unknown failure ${code}; known are ${Object.keys(declines).join(', ')}.`, 'failure');
  }
  return { ...declines[code], declineCode: code };
}

function renewCard(ctx: SandboxContext, id: string, renewal: CardRenewal): void {
  const method = ctx.store.require('payment_method', id, 'paymentMethod');
  const state = ctx.cards.get(id);
  const next = renewal.number === undefined ? undefined : findTestCard(renewal.number);
  if (method.card === undefined || method.customer === null) {
    throw invalidRequest('Networks renew attached cards only.', 'paymentMethod');
  }
  if (renewal.number !== undefined && next === undefined) throw invalidRequest('No such test card.', 'number');
  const { exp_month, exp_year, fingerprint, last4 } = method.card;
  method.card.exp_month = integer(renewal.expMonth, 'expMonth', 1, 12);
  method.card.exp_year = integer(renewal.expYear, 'expYear', 2000, 2100);
  if (next !== undefined) {
    method.card.last4 = next.number.slice(-4);
    method.card.fingerprint = `fp${next.number}`;
  }
  if (state !== undefined && next !== undefined) state.behavior = next.behavior;
  if (state?.behavior === 'expired_card') state.behavior = 'succeeds';
  const card = { exp_month, exp_year, ...(next === undefined ? {} : { fingerprint, last4 }) };
  ctx.emit('payment_method.automatically_updated', method, { card });
}

function completeWithBank(ctx: SandboxContext, id: string, outcome: BankSetupOutcome, account?: string): void {
  const bank = account === undefined ? testBanks[0] : findTestBank(account);
  if (bank === undefined) throw invalidRequest('No such test account.', 'account');
  const setup = ctx.store.find('setup_intent', id);
  if (setup !== undefined) {
    completeBankSetup(ctx, setup, bank, outcome);
    return;
  }
  const intent = ctx.store.require('payment_intent', id, 'intent');
  if (outcome !== 'verified') throw invalidRequest('A payment needs a verified account.', 'outcome');
  const customer = ctx.store.find('customer', intent.customer);
  const holder = { email: customer?.email ?? null, name: customer?.name ?? null };
  const invoice = invoiceOfIntent(ctx, intent);
  const method = newBankAccount(ctx, bank, holder, true);
  if (invoice?.status === 'open') collectInvoice(ctx, invoice, { method, offSession: false, automatic: false });
  else attemptPayment(ctx, intent, method, { offSession: false });
}

/** `current` brings the engine up to the clock before anything is looked at. */
export function paymentControl(ctx: SandboxContext, current: () => void): PaymentControl {
  return {
    renewCard: (id, renewal) => {
      current();
      renewCard(ctx, id, renewal);
    },
    settleDebit: (id, failure) => {
      current();
      const intent = ctx.store.require('payment_intent', id, 'intent');
      concludeDebit(ctx, intent, failure === undefined ? null : declineOf(failure));
    },
    completeWithBank: (id, outcome = 'verified', account) => {
      current();
      completeWithBank(ctx, id, outcome, account);
    },
  };
}
