/** What a bank or Radar thinks of a payment: early fraud warnings and reviews. */
import type Stripe from 'stripe';
import type { SandboxContext } from './context';
import { invalidRequest } from './errors';
import type { ChargeObject, EarlyFraudWarningObject, ReviewObject } from './wire';

/** As card issuers name them (https://docs.stripe.com/api/radar/early_fraud_warnings). */
export const fraudTypes = [
  'card_never_received',
  'fraudulent_card_application',
  'made_with_counterfeit_card',
  'made_with_lost_card',
  'made_with_stolen_card',
  'misc',
  'unauthorized_use_of_card',
] as const;

export type FraudType = (typeof fraudTypes)[number];

/** The issuer warns of a charge. @throws 400 for a charge that has moved no money or has its warning already */
export function warnOfFraud(ctx: SandboxContext, charge: ChargeObject, fraudType: FraudType): EarlyFraudWarningObject {
  if (charge.status !== 'succeeded') throw invalidRequest(`Charge ${charge.id} has not succeeded.`, 'charge');
  if (warningOf(ctx, charge) !== undefined)
    throw invalidRequest(`Charge ${charge.id} has a warning already.`, 'charge');
  const warning: EarlyFraudWarningObject = {
    id: ctx.ids.next('issfr_'),
    object: 'radar.early_fraud_warning',
    actionable: !charge.refunded && !charge.disputed,
    charge: charge.id,
    created: ctx.now(),
    fraud_type: fraudType,
    livemode: false,
    payment_intent: charge.payment_intent,
  };
  ctx.store.link('radar.early_fraud_warning', charge.id, warning.id);
  return ctx.create(warning, 'radar.early_fraud_warning.created');
}

function warningOf(ctx: SandboxContext, charge: ChargeObject): EarlyFraudWarningObject | undefined {
  return ctx.store.linked('radar.early_fraud_warning', charge.id).at(-1);
}

/** Puts a payment up for review. @throws 400 while another review of it is open */
export function openReview(
  ctx: SandboxContext,
  charge: ChargeObject,
  reason: Stripe.Review.OpenedReason,
): ReviewObject {
  if (reviewOf(ctx, charge) !== undefined) throw invalidRequest(`Charge ${charge.id} is in review already.`, 'charge');
  const review: ReviewObject = {
    id: ctx.ids.next('prv_'),
    object: 'review',
    billing_zip: charge.billing_details.address?.postal_code ?? null,
    charge: charge.id,
    closed_reason: null,
    created: ctx.now(),
    ip_address: null,
    ip_address_location: null,
    livemode: false,
    open: true,
    opened_reason: reason,
    payment_intent: charge.payment_intent,
    reason,
    session: null,
  };
  charge.review = review.id;
  const intent = ctx.store.find('payment_intent', charge.payment_intent);
  if (intent !== undefined) intent.review = review.id;
  ctx.store.link('review', charge.id, review.id);
  return ctx.create(review, 'review.opened');
}

function reviewOf(ctx: SandboxContext, charge: ChargeObject): ReviewObject | undefined {
  return ctx.store.linked('review', charge.id).find((review) => review.open);
}

/** @throws 400 when it is closed already */
export function closeReview(
  ctx: SandboxContext,
  review: ReviewObject,
  reason: Stripe.Review.ClosedReason,
): ReviewObject {
  if (!review.open) throw invalidRequest('This review has already been closed.');
  review.open = false;
  review.closed_reason = reason;
  review.reason = reason;
  ctx.emit('review.closed', review);
  return review;
}

/** A refund or a dispute has overtaken what there was to decide about a charge. */
export function settleSuspicion(ctx: SandboxContext, charge: ChargeObject, reason: Stripe.Review.ClosedReason): void {
  const warning = warningOf(ctx, charge);
  if (warning !== undefined) {
    ctx.update(warning, (target) => {
      target.actionable = false;
    });
  }
  const review = reviewOf(ctx, charge);
  if (review !== undefined) closeReview(ctx, review, reason);
}
