/**
 * Stripe's objects about money that moves after a payment: charges, refunds, disputes, credit notes, payouts. Amounts are
 * minor units; a movement on our balance is in the balance's currency, everything else in the payment's.
 */
import type Stripe from 'stripe';
import { validation } from '../../shared/app-error';
import type {
  BalanceMovement,
  ChargePayload,
  CreditNotePayload,
  DisputePayload,
  DisputeStatus,
  ProviderPayoutPayload,
  RefundPayload,
} from '../../shared/facts';
import { iso, known, METADATA, minor, refOf, required } from './stripe-objects';

const REFUND_STATUSES = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled'] as const;
const PAYOUT_STATUSES = ['pending', 'in_transit', 'paid', 'failed', 'canceled'] as const;
const CREDIT_NOTE_STATUSES = ['issued', 'void'] as const;

/** @throws SCHEMA_VALIDATION for anything but a text: our tables would refuse it, and on every retry. */
export function wordOf(value: unknown, what: string): string {
  if (typeof value !== 'string')
    throw validation('SCHEMA_VALIDATION', `Stripe's object has no ${what}`, { missing: what });
  return value;
}

/** @throws SCHEMA_VALIDATION for anything but yes or no. */
export function flagOf(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') {
    throw validation('SCHEMA_VALIDATION', `Stripe's object does not say whether it is ${what}`, { missing: what });
  }
  return value;
}

export function toMovement(movement: Stripe.BalanceTransaction): BalanceMovement {
  return {
    ref: movement.id,
    amount: minor(movement.amount, movement.currency),
    fee: minor(movement.fee, movement.currency),
    currency: movement.currency.toUpperCase(),
    createdAt: iso(movement.created),
  };
}

export function toChargePayload(charge: Stripe.Charge, customerRef: string, paymentRef: string): ChargePayload {
  const movement = charge.balance_transaction;
  return {
    customerRef,
    paymentRef,
    amount: minor(charge.amount_captured, charge.currency),
    currency: charge.currency.toUpperCase(),
    movementRef: refOf(movement),
    settlement: typeof movement === 'object' && movement ? toMovement(movement) : null,
    createdAt: iso(charge.created),
  };
}

export function toRefundPayload(refund: Stripe.Refund): RefundPayload {
  const movements = [refund.balance_transaction, refund.failure_balance_transaction].flatMap((movement) =>
    typeof movement === 'object' && movement ? [toMovement(movement)] : [],
  );
  return {
    paymentRef: required(refOf(refund.payment_intent), 'payment intent'),
    intentId: refund.metadata?.[METADATA.intentId] ?? null,
    amount: minor(refund.amount, refund.currency),
    currency: refund.currency.toUpperCase(),
    status: known(refund.status, REFUND_STATUSES, 'refund status'),
    reason: refund.reason,
    failureReason: refund.failure_reason ?? null,
    movementRef: refOf(refund.balance_transaction),
    failureMovementRef: refOf(refund.failure_balance_transaction),
    ...(movements.length === 0 ? {} : { movements }),
    createdAt: iso(refund.created),
  };
}

/** An appeal is one more round of the same dispute. */
const DISPUTE_STATUSES: ReadonlyMap<string, DisputeStatus> = new Map([
  ['warning_needs_response', 'warning_needs_response'],
  ['warning_under_review', 'warning_under_review'],
  ['warning_closed', 'warning_closed'],
  ['needs_response', 'needs_response'],
  ['appeal_needs_response', 'needs_response'],
  ['under_review', 'under_review'],
  ['appeal_under_review', 'under_review'],
  ['won', 'won'],
  ['lost', 'lost'],
  ['prevented', 'prevented'],
]);

/** In our words; undefined for one we do not know. */
export function disputeStatusOf(providerStatus: string): DisputeStatus | undefined {
  return DISPUTE_STATUSES.get(providerStatus);
}

export function toDisputePayload(dispute: Stripe.Dispute): DisputePayload {
  const { due_by: dueBy, has_evidence, submission_count } = dispute.evidence_details;
  return {
    paymentRef: required(refOf(dispute.payment_intent), 'payment intent'),
    amount: minor(dispute.amount, dispute.currency),
    currency: dispute.currency.toUpperCase(),
    status: required(disputeStatusOf(dispute.status), 'dispute status we know'),
    providerStatus: dispute.status,
    reason: wordOf(dispute.reason, 'reason'),
    evidenceDueBy: dueBy === null ? null : iso(dueBy),
    hasEvidence: flagOf(has_evidence, 'answered'),
    evidenceCount: required(submission_count, 'count of evidence'),
    movements: dispute.balance_transactions.map(toMovement),
    createdAt: iso(dispute.created),
  };
}

export function toCreditNotePayload(note: Stripe.CreditNote): CreditNotePayload {
  const { currency } = note;
  const refunded = note.refunds.reduce((sum, refund) => sum + refund.amount_refunded, 0);
  const outOfBand = note.out_of_band_amount ?? 0;
  const credited = note.post_payment_amount - refunded - outOfBand;
  if (credited < 0 || note.total !== note.pre_payment_amount + note.post_payment_amount) {
    throw validation('SCHEMA_VALIDATION', "The parts of Stripe's credit note do not make up its total");
  }
  return {
    customerRef: required(refOf(note.customer), 'customer'),
    invoiceRef: required(refOf(note.invoice), 'invoice'),
    number: wordOf(note.number, 'number'),
    intentId: note.metadata?.[METADATA.intentId] ?? null,
    status: known(note.status, CREDIT_NOTE_STATUSES, 'credit note status'),
    reason: note.reason,
    currency: currency.toUpperCase(),
    total: minor(note.total, currency),
    tax: minor(
      (note.total_taxes ?? []).reduce((sum, tax) => sum + tax.amount, 0),
      currency,
    ),
    prePayment: minor(note.pre_payment_amount, currency),
    refunded: minor(refunded, currency),
    credited: minor(credited, currency),
    outOfBand: minor(outOfBand, currency),
    voidedAt: note.voided_at === null ? null : iso(note.voided_at),
    createdAt: iso(note.created),
  };
}

export function toProviderPayoutPayload(payout: Stripe.Payout): ProviderPayoutPayload {
  return {
    amount: minor(payout.amount, payout.currency),
    currency: payout.currency.toUpperCase(),
    status: known(payout.status, PAYOUT_STATUSES, 'payout status'),
    failureCode: payout.failure_code,
    arrivesAt: iso(payout.arrival_date),
    createdAt: iso(payout.created),
  };
}
