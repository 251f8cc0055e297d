import type { InvoiceFact, InvoiceStatus, PaymentFact, SubscriptionFact } from '../../../shared/facts';

/**
 * Place of each fact within one second of the provider's time. An invoice's status only moves forward, so within a second
 * the status decides before the kind does: draft before open, open before its end.
 */
const SUBSCRIPTION: Readonly<Record<SubscriptionFact['kind'], number>> = {
  'subscription.created': 0,
  'subscription.changed': 1,
  'subscription.snapshot': 2,
  'subscription.deleted': 3,
};
const INVOICE_STATUS: Readonly<Record<InvoiceStatus, number>> = {
  draft: 0,
  open: 1,
  uncollectible: 2,
  paid: 3,
  void: 3,
};
const INVOICE: Readonly<Record<InvoiceFact['kind'], number>> = {
  'invoice.created': 0,
  'invoice.finalized': 1,
  'invoice.changed': 2,
  'invoice.payment_action_required': 3,
  'invoice.payment_failed': 4,
  'invoice.uncollectible': 5,
  'invoice.paid': 6,
  'invoice.voided': 7,
  'invoice.snapshot': 8,
};
const INVOICE_KINDS = Object.keys(INVOICE).length;
const PAYMENT: Readonly<Record<PaymentFact['kind'], number>> = {
  'payment.linked': 0,
  'payment.charged': 0,
  'payment.created': 1,
  'payment.changed': 2,
  'payment.failed': 3,
  'payment.snapshot': 4,
  'payment.succeeded': 5,
  'payment.canceled': 5,
};

export function subscriptionRank(fact: SubscriptionFact): number {
  // A canceled subscription stays so, whichever kind of fact tells it.
  return fact.payload.status === 'canceled' ? SUBSCRIPTION['subscription.deleted'] : SUBSCRIPTION[fact.kind];
}

export function invoiceRank(fact: InvoiceFact): number {
  return INVOICE_STATUS[fact.payload.status] * INVOICE_KINDS + INVOICE[fact.kind];
}

export function paymentRank(fact: PaymentFact): number {
  // What is paid or canceled stays so: a reading of the same second that says otherwise came before.
  const final = 'status' in fact.payload && (fact.payload.status === 'succeeded' || fact.payload.status === 'canceled');
  return final ? PAYMENT['payment.succeeded'] : PAYMENT[fact.kind];
}
