import type { FactOrder } from '../../../shared/fact-order';
import type {
  InvoiceFact,
  InvoiceStatus,
  PaymentFact,
  SubscriptionFact,
  SubscriptionStatus,
} from '../../../shared/facts';

/**
 * Place of each fact within one second of the provider's time. What only moves forward decides first: a status that is
 * never come back to, then the creation before every change. What is left is one moment, ordered by the changes' own chain.
 */
const SUBSCRIPTION_STATUS: Readonly<Record<SubscriptionStatus, number>> = {
  incomplete: 0,
  trialing: 1,
  active: 1,
  past_due: 1,
  unpaid: 1,
  paused: 1,
  incomplete_expired: 2,
  canceled: 2,
};
const INVOICE_STATUS: Readonly<Record<InvoiceStatus, number>> = {
  draft: 0,
  open: 1,
  uncollectible: 2,
  paid: 3,
  void: 3,
};
/** Where the chain says nothing, in the order a provider goes through them. */
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
/** What is told apart from the payment's state, its creation, its attempts, its end. */
const PAYMENT_PHASES = { apart: 0, begin: 1, attempts: 2, end: 3 } as const;

export const SUBSCRIPTION_ORDER: FactOrder<SubscriptionFact> = {
  phaseOf: ({ kind, payload }) => SUBSCRIPTION_STATUS[payload.status] * 2 + (kind === 'subscription.created' ? 0 : 1),
  tieOf: () => 0,
};

export const INVOICE_ORDER: FactOrder<InvoiceFact> = {
  phaseOf: ({ kind, payload }) => INVOICE_STATUS[payload.status] * 2 + (kind === 'invoice.created' ? 0 : 1),
  tieOf: ({ kind }) => INVOICE[kind],
};

export const PAYMENT_ORDER: FactOrder<PaymentFact> = {
  phaseOf: ({ kind, payload }) => {
    if (!('status' in payload)) return PAYMENT_PHASES.apart;
    // What is paid or canceled stays so: a reading of the same second that says otherwise came before.
    if (payload.status === 'succeeded' || payload.status === 'canceled') return PAYMENT_PHASES.end;
    return kind === 'payment.created' ? PAYMENT_PHASES.begin : PAYMENT_PHASES.attempts;
  },
  tieOf: ({ kind }) => PAYMENT[kind],
};
