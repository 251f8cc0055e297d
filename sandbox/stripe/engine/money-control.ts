/** What only banks do: refunds that arrive or fail, disputes, warnings, reviews and payouts that come back. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import type { DisputeReason } from './dispute-reasons';
import { decideDispute, openDispute, type DisputeOutcome } from './disputes';
import { invalidRequest } from './errors';
import { closeReview, openReview, warnOfFraud, type FraudType } from './fraud';
import { failPayout, type PayoutFailure } from './payouts';
import { completeRefund, failRefund } from './refunds';
import { breakStatement, slipIn, type SlippedIn, type StatementBreak } from './statement-breaks';
import type {
  BalanceTransactionObject,
  ChargeObject,
  DisputeObject,
  EarlyFraudWarningObject,
  PayoutObject,
  RefundObject,
  ReviewObject,
} from './wire';

/** A charge by its own id or by its payment's. */
export type PaymentReference = { readonly charge: string } | { readonly paymentIntent: string };

export interface MoneyControl {
  /** A pending refund arrives, or one that even has arrived fails. @throws 404, or 400 when it is past that */
  settleRefund(id: string, status: 'succeeded' | 'failed', reason?: string): RefundObject;
  /** @throws 404, or 400 for a charge that cannot be disputed */
  openDispute(
    payment: PaymentReference,
    input: { reason?: DisputeReason; amount?: number; inquiry?: boolean; dueInDays?: number },
  ): DisputeObject;
  /** @throws 404, or 400 when the dispute cannot come to that */
  decideDispute(id: string, outcome: DisputeOutcome, dueInDays?: number): DisputeObject;
  /** @throws 404, or 400 when there is a warning already */
  warnOfFraud(payment: PaymentReference, fraudType?: FraudType): EarlyFraudWarningObject;
  /** @throws 404, or 400 while it is in review */
  openReview(payment: PaymentReference, reason?: Stripe.Review.OpenedReason): ReviewObject;
  /** @throws 404, or 400 when it is closed */
  closeReview(id: string, reason?: Stripe.Review.ClosedReason): ReviewObject;
  /** A movement on the balance that nobody is told of. */
  slipIn(movement: SlippedIn): BalanceTransactionObject;
  /** Makes the statement wrong about a movement; what was told of it stays. @throws 404 */
  breakStatement(id: string, fault: StatementBreak): BalanceTransactionObject;
  /** The bank sends a payout back. @throws 404, or 400 when it came back already */
  failPayout(id: string, code?: PayoutFailure): PayoutObject;
}

/** Days to answer a dispute when nobody says how many. */
const RESPONSE_DAYS = 9;

function chargeOf(ctx: SandboxContext, payment: PaymentReference): ChargeObject {
  if ('charge' in payment) return ctx.store.require('charge', payment.charge, 'charge');
  const intent = ctx.store.require('payment_intent', payment.paymentIntent, 'paymentIntent');
  const charge = ctx.store.linked('charge', intent.id).find(({ status }) => status === 'succeeded');
  if (charge === undefined) throw invalidRequest(`${intent.id} has no charge that succeeded.`, 'paymentIntent');
  return charge;
}

/** `current` brings the engine up to the clock before anything is done. */
export function moneyControl(ctx: SandboxContext, current: () => void): MoneyControl {
  /** Copies, so that what is answered does not change later. */
  const now = <T extends object>(work: () => T): T => {
    current();
    return structuredClone(work());
  };
  return {
    settleRefund: (id, status, reason = 'unknown') =>
      now(() => {
        const refund = ctx.store.require('refund', id);
        return status === 'failed' ? failRefund(ctx, refund, reason) : completeRefund(ctx, refund);
      }),
    openDispute: (payment, { reason = 'fraudulent', amount, inquiry = false, dueInDays = RESPONSE_DAYS }) =>
      now(() => {
        const sum = amount === undefined ? {} : { amount };
        return openDispute(ctx, chargeOf(ctx, payment), { reason, inquiry, dueInDays, ...sum });
      }),
    decideDispute: (id, outcome, dueInDays = RESPONSE_DAYS) =>
      now(() => decideDispute(ctx, ctx.store.require('dispute', id), outcome, dueInDays)),
    warnOfFraud: (payment, fraudType = 'made_with_stolen_card') =>
      now(() => warnOfFraud(ctx, chargeOf(ctx, payment), fraudType)),
    openReview: (payment, reason = 'rule') => now(() => openReview(ctx, chargeOf(ctx, payment), reason)),
    closeReview: (id, reason = 'approved') => now(() => closeReview(ctx, ctx.store.require('review', id), reason)),
    slipIn: (movement) => now(() => slipIn(ctx, movement)),
    breakStatement: (id, fault) => now(() => breakStatement(ctx, ctx.store.require('balance_transaction', id), fault)),
    failPayout: (id, code = 'account_closed') => now(() => failPayout(ctx, ctx.store.require('payout', id), code)),
  };
}
