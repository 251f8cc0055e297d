import { ENTITLEMENTS_UPDATED } from '../entitlements';

/** Domain events of this module; payloads hold ids and figures only. */
export const BILLING_EVENTS = {
  /** {subscriptionId, status, formerStatus} */
  subscriptionUpdated: 'subscription.updated',
  /** {userId is not in it: consumers resolve the customer} */
  entitlementsUpdated: ENTITLEMENTS_UPDATED,
  /** {invoiceId, amount, currency} */
  invoicePaid: 'invoice.paid',
  /** {invoiceId, attempt} */
  paymentFailed: 'payment.failed',
  /** {planId}: the catalog has to be mirrored to the providers. */
  planChanged: 'plan.changed',
} as const;
