import type Stripe from 'stripe';
import type { InvoiceFact } from '../../../shared/facts';
import { refOf, toInvoicePayload } from '../stripe-objects';
import { ignored, placed, placedBy, previous, type EventTable } from './event-table';

/** `invoice.paid` is the superset of `invoice.payment_succeeded`: only the former says "paid". */
const KINDS = {
  'invoice.created': 'invoice.created',
  'invoice.finalized': 'invoice.finalized',
  'invoice.updated': 'invoice.changed',
  'invoice.payment_succeeded': 'invoice.changed',
  'invoice.overpaid': 'invoice.changed',
  'invoice.payment_failed': 'invoice.payment_failed',
  'invoice.payment_action_required': 'invoice.payment_action_required',
  'invoice.paid': 'invoice.paid',
  'invoice.voided': 'invoice.voided',
  'invoice.marked_uncollectible': 'invoice.uncollectible',
} as const satisfies Record<string, InvoiceFact['kind']>;

export const INVOICE_EVENTS: EventTable = {
  object: 'invoice',
  types: Object.keys(KINDS),
  readAs: 'invoice',
  translate: (event, base) => {
    const payload = toInvoicePayload(event.data.object as Stripe.Invoice);
    const kind = KINDS[event.type as keyof typeof KINDS];
    const before = previous(event, toInvoicePayload);
    return placed(payload.customerRef, { ...base, objectType: 'invoice', kind, payload, before });
  },
};

/** The only event that says which invoice a payment intent paid. It names no customer: the invoice's is his. */
export const INVOICE_PAYMENT_EVENTS: EventTable = {
  object: 'invoice_payment',
  types: ['invoice_payment.paid'],
  readAs: null,
  translate: (event, base) => {
    const payment = event.data.object as Stripe.InvoicePayment;
    const objectId = refOf(payment.payment.payment_intent);
    const invoiceRef = refOf(payment.invoice);
    if (!objectId || !invoiceRef) return ignored('an invoice payment without a payment intent');
    const link = { objectType: 'payment', kind: 'payment.linked', payload: { invoiceRef }, before: null } as const;
    return placedBy('invoice', invoiceRef, { ...base, ...link, objectId });
  },
};
