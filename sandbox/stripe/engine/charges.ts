/** Charges: what each attempt to pay leaves behind. */
import type Stripe from 'stripe';
import { bookCharge } from './balance';
import type { Decline } from './cards';
import type { SandboxContext } from './context';
import type { ChargeObject, PaymentIntentObject, PaymentMethodObject } from './wire';

/** The `card` part of a charge. */
function chargedCard(card: Stripe.PaymentMethod.Card, authenticated: boolean): Stripe.Charge.PaymentMethodDetails.Card {
  return {
    amount_authorized: null,
    authorization_code: null,
    brand: card.brand,
    checks: card.checks,
    country: card.country,
    electronic_commerce_indicator: authenticated ? '05' : null,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    fingerprint: card.fingerprint ?? null,
    funding: card.funding,
    installments: null,
    last4: card.last4,
    mandate: null,
    network: card.brand,
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}

function outcomeOfCharge(decline: Decline | null): Stripe.Charge.Outcome {
  if (decline === null) {
    return {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      risk_score: 12,
      seller_message: 'Payment complete.',
      type: 'authorized',
    };
  }
  const blocked = decline.declineCode === 'fraudulent';
  return {
    advice_code: decline.advice,
    network_advice_code: decline.advice === 'do_not_try_again' ? '03' : '02',
    network_decline_code: '05',
    network_status: blocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: blocked ? 'highest_risk_level' : decline.declineCode,
    risk_level: blocked ? 'highest' : 'normal',
    risk_score: blocked ? 92 : 18,
    seller_message: `The bank returned the decline code \`${decline.declineCode}\`.`,
    type: blocked ? 'blocked' : 'issuer_declined',
  };
}

/** How a charge was paid, by the method's kind. */
function paidWith(method: PaymentMethodObject, authenticated: boolean): Stripe.Charge.PaymentMethodDetails {
  const { card, sepa_debit: sepa, us_bank_account: account } = method;
  if (card !== undefined) return { type: 'card', card: chargedCard(card, authenticated) };
  if (sepa !== undefined) {
    const { bank_code, branch_code, country, fingerprint, last4 } = sepa;
    return { type: 'sepa_debit', sepa_debit: { bank_code, branch_code, country, fingerprint, last4, mandate: null } };
  }
  return {
    type: 'us_bank_account',
    us_bank_account: {
      account_holder_type: account?.account_holder_type ?? null,
      account_type: account?.account_type ?? null,
      bank_name: account?.bank_name ?? null,
      fingerprint: account?.fingerprint ?? null,
      last4: account?.last4 ?? null,
      payment_reference: null,
      routing_number: account?.routing_number ?? null,
    },
  };
}

/** @param decline why it failed; null for success, 'pending' while a debit is under way. */
export function createCharge(
  ctx: SandboxContext,
  intent: PaymentIntentObject,
  method: PaymentMethodObject,
  result: Decline | 'pending' | null,
  authenticated: boolean,
): ChargeObject {
  const id = ctx.ids.next('ch_');
  const decline = result === 'pending' ? null : result;
  const paid = result === null;
  const charge: ChargeObject = {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: decline === null ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: 'KASSA SANDBOX',
    captured: decline === null,
    created: ctx.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOfCharge(decline),
    paid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: paidWith(method, authenticated),
    receipt_email: null,
    receipt_number: null,
    receipt_url: paid ? ctx.url('receipt', id) : null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: paid ? 'succeeded' : decline === null ? 'pending' : 'failed',
    transfer_data: null,
    transfer_group: null,
  };
  ctx.store.link('charge', intent.id, id);
  if (paid) bookCharge(ctx, charge);
  const event = paid ? 'charge.succeeded' : decline === null ? 'charge.pending' : 'charge.failed';
  return ctx.create(charge, event);
}

/** A debit that was under way has come in, or has come back. */
export function settleCharge(ctx: SandboxContext, charge: ChargeObject, decline: Decline | null): void {
  charge.paid = decline === null;
  charge.status = decline === null ? 'succeeded' : 'failed';
  charge.failure_code = decline?.code ?? null;
  charge.failure_message = decline?.message ?? null;
  charge.outcome = outcomeOfCharge(decline);
  if (decline === null) {
    charge.receipt_url = ctx.url('receipt', charge.id);
    bookCharge(ctx, charge);
  } else {
    charge.amount_captured = 0;
    charge.captured = false;
  }
  ctx.emit(decline === null ? 'charge.succeeded' : 'charge.failed', charge);
}
