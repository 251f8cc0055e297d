/** Refunds: money of a charge that goes back, and sometimes comes home again. */
import type Stripe from 'stripe';
import { availableWith, book, isCard, settled } from './balance';
import { SECONDS_PER_DAY } from './calendar';
import { sequelOf } from './card-sequels';
import { previousAttributes, type RefundBehavior, type SandboxContext } from './context';
import { assertStep, formatMoney } from './currencies';
import { closeRefundedInquiry, standingDispute } from './disputes';
import { integer, invalidRequest, refuseUnsupported } from './errors';
import { settleSuspicion } from './fraud';
import { mergeMetadata } from './metadata';
import type { ChargeObject, Metadata, RefundObject } from './wire';

/** How long a bank takes over a refund that does not arrive at once. */
export const REFUND_DAYS = 5;

export interface RefundTerms {
  /** Minor units; all that is left when absent. */
  readonly amount?: number;
  readonly reason?: Stripe.Refund.Reason | null;
  readonly metadata?: Metadata;
}

/** What can still be refunded of a charge. */
export function refundable(charge: ChargeObject): number {
  return charge.amount_captured - charge.amount_refunded;
}

/** The charge a request means. @throws 400 unless it names exactly one that can have money to give back */
function chargeOf(ctx: SandboxContext, params: Stripe.RefundCreateParams): ChargeObject {
  if (params.charge !== undefined && params.payment_intent !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: charge, payment_intent.');
  }
  if (params.charge !== undefined) return ctx.store.require('charge', params.charge, 'charge');
  if (params.payment_intent === undefined) {
    throw invalidRequest(
      'One of the following params should be provided for this request: payment_intent or charge.',
      undefined,
      'parameter_missing',
    );
  }
  const intent = ctx.store.require('payment_intent', params.payment_intent, 'payment_intent');
  const charge = ctx.store.linked('charge', intent.id).find((candidate) => candidate.status === 'succeeded');
  if (charge === undefined) {
    throw invalidRequest(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`);
  }
  return charge;
}

/** @throws 400, with `charge_already_refunded` or `charge_disputed` where Stripe has a code for it */
function assertRefundable(ctx: SandboxContext, charge: ChargeObject, amount: number | undefined): void {
  if (charge.status !== 'succeeded') {
    throw invalidRequest(`Charge ${charge.id} has not succeeded, so there is nothing to refund.`, 'charge');
  }
  const left = refundable(charge);
  if (left === 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, undefined, 'charge_already_refunded');
  }
  const dispute = standingDispute(ctx, charge);
  if (dispute !== undefined && !dispute.is_charge_refundable) {
    throw invalidRequest(
      `Charge ${charge.id} has been charged back; cannot issue a refund.`,
      undefined,
      'charge_disputed',
    );
  }
  if (amount === undefined) return;
  integer(amount, 'amount', 1);
  assertStep(amount, charge.currency, 'amount');
  if (amount <= left) return;
  const asked = formatMoney(amount, charge.currency);
  throw invalidRequest(
    `Refund amount (${asked}) is greater than unrefunded amount on charge (${formatMoney(left, charge.currency)})`,
    'amount',
  );
}

/** What the settings say; else what the card has in store; banks take their time. */
function behaviorFor(ctx: SandboxContext, charge: ChargeObject): RefundBehavior {
  const told = ctx.settings.refunds;
  if (told !== 'succeeds') return told;
  return sequelOf(charge).refunds ?? (isCard(charge) ? 'succeeds' : 'pending_then_succeeds');
}

function destination(charge: ChargeObject): Stripe.Refund.DestinationDetails {
  const unknown = { reference: null, reference_status: null };
  if (charge.payment_method_details?.type === 'sepa_debit')
    return { type: 'eu_bank_transfer', eu_bank_transfer: unknown };
  if (!isCard(charge)) return { type: 'us_bank_transfer', us_bank_transfer: unknown };
  const card = { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' } as const;
  return { type: 'card', card };
}

function firstStatus(behavior: RefundBehavior): RefundObject['status'] {
  if (behavior === 'requires_action') return 'requires_action';
  return behavior.startsWith('succeeds') ? 'succeeded' : 'pending';
}

function compose(ctx: SandboxContext, charge: ChargeObject, terms: RefundTerms, amount: number): RefundObject {
  const status = firstStatus(behaviorFor(ctx, charge));
  const now = ctx.now();
  const email = charge.billing_details.email ?? '';
  const expires = now + 45 * SECONDS_PER_DAY;
  return {
    id: ctx.ids.next('re_'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: now,
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: destination(charge),
    metadata: terms.metadata ?? {},
    ...(status === 'requires_action'
      ? {
          next_action: {
            type: 'display_details',
            display_details: { email_sent: { email_sent_at: now, email_sent_to: email }, expires_at: expires },
          },
        }
      : {}),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(status === 'pending' ? { pending_reason: 'processing' } : {}),
    reason: terms.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status,
    transfer_reversal: null,
  };
}

function plan(ctx: SandboxContext, refund: RefundObject, behavior: RefundBehavior): void {
  const at = ctx.now() + REFUND_DAYS * SECONDS_PER_DAY;
  if (behavior === 'pending_then_succeeds') ctx.jobs.schedule('refund.succeed', refund.id, at);
  if (behavior.endsWith('then_fails')) ctx.jobs.schedule('refund.fail', refund.id, at);
}

/**
 * Gives a charge's money back: the refund, its balance transaction and `charge.refunded`.
 *
 * @throws 400 when there is not as much to give back
 */
export function refundCharge(ctx: SandboxContext, charge: ChargeObject, terms: RefundTerms): RefundObject {
  assertRefundable(ctx, charge, terms.amount);
  const amount = terms.amount ?? refundable(charge);
  const refund = compose(ctx, charge, terms, amount);
  refund.balance_transaction = book(ctx, {
    ...settled(ctx, -amount, charge.currency),
    fee: ctx.settings.refundFee,
    type: isCard(charge) ? 'refund' : 'payment_refund',
    category: 'refund',
    source: refund.id,
    description: `REFUND FOR CHARGE${charge.description === null ? '' : ` (${charge.description})`}`,
    availableOn: availableWith(ctx, charge),
  }).id;
  ctx.store.link('refund', charge.id, refund.id);
  ctx.create(refund, 'refund.created');
  plan(ctx, refund, behaviorFor(ctx, charge));
  const before = structuredClone(charge);
  charge.amount_refunded += amount;
  charge.refunded = refundable(charge) === 0;
  if (refund.reason === 'fraudulent') charge.fraud_details = { user_report: 'fraudulent' };
  ctx.emit('charge.refunded', charge, previousAttributes(before, charge));
  if (charge.refunded) {
    settleSuspicion(ctx, charge, refund.reason === 'fraudulent' ? 'refunded_as_fraud' : 'refunded');
    closeRefundedInquiry(ctx, charge);
  }
  return refund;
}

/** `POST /v1/refunds`. */
export function createRefund(ctx: SandboxContext, params: Stripe.RefundCreateParams): RefundObject {
  refuseUnsupported(params, [
    'currency',
    'customer',
    'instructions_email',
    'origin',
    'refund_application_fee',
    'reverse_transfer',
  ]);
  const charge = chargeOf(ctx, params);
  return refundCharge(ctx, charge, {
    ...(params.amount === undefined ? {} : { amount: params.amount }),
    reason: params.reason ?? null,
    metadata: mergeMetadata({}, params.metadata),
  });
}

/** The money never arrived: it is the account's again and the charge's to refund. */
function giveBack(ctx: SandboxContext, refund: RefundObject, change: (refund: RefundObject) => void): void {
  const charge = ctx.store.require('charge', refund.charge);
  const returned = book(ctx, {
    ...settled(ctx, refund.amount, refund.currency),
    fee: 0,
    type: isCard(charge) ? 'refund_failure' : 'payment_failure_refund',
    category: 'refund_failure',
    source: refund.id,
    description: 'REFUND FAILURE',
    availableOn: availableWith(ctx, charge),
  });
  ctx.jobs.cancel('refund.fail', refund.id);
  ctx.jobs.cancel('refund.succeed', refund.id);
  ctx.update(refund, (target) => {
    target.failure_balance_transaction = returned.id;
    delete target.next_action;
    delete target.pending_reason;
    change(target);
  });
  ctx.update(charge, (target) => {
    target.amount_refunded -= refund.amount;
    target.refunded = false;
  });
}

/** A refund fails, even long after it succeeded. @throws 400 when it has failed or was canceled */
export function failRefund(ctx: SandboxContext, refund: RefundObject, reason: string): RefundObject {
  if (refund.status === 'failed' || refund.status === 'canceled') {
    throw invalidRequest(`Refund ${refund.id} is ${refund.status} already.`);
  }
  giveBack(ctx, refund, (target) => {
    target.status = 'failed';
    target.failure_reason = reason;
  });
  ctx.emit('refund.failed', refund);
  return refund;
}

/** @throws 400 unless it is under way */
export function completeRefund(ctx: SandboxContext, refund: RefundObject): RefundObject {
  if (refund.status !== 'pending' && refund.status !== 'requires_action') {
    throw invalidRequest(`Refund ${refund.id} is ${refund.status} already.`);
  }
  ctx.jobs.cancel('refund.succeed', refund.id);
  ctx.update(refund, (target) => {
    target.status = 'succeeded';
    delete target.next_action;
    delete target.pending_reason;
  });
  return refund;
}

/** `POST /v1/refunds/{id}/cancel`. @throws 400 unless it waits for the customer */
export function cancelRefund(ctx: SandboxContext, refund: RefundObject): RefundObject {
  if (refund.status !== 'requires_action') {
    throw invalidRequest(
      `You cannot cancel this refund because it has a status of ${refund.status}. Only a refund with the status requires_action can be canceled.`,
    );
  }
  giveBack(ctx, refund, (target) => {
    target.status = 'canceled';
  });
  return refund;
}

/** `POST /v1/refunds/{id}`: nothing but metadata can change. */
export function updateRefund(
  ctx: SandboxContext,
  refund: RefundObject,
  params: Stripe.RefundUpdateParams,
): RefundObject {
  ctx.update(refund, (target) => {
    target.metadata = mergeMetadata(target.metadata, params.metadata);
  });
  return refund;
}
