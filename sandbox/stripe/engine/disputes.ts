/** Disputes: what a cardholder's bank takes back, and how an account answers. */
import type Stripe from 'stripe';
import { availableWith, book, isCard, settled } from './balance';
import { SECONDS_PER_DAY } from './calendar';
import type { SandboxContext } from './context';
import { blankEvidence, mergeEvidence } from './dispute-evidence';
import { disputeReasons, type DisputeReason } from './dispute-reasons';
import { integer, invalidRequest } from './errors';
import { settleSuspicion } from './fraud';
import { mergeMetadata } from './metadata';
import type { BalanceTransactionObject, ChargeObject, DisputeObject } from './wire';

export interface NewDispute {
  readonly reason: DisputeReason;
  /** Minor units; what is not refunded of the charge when absent. */
  readonly amount?: number;
  /** The bank only asks; no money moves until it escalates. */
  readonly inquiry: boolean;
  /** The answer is due at the end of this day. */
  readonly dueInDays: number;
}

/** What the bank or the sandbox's operator can make of a dispute. */
export const disputeOutcomes = ['needs_response', 'under_review', 'won', 'lost', 'warning_closed'] as const;
export type DisputeOutcome = (typeof disputeOutcomes)[number];

/** An inquiry nobody escalates ends so many days after it began. */
const INQUIRY_DAYS = 120;

const openStatuses: ReadonlySet<string> = new Set(['needs_response', 'warning_needs_response']);
const inquiryStatuses: ReadonlySet<string> = new Set(['warning_needs_response', 'warning_under_review']);

/** The dispute that stands between a charge and a refund: open, or lost. */
export function standingDispute(ctx: SandboxContext, charge: ChargeObject): DisputeObject | undefined {
  const settled = new Set<string>(['won', 'warning_closed']);
  return ctx.store.linked('dispute', charge.id).find((dispute) => !settled.has(dispute.status));
}

function endOfDay(moment: number, days: number): number {
  return (Math.floor(moment / SECONDS_PER_DAY) + days + 1) * SECONDS_PER_DAY - 1;
}

function methodDetails(charge: ChargeObject, input: NewDispute): Stripe.Dispute.PaymentMethodDetails | undefined {
  const brand = charge.payment_method_details?.card?.brand ?? 'visa';
  if (!isCard(charge)) return undefined;
  const code = disputeReasons[input.reason];
  const kind = input.inquiry ? 'inquiry' : 'chargeback';
  return { type: 'card', card: { brand, case_type: kind, network: brand, network_reason_code: code } };
}

function compose(ctx: SandboxContext, charge: ChargeObject, input: NewDispute, amount: number): DisputeObject {
  const details = methodDetails(charge, input);
  return {
    id: ctx.ids.next('du_'),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created: ctx.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: blankEvidence(charge),
    evidence_details: {
      due_by: endOfDay(ctx.now(), input.dueInDays),
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: input.inquiry,
    livemode: false,
    metadata: {},
    network_reason_code: disputeReasons[input.reason],
    payment_intent: charge.payment_intent,
    ...(details === undefined ? {} : { payment_method_details: details }),
    reason: input.reason,
    status: input.inquiry ? 'warning_needs_response' : 'needs_response',
  };
}

/**
 * A cardholder disputes a charge.
 *
 * @throws 400 when the charge has not succeeded, another dispute of it stands, or it has no such amount left
 */
export function openDispute(ctx: SandboxContext, charge: ChargeObject, input: NewDispute): DisputeObject {
  if (charge.status !== 'succeeded') throw invalidRequest(`Charge ${charge.id} has not succeeded.`, 'charge');
  if (standingDispute(ctx, charge) !== undefined) {
    throw invalidRequest(`Charge ${charge.id} is disputed already.`, 'charge');
  }
  const left = charge.amount_captured - charge.amount_refunded;
  if (left === 0) throw invalidRequest(`Charge ${charge.id} has been refunded.`, 'charge');
  const amount = integer(input.amount ?? left, 'amount', 1, left);
  const dispute = compose(ctx, charge, input, amount);
  charge.disputed = true;
  ctx.store.link('dispute', charge.id, dispute.id);
  if (!input.inquiry) withdraw(ctx, dispute, charge, ctx.settings.disputeFee);
  ctx.create(dispute, 'charge.dispute.created');
  if (!input.inquiry) ctx.emit('charge.dispute.funds_withdrawn', dispute);
  planDispute(ctx, dispute);
  settleSuspicion(ctx, charge, 'disputed');
  return dispute;
}

function planDispute(ctx: SandboxContext, dispute: DisputeObject): void {
  const due = dispute.evidence_details.due_by;
  if (due !== null) ctx.jobs.schedule('dispute.due', dispute.id, due + 1);
  if (!inquiryStatuses.has(dispute.status)) return;
  ctx.jobs.schedule('dispute.expire', dispute.id, dispute.created + INQUIRY_DAYS * SECONDS_PER_DAY);
}

/** Books money of a dispute and writes it on it; the caller tells. */
function move(ctx: SandboxContext, dispute: DisputeObject, transaction: BalanceTransactionObject): void {
  dispute.balance_transactions.push(structuredClone(transaction));
}

function withdraw(ctx: SandboxContext, dispute: DisputeObject, charge: ChargeObject, fee: number): void {
  const booking = {
    ...settled(ctx, -dispute.amount, dispute.currency),
    fee,
    feeDescription: 'Dispute fee',
    type: 'adjustment',
    category: 'dispute',
    source: dispute.id,
    description: `Chargeback withdrawal for ${charge.id}`,
    availableOn: availableWith(ctx, charge),
  } as const;
  move(ctx, dispute, book(ctx, booking));
}

/** The fee stays with Stripe, as it does with disputes that are won. */
function reinstate(ctx: SandboxContext, dispute: DisputeObject, charge: ChargeObject): void {
  const booking = {
    ...settled(ctx, dispute.amount, dispute.currency),
    fee: 0,
    type: 'adjustment',
    category: 'dispute_reversal',
    source: dispute.id,
    description: `Chargeback reversal for ${charge.id}`,
    availableOn: availableWith(ctx, charge),
  } as const;
  move(ctx, dispute, book(ctx, booking));
}

/** Where a dispute can go from here; the bank may think again after it was decided. */
const transitions: Readonly<Record<DisputeOutcome, readonly string[]>> = {
  needs_response: ['warning_needs_response', 'warning_under_review', 'warning_closed'],
  under_review: ['needs_response'],
  won: ['needs_response', 'under_review', 'lost'],
  lost: ['needs_response', 'under_review', 'won'],
  warning_closed: ['warning_needs_response', 'warning_under_review'],
};

/**
 * @param dueInDays days to answer an inquiry that becomes a chargeback.
 * @throws 400 when it cannot come to that
 */
export function decideDispute(
  ctx: SandboxContext,
  dispute: DisputeObject,
  outcome: DisputeOutcome,
  dueInDays: number,
): DisputeObject {
  const was = dispute.status;
  if (!transitions[outcome].includes(was)) {
    throw invalidRequest(`A dispute that is ${was} cannot become ${outcome}.`, 'status');
  }
  const charge = ctx.store.require('charge', dispute.charge);
  const withdraws = outcome === 'needs_response' || (outcome === 'lost' && was === 'won');
  ctx.update(dispute, (target) => {
    target.status = outcome;
    target.is_charge_refundable = false;
    if (outcome === 'needs_response') escalate(ctx, target, dueInDays);
    if (withdraws) withdraw(ctx, target, charge, outcome === 'needs_response' ? ctx.settings.disputeFee : 0);
    if (outcome === 'won') reinstate(ctx, target, charge);
  });
  if (withdraws) ctx.emit('charge.dispute.funds_withdrawn', dispute);
  if (outcome === 'won' || outcome === 'lost' || outcome === 'warning_closed') {
    ctx.jobs.cancel('dispute.due', dispute.id);
    ctx.jobs.cancel('dispute.expire', dispute.id);
    ctx.emit('charge.dispute.closed', dispute);
  }
  if (outcome === 'won') ctx.emit('charge.dispute.funds_reinstated', dispute);
  return dispute;
}

/** An inquiry becomes a chargeback, with a new time to answer. */
function escalate(ctx: SandboxContext, dispute: DisputeObject, dueInDays: number): void {
  dispute.evidence_details.due_by = endOfDay(ctx.now(), dueInDays);
  dispute.evidence_details.past_due = false;
  const card = dispute.payment_method_details?.card;
  if (card !== undefined) card.case_type = 'chargeback';
  ctx.jobs.cancel('dispute.expire', dispute.id);
  planDispute(ctx, dispute);
}

/** What Stripe's test mode makes of these words in `uncategorized_text` (https://docs.stripe.com/testing#disputes). */
const decisiveEvidence: Readonly<Record<string, 'won' | 'lost'>> = { winning_evidence: 'won', losing_evidence: 'lost' };

function assertAnswerable(ctx: SandboxContext, dispute: DisputeObject): void {
  const { due_by: due } = dispute.evidence_details;
  if (due !== null && ctx.now() > due) {
    throw invalidRequest('The deadline for submitting evidence for this dispute has passed.', 'evidence');
  }
  if (openStatuses.has(dispute.status)) return;
  const text = dispute.status.endsWith('under_review')
    ? 'Evidence has already been submitted for this dispute.'
    : 'This dispute is already closed.';
  throw invalidRequest(text, 'evidence');
}

/**
 * `POST /v1/disputes/{id}`: evidence is handed in at once unless `submit` is false, which only keeps it.
 *
 * @throws 400 for evidence after the due date, after it was handed in, or after the end
 */
export function updateDispute(
  ctx: SandboxContext,
  dispute: DisputeObject,
  params: Stripe.DisputeUpdateParams,
): DisputeObject {
  const submits = params.submit ?? params.evidence !== undefined;
  if (submits || params.evidence !== undefined) assertAnswerable(ctx, dispute);
  const evidence = mergeEvidence(dispute.evidence, params.evidence);
  const given = Object.values(params.evidence ?? {}).some((value) => value !== '');
  const metadata = mergeMetadata(dispute.metadata, params.metadata);
  ctx.update(dispute, (target) => {
    target.evidence = evidence;
    target.metadata = metadata;
    if (params.intended_submission_method !== undefined) {
      target.intended_submission_method = params.intended_submission_method;
    }
    if (given) target.evidence_details.has_evidence = true;
    if (!submits) return;
    target.evidence_details.submission_count += 1;
    target.evidence_details.submission_method = 'manual';
    target.status = target.status === 'needs_response' ? 'under_review' : 'warning_under_review';
  });
  const decided = decisiveEvidence[dispute.evidence.uncategorized_text ?? ''];
  if (dispute.status === 'under_review' && decided !== undefined) decideDispute(ctx, dispute, decided, 0);
  return dispute;
}

/** `POST /v1/disputes/{id}/close`: the account accepts it. @throws 400 unless it still waits for an answer */
export function closeDispute(ctx: SandboxContext, dispute: DisputeObject): DisputeObject {
  if (!openStatuses.has(dispute.status)) throw invalidRequest('This dispute is already closed.');
  return decideDispute(ctx, dispute, dispute.status === 'needs_response' ? 'lost' : 'warning_closed', 0);
}

/** The time to answer is over: without evidence a dispute is lost, an inquiry only late. */
export function disputeDue(ctx: SandboxContext, dispute: DisputeObject): void {
  if (!openStatuses.has(dispute.status)) return;
  ctx.update(dispute, (target) => {
    target.evidence_details.past_due = true;
  });
  if (dispute.status === 'needs_response') decideDispute(ctx, dispute, 'lost', 0);
}

/** Nobody escalated an inquiry. */
export function disputeExpired(ctx: SandboxContext, dispute: DisputeObject): void {
  if (inquiryStatuses.has(dispute.status)) decideDispute(ctx, dispute, 'warning_closed', 0);
}

/** Who has all money back has nothing to ask. */
export function closeRefundedInquiry(ctx: SandboxContext, charge: ChargeObject): void {
  const dispute = standingDispute(ctx, charge);
  if (dispute !== undefined) disputeExpired(ctx, dispute);
}
